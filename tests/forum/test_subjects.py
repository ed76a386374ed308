"""One tag and at most one "AW:", however often a subject went back and forth."""

from __future__ import annotations

import pytest

from app.forum.subjects import bare_subject


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Praktikum", "Praktikum"),
        ("AW: AW: Praktikum", "Praktikum"),
        ("Re: AW: [Netz Ost] WG: Praktikum", "Praktikum"),
        ("AW: [Netz Ost] AW: [Netz Ost] Praktikum", "Praktikum"),
        ("Fwd: Re[2]: Praktikum", "Praktikum"),
        ("Antwort: Praktikum", "Praktikum"),
        ("Rechnung: drei Plätze", "Rechnung: drei Plätze"),
        ("Anfrage [dringend] Praktikum", "Anfrage [dringend] Praktikum"),
        ("AW:", "AW:"),
        ("[nur ein Wort]", "[nur ein Wort]"),
    ],
)
def test_marks_and_tags_at_the_front_are_left_out(subject: str, bare: str) -> None:
    assert bare_subject(subject) == bare


def test_a_very_long_front_takes_no_time() -> None:
    assert bare_subject("AW: " * 50_000 + "[" * 50_000 + "x") == "[" * 50_000 + "x"
