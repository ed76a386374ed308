"""What waits for no digest (row F2): invitations, changes and cancellations of a date, urgent requests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.database import db, utc_now
from app.forum.calendar_event import CalendarEvent
from app.forum.models import Kind, Thread
from app.forum.withdrawing import take_back
from app.networks.models import Rhythm
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.forum.digesting import Town
from tests.mailserver import MailServer


@pytest.fixture
def town(app: Flask, given: Given, cast: Cast) -> Town:
    """Bob has his mail daily, Carla weekly in both her networks, Gast reads the website."""
    town = Town(app, given)
    town.wish(cast.bob, cast.ost, Rhythm.DAILY)
    town.wish(cast.carla, cast.ost, Rhythm.WEEKLY)
    town.wish(cast.carla, cast.west, Rhythm.WEEKLY)
    town.wish(cast.gast, cast.ost, Rhythm.WEB)
    return town


def event(*, is_cancelled: bool = False) -> CalendarEvent:
    now = utc_now()
    return CalendarEvent(
        "1@netz", 0, "Treffen", now + timedelta(days=7), now + timedelta(days=7, hours=2), "Rathaus",
        "https://netz.example.org", organizer=("Netz", "ost@netz.example.org"), is_cancelled=is_cancelled,
    )  # fmt: skip


def test_dates_and_urgent_requests_come_at_once_to_all_who_have_mail(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver
) -> None:
    urgent: list[dict[str, object]] = [
        {"kind": Kind.INVITATION},
        {"kind": Kind.INVITATION, "event": event()},
        {"kind": Kind.INFORMATION, "event": event(is_cancelled=True)},
        {"kind": Kind.REQUEST, "urgent": True},
    ]
    for fields in urgent:
        smtp.forget()
        town.write(cast.anke, cast.ost, cast.west, **fields)
        deliver()
        assert sorted(mail.to for mail in smtp.messages) == sorted(
            person.email for person in (cast.lena, cast.bob, cast.carla, cast.wim)
        )


def test_an_urgent_request_says_so_where_it_begins(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    bob = client_of(cast.bob)
    fields = {"kind": "request", "subject": "Schlafplatz", "body": "Wer weiß einen?", "urgent": True}
    bob.submit(cast.ost.path("nachrichten", "neu"), fields)
    assert "Dringende Anfrage" in bob.page.text
    bob.submit(bob.page.path, {"body": "Danke, wir haben einen."})
    deliver()
    asked, answered = smtp.to(cast.lena.email)
    assert asked.subject == f"[{cast.ost.name}] Dringende Anfrage: Schlafplatz"
    assert f"{cast.ost.name} · Dringende Anfrage" in asked.text
    assert answered.subject == f"AW: [{cast.ost.name}] Anfrage (offen): Schlafplatz"
    assert "Dringende" not in answered.text


def test_other_kinds_and_what_is_answered_wait(town: Town, cast: Cast, smtp: MailServer, deliver: Deliver) -> None:
    for fields in ({"kind": Kind.REQUEST}, {"kind": Kind.MESSAGE, "urgent": True}, {"kind": Kind.MINUTES}):
        town.write(cast.lena, cast.ost, **fields)
    thread = town.write(cast.lena, cast.ost, kind=Kind.REQUEST, urgent=True)
    deliver()
    smtp.forget()
    town.answer(cast.lena, thread, "Hat sich erledigt.")
    deliver()
    assert [mail.to for mail in smtp.messages] == [cast.lena.email]


def test_nobody_gets_what_came_at_once_again_in_the_digest(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver
) -> None:
    town.write(cast.lena, cast.ost, kind=Kind.INVITATION)
    deliver()
    smtp.forget()
    with town.when(utc_now() + timedelta(days=8)):
        town.run()
        deliver()
    assert smtp.messages == []


def test_a_request_is_marked_urgent_in_the_form(cast: Cast, client_of: ClientOf, given: Given) -> None:
    browser = client_of(cast.bob)
    for kind, expected in (("request", True), ("message", False)):
        browser.submit(
            cast.ost.path("nachrichten", "neu"), {"subject": kind, "body": "Text", "kind": kind, "urgent": True}
        )
        with given():
            assert db.session.scalars(db.select(Thread).filter_by(subject=kind)).one().urgent is expected


def test_an_urgent_request_taken_back_is_still_urgent_in_its_draft(cast: Cast, given: Given, town: Town) -> None:
    thread = town.write(cast.lena, cast.ost, kind=Kind.REQUEST, urgent=True)
    with given():
        draft = take_back(db.session.get_one(Thread, thread).messages[0])
        assert draft.fields["urgent"] is True
