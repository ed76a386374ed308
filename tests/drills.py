"""Drills: what can befall the processes of the portal, at moments a seed chooses, and what came of it.

The tests hold a short form (tests/test_drills.py), `make drills` a long one (benchmarks/drills).
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from flask import Flask
from sqlalchemy import func, select, update

from app.accounts.models import User
from app.accounts.sign_in import link_for
from app.database import db, utc_now, writing
from app.forum import posting
from app.mail.models import Delivery, DeliveryState
from tests import running
from tests.cast import Cast
from tests.factories import make_network, make_participants
from tests.mailserver import MailServer
from tests.powercut import Site
from tests.running import Post, Poster, some_post

#: Seconds the mail server takes for a mail, so that a fault finds the worker at work.
SERVER_TAKES = 0.005

#: What the portal lets a person write, app/forum/views.py.
POSTS_PER_HOUR = 60


@dataclass(frozen=True)
class Mailing:
    """One mail to many, and the settings with which real workers hand it over."""

    app: Flask
    server: MailServer
    folder: Path  # for logs
    addresses: frozenset[str]

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        with running.netz("worker", running.settings_of(self.app), self.folder / "worker.log") as process:
            yield process

    def waiting(self) -> int:
        """How many deliveries are not at their end."""
        return self.count(DeliveryState.WAITING, DeliveryState.SENDING)

    def count(self, *states: DeliveryState) -> int:
        with self.app.app_context():
            return db.session.scalars(select(func.count(Delivery.id)).where(Delivery.state.in_(states))).one()

    def received(self) -> Counter[str]:
        """How often each address got the mail."""
        return Counter(message.to for message in list(self.server.messages))


@dataclass(frozen=True)
class Tally:
    """What came of a mailing: `lost` and `foreign` addresses, copies too many, different Message-IDs, faults made."""

    sent: int
    lost: int
    foreign: int
    doubled: int
    message_ids: int
    faults: int

    def __str__(self) -> str:
        return f"{self.sent} Mails, {self.faults} Störungen: verloren {self.lost}, doppelt {self.doubled}"


def begin_mailing(app: Flask, server: MailServer, folder: Path, number: int) -> Mailing:
    """Let somebody write to a network of so many people; nothing is handed over yet."""
    with app.app_context(), writing():
        network = make_network()
        people = make_participants(network, number)
        posting.post_message(people[0], network, subject="An alle", body="Guten Tag.", send_now=True)
        addresses = frozenset(user.email for user in people)
        db.session.commit()
    server.at_data = lambda _envelope: time.sleep(SERVER_TAKES)
    return Mailing(app, server, folder, addresses)


def finish(mailing: Mailing, *, workers: int = 1) -> None:
    """Let so many workers hand over what is left, until nothing waits."""
    with ExitStack() as running_workers:
        processes = [running_workers.enter_context(mailing.worker()) for _ in range(workers)]
        running.wait_until(lambda: not mailing.waiting(), "all mail is handed over", seconds=300)
        assert all(process.poll() is None for process in processes)


def tally(mailing: Mailing, faults: int) -> Tally:
    received = mailing.received()
    return Tally(
        sent=len(received),
        lost=len(mailing.addresses - set(received)),
        foreign=len(set(received) - mailing.addresses),
        doubled=received.total() - len(received),
        message_ids=len({message.message["Message-ID"] for message in list(mailing.server.messages)}),
        faults=faults,
    )


def disturb_workers(mailing: Mailing, fault: signal.Signals, times: int, luck: Random) -> Tally:
    """Start a worker and send it `fault`, so many times; then let one finish.

    Half of the time the signal comes while the server takes in a mail and has not yet said so, which is the worst
    moment; else at some moment between or within.
    """
    # So that work is left for every fault: what goes out between a signal and its effect counts, too.
    farthest = max(2, len(mailing.addresses) // (2 * times))
    for _ in range(times):
        assert mailing.waiting(), "everything was handed over before the last fault"
        with mailing.worker() as victim:
            _strike(mailing.server, victim, fault, luck.randint(1, farthest), luck)
            assert victim.wait(running.PATIENCE) in (0, -fault), (mailing.folder / "worker.log").read_text()
        if fault == signal.SIGTERM:
            assert victim.returncode == 0, (mailing.folder / "worker.log").read_text()
            assert mailing.count(DeliveryState.SENDING) == 0, "it did not give back what it held"
        let_leases_run_out(mailing.app)
    finish(mailing)
    return tally(mailing, times)


def _strike(
    server: MailServer, victim: subprocess.Popen[bytes], fault: signal.Signals, after: int, luck: Random
) -> None:
    """Send the signal when so many more mails have come."""
    if luck.random() < 0.5:
        _strike_at_data(server, victim, fault, after)
    else:
        goal = len(server.messages) + after
        running.wait_until(lambda: victim.poll() is not None or len(server.messages) >= goal, "mail comes")
        time.sleep(luck.uniform(0, 0.03))
        victim.send_signal(fault)


def _strike_at_data(server: MailServer, victim: subprocess.Popen[bytes], fault: signal.Signals, after: int) -> None:
    usual, struck, countdown = server.at_data, threading.Event(), iter(range(after, 0, -1))

    def strike(_envelope: object) -> None:
        if next(countdown, 0) == 1:
            os.kill(victim.pid, fault)
            struck.set()
        time.sleep(SERVER_TAKES)

    server.at_data = strike
    running.wait_until(lambda: victim.poll() is not None or struck.is_set(), "mail comes")
    server.at_data = usual


def let_leases_run_out(app: Flask) -> None:
    """As if the minute had passed after which another worker takes over what a dead one held."""
    held = update(Delivery).where(Delivery.state == DeliveryState.SENDING)
    with app.app_context(), writing():
        db.session.execute(held.values(claimed_until=utc_now() - timedelta(seconds=1)))
        db.session.commit()


def disturb_web(app: Flask, folder: Path, cast: Cast, posts: int, kills: int, luck: Random) -> list[Post]:
    """Let Bob post so many messages while the web process is killed and started anew; return what was acknowledged.

    Who gets no answer sends the same form again, as a person would.
    """
    with app.app_context(), writing():
        link = link_for(db.session.get_one(User, cast.bob.id))
        db.session.commit()
    environment = running.settings_of(app)
    poster = Poster(int(environment["PORT"]), cast.ost.path(), link)
    waiting = [some_post(str(number), sizes=(200, 100_000)) for number in range(posts)]
    acknowledged: list[Post] = []
    goals = [*sorted(luck.sample(range(1, posts), kills)), posts]
    for goal in goals:
        with running.netz("web", environment, folder / "web.log") as victim:
            if not acknowledged:
                poster.sign_in()
            while len(acknowledged) < goal:
                acknowledged.append(poster.post(waiting[len(acknowledged)]))
            if goal < posts:
                _cut_short(poster, waiting[goal], victim, luck)
    return acknowledged


def _cut_short(poster: Poster, post: Post, victim: subprocess.Popen[bytes], luck: Random) -> None:
    """Kill the web process while it takes in a post. If it answered nevertheless, sending it again does no harm."""
    killing = threading.Timer(luck.uniform(0, 0.1), running.kill, (victim,))
    killing.start()
    with suppress(OSError):
        poster.post(post)
    killing.join()


@dataclass(frozen=True)
class Outages:
    """What came of power cuts: acknowledged posts, their mails, mails that never came, and copies too many."""

    posts: int
    mails: int
    lost: int
    doubled: int

    def __str__(self) -> str:
        return f"{self.posts} Beiträge, {self.mails} Mails: verloren {self.lost}, doppelt {self.doubled}"


def cut_power(site: Site, server: MailServer, rounds: int, luck: Random) -> Outages:
    """Cut the power of web and worker at work, so many times, each time going on with what is left of the disk.

    An AssertionError if anything acknowledged is missing then.
    """
    for number in range(rounds):
        noting = site.disk().environment()
        with site.worker(noting) as worker, site.web(noting) as web:
            _write_together(site, number, luck.randint(5, 30), [web, worker])
        for seed in range(3):
            possible = site.cut(site.folder / f"possible-{number}-{seed}", Random(luck.random()))
            assert site.lost_on(possible) == [], f"round {number}, disk {seed}"
        site.root = site.cut(site.folder / f"round-{number}", luck.choice([None, Random(luck.random())]))
        assert site.lost_on(site.root) == [], f"round {number}"
    with site.worker():
        running.wait_until(lambda: not _missing(site, server), "all mail is handed over", seconds=300)
    received = Counter((_subject(message.subject), message.to) for message in list(server.messages))
    mails = len(site.acknowledged) * len(site.recipients)
    return Outages(len(site.acknowledged), mails, len(_missing(site, server)), received.total() - len(received))


def _write_together(site: Site, number: int, goal: int, victims: list[subprocess.Popen[bytes]]) -> None:
    """Let all write at once until `goal` posts more are acknowledged and the power goes while they go on."""

    def write(which: int, poster: Poster) -> None:
        with suppress(OSError):
            for serial in range(POSTS_PER_HOUR):
                post = some_post(f"{number}-{which}-{serial}", sizes=(300, 20_000))
                site.acknowledged.append(poster.post(post))

    if number == 0:
        for poster in site.posters:
            poster.sign_in()
    goal += len(site.acknowledged)
    writers = [threading.Thread(target=write, args=each) for each in enumerate(site.posters)]
    for writer in writers:
        writer.start()
    running.wait_until(lambda: len(site.acknowledged) >= goal, "people write", seconds=300)
    for victim in victims:
        running.kill(victim)
    for writer in writers:
        writer.join()


def _missing(site: Site, server: MailServer) -> set[tuple[str, str]]:
    """Which mails of acknowledged posts have not come: subject and address."""
    expected = {(post.subject, address) for post in site.acknowledged for address in site.recipients.values()}
    return expected - {(_subject(message.subject), message.to) for message in list(server.messages)}


def _subject(of_mail: str) -> str:
    """The subject as it was typed; the mail's names the network before it."""
    return "Frage " + of_mail.rpartition("Frage ")[2]
