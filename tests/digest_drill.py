"""The drill of digests: workers are killed while they write digests and hand them over, at moments a seed chooses."""

from __future__ import annotations

import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

import time_machine
from flask import Flask
from sqlalchemy import func, or_, select, update

from app.accounts.models import User, UserAddress
from app.database import db, utc_now, writing
from app.forum import posting
from app.forum.models import Digest
from app.mail import ledger
from app.mail.models import SET_ASIDE, Delivery, DeliveryState, Mail
from app.networks import wishes
from app.networks.models import Rhythm
from tests import drills, running
from tests.drills import Mailing
from tests.factories import make_network, make_participant, make_participants
from tests.mailserver import MailServer

#: What is written; everybody is to have each of them once. Two networks, so that a digest holds both.
WORDS = ("Erstens der Raum.", "Zweitens der Termin.", "Drittens das Protokoll.")


@dataclass(frozen=True)
class Collected:
    """What came of it: messages a person never got, or got in two mails, and copies of one mail too many."""

    people: int
    lost: int
    repeated: int
    doubled: int
    faults: int

    def __str__(self) -> str:
        told = f"verloren {self.lost}, wiederholt {self.repeated}, dieselbe Mail doppelt {self.doubled}"
        return f"{self.people} Zusammenfassungen, {self.faults} Störungen: {told}"


def begin(app: Flask, server: MailServer, folder: Path, number: int) -> Mailing:
    """Let so many people have a digest due of what was written in two networks two days ago."""
    with app.app_context(), writing(), time_machine.travel(utc_now() - timedelta(days=2)):
        first, second = make_network(), make_network()
        people = make_participants(first, number)
        for user in people:
            make_participant(second, user)
            for network in (first, second):
                wishes.set_rhythm(user.id, network.id, Rhythm.DAILY)
        for network, words in zip((first, second, first), WORDS, strict=True):
            posting.post_message(people[0], network, subject="Räume", body=words, send_now=True)
        addresses = frozenset(user.email for user in people)
        db.session.commit()
    server.at_data = lambda _envelope: time.sleep(drills.SERVER_TAKES)
    return Mailing(app, server, folder, addresses)


def disturb(mailing: Mailing, kills: int, seed: int) -> Collected:
    """Kill a worker so many times: at first while it writes digests, then while it hands them over.

    An AssertionError says what became of those who got none.
    """
    luck = Random(seed)
    everybody = len(mailing.addresses)
    farthest = max(2, everybody // (kills + 1))
    for number in range(kills):
        done = _written if number < (kills + 1) // 2 else _received
        with mailing.worker() as victim:
            goal = min(done(mailing) + luck.randint(1, farthest), everybody)
            running.wait_until(partial(_has_come_to, mailing, done, goal), f"{done.__name__} {goal}")
            time.sleep(luck.uniform(0, 0.03))
            victim.send_signal(signal.SIGKILL)
            victim.wait(running.PATIENCE)
        drills.let_leases_run_out(mailing.app)
    _let_rests_run_out(mailing.app)
    try:
        with mailing.worker():
            running.wait_until(lambda: len(mailing.received()) == everybody, "all have theirs", seconds=300)
            running.wait_until(lambda: not mailing.waiting(), "all mail is handed over")
        mailing.app.extensions["run_job"].call_local("digests")
        assert mailing.count(DeliveryState.DIGEST) == 0, "not every message knows what became of it"
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}\n{_told(mailing)}") from error
    return _collected(mailing, kills)


def _let_rests_run_out(app: Flask) -> None:
    """As if the hour had passed that a mail rests of which workers died three times, here by our hand."""
    with app.app_context(), ledger.opened(app, "drill") as own:
        own.recover()  # which counts the last death
    with app.app_context(), writing():
        rested = update(Mail).where(SET_ASIDE).values(rests_until=utc_now()).returning(Mail.id)
        resting = db.session.scalars(rested).all()
        waiting = update(Delivery).where(Delivery.mail_id.in_(resting), Delivery.state == DeliveryState.WAITING)
        db.session.execute(waiting.values(due_at=utc_now()))
        db.session.commit()


def _told(mailing: Mailing) -> str:
    """Say what stands in the database about those who have no digest yet, or whose messages do not know of it."""
    received = mailing.received()
    with mailing.app.app_context():
        people = select(User).join(UserAddress).where(UserAddress.email.in_(mailing.addresses))
        missing = [user.key for user in db.session.scalars(people) if user.email not in received]
        unfinished = select(Delivery.recipient_key).where(Delivery.finished_at.is_(None))
        concerned = or_(Delivery.recipient_key.in_(missing), Delivery.recipient_key.in_(unfinished))
        rows = db.session.execute(select(Delivery, Mail).join(Mail).where(concerned).order_by(Delivery.id)).all()
        lines = [f"{key} has no digest" for key in missing] + [_line(delivery, mail) for delivery, mail in rows]
        digests = select(Digest).order_by(Digest.id)
        lines += [
            f"digest {digest.id} of user:{digest.user_id}: {digest.rhythm.value} {digest.period}, mail {digest.mail_id}"
            for digest in db.session.scalars(digests)
            if f"user:{digest.user_id}" in {delivery.recipient_key for delivery, _mail in rows}
        ]
    return "\n".join(lines)


def _line(delivery: Delivery, mail: Mail) -> str:
    """All of a delivery that says why it went no further."""
    return (
        f"delivery {delivery.id} to {delivery.recipient_key}: {delivery.state.value}, due {delivery.due_at},"
        f" attempts {delivery.attempts_made}, claimed by {delivery.claimed_by or 'nobody'} until"
        f" {delivery.claimed_until}, carried by {delivery.carried_by_id}, reply {delivery.reply!r};"
        f" mail {mail.id} ({mail.event}): withdrawn {mail.withdrawn_at}, prepared by {mail.preparing or 'nobody'},"
        f" crashes {mail.crashes}"
    )


def _has_come_to(mailing: Mailing, done: Callable[[Mailing], int], goal: int) -> bool:
    return done(mailing) >= goal


def _received(mailing: Mailing) -> int:
    return len(mailing.server.messages)


def _written(mailing: Mailing) -> int:
    with mailing.app.app_context():
        return db.session.scalars(select(func.count(Digest.id))).one()


def _collected(mailing: Mailing, faults: int) -> Collected:
    copies = Counter((mail.to, str(mail.message["Message-ID"])) for mail in mailing.server.messages)
    texts = {(mail.to, str(mail.message["Message-ID"])): mail.text for mail in mailing.server.messages}
    got: dict[str, Counter[str]] = defaultdict(Counter)
    for (address, _message_id), text in texts.items():
        got[address].update(words for words in WORDS if words in text)
    # What somebody wrote comes to them, too: they see that it went out.
    times = [got[address][words] for address in mailing.addresses for words in WORDS]
    return Collected(
        people=len(got),
        lost=times.count(0),
        repeated=sum(each > 1 for each in times),
        doubled=copies.total() - len(copies),
        faults=faults,
    )
