"""The list of messages shows the first words of each, as one line that reads well."""

from __future__ import annotations

import pytest

from app.forum.excerpts import LENGTH, excerpt


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("Hallo,\n\n**wichtig**: bitte *heute* `lesen`", "Hallo, wichtig: bitte heute lesen"),
        ("für Schüler*innen und Lehrer*innen", "für Schüler*innen und Lehrer*innen"),
        ("> Zitat\n\nAntwort", "Zitat Antwort"),
        ("Das Protokoll.\n\n***\n\n**Begrüßung**\n\nText\n\n- - -\n\nEnde", "Das Protokoll. Begrüßung Text Ende"),
        ("Tagesordnung:\n1. Begrüßung\n2. Neues von allen", "Tagesordnung: Begrüßung · Neues von allen"),
        ("- eins\n- zwei\n\nGruß", "eins · zwei Gruß"),
        ("Punkte\n\n1. Oben\n   * unten\n* **fett**", "Punkte · Oben · unten · fett"),
        ("Wir treffen uns am\n3. Dezember 2026 im Saal.", "Wir treffen uns am 3. Dezember 2026 im Saal."),
        ("# Einladung\n\nText", "Einladung Text"),
        ("", ""),
    ],
)  # fmt: skip
def test_marks_go_and_items_stand_apart(body: str, line: str) -> None:
    assert excerpt(body) == line


def test_a_long_text_ends_between_words() -> None:
    for text in ("Wort " * 70, "**Wort** " * 70):
        line = excerpt(text[: LENGTH + 1])
        assert line.endswith("Wort …")
        assert len(line) <= LENGTH + 2
