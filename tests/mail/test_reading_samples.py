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
