"""Names stay as they were given, without what leads elsewhere or deceives."""

from __future__ import annotations

import pytest
from flask import Flask

from app.files.names import LONGEST_NAME, clean_name

pytestmark = pytest.mark.once

KEPT = [
    "Protokoll 3. März.pdf",
    "Übersicht (neu) – Stand_2.xlsx",
    "👩‍🎓 Praktikum.pdf",
    "CON.pdf",
    ".profil",
    "a:b.pdf",
]
CHANGED = {
    "../../etc/x": "x",
    "..\\..\\windows\\x.ini": "x.ini",
    "C:\\Dokumente\\Brief.pdf": "Brief.pdf",
    "/etc/passwd": "passwd",
    "Brief\x00.pdf\r\nX: y": "Brief.pdfX: y",
    "Rechnung_\u202efdp.exe": "Rechnung_fdp.exe",
    "  Brief.pdf. . ": "Brief.pdf",
    "u\u0308ber.txt": "über.txt",
    "Brief\ud800.pdf": "Brief.pdf",
}


@pytest.mark.parametrize("name", KEPT)
def test_a_name_stays_as_it_was_given(app: Flask, name: str) -> None:
    assert cleaned(app, name) == name


@pytest.mark.parametrize("given", CHANGED)
def test_paths_and_deceiving_characters_are_taken_out(app: Flask, given: str) -> None:
    assert cleaned(app, given) == CHANGED[given]


@pytest.mark.parametrize("given", ["", "..", "../..", "/", "\u202e", " . "])
def test_a_name_of_which_nothing_is_left_becomes_a_plain_one(app: Flask, given: str) -> None:
    assert cleaned(app, given) == "Datei"


def test_a_very_long_name_is_shortened_and_keeps_its_extension(app: Flask) -> None:
    name = cleaned(app, "Ä" * 400 + ".docx")
    assert len(name) == LONGEST_NAME
    assert name.endswith("Ä.docx")
    assert len(cleaned(app, "a." + "b" * 10_000)) == LONGEST_NAME


def cleaned(app: Flask, given: str) -> str:
    with app.test_request_context():
        return clean_name(given)
