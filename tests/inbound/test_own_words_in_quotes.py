"""Mail programs quote our whole mail: no own word within it may be lost, and no own address in its head be shown."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from app.accounts.models import User, Visibility
from app.database import db
from app.forum.models import Message
from app.forum.posting import post_message
from app.networks.models import Network
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.inbound.conftest import Arrives, letter
from tests.mailserver import MailServer, Received

Address = Callable[[str, Person, int], str]
Messages = Callable[[], list[tuple[str, str, str]]]

pytestmark = pytest.mark.once  # it is about words; the tables they lie in are asked about elsewhere

ASKED = "Guten Tag,\n\n1. passt der Dienstag für Euch?\n2. oder lieber der Mittwoch?\n\nViele Grüße"
HEAD = (
    "Von: Bob Bergmann <ost@netz.example.org>\nGesendet: Montag, 1. Februar 2027 10:00\n"
    "An: {name} <{email}>\nBetreff: [Ost] Plätze\n"
)


@pytest.fixture
def sent(given: Given, cast: Cast, smtp: MailServer, deliver: Deliver) -> tuple[int, Received]:
    """A thread of Bob's and Lena's copy of its first mail."""
    with given():
        bob, ost = db.session.get_one(User, cast.bob.id), db.session.get_one(Network, cast.ost.id)
        thread_id = post_message(bob, ost, subject="Wann?", body=ASKED, send_now=True).thread_id
    deliver()
    received = next(mail for mail in smtp.messages if mail.to == cast.lena.email)
    smtp.forget()
    return thread_id, received


def answer(received: Received, cast: Cast, own: str, quoted: str) -> bytes:
    head = HEAD.format(name=cast.lena.name, email=cast.lena.email)
    return letter(
        cast.lena.email, "x@y.example", f"{own}\n\n{head}\n{quoted}", In_Reply_To=received.message["Message-ID"]
    )


@pytest.mark.parametrize(
    "written",
    ["Euch?\n\nDienstag passt.", "Euch? ja", "Euch?\n> nein, da tagt der Beirat"],
    ids=["line", "word", "quoted"],
)
def test_words_between_ours_are_kept(
    written: str,
    sent: tuple[int, Received],
    cast: Cast,
    address: Address,
    arrives: Arrives,
    messages: Messages,
) -> None:
    thread_id, received = sent
    octets = answer(received, cast, "Guten Morgen", received.text.replace("Euch?", written))
    arrives(octets, address("antwort", cast.lena, thread_id))
    assert written.rpartition("\n")[2].removeprefix("> ") in messages()[-1][2]


@pytest.mark.parametrize("damaged", [("ü", "?"), ("für Euch", "f?r Euch"), ("Dienstag", "D"), ("\n", "\n> ")])
def test_without_words_between_ours_the_quote_goes(
    damaged: tuple[str, str],
    sent: tuple[int, Received],
    cast: Cast,
    address: Address,
    arrives: Arrives,
    messages: Messages,
) -> None:
    thread_id, received = sent
    octets = answer(received, cast, "Guten Morgen", received.text.replace(*damaged))
    arrives(octets, address("antwort", cast.lena, thread_id))
    assert messages()[-1][2] == "Guten Morgen"


def test_an_endless_word_in_what_is_quoted_takes_no_more_than_moments(
    sent: tuple[int, Received], cast: Cast, address: Address, arrives: Arrives, messages: Messages
) -> None:
    thread_id, received = sent
    octets = answer(received, cast, "Guten Morgen", f"{received.text}\n{'a' * 150_000}")
    began = time.process_time()
    arrives(octets, address("antwort", cast.lena, thread_id))
    assert time.process_time() - began < 5  # seconds of the processor; looked at from each letter on it is minutes
    assert messages()[-1][2] == "Guten Morgen"


def test_a_private_answer_hides_the_address_in_the_head_it_quotes(
    sent: tuple[int, Received], cast: Cast, address: Address, arrives: Arrives, smtp: MailServer, deliver: Deliver
) -> None:
    octets = answer(sent[1], cast, "Bitte rufen Sie an.", sent[1].text).replace(b"AW: [Ost]", b"AW: Re: AW: [Ost]")
    arrives(octets, address("nur", cast.lena, cast.bob.id))
    deliver()
    [mail] = smtp.messages
    assert cast.lena.email not in mail.raw.decode() + mail.text + mail.html
    assert "An: Lena Leitner (Adresse verborgen)" in mail.text
    assert mail.message["Subject"] == "AW: [Ost] Plätze frei"
    smtp.forget()
    # What somebody writes themselves is theirs to tell.
    octets = letter(cast.lena.email, "x@y.example", f"Schreiben Sie mir an {cast.lena.email}")
    arrives(octets, address("nur", cast.lena, cast.bob.id))
    deliver()
    assert cast.lena.email in smtp.messages[0].text


def test_words_between_ours_show_no_hidden_address_of_a_head_that_goes_over_lines(
    sent: tuple[int, Received], cast: Cast, address: Address, arrives: Arrives, messages: Messages, given: Given
) -> None:
    thread_id, received = sent
    with given():
        db.session.get_one(User, cast.lena.id).email_seen_by = Visibility.HIDDEN
    octets = answer(received, cast, "Guten Morgen", received.text.replace("Euch?", "Euch? ja, gerne"))
    octets = octets.replace(b"An: Lena Leitner", b"An: Bob Bergmann <ost@netz.example.org>;\n Lena Leitner")
    arrives(octets, address("antwort", cast.lena, thread_id))
    assert "Euch? ja, gerne" in messages()[-1][2]
    assert cast.lena.email not in messages()[-1][2]


@pytest.mark.parametrize("seen_by", [Visibility.HIDDEN, Visibility.NETWORK])
def test_the_whole_text_shows_no_address_that_is_hidden(
    seen_by: Visibility,
    sent: tuple[int, Received],
    cast: Cast,
    address: Address,
    arrives: Arrives,
    given: Given,
    client_of: ClientOf,
) -> None:
    thread_id, received = sent
    with given():
        db.session.get_one(User, cast.lena.id).email_seen_by = seen_by
    arrives(answer(received, cast, "Passt.", received.text), address("antwort", cast.lena, thread_id))
    with given():
        message_id = db.session.scalars(db.select(Message.id).order_by(Message.id.desc())).first()
    page = client_of(cast.bob).see(cast.ost.path("nachrichten", thread_id, "ganzer-text", message_id))
    assert (cast.lena.email in page.text) is (seen_by is Visibility.NETWORK)
    assert "An: Lena Leitner" in page.text
