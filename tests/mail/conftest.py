"""Mail without people: an audience "list" whose members tests choose, and a mail "note" made of one text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jinja2
import pytest
from flask import Flask
from sqlalchemy import select

from app import registry
from app.database import db
from app.mail import outbox
from app.mail.models import Delivery, DeliveryState, Mail, Priority
from app.registry import Recipient, Refusal
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.mail.every_kind import Evening
from tests.mail.rude_server import RudeServer
from tests.mailserver import MailServer, Received

NOTE = {
    "mail/note/subject.txt": "{{ title }}",
    "mail/note/body.txt": "{{ body }}",
    "mail/note/body.html": "<html><head><style>p { color: red }</style></head><body><p>{{ body }}</p>"
    '<a href="{{ personal_link("note", 7) }}">Link</a></body></html>',
}

Members = dict[str, Recipient | Refusal]
Post = Callable[..., int]


@pytest.fixture
def members(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Members:
    """Who is on the list; a key "email:..." that is not in it is a member with that address."""
    listed: Members = {}

    def answer(audience: str, keys: Sequence[str]) -> Members:
        return {key: listed.get(key) or Recipient(key.removeprefix("email:"), "") for key in keys}

    monkeypatch.setitem(registry.recipients_now, "list", answer)
    monkeypatch.setitem(registry.recipients_now, "networks", answer)
    loader = jinja2.ChoiceLoader([jinja2.DictLoader(NOTE), app.jinja_env.loader or jinja2.BaseLoader()])
    monkeypatch.setattr(app.jinja_env, "loader", loader)
    return listed


@pytest.fixture
def post(members: Members, given: Given) -> Post:
    """`post("a@example.org", ..., body="...")` puts a mail into the outbox and returns its id."""

    def write(
        *addresses: str,
        title: str = "Titel",
        body: str = "Text\n",
        audience: str = "list:1",
        skipped: dict[str, str] | None = None,
        **options: Any,
    ) -> int:
        with given():
            mail = outbox.compose("note", audience=audience, from_name="Bob (Ost)", title=title, body=body, **options)
            outbox.enqueue(mail, [f"email:{address}" for address in addresses], skipped=skipped)
            return mail.id

    return write


@pytest.fixture
def post_bulk(post: Post) -> Callable[..., list[str]]:
    """`post_bulk(100)` puts one mail to that many addresses into the outbox and returns the addresses."""

    def write(number: int, **options: Any) -> list[str]:
        addresses = [f"person{index}@example.org" for index in range(number)]
        post(*addresses, priority=Priority.BULK, **options)
        return addresses

    return write


@pytest.fixture
def rude(app: Flask) -> Iterator[RudeServer]:
    """A mail server that misbehaves as a plan says; the portal speaks to it."""
    settings = app.extensions["mail"]
    before = settings.port
    with RudeServer() as server:
        settings.port = server.port
        app.config["MAIL_TIMEOUT"] = 0.5
        yield server
    settings.port = before


@pytest.fixture
def delivered(app: Flask) -> Callable[[], dict[str, tuple[DeliveryState, str]]]:
    """`delivered()` tells state and last reply of every delivery, by address or key."""

    def states() -> dict[str, tuple[DeliveryState, str]]:
        with app.app_context():
            rows = db.session.scalars(select(Delivery).order_by(Delivery.id))
            return {row.recipient_key.removeprefix("email:"): (row.state, row.reply) for row in rows}

    return states


@pytest.fixture
def mail_of(app: Flask) -> Callable[[int], Mail]:
    """`mail_of(id)` is the row, detached."""

    def read(mail_id: int) -> Mail:
        with app.app_context():
            mail = db.session.get_one(Mail, mail_id)
            db.session.expunge(mail)
            return mail

    return read


@pytest.fixture
def evening(
    app: Flask,
    cast: Cast,
    client_of: ClientOf,
    anonymous: Browser,
    smtp: MailServer,
    deliver: Deliver,
    configured: Configured,
    given: Given,
) -> Evening:
    """An evening that makes one mail of each kind; it has not begun."""
    return Evening(app, cast, client_of, anonymous, smtp, deliver, configured, given)


@pytest.fixture(scope="session")
def _mails_of_the_evening() -> list[Received]:
    return []


@pytest.fixture
def every_mail(
    _mails_of_the_evening: list[Received], configured: Configured, request: pytest.FixtureRequest
) -> list[Received]:
    """At least one mail of each kind, as a server received it under the address of a town; made once for all tests."""
    if not _mails_of_the_evening:
        with configured(BASE_URL="https://netz.example.org"):
            evening: Evening = request.getfixturevalue("evening")
            _mails_of_the_evening += evening.pass_by()
    return _mails_of_the_evening
