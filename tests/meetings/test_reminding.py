"""Reminders seven days and one day before a meeting: each once, not to those who declined, not after a cancellation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from threading import Thread

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from app.accounts.models import User
from app.database import db
from app.meetings import series
from app.meetings.attendance_models import Coming, Reminder
from app.meetings.attending import answer
from app.meetings.models import Meeting, Paper
from app.meetings.series_models import Repeat
from app.networks import wishes
from app.networks.absences import leave
from app.networks.models import Network, Participant, Rhythm
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer
from tests.meetings.conftest import THEN, AnswerOf, Invited, MakeMeeting, MakePaper, Tell, link_in

pytestmark = pytest.mark.usefixtures("reads_mail")

#: `at(days=7)` runs the job so long before the meeting and delivers; it returns who was reminded, by address.
At = Callable[..., list[str]]


@pytest.fixture
def at(app: Flask, smtp: MailServer, deliver: Deliver) -> At:
    def run(then: datetime = THEN, **before: float) -> list[str]:
        smtp.forget()
        with time_machine.travel(then - timedelta(**before)):
            for _ in range(2):
                app.extensions["run_job"].call_local("meetings")
            deliver()
        return sorted(mail.to for mail in smtp.messages)

    return run


@pytest.fixture
def says(given: Given) -> Callable[[int, Person, Coming], None]:
    def say(meeting: int, person: Person, coming: Coming) -> None:
        with given():
            answer(db.session.get_one(User, person.id), db.session.get_one(Meeting, meeting), coming)

    return say


def addresses(*people: Person) -> list[str]:
    return sorted(person.email for person in people)


def test_whoever_has_not_declined_is_reminded_twice(
    cast: Cast, invited: Invited, at: At, says: Callable[..., None]
) -> None:
    meeting = invited()
    says(meeting, cast.bob, Coming.YES)
    says(meeting, cast.carla, Coming.NO)
    reminded = addresses(cast.lena, cast.bob, cast.gast)
    assert at(days=7, hours=1) == []
    assert at(days=6, hours=23) == reminded
    assert at(days=6, hours=20) == []
    assert at(days=2) == []
    assert at(hours=23) == reminded
    assert at(hours=2) == []
    assert at(hours=-3) == []


def test_the_mail_is_worded_for_what_was_said_and_has_buttons_and_papers(
    cast: Cast,
    invited: Invited,
    at: At,
    says: Callable[..., None],
    make_paper: MakePaper,
    smtp: MailServer,
    anonymous: Browser,
    answer_of: AnswerOf,
) -> None:
    meeting = invited()
    make_paper(cast.ost, "Tagesordnung.pdf", meeting, kind=Paper.AGENDA)
    make_paper(cast.ost, "Protokoll.pdf", meeting, kind=Paper.MINUTES)
    says(meeting, cast.bob, Coming.YES)
    says(meeting, cast.carla, Coming.MAYBE)
    at(hours=20)
    to_bob, to_carla, to_lena = (smtp.to(person.email)[0] for person in (cast.bob, cast.carla, cast.lena))
    assert "Sie haben zugesagt." in to_bob.text
    assert "Wissen Sie es inzwischen?" in to_carla.text
    assert "noch keine Antwort" in to_lena.text
    assert list(to_bob.files) == ["Tagesordnung.pdf"]
    assert_expected(to_lena, "meeting-reminder")
    with time_machine.travel(THEN - timedelta(hours=10)):
        anonymous.submit(link_in(to_bob, "Absage"))
    kept = answer_of(meeting, cast.bob)
    assert kept
    assert kept.answer is Coming.NO


def test_nobody_is_reminded_within_a_day_of_the_invitation(
    cast: Cast, invited: Invited, at: At, make_meeting: MakeMeeting
) -> None:
    soon = THEN - timedelta(days=11)  # tomorrow
    invited(starts_at=soon)
    make_meeting(cast.ost, starts_at=soon)
    assert at(soon, hours=23) == []
    assert at(soon, hours=3) == []


def test_a_mail_about_a_change_is_reminder_enough_and_a_new_date_is_reminded_of_anew(
    cast: Cast, client_of: ClientOf, invited: Invited, tell: Tell, at: At, says: Callable[..., None]
) -> None:
    meeting = invited()
    says(meeting, cast.bob, Coming.NO)
    assert len(at(days=6, hours=23)) == 3
    with time_machine.travel(THEN - timedelta(days=6)):
        client_of(cast.lena).submit(cast.ost.path("sitzungen", meeting, "bearbeiten"), {"date": "2026-12-17"})
        tell(meeting, "Änderung mitteilen")
    assert at(hours=23) == []
    moved = THEN + timedelta(days=14)
    # Bob declined the old date; of the new one he is reminded like everybody.
    assert at(moved, days=6, hours=23) == addresses(*cast.everyone_in_ost)


def test_after_a_cancellation_nobody_is_reminded_not_even_by_what_waits(
    app: Flask, cast: Cast, client_of: ClientOf, invited: Invited, at: At, smtp: MailServer, deliver: Deliver
) -> None:
    meeting = invited()
    smtp.forget()
    with time_machine.travel(THEN - timedelta(hours=23)):
        app.extensions["run_job"].call_local("meetings")
        client_of(cast.lena).submit(cast.ost.path("sitzungen", meeting), form="absagen")
        deliver()
    assert smtp.messages == []
    assert at(hours=20) == []


def test_pauses_and_leaving_are_respected(app: Flask, cast: Cast, invited: Invited, at: At, given: Given) -> None:
    invited()
    with given():
        wishes.set_rhythm(cast.bob.id, cast.ost.id, Rhythm.WEB)
        wishes.set_rhythm(cast.carla.id, cast.ost.id, Rhythm.WEEKLY)
        db.session.get_one(Participant, cast.ost.participant(cast.gast)).until = THEN - timedelta(days=8)
    assert at(days=6, hours=23) == addresses(cast.lena, cast.carla)
    with given():
        db.session.get_one(Network, cast.ost.id).closed_at = THEN - timedelta(days=2)
    assert at(hours=23) == []


def test_who_is_in_two_networks_of_the_meeting_is_reminded_once(cast: Cast, invited: Invited, at: At) -> None:
    invited(cast.west)
    assert at(days=6, hours=23) == addresses(*cast.everyone_in_ost, cast.wim)


def test_several_workers_at_once_remind_once(
    app: Flask, cast: Cast, invited: Invited, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    invited()
    smtp.forget()
    with time_machine.travel(THEN - timedelta(hours=23)):
        workers = [Thread(target=app.extensions["run_job"].call_local, args=("meetings",)) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        deliver()
    assert len(smtp.messages) == 4
    with given():
        assert len(db.session.scalars(db.select(Reminder)).all()) == 1


def test_nobody_is_reminded_of_what_they_were_not_told(cast: Cast, invited: Invited, at: At, given: Given) -> None:
    meeting = invited()
    later = THEN + timedelta(days=7)
    with given():
        found = db.session.get_one(Meeting, meeting)
        found.move(later, later + timedelta(hours=2), found.place)
    assert at(then=later, days=6, hours=23) == []


def test_nobody_is_reminded_while_they_believe_it_cancelled(
    cast: Cast, invited: Invited, tell: Tell, at: At, client_of: ClientOf
) -> None:
    meeting = invited()
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", meeting), form="absagen")
    tell(meeting, "Absage mitteilen")
    lena.submit(cast.ost.path("sitzungen", meeting), form="absage-zuruecknehmen")
    assert at(days=6, hours=23) == []


def test_a_series_that_is_cancelled_withdraws_the_reminder_that_waits(
    app: Flask, cast: Cast, invited: Invited, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    meeting = invited()
    with given():
        series.enter(db.session.get_one(Meeting, meeting), Repeat.WEEKS, 1, [date(2026, 12, 10)])
    smtp.forget()
    with time_machine.travel(THEN - timedelta(hours=23)):
        app.extensions["run_job"].call_local("meetings")
        with given():
            series.cancel(series.following(db.session.get_one(Meeting, meeting)))
        deliver()
    assert smtp.messages == []


def test_only_oneself_is_asked_whether_one_comes_not_a_deputy(
    cast: Cast, invited: Invited, at: At, given: Given, deliver: Deliver
) -> None:
    invited()
    with given():
        bob, home = db.session.get_one(User, cast.bob.id), db.session.get_one(Network, cast.ost.id)
        leave(db.session.get_one(User, cast.carla.id), home, date(2026, 12, 20), bob)
    deliver()
    assert at(hours=20) == addresses(*cast.everyone_in_ost)


def test_a_meeting_with_an_answer_that_nobody_can_read_stops_no_other_reminder(
    cast: Cast, invited: Invited, at: At, says: Callable[..., None], given: Given, smtp: MailServer
) -> None:
    broken = invited(title="Erste Sitzung")
    says(broken, cast.bob, Coming.YES)
    invited(title="Zweite Sitzung")
    with given():  # as a later version of the portal may leave it behind
        db.session.execute(text("UPDATE meeting_attendance SET answer = 'perhaps'"))
    assert at(days=6, hours=23) == addresses(cast.lena, cast.bob, cast.carla, cast.gast)
    assert all("Zweite Sitzung" in mail.subject for mail in smtp.messages)
