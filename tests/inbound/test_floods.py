"""Floods and loops: little is kept of them, they end by themselves, and Verwaltung reads why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app import registry
from app.database import db
from app.health.database import Unhealthy
from app.inbound import room
from app.mail.incoming import Fate, IncomingMail
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Configured, Given
from tests.inbound.conftest import Arrives, Kept, letter

Address = Callable[[str, Person, int], str]
Messages = Callable[[], list[tuple[str, str, str]]]
Sizes = Callable[[], list[tuple[int, int]]]
KeptMails = Callable[[], list[Kept]]

OST = "ost@netz.example.org"
TICKET = "Vielen Dank für Ihre Anfrage. Ihr Ticket hat die Nummer {}. Wir melden uns."


@pytest.fixture
def sizes(given: Given) -> Sizes:
    """Of each mail that came in how many octets are kept, and how many it had."""

    def rows() -> list[tuple[int, int]]:
        with given():
            found = db.session.scalars(select(IncomingMail).order_by(IncomingMail.id))
            return [(len(mail.octets), mail.full_size) for mail in found]

    return rows


def test_only_the_start_is_kept_of_what_a_stranger_sends(
    cast: Cast, arrives: Arrives, sizes: Sizes, client_of: ClientOf, messages: Messages, kept: KeptMails
) -> None:
    octets = letter("fremd@example.net", OST, "Guten Tag, ich suche Hilfe.", files={"Liste.bin": bytes(300_000)})
    assert arrives(octets, OST).is_kept
    [(size, full)] = sizes()
    assert (size < 2 * room.EXCERPT + 10, full) == (True, len(octets))
    browser = client_of(cast.anke)
    assert "nur der Anfang aufgehoben" in browser.see(f"/verwaltung/eingang/{kept()[0].id}").text
    browser.send(button="Freigeben")
    [(_subject, _author, text)] = messages()
    assert "ich suche Hilfe." in text
    assert "ohne Anhänge" in text


def test_a_small_mail_of_a_stranger_is_kept_whole(cast: Cast, arrives: Arrives, sizes: Sizes) -> None:
    octets = letter("fremd@example.net", OST, "Guten Tag")
    arrives(octets, OST)
    assert sizes() == [(len(octets), len(octets))]


def test_only_the_start_is_kept_of_a_flood(cast: Cast, arrives: Arrives, sizes: Sizes) -> None:
    for number in range(32):
        arrives(letter(cast.bob.email, OST, f"Nummer {'x' * number}", files={"a.bin": bytes(80_000)}), OST)
    assert [kept < full for kept, full in sizes()] == [False] * 30 + [True] * 2


def test_what_was_not_used_takes_no_more_room_than_it_may(
    app: Flask, thread_id: int, cast: Cast, arrives: Arrives, kept: KeptMails, configured: Configured, address: Address,
    sizes: Sizes, client_of: ClientOf,
) -> None:  # fmt: skip
    arrives(letter(cast.bob.email, OST, files={"a.bin": bytes(60_000)}), OST)
    with configured(INBOUND_HELD_LIMIT=sizes()[0][0]):
        arrives(letter("fremd@example.net", OST, "x" * 20_000), OST)
        assert sizes()[-1][0] < 2 * room.LEAST + 10
        assert arrives(letter(cast.bob.email, OST, "Noch eine"), OST).is_later
        token = address("antwort", cast.lena, thread_id)
        assert arrives(letter(cast.lena.email, token), token).is_kept
        assert kept()[-1].fate is Fate.USED
        assert "belegen allen Platz" in client_of(cast.anke).see("/verwaltung/eingang").text
        with app.app_context(), pytest.raises(Unhealthy, match="INBOUND_HELD_LIMIT_MB"):
            registry.checks["mail_held"]()
    with app.app_context():
        assert "von 500 MB" in registry.checks["mail_held"]()


def test_discarding_makes_room(
    cast: Cast, arrives: Arrives, client_of: ClientOf, sizes: Sizes, kept: KeptMails
) -> None:
    arrives(letter(cast.bob.email, OST, files={"a.bin": bytes(90_000)}), OST)
    browser = client_of(cast.anke)
    browser.see(f"/verwaltung/eingang/{kept()[0].id}")
    browser.send(button="Verwerfen")
    assert sizes()[0][0] < 3000


def test_a_ticket_system_that_answers_each_mail_is_stopped(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, messages: Messages, kept: KeptMails
) -> None:
    token = address("antwort", cast.lena, thread_id)
    for number in range(6):
        arrives(letter(cast.lena.email, token, TICKET.format(4711 + number), Subject=f"[#{number}] Plätze"), token)
    assert len(messages()) == 1 + 3
    assert [mail.fate for mail in kept()[3:]] == [Fate.HELD] * 3
    assert "Ticketsystem" in kept()[-1].reason
    arrives(letter(cast.lena.email, token, "Entschuldigung, das war unser Ticketsystem."), token)
    assert kept()[-1].fate is Fate.USED


def test_our_own_words_sent_back_are_no_answer(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, kept: KeptMails
) -> None:
    text = "Im Kurs bei uns sind noch drei Plätze frei.\n\nWer Interesse hat, meldet sich bitte bis Freitag."
    bobs, lenas = address("antwort", cast.bob, thread_id), address("antwort", cast.lena, thread_id)
    arrives(letter(cast.bob.email, bobs, text), bobs)
    arrives(letter(cast.lena.email, lenas, text), lenas)
    arrives(letter(cast.bob.email, bobs, text), bobs)
    assert [mail.fate for mail in kept()] == [Fate.USED, Fate.HELD, Fate.USED]


def test_somebody_may_say_thank_you_more_than_once(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, messages: Messages
) -> None:
    token = address("antwort", cast.lena, thread_id)
    for _ in range(4):
        arrives(letter(cast.lena.email, token, "Danke!"), token)
    assert len(messages()) == 5
