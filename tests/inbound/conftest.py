"""What tests of incoming mail are given: a portal that reads mail, letters, and a look at what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.forum.models import Message, Thread
from app.forum.posting import post_message
from app.inbound import Verdict, take
from app.mail import answering
from app.mail.incoming import Fate, IncomingMail
from app.networks.models import Network
from tests.cast import Cast, Person
from tests.conftest import Configured, Given

#: `letter("bob@...", "ost@...", "text", subject=...)` is a mail as a program writes it, in octets.
Letter = Callable[..., bytes]

#: `arrives(octets, recipient)` takes a mail through the one function behind all doors.
Arrives = Callable[[bytes, str], Verdict]


@dataclass(frozen=True)
class Kept:
    """What became of a mail."""

    id: int
    fate: Fate
    reason: str
    about: str


def letter(
    sender: str, to: str, text: str = "Ich komme gern.", /, *, files: dict[str, bytes] | None = None, **head: Any
) -> bytes:
    message = EmailMessage()
    fields = {
        "From": sender,
        "To": to,
        "Subject": "AW: [Ost] Plätze frei",
        "Message-ID": make_msgid(domain="x.example"),
    }
    for name, value in (fields | {name.replace("_", "-"): value for name, value in head.items()}).items():
        if value:
            message[name] = value
    message.set_content(text)
    for name, content in (files or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


@pytest.fixture(autouse=True)
def _reads_mail(app: Flask, configured: Configured) -> Iterator[None]:
    with configured(MAIL_IS_READ=True, TRUSTED_AUTHSERV_ID="mx.example.org"):
        yield


@pytest.fixture
def arrives(app: Flask) -> Arrives:
    def arrive(octets: bytes, recipient: str) -> Verdict:
        with app.app_context():
            return take(octets, recipient)

    return arrive


@pytest.fixture
def thread_id(given: Given, cast: Cast) -> int:
    """A thread that Bob began in ost; its mails are not sent."""
    with given():
        author, network = db.session.get_one(User, cast.bob.id), db.session.get_one(Network, cast.ost.id)
        return post_message(author, network, subject="Plätze frei", body="Drei Plätze.").thread_id


@pytest.fixture
def address(app: Flask) -> Callable[[str, Person, int], str]:
    """`address("antwort", lena, thread_id)` is the address in Lena's copy."""

    def made(way: str, owner: Person, target_id: int) -> str:
        with app.app_context():
            return answering.address(way, owner.id, target_id)

    return made


@pytest.fixture
def kept(given: Given) -> Callable[[], list[Kept]]:
    """Every mail that came in, in the order it came."""

    def rows() -> list[Kept]:
        with given():
            found = db.session.scalars(select(IncomingMail).order_by(IncomingMail.id))
            return [Kept(row.id, row.fate, row.reason, row.about) for row in found]

    return rows


@pytest.fixture
def messages(given: Given) -> Callable[[], list[tuple[str, str, str]]]:
    """Every message in the forum: subject of its thread, author, text."""

    def rows() -> list[tuple[str, str, str]]:
        with given():
            query = select(Thread.subject, Message.author_name, Message.body).join(Message).order_by(Message.id)
            return [(subject, author, body) for subject, author, body in db.session.execute(query)]

    return rows
