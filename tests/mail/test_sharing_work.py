"""How the connections of a run share its work: one stock of claimed mail, and one turn to write."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app import registry
from app.database import utc_now
from app.mail import ledger, stock
from app.mail.stock import Stock
from app.mail.turns import Row, Turn
from app.registry import Recipient, Refusal
from tests.conftest import Configured
from tests.mail.rude_server import RudeServer
from tests.mail.test_crashing import statements
from tests.mail.test_delivering import run

PostBulk = Callable[..., list[str]]


def test_many_connections_claim_no_oftener_than_one(
    app: Flask, configured: Configured, post_bulk: PostBulk, rude: RudeServer
) -> None:
    rude.plan = lambda step, _number: "slow:0.03" if step == "content" else None
    addresses = post_bulk(300)
    with configured(MAIL_CONNECTIONS=12), statements() as sent:
        run(app)
    assert Counter(rude.recipients) == Counter(addresses)
    assert rude.most_connections > 4
    claims = [each for each in sent if each.startswith("WITH picked")]
    assert len(claims) <= 12, len(claims)


def test_a_clock_that_leaps_past_the_claims_lets_two_workers_double_nothing(app: Flask, post_bulk: PostBulk) -> None:
    post_bulk(10)
    moving = time_machine.travel(utc_now(), tick=True)
    with moving as clock, app.app_context(), ledger.opened(app, "one") as one, ledger.opened(app, "other") as other:
        stock = Stock(app)
        assert stock.take(one)
        clock.shift(ledger.LEASE + timedelta(seconds=1))
        other.recover()
        assert len(other.claim(20)) == 10
        assert stock.take(one) is None


def test_a_stock_that_took_long_to_fill_is_as_fresh_as_any_other(
    app: Flask, post_bulk: PostBulk, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_bulk(10)
    passed, asked, answer = [0.0], [], registry.recipients_now["list"]

    def slow(audience: str, keys: Sequence[str]) -> dict[str, Recipient | Refusal]:
        asked.append(len(keys))
        passed[0] += 30
        return answer(audience, keys)

    monotonic = time.monotonic
    monkeypatch.setitem(registry.recipients_now, "list", slow)
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + passed[0])
    monkeypatch.setattr(stock, "utc_now", lambda: utc_now() + timedelta(seconds=passed[0]))
    with app.app_context(), ledger.opened(app, "one") as one:
        waiting = Stock(app)
        assert all(waiting.take(one) for _mail in range(10))
    assert asked == [10]


@pytest.mark.parametrize("succeeds", [True, False])
def test_whoever_has_the_turn_writes_for_all_who_wait(succeeds: bool) -> None:
    turn, written, told = Turn(), [], []

    def write(rows: Sequence[Row]) -> bool:
        written.append([row["id"] for row in rows])
        return succeeds

    threads = [threading.Thread(target=lambda n=n: told.append(turn.record({"id": n}, write))) for n in range(8)]
    with turn:
        for number, thread in enumerate(threads, start=1):
            thread.start()
            while len(turn._waiting) < number:  # it says so before it waits for the turn
                thread.join(0.001)
    for thread in threads:
        thread.join()
    assert written == [list(range(8))]
    assert told == [succeeds] * 8
    assert turn.record({"id": 9}, write) is succeeds
    assert written[1:] == [[9]]
