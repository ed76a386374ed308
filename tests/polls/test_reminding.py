"""Two working days before the deadline, those who have not answered get one reminder."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import time_machine
from flask import Flask

from app.database import db, utc_now
from app.networks.models import Participant, Rhythm
from app.networks.wishes import pause, set_rhythm
from app.polls.beginning import moment_to_remind
from app.templating import BERLIN
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer
from tests.polls.conftest import SayTo, said

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
