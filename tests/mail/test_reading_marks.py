"""Less common lines above a quote are known as a program's, and sentences that look like them stay."""

from __future__ import annotations

import pytest

from app.mail.quoting import trim

QUOTED = "\n> alt\n> noch mehr\n"


@pytest.mark.parametrize(
    "below",
    [
        "Date: Wed, 16 May 2028 00:15:02 +0200\nTo: bob@example.org\n\nalt",
        "Datum: Mittwoch, 16. Mai 2028 um 10:15\nAn: bob@example.org\nalt",
        "Von: Weber, Anna <anna@example.org>\nGesendet: Samstag, 20. Dezember 2028 19:57\n\nalt",
        ">>> Anna Weber <anna@example.org> schrieb am 07.12.2028 um 02:54 in Nachricht\n<20281207-6@example.org>:"
        + QUOTED,
        "Anna Weber schrieb am Sa., 20. Dez. 2028, 19:57:\n\nalt",
        "Anna Weber hat am 20.12.2028 19:57 CET geschrieben:\n\nalt",
        "* Anna Weber <anna@example.org> [20.12.28 19:57]:" + QUOTED,
        "Anna Weber (20.12.28 19:57):" + QUOTED,
        "Anna Weber - 20.12.28, 19:57:45 CET:" + QUOTED,
        "Samstag, 20. Dezember 2028 19:57 +01:00 von Anna Weber <anna@example.org>:\nalt",
        "Gesendet mittels einer sicheren E-Mail von ProtonMail.\n------- Original Message -------\nAnna:\nalt",
        "Am 20.12.2028 um 19:57 schrieb Anna Weber:\n> Mehr unter (https://example.org/liste\n/kurs?nummer=3)\n> alt",
    ],
)
def test_a_quote_below_it_goes(below: str) -> None:
    assert trim(f"Danke, ich komme.\n\n{below}") == "Danke, ich komme."


def test_groupwise_line_goes_also_above_a_quote_that_stays() -> None:
    line = ">>> Anna Weber <anna@example.org> schrieb am 07.12.2028 um 02:54 in\nNachricht <2028@example.org>:"
    assert trim(f"{line}\n> Wer kommt?\n\nIch.") == "> Wer kommt?\n\nIch."


@pytest.mark.parametrize(
    "own",
    [
        "Anmeldung:\nVon: Anna Weber\nDatum: 20.12.2028 um 19:57\n\nBitte bestätigen.",
        "Datum: Freitag, 10 Uhr\nAn: alle@example.org\n\nBitte kommen.",
        "Wir treffen uns:\nDatum: 20.12.2028, 19:57\nOrt: Rathaus\n\nBitte kommen.",
        "Frau Weber hat am 20.12.2028 um 19:57 Uhr Folgendes an alle geschrieben:\n\nBitte kommen.",
        "Zum Termin am 20.12.2028 um 19:57:\n> Wer kommt?\n\nIch.",
        "Samstag, 20. Dezember 2028 ab 19:57 Uhr, Anmeldung bei Anna Weber:\nanna@example.org\n\nBitte kommen.",
        "> Wo ist die Liste?\nhttps://example.org/liste\n> Und der Raum?\nZimmer 3",
        ">>> Achtung <<<\n\nDer Kurs am 3.4.2028 fällt aus.",
    ],
)
def test_own_words_that_look_like_it_stay(own: str) -> None:
    assert trim(own) == own
