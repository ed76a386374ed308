"""A copy is left out because the deputy has the mail; what if that one ends at this moment, or ended later."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.database import begin_writing, db, utc_now
from app.inbound import take
from app.mail import bounces, health, ledger, standing_in
from app.mail.models import Attempt, Delivery, DeliveryState, Mail
from app.mail.outcomes import Outcome, Verdict
from app.mail.reading import read
from app.networks import wishes
from app.networks.models import Rhythm
from app.registry import Recipient
from tests.at_once import at_once
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.mailserver import MailServer
from tests.networks.conftest import Leave
from tests.networks.test_mail_of_deputies import got, report_of, write

REFUSED = Outcome(Verdict.NEVER, 550, "550 5.2.2 mailbox full")


@pytest.mark.parametrize("how", ["refused", "cancelled", "reported"])
@pytest.mark.parametrize("ends_first", [True, False])
def test_a_copy_left_out_at_the_moment_in_which_the_deputys_fails_reaches_the_person(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, app: Flask, ends_first: bool,
    how: str,
) -> None:  # fmt: skip
    """On one connection Bob's own mail ends without success, on the other Lena's is left out because of it."""
    leave(cast.lena, cast.bob)
    deliver()
    smtp.answers[cast.bob.email] = "550 5.2.2 mailbox full"
    write(cast, client_of)
    with app.app_context(), ledger.opened(app, "w") as one, ledger.opened(app, "w") as other:
        claimed = {delivery.recipient_key: delivery for delivery in one.claim(50)}
        bobs = claimed[cast.bob.key]
        if how == "reported":
            one.settle(bobs, cast.bob.email, Outcome(Verdict.ACCEPTED, 250, "250 ok"))

        def end() -> None:
            if how == "refused":
                one.settle(bobs, cast.bob.email, REFUSED)
            elif how == "cancelled":
                one.cancel({bobs: "pausiert"})
            else:
                report_at_once(app, cast.bob.email, bobs.id)

        def leave_out() -> None:
            other.drop_copy(claimed[cast.lena.key], values_of(cast))

        at_once(app, "delivery", *((end, leave_out) if ends_first else (leave_out, end)))
        one.release(list(claimed.values()))
    deliver()
    assert len(got(smtp, cast.lena)) == 1
    assert got(smtp, cast.bob) == []


def report_at_once(app: Flask, email: str, delivery_id: int) -> None:
    sent: Any = SimpleNamespace(to=email)
    report = read(report_of(sent)).report
    assert report
    with app.app_context():
        begin_writing()
        bounces.record(report, delivery_id)
        db.session.commit()


def values_of(cast: Cast) -> dict[str, object]:
    return {"deputy": cast.bob.key, "others": [], "reason": "vertreten durch Bob"}


def test_what_others_gave_back_to_the_person_meanwhile_is_not_noted_for_the_deputy_again(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, app: Flask, given: Given,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Bob's own is refused right after Lena's was left out, before the rest of that batch is noted."""
    leave(cast.lena, cast.bob)
    deliver()
    smtp.answers[cast.bob.email] = "550 5.2.2 mailbox full"
    write(cast, client_of)
    with app.app_context(), ledger.opened(app, "w") as one, ledger.opened(app, "w") as other:
        claimed = {delivery.recipient_key: delivery for delivery in one.claim(50)}
        lenas, drop_copy = claimed[cast.lena.key], other.drop_copy

        def then_fail(delivery: ledger.Claimed, values: dict[str, object]) -> bool:
            is_dropped = drop_copy(delivery, values)
            one.settle(claimed[cast.bob.key], cast.bob.email, REFUSED)
            return is_dropped

        monkeypatch.setattr(other, "drop_copy", then_fail)
        own = Recipient(cast.lena.email, "Lena", cast.lena.id)
        bob = Recipient(
            cast.bob.email, "Bob", cast.bob.id, stands_in_for="Lena", instead_of=(cast.lena.key,), otherwise=own
        )
        assert standing_in.settled(other, [lenas], {lenas.id: bob}) == ({lenas}, {})
        one.release(list(claimed.values()))
    deliver()
    assert len(got(smtp, cast.lena)) == 1
    with given():
        assert len(db.session.scalars(select(Attempt.id).where(Attempt.code == 550)).all()) == 1


@pytest.fixture
def collected(cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given) -> None:
    """Bob, who reads a digest, stands in for Lena, whose copy was left out because of it."""
    with given():
        wishes.set_rhythm(cast.bob.id, cast.ost.id, Rhythm.DAILY)
    leave(cast.lena, cast.bob)
    deliver()
    write(cast, client_of)
    deliver()
    assert got(smtp, cast.lena) == []


def make_digests(app: Flask, deliver: Deliver, *, days: int) -> None:
    with time_machine.travel(utc_now() + timedelta(days=days)):
        app.extensions["run_job"].call_local("digests")
        deliver()
        app.extensions["run_job"].call_local("digests")
        deliver()


@pytest.mark.usefixtures("collected")
def test_a_deputy_who_leaves_before_their_digest_comes_leaves_the_mail_to_the_person(
    cast: Cast, deliver: Deliver, smtp: MailServer, given: Given, app: Flask
) -> None:
    with given():
        wishes.pause(cast.bob.id, cast.ost.id)
    make_digests(app, deliver, days=2)
    assert len(got(smtp, cast.lena)) == 1
    assert got(smtp, cast.bob) == []


@pytest.mark.usefixtures("collected")
def test_a_digest_not_sent_to_a_silent_address_leaves_the_mail_to_the_person(
    cast: Cast, deliver: Deliver, smtp: MailServer, given: Given, app: Flask
) -> None:
    with given():
        for _ in range(2):
            health.count(db.session, cast.bob.email, health.HARD, "550 5.1.1 unknown")
    make_digests(app, deliver, days=2)
    assert len(got(smtp, cast.lena)) == 1
    assert got(smtp, cast.bob) == []


@pytest.mark.usefixtures("collected")
def test_a_digest_that_comes_back_later_leaves_the_mail_to_the_person(
    cast: Cast, deliver: Deliver, smtp: MailServer, app: Flask, configured: Configured
) -> None:
    make_digests(app, deliver, days=2)
    [digest] = got(smtp, cast.bob)
    assert got(smtp, cast.lena) == []
    with configured(MAIL_IS_READ=True), app.app_context():
        assert take(report_of(digest), digest.mail_from).is_kept
    deliver()
    assert len(got(smtp, cast.lena)) == 1


@pytest.mark.parametrize("how", ["failed", "unwanted"])
@pytest.mark.parametrize("ends_first", [True, False])
def test_a_copy_left_out_at_the_moment_in_which_the_deputys_digest_fails_reaches_the_person(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given, app: Flask,
    ends_first: bool, how: str,
) -> None:  # fmt: skip
    """What becomes of Bob's digest is passed on to what it held while Lena's is left out because of that."""
    with given():
        wishes.set_rhythm(cast.bob.id, cast.ost.id, Rhythm.DAILY)
    leave(cast.lena, cast.bob)
    deliver()
    smtp.answers[cast.bob.email] = "550 5.2.2 mailbox full"
    write(cast, client_of)
    moment = utc_now() + timedelta(days=2)
    with time_machine.travel(moment), app.app_context(), ledger.opened(app, "w") as other:
        claimed = {delivery.recipient_key: delivery for delivery in other.claim(50)}
        if how == "failed":
            app.extensions["run_job"].call_local("digests")
            with given():
                of_digest = select(Mail.id).where(Mail.event == "digest").scalar_subquery()
                ended = {"state": DeliveryState.FAILED, "finished_at": utc_now()}
                db.session.execute(update(Delivery).where(Delivery.mail_id == of_digest).values(**ended))
        else:
            with given():
                wishes.pause(cast.bob.id, cast.ost.id)

        def end() -> None:
            app.extensions["run_job"].call_local("digests")

        def leave_out() -> None:
            other.drop_copy(claimed[cast.lena.key], values_of(cast))

        at_once(app, "delivery", *((end, leave_out) if ends_first else (leave_out, end)))
        other.release(list(claimed.values()))
    with time_machine.travel(moment + timedelta(minutes=1)):
        app.extensions["run_job"].call_local("digests")
        deliver()
    assert len(got(smtp, cast.lena)) == 1
    assert got(smtp, cast.bob) == []
