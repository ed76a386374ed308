"""Two working days before the deadline, those who have not answered get one reminder."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, utc_now
from app.forum.models import Message
from app.forum.taking_down import take_down
from app.networks.absences import leave
from app.networks.models import Network, Participant, Rhythm
from app.networks.wishes import pause, set_rhythm
from app.polls import reminding
from app.polls.beginning import moment_to_remind
from app.polls.models import Poll
from app.polls.tally import silent
from app.templating import BERLIN
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer
from tests.polls.conftest import PROPOSAL, SayTo, said

#: The deadline is Friday, 27 November 2026.
BEFORE, DUE = datetime(2026, 11, 25, 8, 58, tzinfo=BERLIN), datetime(2026, 11, 25, 9, 1, tzinfo=BERLIN)


def remind(app: Flask, deliver: Deliver) -> None:
    app.extensions["run_job"].call_local("polls")
    deliver()


def test_one_reminder_to_those_who_have_not_answered(
    clock: time_machine.Traveller, asked: int, cast: Cast, say: SayTo, app: Flask, smtp: MailServer, deliver: Deliver,
    given: Given,
) -> None:  # fmt: skip
    say(cast.bob, "yes", "no", "no")
    smtp.forget()
    clock.move_to(BEFORE)
    remind(app, deliver)
    assert smtp.messages == []
    clock.move_to(DUE)
    for _ in range(3):
        remind(app, deliver)

    assert [mail.to for mail in smtp.messages] == [cast.carla.email]
    assert_expected(smtp.messages[0], "poll-reminder")
    assert "Ihre Antworten sind gespeichert" in say(cast.carla, "no", "no", "yes")
    assert said(given)[cast.carla.id] == ["no", "no", "yes"]


@pytest.mark.parametrize("case", ["pauses", "removed", "web", "weekly"])
def test_a_pause_and_leaving_hold_for_the_reminder_too(
    case: str, clock: time_machine.Traveller, asked: int, cast: Cast, app: Flask, smtp: MailServer, deliver: Deliver,
    given: Given,
) -> None:  # fmt: skip
    with given():
        if case == "pauses":
            pause(cast.carla.id, cast.ost.id)
        elif case == "removed":
            db.session.get_one(Participant, cast.ost.participant(cast.carla)).until = utc_now()
        else:
            set_rhythm(cast.carla.id, cast.ost.id, Rhythm.WEB if case == "web" else Rhythm.WEEKLY)
    smtp.forget()
    clock.move_to(DUE)
    remind(app, deliver)

    expected = {cast.bob.email} | ({cast.carla.email} if case == "weekly" else set())
    assert {mail.to for mail in smtp.messages} == expected


def test_who_is_removed_while_the_reminder_waits_gets_none(
    clock: time_machine.Traveller, asked: int, cast: Cast, app: Flask, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    smtp.forget()
    clock.move_to(DUE)
    app.extensions["run_job"].call_local("polls")
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.carla)).until = utc_now()
    deliver()
    assert [mail.to for mail in smtp.messages] == [cast.bob.email]


def test_what_is_closed_reminds_nobody_not_even_of_what_waits(
    clock: time_machine.Traveller, asked: int, cast: Cast, app: Flask, smtp: MailServer, deliver: Deliver,
    client_of: ClientOf,
) -> None:  # fmt: skip
    clock.move_to(DUE)
    app.extensions["run_job"].call_local("polls")
    client_of(cast.lena).submit(cast.ost.path("terminumfragen", asked), form="ohne-termin")
    smtp.forget()
    remind(app, deliver)
    assert [mail.subject for mail in smtp.to(cast.bob.email)] == [
        "AW: [Jugendliche in Ausbildung] Terminumfrage (ohne Termin beendet): 9. Netzwerktreffen"
    ]


@pytest.mark.parametrize(
    ("deadline", "moment"),
    [
        (date(2026, 11, 27), datetime(2026, 11, 25, 9, tzinfo=BERLIN)),
        (date(2026, 11, 30), datetime(2026, 11, 26, 9, tzinfo=BERLIN)),  # a weekend lies between
        (date(2026, 12, 28), datetime(2026, 12, 23, 9, tzinfo=BERLIN)),  # Christmas does, too
        (date(2026, 11, 18), None),  # it would come at once
    ],
)
def test_working_days_are_counted_back_from_the_deadline(deadline: date, moment: datetime | None, app: Flask) -> None:
    with app.app_context():
        assert moment_to_remind(deadline, utc_now()) == moment


def test_the_mail_of_a_reminder_changes_nothing_by_being_looked_at(
    clock: time_machine.Traveller, asked: int, cast: Cast, app: Flask, smtp: MailServer, deliver: Deliver, given: Given,
    anonymous: Browser,
) -> None:  # fmt: skip
    clock.move_to(DUE)
    remind(app, deliver)
    mail = smtp.to(cast.carla.email)[-1]
    for line in mail.text.splitlines():
        if "/mail/" in line:
            for _ in range(10):
                assert anonymous.get("/mail/" + line.rpartition("/mail/")[2]).status_code == 200
    assert said(given) == {}


def test_a_worker_that_was_off_past_the_deadline_reminds_nobody(
    clock: time_machine.Traveller, asked: int, app: Flask, smtp: MailServer, deliver: Deliver
) -> None:
    smtp.forget()
    clock.move_to(datetime(2026, 11, 28, 9, tzinfo=BERLIN))
    remind(app, deliver)
    assert smtp.messages == []


def test_a_poll_whose_question_was_taken_down_reminds_nobody(
    clock: time_machine.Traveller, asked: int, cast: Cast, app: Flask, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    with given():
        take_down(db.session.scalars(select(Message)).one(), db.session.get_one(User, cast.anke.id), "Name")
    deliver()
    smtp.forget()
    clock.move_to(DUE)
    remind(app, deliver)
    assert smtp.messages == []


def test_only_oneself_is_asked_not_a_deputy_who_has_answered(
    clock: time_machine.Traveller, asked: int, cast: Cast, say: SayTo, app: Flask, smtp: MailServer, deliver: Deliver,
    given: Given,
) -> None:  # fmt: skip
    say(cast.bob, "yes", "no", "no")
    with given():
        bob, home = db.session.get_one(User, cast.bob.id), db.session.get_one(Network, cast.ost.id)
        leave(db.session.get_one(User, cast.carla.id), home, date(2026, 12, 20), bob)
    deliver()
    smtp.forget()
    clock.move_to(DUE)
    remind(app, deliver)
    assert [mail.to for mail in smtp.messages] == [cast.carla.email]


def test_who_is_away_is_not_reminded_where_their_deputy_is(
    clock: time_machine.Traveller, asked: int, cast: Cast, app: Flask, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    with given():
        bob, home = db.session.get_one(User, cast.bob.id), db.session.get_one(Network, cast.ost.id)
        leave(db.session.get_one(User, cast.carla.id), home, date(2026, 12, 20), bob)
    deliver()
    smtp.forget()
    clock.move_to(DUE)
    remind(app, deliver)
    assert [mail.to for mail in smtp.messages] == [cast.bob.email]


def test_one_reminder_that_cannot_be_made_stops_no_other(
    clock: time_machine.Traveller, asked: int, cast: Cast, client_of: ClientOf, app: Flask, smtp: MailServer,
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    client_of(cast.lena).submit(
        cast.ost.path("terminumfragen", "neu"), PROPOSAL | {"title": "10. Netzwerktreffen"}, form="terminumfragen"
    )
    deliver()
    smtp.forget()
    silent_now = silent

    def fails_for_the_first(poll: Poll) -> set[int]:
        if poll.title.startswith("9."):
            raise RuntimeError("what our code cannot do")
        return silent_now(poll)

    monkeypatch.setattr(reminding, "silent", fails_for_the_first)
    clock.move_to(DUE)
    remind(app, deliver)
    assert {mail.to for mail in smtp.messages} == {cast.bob.email, cast.carla.email}
    assert all("10. Netzwerktreffen" in mail.subject for mail in smtp.messages)
