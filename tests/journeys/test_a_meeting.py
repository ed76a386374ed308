"""A meeting made in few clicks; how many is counted."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from playwright.sync_api import Locator, expect

from app.database import db, utc_now
from app.meetings.models import Meeting
from app.networks.models import Network
from app.templating import berlin
from tests.cast import Cast
from tests.conftest import Deliver, Given
from tests.journeys.conftest import Visit
from tests.mailserver import MailServer
from tests.world import working_day


def test_the_next_meeting_is_made_and_everybody_invited_in_at_most_six_clicks(
    visit: Visit, cast: Cast, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    with given():
        home = db.session.get_one(Network, cast.ost.id)
        then = berlin(utc_now() - timedelta(days=30)).replace(hour=14)
        meeting = Meeting(home=home, networks=[home], title="8. Netzwerktreffen", place="Rathaus", agenda="1. Anfang")
        meeting.starts_at, meeting.ends_at = then, then + timedelta(hours=2)
        db.session.add(meeting)
    clicks = count(1)

    def click(target: Locator) -> int:
        target.click()
        return next(clicks)

    page = visit(cast.lena)
    page.goto(cast.ost.path("nachrichten"))
    click(page.get_by_role("link", name="Sitzungen", exact=True))
    click(page.get_by_role("link", name="Neue Sitzung"))
    click(page.get_by_label("Datum"))
    page.get_by_label("Datum").fill(working_day(30))
    clicked = click(page.get_by_role("button", name="Anlegen und einladen"))

    assert clicked <= 6
    expect(page.get_by_text("Ihre Mail geht an")).to_be_visible()
    deliver()
    [mail] = smtp.to(cast.bob.email)
    assert "9. Netzwerktreffen" in mail.subject
    assert any(name.endswith(".ics") for name in mail.files)
