"""Mails as the programs of participants write them (samples/*.eml) and what their writers wrote (samples/*.txt)."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.mail import reading

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.eml"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_text_is_what_the_writer_wrote(sample: Path) -> None:
    received = reading.read(sample.read_bytes())
    assert received.kind == "mail"
    assert received.text + "\n" == sample.with_suffix(".txt").read_text()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_what_was_taken_away_is_one_click_away(sample: Path) -> None:
    received = reading.read(sample.read_bytes())
    assert set(received.text.split()) <= set(received.untrimmed.split())


def test_there_are_enough_samples() -> None:
    assert len(SAMPLES) >= 30


@pytest.mark.parametrize(
    "own",
    [
        "Anmeldung\n\nVon: Frau Muster\nAn: Kurs 3\nDatum: 3.4.2026\n\nBitte bestätigen.",
        "Liebe alle,\n\n---------- Nachricht ----------\nWichtig",
        "Punkte\n--\neins\n--\nzwei",
        "Am 3.4.2026 schrieb das Amt folgendes an alle:\n\nWir haben Plätze frei.\n\nIch finde das gut.",
        "Hallo\n\n> eine Frage\n\neine Antwort\n\nMit der Mail von gestern gesendet.",
        "Ja\n\nMit meinem Vorschlag wurde ein Brief verschickt.",
        "Programm\n-----\nPunkt 1\n-----\nPunkt 2",
    ],
)
def test_own_words_that_look_like_marks_stay(own: str) -> None:
    assert reading.read(b"From: bob@example.org\n\n" + own.encode()).text == own
