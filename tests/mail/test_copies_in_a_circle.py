"""Nobody waits in a circle: whoever ends copies holds them in one order, whatever order they end them in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, Engine, case, event, select, update

from app.database import begin_writing, db, utc_now
from app.mail import bounces, ledger
from app.mail.bounces import Report
from app.mail.ledger import Claimed, Ledger
from app.mail.models import Delivery, DeliveryState, Mail
from app.mail.outcomes import Outcome, Verdict
from tests.conftest import Given
from tests.mail.conftest import Post

ROUNDS = 8
MESSAGES = 6
DEPUTY, PERSON, READER = "email:deputy@example.org", "email:person@example.org", "email:reader@example.org"
REFUSED = Outcome(Verdict.NEVER, 550, "550 5.2.2 mailbox full")
REPORTED = Report("bounce", (), permanent=True, reason="Das Postfach ist voll.", status="5.2.2")


def test_copies_of_the_same_mails_ended_in_opposite_order_at_the_same_moment_wait_in_no_circle(
    app: Flask, post: Post, given: Given, database_kind: str
) -> None:
    """Of each message there are copies for two networks: workers end those of one each, reports those of a digest."""
    if database_kind == "sqlite":
        pytest.skip("SQLite lets one after the other write")
    digest = post_copies(post, given)
    with app.app_context(), ledger.opened(app, "one") as one, ledger.opened(app, "other") as other, faults() as found:
        for _ in range(ROUNDS):
            begin_anew(given, digest)
            refused, unwanted = claimed(given, "one", 1), claimed(given, "other", 2)
            at_the_same_moment(
                partial(refuse, one, refused),
                partial(other.cancel, dict.fromkeys(reversed(unwanted), "pausiert")),
                *[partial(report, app, digest)] * 2,
            )
            with given():
                left_out = select(Delivery.state).where(Delivery.recipient_key == PERSON)
                assert set(db.session.scalars(left_out)) == {DeliveryState.WAITING}
    assert found == []


def post_copies(post: Post, given: Given) -> int:
    """Lay down the copies, and a digest that held the reader's of all; return the id of its delivery."""
    digest = post(address(READER), audience="digest:1")
    for number in range(MESSAGES):
        message = {"about": f"message:{number}", "message_id": f"{number}@example.org"}
        for network in (1, 2):
            post(*map(address, (PERSON, DEPUTY, READER)), audience=f"networks:{network}", **message)
    with given():
        return db.session.scalars(select(Delivery.id).where(Delivery.mail_id == digest)).one()


def address(key: str) -> str:
    return key.removeprefix("email:")


def begin_anew(given: Given, digest: int) -> None:
    """Let the digest have arrived, and the person's copies be left out: one for the reader's, one for the deputy's."""
    arrived = {"state": DeliveryState.SENT, "carried_by_id": digest}
    left_out = {"state": DeliveryState.CANCELLED, "stood_in_by": case((of(1), DEPUTY), else_=READER)}
    with given():
        db.session.execute(update(Delivery).where(Delivery.id == digest).values(state=DeliveryState.SENT))
        for key, values in ((READER, arrived), (PERSON, left_out)):
            in_networks = update(Delivery).where(Delivery.id != digest, Delivery.recipient_key == key).values(**values)
            db.session.execute(in_networks.execution_options(synchronize_session=False))


def claimed(given: Given, worker: str, network: int) -> list[Claimed]:
    """Let a worker hold the deputy's copies of one network, in the order of their mails."""
    held = {"state": DeliveryState.SENDING, "claimed_by": worker, "claimed_until": utc_now() + timedelta(minutes=1)}
    deputys = (of(network), Delivery.recipient_key == DEPUTY)
    with given():
        db.session.execute(update(Delivery).where(*deputys).values(**held))
        columns = [getattr(Delivery, name) for name in Claimed._fields]
        return [Claimed(*row) for row in db.session.execute(select(*columns).where(*deputys).order_by(Delivery.id))]


def of(network: int) -> ColumnElement[bool]:
    return Delivery.mail_id.in_(select(Mail.id).where(Mail.audience == f"networks:{network}"))


def refuse(own: Ledger, deliveries: list[Claimed]) -> None:
    for delivery in deliveries:
        own.settle(delivery, address(delivery.recipient_key), REFUSED)


def report(app: Flask, digest: int) -> None:
    """A server says that the digest did not arrive, and so none of what it holds."""
    with app.app_context():
        begin_writing()
        bounces.record(REPORTED, digest)
        db.session.commit()


def at_the_same_moment(*acts: Callable[[], Any]) -> None:
    start = Barrier(len(acts))

    def begin(act: Callable[[], Any]) -> None:
        start.wait(timeout=30)
        act()

    threads = [Thread(target=begin, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)


@contextmanager
def faults() -> Iterator[list[str]]:
    """What a database said that gave something up, also where it was tried again and nobody saw it."""
    found: list[str] = []

    def note(context: Any) -> None:
        found.append(str(context.original_exception))

    event.listen(Engine, "handle_error", note)
    try:
        yield found
    finally:
        event.remove(Engine, "handle_error", note)
