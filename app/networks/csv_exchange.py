"""The participant list as a CSV file, out and in.

What is written opens in a German Excel by a double click. What is read may come from any Excel or LibreOffice: with
semicolons, commas or tabs, in UTF-8, UTF-16 or Windows-1252, its columns in any order and with others between them.

A cell that a spreadsheet would run as a formula is written with an apostrophe before it, and the apostrophe is taken
away again when the file is read; so what was exported comes back unchanged.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from app.errors import DomainError
from app.forms import bare_address, clean, is_email, is_phone, one_line
from app.networks.joining import Entry

COLUMNS = ("E-Mail", "Name", "Organisation", "Aufgabe", "Telefon")

SIZE_LIMIT = 5 * 1024 * 1024  # octets
ROW_LIMIT = 10_000

#: What people call the columns, without case, blanks and signs.
_NAMES = {
    "email": ("email", "emailadresse", "mail", "mailadresse"),
    "first_name": ("vorname",),
    "name": ("name", "nachname", "familienname", "vorundnachname", "vornamenachname", "ansprechpartner"),
    "organisation": ("organisation", "organization", "einrichtung", "institution", "träger", "firma"),
    "task": ("aufgabe", "aufgaben", "aufgabenbereich", "aufgabenbeschreibung", "funktion", "tätigkeit"),
    "phone": ("telefon", "telefonnummer", "tel", "rufnummer", "phone"),
}
_REQUIRED = {"email": "E-Mail", "name": "Name", "organisation": "Organisation"}
_LONGEST = {"name": 200, "organisation": 200, "task": 1000, "phone": 100}  # characters, as in the form

_FORMULA = re.compile(r"[\s']*[=+\-@＝＋－＠|]")


@dataclass(frozen=True)
class Problem:
    """Why a line of the file is left out: its row in the spreadsheet and a sentence."""

    line: int
    sentence: str


@dataclass(frozen=True)
class Sheet:
    """What a file says: its usable lines by their row in the spreadsheet (the headings are row 1), and the others."""

    entries: dict[int, Entry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)  # headings of columns the portal has no place for


def write_csv(rows: Iterable[Sequence[str | None]], columns: Sequence[str] = COLUMNS) -> bytes:
    """Return a file with `rows`, of a list of participants if nothing else: UTF-8 with BOM, semicolons, CRLF."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_neutral(tidy(cell or "")) for cell in row] for row in rows)
    return sheet.getvalue().encode("utf-8-sig", "replace")


def read_csv(data: bytes) -> Sheet:
    """Read a file. Raises `DomainError` where it is no such list at all; single bad lines become problems."""
    if len(data) > SIZE_LIMIT:
        raise DomainError(_("Die Datei ist größer als 5 MB. Eine Teilnehmerliste ist das wohl nicht."))
    text = _decoded(data)
    headings, places, records = _table(text)
    sheet = Sheet(
        ignored=[_shortened(name) for place, name in enumerate(headings) if name and place not in places.values()]
    )
    for number, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if len(sheet.entries) + len(sheet.problems) >= ROW_LIMIT:
            raise DomainError(_("Die Liste hat mehr als 10 000 Zeilen. Bitte teilen Sie sie auf."))
        entry = _entry({key: cells[place] for key, place in places.items() if place < len(cells)})
        if sentence := _fault(entry):
            sheet.problems.append(Problem(number, sentence))
        else:
            sheet.entries[number] = entry
    if not sheet.entries and not sheet.problems:
        raise DomainError(_("Unter den Überschriften steht niemand. Bitte wählen Sie die Datei mit der Liste."))
    return sheet


def tidy(value: str) -> str:
    """Return a text in the one form in which two spellings of it compare equal; line ends stay."""
    return unicodedata.normalize("NFC", str(clean(value)))


def _neutral(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _as_meant(cell: str) -> str:
    cell = tidy(cell)
    return tidy(cell[1:]) if cell.startswith("'") and _FORMULA.match(cell) else cell


def _decoded(data: bytes) -> str:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise DomainError(
            _(
                "Das ist eine Excel-Mappe. Bitte speichern Sie die Liste in Excel als „CSV UTF-8 (durch Trennzeichen "
                "getrennt)“ und wählen Sie diese Datei."
            )
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig", "replace")
    if b"\0" in data[:2000]:
        # UTF-16 without a mark: of the two octets of a German letter one is zero, and which one tells the order.
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _table(text: str) -> tuple[list[str], dict[str, int], Iterator[tuple[int, list[str]]]]:
    """Return the headings, the place of each column we know, and the records below with their row numbers."""
    first, _break, rest = text.partition("\n")
    if first.strip().strip('"').casefold().startswith("sep="):
        text = rest  # Excel's own hint at the separator, which it shows nobody
    if not text.strip():
        raise DomainError(_("Die Datei ist leer."))
    # The separator is the one that makes the most of the headings.
    separator = max(";,\t", key=lambda sign: len(_places(next(_records(text, sign))[1])))
    records = _records(text, separator)
    headings = [one_line(tidy(heading)) for heading in next(records)[1]]
    places = _places(headings)
    _demand_columns(places)
    return headings, places, records


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1):
            yield number, cells
    except csv.Error as error:
        if number == 0:
            yield 1, []  # not the separator of this file; its headings say so
            return
        raise DomainError(
            _(
                "Ab Zeile %(line)s stimmen die Anführungszeichen nicht: eines wird nicht geschlossen, oder dahinter "
                "steht noch Text. Es ist nichts geändert.",
                line=number + 1,
            )
        ) from error


def _places(headings: list[str]) -> dict[str, int]:
    words = [re.sub(r"[\W_]", "", tidy(heading)).casefold() for heading in headings]
    return {
        key: next(words.index(name) for name in names if name in words)
        for key, names in _NAMES.items()
        if set(names) & set(words)
    }


def _demand_columns(places: dict[str, int]) -> None:
    missing = [heading for key, heading in _REQUIRED.items() if key not in places]
    if len(missing) == len(_REQUIRED):
        raise DomainError(
            _("In der ersten Zeile stehen keine Überschriften. Sie braucht: E-Mail;Name;Organisation;Aufgabe;Telefon")
        )
    if missing:
        named = ", ".join(_("„%(title)s“", title=heading) for heading in missing)
        raise DomainError(_("Es fehlt die Spalte %(columns)s.", columns=named))


def _entry(cells: dict[str, str]) -> Entry:
    meant = {key: _as_meant(cell) for key, cell in cells.items()}
    return Entry(
        email=bare_address(meant.get("email", "")),
        name=one_line(f"{meant.get('first_name', '')} {meant.get('name', '')}"),
        organisation=one_line(meant.get("organisation", "")),
        task=meant.get("task", ""),
        phone=_phone(meant.get("phone", "")),
    )


def _phone(cell: str) -> str:
    """Return what stands for a number; a dash or the like says in a list that there is none."""
    phone = one_line(cell)
    return phone if any(character.isalnum() for character in phone) else ""


def _fault(entry: Entry) -> str:
    """Say what makes a line unusable whoever it is about; the portal may know its name and organisation."""
    if not entry.email:
        return _("Die E-Mail-Adresse fehlt.")
    if not is_email(entry.email):
        return _("„%(email)s“ ist keine E-Mail-Adresse.", email=_shortened(entry.email))
    for key, heading in (("name", "Name"), ("organisation", "Organisation"), ("task", "Aufgabe"), ("phone", "Telefon")):
        if len(getattr(entry, key)) > _LONGEST[key]:
            return _(
                "Bei %(email)s hat die Spalte „%(column)s“ mehr als %(limit)s Zeichen.",
                email=entry.email,
                column=heading,
                limit=_LONGEST[key],
            )
    if entry.phone and not is_phone(entry.phone):
        return _(
            "Bei %(email)s steht in der Spalte „Telefon“ keine Ziffer: „%(phone)s“.",
            email=entry.email,
            phone=_shortened(entry.phone),
        )
    return ""


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
