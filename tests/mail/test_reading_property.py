"""Whatever stands above a quote a mail program made, and whatever octets come in: nothing is lost, nothing breaks."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mail import quoting, reading
from tests.mail.test_reading_samples import SAMPLES

WORDS = st.text(
    alphabet="abcdefghijklmnopqrstuvwxyzäöüßABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?()/", min_size=1, max_size=12
)
LINES = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
PARAGRAPHS = st.lists(st.lists(LINES, min_size=1, max_size=5).map("\n".join), min_size=1, max_size=5).map("\n\n".join)
MARKS = st.sampled_from(
    [
        "Am 02.03.2026 um 09:15 schrieb Bob Bau <bob@example.org>:\n> ",
        "Am Mo., 2. März 2026 um 09:15 Uhr schrieb Bob Bau <\nbob@example.org>:\n\n> ",
        "On Mon, Mar 2, 2026 at 9:15 AM Bob Bau <bob@example.org> wrote:\n\n> ",
        "-----Ursprüngliche Nachricht-----\nVon: Bob Bau\nGesendet: Montag, 2. März 2026\nAn: Alle\nBetreff: Kurse\n\n",
        "Von: Bob Bau <bob@example.org>\nGesendet: Montag, 2. März 2026 09:15\nAn: Alle\nBetreff: Kurse\n\n",
        "________________________________\nFrom: Bob Bau\nSent: Monday, March 2, 2026\nTo: All\nSubject: Courses\n\n",
        ">>> Bob Bau <bob@example.org> 02.03.2026 09:15 >>>\n",
        "Bob Bau <bob@example.org> schrieb am Mo., 2. März 2026, 09:15:\n\n> ",
    ]
)


@settings(max_examples=300, deadline=None)
@given(own=PARAGRAPHS, mark=MARKS, quoted=PARAGRAPHS)
def test_own_words_above_a_quote_are_never_lost(own: str, mark: str, quoted: str) -> None:
    quote = quoted.replace("\n", "\n> ") if mark.endswith("> ") else quoted
    assert quoting.trim(f"{own}\n\n{mark}{quote}\n").split()[: len(own.split())] == own.split()


@settings(max_examples=200, deadline=None)
@given(own=PARAGRAPHS, mark=MARKS, quoted=PARAGRAPHS)
def test_a_quote_below_own_words_goes(own: str, mark: str, quoted: str) -> None:
    quote = quoted.replace("\n", "\n> ") if mark.endswith("> ") else quoted
    assert quoting.trim(f"{own}.\n\n{mark}{quote}\n") == f"{own}."


@settings(max_examples=200, deadline=None)
@given(octets=st.binary(max_size=500))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    for head in (b"", b"From: a@example.org\r\n", b"From: a@example.org\r\nContent-Type: text/html\r\n\r\n"):
        assert reading.read(head + octets).kind in {"mail", "automatic", "bounce", "complaint", "refused"}


@pytest.mark.parametrize("seed", range(20))
def test_damaged_mails_are_read_or_refused(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(seed)
    for sample in SAMPLES:
        octets = bytearray(sample.read_bytes())
        for _ in range(chance.randrange(1, 20)):
            place = chance.randrange(len(octets))
            if chance.random() < 0.5:
                octets[place] = chance.randrange(256)
            else:
                del octets[place : place + chance.randrange(1, 40)]
        received = reading.read(bytes(octets))
        assert "\0" not in received.text
        received.text.encode()
    assert not [record for record in caplog.records if record.name == "app.mail.reading"]
