"""What came by mail and was taken down stands nowhere, not even in the mail it came with or was answered by."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.forum import taking_down
from app.forum.models import Message
from app.mail.incoming import IncomingMail
from tests.cast import Cast, Person
from tests.conftest import Given
from tests.inbound.conftest import Arrives, letter


def test_the_whole_text_of_an_answer_does_not_bring_it_back(
    cast: Cast, given: Given, arrives: Arrives, thread_id: int, address: Callable[[str, Person, int], str]
) -> None:
    with given():
        first = db.session.scalars(select(Message).filter_by(thread_id=thread_id)).one()
        quoted = "\n".join(f"> {line}" for line in first.body.splitlines())
        body = first.body
    to = address("antwort", cast.carla, thread_id)
    octets = letter(cast.carla.email, to, f"Ich komme gern.\n\nAm Freitag schrieb Lena:\n{quoted}\n")
    arrives(octets, to)
    with given():
        assert db.session.scalars(select(IncomingMail)).one().octets
        message = db.session.scalars(select(Message).order_by(Message.id)).first()
        assert message
        taking_down.take_down(message, db.session.get_one(User, cast.anke.id), "Test")
    with given():
        incoming = db.session.scalars(select(IncomingMail)).one()
        assert incoming.octets == b""
        assert body not in incoming.untrimmed
        assert incoming.fingerprint
        answer = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert answer
        assert "Ich komme gern." in answer.body
