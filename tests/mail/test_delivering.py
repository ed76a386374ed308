"""Handing mail over: to servers that behave and servers that do not, by one worker or several, whatever happens."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from app import registry
from app.database import db, utc_now
from app.mail import ledger, outbox
from app.mail.models import Address, Attempt, Delivery, DeliveryState, Priority
from app.mail.outcomes import Outcome, Verdict
from app.mail.prepared import PreparedMails
from tests.conftest import Deliver, Given
from tests.inputs import once_but_for_nul
from tests.mail.rude_server import RudeServer
from tests.mailserver import MailServer

Post = Callable[..., int]
PostBulk = Callable[..., list[str]]
Delivered = Callable[[], dict[str, tuple[DeliveryState, str]]]

ROOT = Path(__file__).parents[2]


def run(app: Flask) -> None:
    """One run of the outbox, as one wake-up makes it."""
    app.extensions["run_job"].call_local("outbox")


def once(step: str, answer: str) -> Callable[[str, int], str | None]:
    """A plan that does `answer` the first time this step is reached."""
    return lambda reached, number: answer if reached == step and number == 1 else None


def always(step: str, answer: str | bytes) -> Callable[[str, int], str | bytes | None]:
    return lambda reached, number: answer if reached == step else None


def run_until_done(app: Flask, hours: int = 24) -> None:
    """Let time pass, from one moment something is due to the next, until nothing waits any more."""
    with time_machine.travel(utc_now(), tick=True) as clock:
        for _ in range(200):
            run(app)
            with app.app_context(), ledger.opened(app, "test") as own:
                moment = own.next_moment()
            if moment is None:
                return
            clock.move_to(max(moment, utc_now()) + timedelta(seconds=1))
    raise AssertionError("something waits for ever")


def test_a_sign_in_mail_overtakes_two_hundred_flyers(
    app: Flask, post: Post, post_bulk: PostBulk, smtp: MailServer, deliver: Deliver
) -> None:
    app.config["MAIL_CONNECTIONS"] = 1
    post_bulk(200)
    post("me@example.org", priority=Priority.SIGN_IN)
    deliver()
    assert smtp.messages[0].to == "me@example.org"
    assert len(smtp.messages) == 201


def test_a_sign_in_mail_overtakes_flyers_that_are_on_their_way(
    app: Flask, post: Post, post_bulk: PostBulk, smtp: MailServer, deliver: Deliver
) -> None:
    app.config["MAIL_CONNECTIONS"] = 1

    def ask_for_a_link(_envelope: object) -> None:
        if not smtp.messages:
            threading.Thread(target=post, args=("me@example.org",), kwargs={"priority": Priority.SIGN_IN}).start()

    smtp.at_data = ask_for_a_link
    post_bulk(300)
    deliver()
    assert len(smtp.messages) == 301
    assert [received.to for received in smtp.messages].index("me@example.org") <= 100


def test_many_mails_share_a_few_connections(
    app: Flask, post_bulk: PostBulk, rude: RudeServer, deliver: Deliver
) -> None:
    rude.plan = lambda step, _number: "slow:0.01" if step == "content" else None
    addresses = post_bulk(120)
    deliver()
    assert sorted(rude.recipients) == sorted(addresses)
    assert rude.steps.count("connect") <= app.config["MAIL_CONNECTIONS"]
    assert 1 < rude.most_connections <= app.config["MAIL_CONNECTIONS"]
    assert rude.steps.count("quit") == rude.steps.count("connect")


def test_a_single_mail_opens_a_single_connection(post: Post, rude: RudeServer, deliver: Deliver) -> None:
    post("a@example.org")
    deliver()
    assert rude.steps == ["connect", "ehlo", "mail", "rcpt", "data", "content", "quit"]


@pytest.mark.parametrize("extensions", [("PIPELINING", "SIZE 100000000"), ("8BITMIME",), ()])
def test_it_works_with_and_without_pipelining(
    extensions: tuple[str, ...], post: Post, rude: RudeServer, deliver: Deliver
) -> None:
    rude.extensions = extensions
    post("a@example.org", "b@example.org", body=".\n..\nEnde")
    deliver()
    assert sorted(rude.recipients) == ["a@example.org", "b@example.org"]
    assert b"\r\n.\r\n" not in rude.kept[0][1].replace(b"=2E", b"")


STEPS = ["connect", "ehlo", "mail", "rcpt", "data", "content"]


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one by one"])
@pytest.mark.parametrize("answer", ["421 4.3.2 closing", "451 4.3.0 later", "drop", "slow:0.8", "999 what", "250-"])
@pytest.mark.parametrize("step", STEPS)
def test_one_mishap_at_any_step_delays_but_loses_nothing(
    step: str, answer: str, pipelining: bool, app: Flask, post: Post, rude: RudeServer, delivered: Delivered
) -> None:
    if not pipelining:
        rude.extensions = ("8BITMIME",)
    rude.plan = once(step, answer)
    post("a@example.org", "b@example.org", "c@example.org")
    run_until_done(app)
    assert {state for state, _ in delivered().values()} == {DeliveryState.SENT}
    doubled = Counter(rude.recipients)
    assert set(doubled) == {"a@example.org", "b@example.org", "c@example.org"}
    if step != "content":
        assert set(doubled.values()) == {1}


def test_a_mail_accepted_without_a_word_comes_twice_with_one_message_id(
    app: Flask, post: Post, rude: RudeServer
) -> None:
    rude.plan = once("content", "accept and drop")
    post("a@example.org")
    run_until_done(app)
    (_, first), (_, second) = rude.kept
    assert first == second


@pytest.mark.parametrize("seed", range(3))
def test_a_server_that_fails_at_random_gets_everything_in_the_end(
    seed: int, app: Flask, post_bulk: PostBulk, rude: RudeServer, delivered: Delivered
) -> None:
    chance = random.Random(seed)
    lost_answers = 0
    mishaps = ["421 4.3.2 busy", "451 4.3.0 later", "450 4.2.0 greylisted", "drop", "accept and drop", "slow:0.7"]

    def plan(step: str, number: int) -> str | None:
        nonlocal lost_answers
        if chance.random() > 0.06:
            return None
        answer = chance.choice(mishaps)
        if step == "content" and answer in ("accept and drop", "slow:0.7"):
            lost_answers += 1
        return answer if answer != "accept and drop" or step == "content" else "drop"

    rude.plan = plan
    addresses = post_bulk(60)
    run_until_done(app)
    assert {state for state, _ in delivered().values()} == {DeliveryState.SENT}
    received = Counter(rude.recipients)
    assert set(received) == set(addresses)
    assert sum(received.values()) - len(received) <= lost_answers


def test_an_unknown_address_fails_at_once_and_alone(
    app: Flask, post: Post, rude: RudeServer, delivered: Delivered
) -> None:
    rude.plan = once("rcpt", "550 5.1.1 <a@example.org>: user unknown")
    post("a@example.org", "b@example.org")
    run(app)
    assert delivered() == {
        "a@example.org": (DeliveryState.FAILED, "550 5.1.1 <a@example.org>: user unknown"),
        "b@example.org": (DeliveryState.SENT, "250 2.0.0 kept"),
    }
    with app.app_context():
        address = db.session.scalars(select(Address)).one()
        assert (address.email, address.permanent_failures, address.transient_failures) == ("a@example.org", 1, 0)
        codes = db.session.execute(select(Attempt.code, Attempt.reply).order_by(Attempt.id)).all()
        assert [tuple(row) for row in codes] == [
            (550, "550 5.1.1 <a@example.org>: user unknown"),
            (250, "250 2.0.0 kept"),
        ]


@pytest.mark.parametrize(
    ("step", "answer", "blamed"),
    [
        ("rcpt", "550 5.7.1 blocked for spam", False),
        ("rcpt", "550 Relaying denied", False),
        ("rcpt", "550 no such user", True),
        ("rcpt", "552 5.2.2 mailbox full", True),
        ("content", "554 5.7.1 message looks like spam", False),
        ("content", "550 5.1.1 no such user after all", True),
        ("mail", "552 5.3.4 message too big", False),
        ("data", "554 5.7.0 no", False),
    ],
)
def test_only_what_is_about_the_address_is_held_against_it(
    step: str, answer: str, blamed: bool, app: Flask, post: Post, rude: RudeServer, delivered: Delivered
) -> None:
    rude.plan = always(step, answer)
    post("a@example.org")
    run(app)
    assert delivered()["a@example.org"] == (DeliveryState.FAILED, answer)
    with app.app_context():
        assert len(db.session.scalars(select(Address)).all()) == blamed


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("connect", "554 5.7.1 go away"),
        ("connect", "421 4.7.0 too many connections"),
        ("ehlo", "550 who are you"),
        ("mail", "530 5.7.0 authentication required"),
        ("mail", "550 5.7.1 sender refused"),
        ("rcpt", "530 5.7.0 authentication required"),
    ],
)
def test_a_server_that_wants_nothing_from_us_delays_all_and_blames_nobody(
    step: str, answer: str, app: Flask, post_bulk: PostBulk, rude: RudeServer, delivered: Delivered
) -> None:
    rude.plan = always(step, answer)
    post_bulk(20)
    run(app)
    assert {state for state, _ in delivered().values()} == {DeliveryState.WAITING}
    assert rude.steps.count("connect") <= 3 * app.config["MAIL_CONNECTIONS"]
    with app.app_context():
        assert db.session.scalars(select(Address)).all() == []
    rude.plan = lambda step, number: None
    run_until_done(app)
    assert {state for state, _ in delivered().values()} == {DeliveryState.SENT}
    assert len(rude.kept) == 20


def test_a_server_that_is_down_for_a_week_loses_nothing(
    app: Flask, post_bulk: PostBulk, smtp: MailServer, delivered: Delivered
) -> None:
    addresses = post_bulk(20)
    smtp.stop()
    with time_machine.travel(utc_now(), tick=True) as clock:
        for _ in range(7):
            run(app)
            clock.shift(timedelta(days=1))
        assert {state for state, _ in delivered().values()} == {DeliveryState.WAITING}
        smtp.start()
        run(app)
    assert sorted(received.to for received in smtp.messages) == sorted(addresses)


def test_a_worker_stopped_for_three_days_sends_all_that_waits(
    app: Flask, post_bulk: PostBulk, smtp: MailServer
) -> None:
    addresses = post_bulk(30)
    with time_machine.travel(utc_now() + timedelta(days=3), tick=True):
        run(app)
    assert sorted(received.to for received in smtp.messages) == sorted(addresses)


def test_the_pauses_between_tries_grow_and_end_after_five_days(
    app: Flask, post: Post, rude: RudeServer, delivered: Delivered
) -> None:
    rude.plan = always("rcpt", "450 4.2.1 try again")
    post("a@example.org")
    run_until_done(app)
    state, reply = delivered()["a@example.org"]
    assert state is DeliveryState.FAILED
    assert reply == "nach 5 Tagen aufgegeben; zuletzt: 450 4.2.1 try again"
    with app.app_context():
        times = db.session.scalars(select(Attempt.at).order_by(Attempt.id)).all()
        minutes = [round((later - earlier).total_seconds() / 60) for earlier, later in itertools.pairwise(times)]
        assert minutes[:7] == [1, 5, 15, 60, 60, 120, 240]
        assert timedelta(days=5) <= times[-1] - times[0] < timedelta(days=5, hours=5)
        # A busy server is no dead address: each delivery counts once, when it is given up.
        assert db.session.scalars(select(Address.transient_failures)).one() == 1


def test_a_try_that_succeeds_later_counts_nothing_against_the_address(app: Flask, post: Post, rude: RudeServer) -> None:
    rude.plan = once("rcpt", "450 4.2.1 mailbox busy")
    post("A@example.org")
    run_until_done(app)
    with app.app_context():
        assert db.session.scalars(select(Address)).all() == []


@pytest.mark.parametrize(
    "nonsense",
    once_but_for_nul(
        [
            b"\x00\xff\xfe\r\n",
            b"250-" + b"x" * 100_000,
            b"250-a\r\n" * 20_000,
            b"250 \xff\x00\x1b[31m\r\n",
            b"2\r\n",
            b"\n",
            b"-1 x\r\n",
        ]
    ),
)
@pytest.mark.parametrize("step", ["connect", "ehlo", "mail", "content"])
def test_a_malicious_server_harms_nobody(
    step: str, nonsense: bytes, app: Flask, post: Post, rude: RudeServer, delivered: Delivered
) -> None:
    rude.plan = lambda reached, number: nonsense if reached == step and number == 1 else None
    post("a@example.org")
    run_until_done(app)
    state, reply = delivered()["a@example.org"]
    assert state is DeliveryState.SENT
    assert "\0" not in reply
    assert len(reply) <= 1000


def test_a_mail_our_own_code_cannot_handle_is_set_aside_and_the_rest_goes_on(
    app: Flask, post: Post, smtp: MailServer, delivered: Delivered, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = post("a@example.org", headers={"Kein Name": "x"})
    post("b@example.org")
    post("c@example.org", audience="nobody-knows:1")
    run(app)
    assert broken
    assert [received.to for received in smtp.messages] == ["b@example.org"]
    run_until_done(app)
    states = delivered()
    assert states["a@example.org"][0] is states["c@example.org"][0] is DeliveryState.FAILED
    assert "nicht aufbereiten" in states["a@example.org"][1]


def test_one_fault_of_our_own_after_a_server_refused_for_hours_gives_nothing_up(
    app: Flask, post: Post, rude: RudeServer, delivered: Delivered, monkeypatch: pytest.MonkeyPatch
) -> None:
    post("a@example.org")
    usual, rude.plan = rude.plan, always("rcpt", "450 4.2.0 greylisted")
    with time_machine.travel(utc_now(), tick=True) as clock:
        for _ in range(4):
            run(app)
            clock.shift(timedelta(hours=1))
        with monkeypatch.context() as fault:
            fault.setitem(registry.recipients_now, "list", {}.__getitem__)  # takes one argument and not two
            run(app)
        assert delivered()["a@example.org"][0] is DeliveryState.WAITING
        rude.plan = usual
        clock.shift(timedelta(hours=4))
        run(app)
    assert rude.recipients == ["a@example.org"]


def test_who_was_stopped_for_longer_than_its_lease_ends_nothing_that_another_took_over_and_blames_nobody(
    app: Flask, post: Post, delivered: Delivered
) -> None:
    post("a@example.org", "b@example.org")
    refused = Outcome(Verdict.NEVER, 550, "550 5.1.1 unknown", blames_address=True)
    with time_machine.travel(utc_now(), tick=True) as clock, app.app_context(), ledger.opened(app, "stopped") as late:
        [first, second] = late.claim(2)
        clock.shift(ledger.LEASE + timedelta(seconds=1))
        with ledger.opened(app, "other") as other:
            assert other.recover() == 2
            for delivery in other.claim(2):
                other.settle(delivery, "", Outcome(Verdict.ACCEPTED, 250, "250 ok"))
        late.settle(first, "a@example.org", refused)
        late.cancel({second: "pausiert"})
        assert db.session.scalars(select(Address)).all() == []
    assert {state for state, _reply in delivered().values()} == {DeliveryState.SENT}


def test_an_attachment_that_cannot_be_read_is_waited_for(
    app: Flask, post: Post, smtp: MailServer, delivered: Delivered, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: PreparedMails, mail_id: int) -> None:
        raise OSError(5, "Input/output error")

    post("a@example.org")
    with monkeypatch.context() as storage:
        storage.setattr(PreparedMails, "_prepare", fail)
        run(app)
    assert delivered()["a@example.org"][0] is DeliveryState.WAITING
    run_until_done(app)
    assert len(smtp.messages) == 1


def test_a_worker_that_is_asked_to_end_gives_back_what_it_holds(
    app: Flask, post_bulk: PostBulk, smtp: MailServer, delivered: Delivered
) -> None:
    stopping = threading.Event()
    app.extensions["stop_flag"] = stopping
    smtp.at_data = lambda _envelope: stopping.set() if len(smtp.messages) == 4 else None
    try:
        post_bulk(100)
        run(app)
    finally:
        del app.extensions["stop_flag"]
    states = Counter(state for state, _ in delivered().values())
    assert states[DeliveryState.SENT] == len(smtp.messages) <= 5 + app.config["MAIL_CONNECTIONS"]
    assert states[DeliveryState.WAITING] == 100 - len(smtp.messages)


def test_what_a_worker_left_behind_goes_out_when_its_claim_runs_out(
    app: Flask, post_bulk: PostBulk, given: Given, smtp: MailServer
) -> None:
    post_bulk(5)
    with given():
        gone = {"state": DeliveryState.SENDING, "claimed_by": "gone", "claimed_until": utc_now() + ledger.LEASE}
        db.session.execute(update(Delivery).values(**gone))
    run(app)
    assert smtp.messages == []
    run_until_done(app)
    assert len(smtp.messages) == 5


def test_two_runs_in_one_process_are_one(app: Flask, post_bulk: PostBulk, smtp: MailServer) -> None:
    addresses = post_bulk(150)
    threads = [threading.Thread(target=run, args=(app,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(received.to for received in smtp.messages) == sorted(addresses)


def test_a_wake_up_while_it_runs_is_not_lost(app: Flask, post: Post, smtp: MailServer) -> None:
    def wake_again(envelope: Any) -> None:
        if envelope.rcpt_tos == ["a@example.org"]:
            post("b@example.org")
            threading.Thread(target=run, args=(app,)).start()

    smtp.at_data = wake_again
    post("a@example.org")
    run(app)
    smtp.wait_for(2)


@contextmanager
def processes(app: Flask, number: int, **settings: str) -> Iterator[list[subprocess.Popen[str]]]:
    """That many workers, each a process of its own, all started and none yet waited for."""
    names = ("SECRET_KEY", "DATABASE_URL", "QUEUE_URL", "STORAGE_URL", "MAIL_SERVER", "MAIL_DOMAIN", "BASE_URL")
    environment = (
        {name: str(app.config[name]) for name in names}
        | {
            "MAIL_PORT": str(app.extensions["mail"].port),
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        | settings
    )
    command = [sys.executable, str(ROOT / "tests/mail/working.py")]
    workers = [
        subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(number)
    ]
    try:
        for each in workers:
            assert each.stdout
            assert each.stdout.readline() == "ready\n"
        yield workers
    finally:
        for each in workers:
            each.kill()
            each.wait()
            if each.stdout:
                each.stdout.close()


def test_two_workers_at_once_take_nothing_twice(app: Flask, post_bulk: PostBulk, rude: RudeServer) -> None:
    addresses = post_bulk(160)
    with processes(app, 2) as workers:
        assert [each.wait(60) for each in workers] == [0, 0]
    assert sorted(rude.recipients) == sorted(addresses)


def test_no_transaction_is_open_while_smtp_is_spoken(
    app: Flask, post_bulk: PostBulk, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    written = []

    def write(_envelope: object) -> None:
        with given():
            db.session.execute(update(Delivery).where(Delivery.id == -1).values(reply="x"))
        written.append(1)

    smtp.at_data = write
    post_bulk(20)
    deliver()
    assert len(written) == 20


def test_many_mails_do_not_fill_the_memory(
    app: Flask, post: Post, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.mail.prepared._LIMIT", 100_000)
    mails = PreparedMails(app)
    ids = [post("a@example.org", body="x" * 20_000) for _ in range(10)]
    sizes = [mails.get(mail_id).size for mail_id in ids]
    assert len(mails._kept) <= 3
    assert mails._octets == sum(mail.size for mail in mails._kept.values()) <= 100_000 + max(sizes)
    assert mails.get(ids[-1]) is mails.get(ids[-1])


def test_figures_add_up_at_any_moment(app: Flask, post_bulk: PostBulk, smtp: MailServer, deliver: Deliver) -> None:
    seen = []

    def look(_envelope: object) -> None:
        with app.app_context():
            seen.append(outbox.figures())

    smtp.at_data = look
    post_bulk(30)
    deliver()
    assert all(figures["in_flight"] >= 1 for figures in seen)
    with app.app_context():
        assert db.session.scalars(select(func.count(Delivery.id)).where(Delivery.claimed_by != "")).one() == 0
