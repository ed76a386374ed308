"""The long drills: `make drills`. Each prints what came of it; tests/test_drills.py holds a short form of most."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
import time_machine
from flask import Flask

from app.database import utc_now
from tests import digest_drill, drills
from tests.acknowledged import halves, lost
from tests.cast import Cast
from tests.mail.rude_server import RudeServer
from tests.mail.test_delivering import run_until_done
from tests.mailserver import MailServer
from tests.powercut import Site, compiled, database_url

MAILS = 1_000

#: PostgreSQL shares the code that matters with SQLite but for the claims, so fewer faults are made there.
KILLS = {"sqlite": 50, "postgresql": 10}
ENDS = {"sqlite": 10, "postgresql": 5}


@pytest.fixture
def say(database_kind: str) -> Say:
    """`say("Was war", result)` prints a line of the summary."""
    return Say(database_kind)


class Say:
    def __init__(self, database_kind: str) -> None:
        self._database = database_kind

    def __call__(self, what: str, came: object) -> None:
        print(f"\n{self._database:10}  {what:44}  {came}", flush=True)


@pytest.fixture
def mailing(app: Flask, smtp: MailServer, tmp_path: Path) -> drills.Mailing:
    return drills.begin_mailing(app, smtp, tmp_path, MAILS)


def test_workers_are_killed(mailing: drills.Mailing, database_kind: str, say: Say) -> None:
    kills = KILLS[database_kind]
    came = drills.disturb_workers(mailing, signal.SIGKILL, kills, Random(1))
    say("Arbeitsprozess mit SIGKILL beendet", came)
    assert (came.sent, came.lost, came.foreign, came.message_ids) == (MAILS, 0, 0, 1)
    assert came.doubled <= kills * mailing.app.config["MAIL_CONNECTIONS"]


def test_workers_are_told_to_end(mailing: drills.Mailing, database_kind: str, say: Say) -> None:
    came = drills.disturb_workers(mailing, signal.SIGTERM, ENDS[database_kind], Random(2))
    say("Arbeitsprozess mit SIGTERM beendet", came)
    assert (came.sent, came.lost, came.foreign, came.doubled) == (MAILS, 0, 0, 0)


def test_two_workers_share_the_work(mailing: drills.Mailing, say: Say) -> None:
    drills.finish(mailing, workers=2)
    came = drills.tally(mailing, 0)
    say("Zwei Arbeitsprozesse zugleich", came)
    assert (came.sent, came.lost, came.foreign, came.doubled) == (MAILS, 0, 0, 0)


def test_the_mail_server_is_down_for_three_days(mailing: drills.Mailing, say: Say) -> None:
    run_outbox = mailing.app.extensions["run_job"].call_local
    mailing.server.stop()
    with time_machine.travel(utc_now(), tick=True) as clock:
        for _ in range(12):
            run_outbox("outbox")
            clock.shift(timedelta(hours=6))
        assert mailing.received().total() == 0
        mailing.server.start()
        run_outbox("outbox")
    came = drills.tally(mailing, 1)
    say("Mailserver drei Tage nicht erreichbar", came)
    assert (came.sent, came.lost, came.foreign, came.doubled) == (MAILS, 0, 0, 0)


def test_the_mail_server_misbehaves_by_a_seeded_plan(mailing: drills.Mailing, say: Say) -> None:
    luck, swallowed = Random(5), 0
    mishaps = ["421 4.3.2 busy", "451 4.3.0 later", "450 4.2.0 greylisted", "drop", "accept and drop", "slow:0.7"]

    def plan(step: str, _number: int) -> str | None:
        nonlocal swallowed
        if luck.random() > 0.04:
            return None
        mishap = luck.choice(mishaps)
        if step == "content" and mishap in ("accept and drop", "slow:0.7"):
            swallowed += 1
        return "drop" if mishap == "accept and drop" and step != "content" else mishap

    with RudeServer() as rude:
        rude.plan = plan
        mailing.app.extensions["mail"].port = rude.port
        mailing.app.config["MAIL_TIMEOUT"] = 0.5
        run_until_done(mailing.app)
    mailing.app.extensions["mail"].port = mailing.server.port
    received = Counter(rude.recipients)
    doubled = received.total() - len(received)
    say("Mailserver mit Launen", f"{len(received)} Mails: doppelt {doubled}, ohne Antwort angenommen {swallowed}")
    assert set(received) == mailing.addresses
    assert doubled <= swallowed


def test_workers_are_killed_while_they_make_digests(
    app: Flask, smtp: MailServer, tmp_path: Path, database_kind: str, say: Say
) -> None:
    kills = KILLS[database_kind] // 2
    mailing = digest_drill.begin(app, smtp, tmp_path, 300)
    came = digest_drill.disturb(mailing, kills, seed=6)
    say("Arbeitsprozess an Zusammenfassungen beendet", came)
    assert (came.people, came.lost, came.repeated) == (300, 0, 0)
    assert came.doubled <= kills * app.config["MAIL_CONNECTIONS"]


def test_the_web_is_killed_while_somebody_posts(
    app: Flask, cast: Cast, uploads: Path, tmp_path: Path, database_kind: str, say: Say
) -> None:
    kills = KILLS[database_kind] // 5
    posts = drills.disturb_web(app, tmp_path, cast, posts=50, kills=kills, luck=Random(3))
    recipients = {person.key for person in cast.everyone_in_ost}
    missing = lost(app.config["DATABASE_URL"], uploads, posts, recipients)
    parts = halves(app.config["DATABASE_URL"], recipients)
    say(
        "Web mit SIGKILL beendet",
        f"{len(posts)} Beiträge, {kills} Störungen: verloren {len(missing)}, halb {len(parts)}",
    )
    assert missing == parts == []


def test_the_power_is_cut(
    app: Flask, cast: Cast, smtp: MailServer, database_kind: str, tmp_path: Path, say: Say
) -> None:
    if database_kind != "sqlite":
        pytest.skip("PostgreSQL answers for what it acknowledges")
    site = Site(app, cast, compiled(tmp_path), tmp_path, MAIL_UNDO_SECONDS="0")
    rounds = 6
    came = drills.cut_power(site, smtp, rounds, Random(4))
    say(f"{rounds} Stromausfälle unter Last", came)
    assert came.lost == 0
    assert halves(database_url(site.root), set(site.recipients)) == []
