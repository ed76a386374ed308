"""What the portal makes of a participant list from anybody's spreadsheet, and what a spreadsheet gets from it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import DomainError
from app.forms import one_line
from app.networks.csv_exchange import Sheet, read_csv, tidy, write_csv
from app.networks.joining import Entry

pytestmark = pytest.mark.once

BOB = Entry("bob@schule.example.org", "Bob Bergmann", "Schule am Kanal", "Übergänge", "+49 999 123 45")
TABLE = (
    "E-Mail;Name;Organisation;Aufgabe;Telefon\r\n"
    "bob@schule.example.org;Bob Bergmann;Schule am Kanal;Übergänge;+49 999 123 45\r\n"
)


Read = Callable[[bytes | str], Sheet]
Refusal = Callable[[bytes | str], str]


@pytest.fixture
def read(app: Flask) -> Read:
    def entries(data: bytes | str) -> Sheet:
        with app.test_request_context():
            return read_csv(data if isinstance(data, bytes) else data.encode())

    return entries


@pytest.fixture
def refusal(read: Read) -> Refusal:
    def sentence(data: bytes | str) -> str:
        with pytest.raises(DomainError) as refused:
            read(data)
        return str(refused.value)

    return sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_a_spreadsheet_saves_in_is_read(read: Read, encoding: str) -> None:
    assert read(TABLE.encode(encoding)).entries == {2: BOB}


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_semicolons_commas_and_tabs_separate(read: Read, separator: str) -> None:
    assert read(TABLE.replace(";", separator)).entries == {2: BOB}


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_every_line_end_is_read(read: Read, line_end: str) -> None:
    assert read(TABLE.replace("\r\n", line_end)).entries == {2: BOB}


def test_excels_hint_at_the_separator_is_no_heading(read: Read) -> None:
    assert read(f"sep=;\r\n{TABLE}").entries == {2: BOB}


def test_headings_may_stand_in_any_order_and_case_with_others_between(read: Read) -> None:
    sheet = read(
        "TELEFON;Ort;organisation ;e-mail;Aufgabe;name\r\n+49 999 123 45;Hagen;Schule am Kanal;"
        "bob@schule.example.org;Übergänge;Bob Bergmann\r\n"
    )
    assert sheet.entries == {2: BOB}
    assert sheet.ignored == ["Ort"]


def test_first_and_family_name_may_stand_apart(read: Read) -> None:
    sheet = read("Vorname;Name;E-Mail-Adresse;Einrichtung\nBob;Bergmann;bob@schule.example.org;Schule\n")
    assert sheet.entries[2].name == "Bob Bergmann"


def test_columns_for_task_and_phone_may_be_missing(read: Read) -> None:
    sheet = read("E-Mail;Name;Organisation\nbob@schule.example.org;Bob;Schule\n")
    assert sheet.entries == {2: Entry("bob@schule.example.org", "Bob", "Schule")}


@pytest.mark.parametrize(
    "cell",
    [
        "  bob@schule.example.org ",
        "mailto:bob@schule.example.org",
        "Bergmann, Bob <bob@schule.example.org>",
        "'Bob@schule.example.org' <bob@schule.example.org>",
        "'bob@schule.example.org'",
        "„bob@schule.example.org“",
        "\u200bbob@schule.example.org\u00a0",
    ],
)
def test_an_address_is_found_in_what_was_copied_with_it(read: Read, cell: str) -> None:
    assert read(f"E-Mail;Name;Organisation\n{cell};Bob;Schule\n").entries[2].email == "bob@schule.example.org"


def test_international_and_capital_addresses_are_addresses(read: Read) -> None:
    sheet = read("E-Mail;Name;Organisation\nBOB@Schule.Example.ORG;Bob;Schule\nina@müller.example;Ina;Müller\n")
    assert [entry.email for entry in sheet.entries.values()] == ["BOB@Schule.Example.ORG", "ina@müller.example"]


def test_quotes_hold_separators_line_breaks_and_quotes(read: Read) -> None:
    sheet = read('E-Mail;Name;Organisation;Aufgabe\nbob@schule.example.org;"Bob; der";"Verein ""Hilfe""";"a\nb"\n')
    assert sheet.entries == {2: Entry("bob@schule.example.org", "Bob; der", 'Verein "Hilfe"', "a\nb")}


def test_lines_are_numbered_as_the_spreadsheet_shows_them(read: Read) -> None:
    sheet = read('E-Mail;Name;Organisation;Aufgabe\n;;;\na@example.org;A;X;"1\n2"\n\nkein;B;X;\n')
    assert list(sheet.entries) == [3]
    assert [problem.line for problem in sheet.problems] == [5]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (";Bob;Schule", "Die E-Mail-Adresse fehlt."),
        ("bob;Bob;Schule", "„bob“ ist keine E-Mail-Adresse."),
        ("a@x.de, b@x.de;Bob;Schule", "„a@x.de, b@x.de“ ist keine E-Mail-Adresse."),
        ("A <a@x.de>, B <b@x.de>;Bob;Schule", "„A <a@x.de>, B <b@x.de>“ ist keine E-Mail-Adresse."),
        (f"bob@example.org;{'B' * 201};Schule", "Bei bob@example.org hat die Spalte „Name“ mehr als 200 Zeichen."),
        (f"{'b' * 300}@example.org;Bob;Schule", f"„{'b' * 59}…“ ist keine E-Mail-Adresse."),
        ("bob\r\nBcc: eve@example.org;Bob;Schule", "„bob“ ist keine E-Mail-Adresse."),
    ],
)
def test_a_line_that_cannot_be_used_gets_a_sentence(read: Read, line: str, sentence: str) -> None:
    sheet = read(f"E-Mail;Name;Organisation\n{line}\n")
    assert sheet.problems[0].line == 2
    assert sheet.problems[0].sentence == sentence


def test_a_phone_number_without_a_digit_gets_a_sentence(read: Read) -> None:
    sheet = read("E-Mail;Name;Organisation;Telefon\nbob@example.org;Bob;Schule;siehe Web\n")
    [problem] = sheet.problems
    assert problem.sentence == "Bei bob@example.org steht in der Spalte „Telefon“ keine Ziffer: „siehe Web“."


@pytest.mark.parametrize("cell", ["-", "–", "/", "--- ", "?"])
def test_a_dash_says_that_there_is_no_number(read: Read, cell: str) -> None:
    sheet = read(f"E-Mail;Name;Organisation;Telefon\nbob@example.org;Bob;Schule;{cell}\n")
    assert sheet.entries == {2: Entry("bob@example.org", "Bob", "Schule")}


def test_a_file_that_is_no_list_is_refused_with_advice(refusal: Refusal) -> None:
    assert "leer" in refusal("")
    assert "leer" in refusal("\ufeff \n")
    assert "keine Überschriften" in refusal("bob@example.org;Bob;Schule\n")
    assert "Es fehlt die Spalte „Organisation“." in refusal("E-Mail;Name\nbob@example.org;Bob\n")
    assert "niemand" in refusal("E-Mail;Name;Organisation\n;;\n")
    assert "Excel-Mappe" in refusal(b"PK\x03\x04rest of a workbook")
    assert "Zeile 3" in refusal('E-Mail;Name;Organisation\na@example.org;A;X\nb@example.org;"B;X\n')
    assert "5 MB" in refusal(b"x" * (5 * 1024 * 1024 + 1))
    assert "10 000" in refusal("E-Mail;Name;Organisation\n" + "a@example.org;A;X\n" * 10_001)


def test_bytes_that_mean_nothing_are_refused_and_do_no_harm(refusal: Refusal) -> None:
    refusal(bytes(range(256)) * 40)
    refusal(b"\xff\xfe\x00")
    refusal(b"\0" * 500)


def test_a_spreadsheet_runs_no_cell_as_a_formula(app: Flask) -> None:
    cells = ["=1+1", "+49 999", "-1", "@SUM(A1)", "\t=1", "'=1", "=cmd|' /C calc'!A0", "＝1", "|x"]
    with app.test_request_context():
        written = write_csv([["a@example.org", cell, "X", "", ""] for cell in cells]).decode("utf-8-sig")
    names = [row[1] for row in csv.reader(io.StringIO(written, newline=""), delimiter=";")][1:]
    assert all(name.startswith("'") for name in names)


def test_the_file_is_what_a_german_excel_opens(app: Flask) -> None:
    data = write_csv([["bob@example.org", "Bob", "Schule", "Übergänge; alle", None]])
    line = 'bob@example.org;Bob;Schule;"Übergänge; alle";'
    assert data == f"\ufeffE-Mail;Name;Organisation;Aufgabe;Telefon\r\n{line}\r\n".encode()


anything = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" ;,'\"\r\n\t=+-@|"), max_size=40)
a_word = anything.filter(lambda text: bool(one_line(tidy(text))))
a_number = anything.map(lambda text: f"{text} 0")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(a_word, a_word, anything, a_number), min_size=1, max_size=5))
def test_what_is_written_is_read_again_whatever_it_is(app: Flask, rows: list[tuple[str, str, str, str]]) -> None:
    written = write_csv([f"p{number}@example.org", *row] for number, row in enumerate(rows))
    with app.test_request_context():
        sheet = read_csv(written)
    assert not sheet.problems
    assert list(sheet.entries.values()) == [
        Entry(
            f"p{number}@example.org",
            one_line(tidy(name)),
            one_line(tidy(organisation)),
            tidy(task),
            one_line(tidy(phone)),
        )
        for number, (name, organisation, task, phone) in enumerate(rows)
    ]
