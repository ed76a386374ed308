"""Minutes that are missing are asked for after 14 days, once more after 14 further days, and then never again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from app.database import db
from app.meetings.models import Meeting, Notice
from app.networks.models import Network, Participant
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer
from tests.meetings.conftest import PDF, MakeMeeting, MakePaper

THEN = datetime(2026, 11, 2, 13, tzinfo=UTC)
FIRST, SECOND = THEN + timedelta(days=14, hours=2, minutes=1), THEN + timedelta(days=28, hours=2, minutes=2)

#: `at(FIRST)` lets the worker look at that moment, three times.
At = Callable[[datetime], None]


@pytest.fixture
def meeting(cast: Cast, make_meeting: MakeMeeting) -> int:
    return make_meeting(cast.ost, starts_at=THEN)


@pytest.fixture
def at(app: Flask, deliver: Deliver) -> At:
    def look(moment: datetime) -> None:
        with time_machine.travel(moment):
            for _ in range(3):
                app.extensions["run_job"].call_local("missing-minutes")
                deliver()

    return look


def test_the_lead_is_asked_twice_and_never_again(
    cast: Cast, meeting: int, at: At, given: Given, smtp: MailServer, configured: Configured
) -> None:
    with given():
        before = db.session.get_one(Meeting, meeting).changed_at
    with configured(MAIL_IS_READ=True):
        at(FIRST - timedelta(minutes=2))
        assert smtp.messages == []
        at(FIRST)
        [mail] = smtp.messages
        assert mail.to == cast.lena.email
        assert_expected(mail, "minutes-missing")
        at(SECOND - timedelta(minutes=2))
        assert len(smtp.messages) == 1
        at(SECOND)
        assert "Wir fragen nicht noch einmal." in smtp.messages[1].text
        for days in (1, 14, 20, 100, 400):
            at(SECOND + timedelta(days=days))
    assert len(smtp.messages) == 2
    with given():
        assert db.session.get_one(Meeting, meeting).changed_at == before


def test_nobody_is_asked_at_night(cast: Cast, meeting: int, at: At, smtp: MailServer) -> None:
    at(FIRST.replace(hour=22))
    assert smtp.messages == []
    at(FIRST.replace(hour=8) + timedelta(days=1))
    assert len(smtp.messages) == 1


def test_who_invited_is_asked_alone_as_long_as_they_look_after_it(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting, at: At, deliver: Deliver, smtp: MailServer
) -> None:
    meeting = make_meeting(cast.ost, starts_at=datetime(2026, 11, 22, 13, tzinfo=UTC))
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.carla)).is_lead = True
    client_of(cast.carla).submit(cast.ost.path("sitzungen", meeting, "einladen"), form="einladen")
    deliver()
    smtp.forget()
    at(datetime(2026, 12, 7, 12, tzinfo=UTC))
    assert [mail.to for mail in smtp.messages] == [cast.carla.email]
    with given():
        assert db.session.scalars(db.select(Notice)).one().message.author_id == cast.carla.id
        db.session.get_one(Participant, cast.ost.participant(cast.carla)).is_lead = False
    at(datetime(2026, 12, 22, 12, tzinfo=UTC))
    assert [mail.to for mail in smtp.messages] == [cast.carla.email, cast.lena.email]


def test_without_a_lead_verwaltung_is_asked(cast: Cast, meeting: int, given: Given, at: At, smtp: MailServer) -> None:
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.lena)).is_lead = False
    at(FIRST)
    assert [mail.to for mail in smtp.messages] == [cast.anke.email]


def test_any_paper_of_that_kind_is_enough_and_a_draft_is_not(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, make_paper: MakePaper, at: At, smtp: MailServer
) -> None:
    filed, drafted, sent = (make_meeting(cast.ost, starts_at=THEN, title=title) for title in ("Eins", "Zwei", "Drei"))
    make_paper(cast.ost, "Protokoll.pdf", filed, PDF)
    lena = client_of(cast.lena)
    for meeting in (drafted, sent):
        lena.submit(cast.ost.path("sitzungen", meeting, "protokoll", "bearbeiten"), {"text": "Kurz"})
    lena.submit(cast.ost.path("sitzungen", sent, "protokoll", "versenden"))
    at(FIRST)
    asked = [mail for mail in smtp.messages if "fehlt" in mail.subject]
    assert [mail.subject.rpartition(": ")[2] for mail in asked] == ["Zwei"]
    assert "Ihr Entwurf ist gespeichert" in asked[0].text


def test_of_cancelled_and_ancient_meetings_and_closed_networks_nobody_is_asked(
    cast: Cast, given: Given, make_meeting: MakeMeeting, at: At, smtp: MailServer
) -> None:
    make_meeting(cast.ost, starts_at=THEN, cancelled_at=THEN)
    make_meeting(cast.ost, starts_at=THEN - timedelta(days=60))
    make_meeting(cast.west, starts_at=THEN)
    with given():
        db.session.get_one(Network, cast.west.id).closed_at = THEN
    at(FIRST)
    assert smtp.messages == []


def test_several_workers_ask_once(app: Flask, cast: Cast, meeting: int, deliver: Deliver, smtp: MailServer) -> None:
    with time_machine.travel(FIRST):
        faults: list[BaseException] = []

        def work() -> None:
            try:
                app.extensions["run_job"].call_local("missing-minutes")
            except BaseException as fault:  # noqa: BLE001  # a thread's fault must fail the test
                faults.append(fault)

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        deliver()
    assert faults == []
    assert len(smtp.messages) == 1


def test_a_meeting_whose_date_nobody_can_tell_stops_no_other_question(
    cast: Cast, meeting: int, make_meeting: MakeMeeting, at: At, given: Given, smtp: MailServer
) -> None:
    make_meeting(cast.ost, starts_at=THEN, title="9. Netzwerktreffen")
    with given():
        endless = datetime.max.replace(tzinfo=UTC)  # in Germany there is no such moment any more
        db.session.execute(update(Meeting).where(Meeting.id == meeting).values(starts_at=endless))
    at(FIRST)
    assert ["9. Netzwerktreffen" in mail.text for mail in smtp.messages] == [True]
