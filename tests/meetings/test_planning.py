"""A new meeting from the last one or from a Muster, with its invitation in the same step."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.database import db
from app.meetings.models import Meeting
from app.meetings.planning_models import MeetingTemplate
from tests.at_once import at_once
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.mailserver import MailServer
from tests.meetings.conftest import MakeMeeting

TEMPLATE = {
    "name": "Netzwerktreffen",
    "title": "{nummer}. Netzwerktreffen",
    "starts": "14:00",
    "ends": "16:00",
    "place": "Rathaus, Raum 12",
    "agenda": "1. Begrüßung am {datum}\n2. Verschiedenes",
    "letter": "Guten Tag,\n\nam {Datum}, {uhrzeit}, treffen wir uns: {ort}.\n\n{tagesordnung}\n\n{anderes}",
}


def last_of(given: Given) -> dict[str, Any]:
    with given():
        meeting = db.session.scalars(db.select(Meeting).order_by(Meeting.id.desc())).first()
        assert meeting is not None
        return {
            "title": meeting.title,
            "place": meeting.place,
            "agenda": meeting.agenda,
            "networks": [network.slug for network in meeting.networks],
            "invited": len(meeting.notices),
        }


def number_of(given: Given) -> int:
    with given():
        return len(db.session.scalars(db.select(Meeting)).all())


def test_all_but_the_date_comes_from_the_last_meeting_and_everybody_is_invited_at_once(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting, deliver: Deliver, smtp: MailServer
) -> None:
    make_meeting(cast.ost, cast.west, starts_at=datetime(2026, 9, 10, 12, tzinfo=UTC), title="8. Netzwerktreffen")
    make_meeting(
        cast.ost, starts_at=datetime(2026, 10, 1, 12, tzinfo=UTC), title="Abgesagt", cancelled_at=datetime.now(UTC)
    )

    anke = client_of(cast.anke)
    anke.submit(cast.ost.path("sitzungen", "neu"), {"date": "2026-12-10"}, button="Anlegen und einladen")

    assert last_of(given) == {
        "title": "9. Netzwerktreffen",
        "place": "Begegnungszentrum Nord, Raum 3",
        "agenda": "1. Begrüßung\n2. Praktika",
        "networks": ["ost", "west"],
        "invited": 1,
    }
    assert "Ihre Mail geht an" in anke.page.text
    deliver()
    [mail] = smtp.to(cast.wim.email)
    assert "9. Netzwerktreffen am 10. Dezember 2026" in mail.subject
    assert "Donnerstag, 10. Dezember 2026, 14:00 bis 16:00 Uhr" in mail.text
    assert any(name.endswith(".ics") for name in mail.files)


def test_a_later_meeting_of_all_networks_is_no_pattern_for_the_next_one(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost, title="8. Netzwerktreffen")
    make_meeting(cast.ost, cast.west, starts_at=datetime(2027, 2, 4, 9, tzinfo=UTC), title="Jahrestreffen aller Netze")
    page = client_of(cast.lena).see(cast.ost.path("sitzungen", "neu"))
    assert "Ausgefüllt wie die letzte Sitzung, „8. Netzwerktreffen“" in page.text
    [title] = page.query('input[name="title"]')
    assert title.attrs["value"] == "9. Netzwerktreffen"


def test_the_invitation_can_be_taken_back_and_the_meeting_stays(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting, configured: Configured, smtp: MailServer,
    deliver: Deliver,
) -> None:  # fmt: skip
    make_meeting(cast.ost)
    lena = client_of(cast.lena)
    with configured(MAIL_UNDO_SECONDS=300):
        lena.submit(cast.ost.path("sitzungen", "neu"), {"date": "2026-12-10"}, button="Anlegen und einladen")
        lena.send(button="Zurückholen")
    deliver()
    assert smtp.messages == []
    assert number_of(given) == 2
    assert last_of(given)["invited"] == 0


def test_without_an_invitation_nobody_is_told(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, deliver: Deliver, smtp: MailServer
) -> None:
    make_meeting(cast.ost)
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", "neu"), {"date": "2026-12-10"}, button="Nur eintragen")
    deliver()
    assert "Eingeladen ist noch niemand" in lena.page.text
    assert smtp.messages == []


def test_a_muster_fills_in_number_date_time_and_place(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting, deliver: Deliver, smtp: MailServer
) -> None:
    make_meeting(cast.ost, title="11. Netzwerktreffen")
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", "muster", "neu"), TEMPLATE)
    assert "Das Muster ist gespeichert." in lena.page.text
    [link] = [link for link in lena.page.links if "muster=" in link]

    lena.submit(link, {"date": "2026-12-10"}, button="Anlegen und einladen")
    deliver()

    assert last_of(given)["title"] == "12. Netzwerktreffen"
    assert last_of(given)["agenda"] == "1. Begrüßung am Donnerstag, 10. Dezember 2026\n2. Verschiedenes"
    [mail] = smtp.to(cast.bob.email)
    assert "am Donnerstag, 10. Dezember 2026, 14:00 bis 16:00 Uhr, treffen wir uns: Rathaus, Raum 12." in mail.text
    assert "2. Verschiedenes" in mail.text
    assert "{anderes}" in mail.text


def test_a_new_muster_begins_as_the_last_meeting_is_changed_and_deleted(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost)
    lena = client_of(cast.lena)
    page = lena.see(cast.ost.path("sitzungen", "muster", "neu"))
    assert "{nummer}. Netzwerktreffen" in page.html
    lena.send({"name": "Treffen"})
    [template] = [link for link in lena.page.links if link.rpartition("/")[2].isdecimal() and "muster/" in link]
    lena.submit(template, {"name": "Umbenannt", "starts": ""})
    assert "Umbenannt" in lena.page.text
    lena.submit(template, form="loeschen")
    with given():
        assert db.session.scalars(db.select(MeetingTemplate)).all() == []


def test_the_same_form_sent_twice_is_one_meeting_and_one_mail(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting, deliver: Deliver, smtp: MailServer
) -> None:
    make_meeting(cast.ost)
    lena = client_of(cast.lena)
    [form] = [form for form in lena.see(cast.ost.path("sitzungen", "neu")).forms if "title" in form.names]
    for _ in range(2):
        typed = form.values() | {"date": "2026-12-10", "invite": "yes"}
        assert lena.post(form.action, data=typed).status_code == 302
    deliver()
    assert number_of(given) == 2
    assert len(smtp.to(cast.bob.email)) == 1


def meeting_form(lena: Browser, cast: Cast) -> dict[str, Any]:
    """The form of a new meeting, filled in, with the id it came with."""
    [form] = [form for form in lena.see(cast.ost.path("sitzungen", "neu")).forms if "title" in form.names]
    return form.values() | {"date": "2026-12-10", "invite": "yes"}


@pytest.mark.parametrize("changed", [{"date": "2026-12-17"}, {"agenda": "Nur das"}, {"title": "Klausur"}])
def test_other_words_in_the_same_form_are_another_meeting(
    cast: Cast,
    client_of: ClientOf,
    given: Given,
    make_meeting: MakeMeeting,
    deliver: Deliver,
    smtp: MailServer,
    changed: dict[str, str],
) -> None:
    """After "back" the browser shows the form as it was, with the id it had."""
    make_meeting(cast.ost)
    lena = client_of(cast.lena)
    form = meeting_form(lena, cast)
    for fields in (form, form | changed, form | changed, form):
        assert lena.post(cast.ost.path("sitzungen", "neu"), data=fields).status_code == 302
    deliver()
    assert number_of(given) == 3
    assert len(smtp.to(cast.bob.email)) == 2


def test_who_has_invited_and_presses_the_other_button_is_not_told_that_nobody_was(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost)
    lena = client_of(cast.lena)
    form = meeting_form(lena, cast)
    buttons: list[dict[str, object]] = [{}, {"invite": []}]
    for button in buttons:
        lena.post(cast.ost.path("sitzungen", "neu"), data=form | button, follow_redirects=True)
        assert "Eingeladen ist noch niemand" not in lena.page.text
        assert "Ihre Mail geht an" in lena.page.text


@pytest.mark.parametrize(("other", "made"), [("Rathaus", 1), ("Bücherei", 2)])
def test_the_same_form_sent_twice_at_the_same_moment_is_one_meeting_of_the_same_words(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting, other: str, made: int
) -> None:
    make_meeting(cast.ost)
    tabs = [client_of(cast.lena) for _ in range(2)]
    forms = [
        meeting_form(tab, cast) | {"submission": str(UUID(int=1)), "place": place}
        for tab, place in zip(tabs, ("Rathaus", other), strict=True)
    ]
    presses = [
        lambda tab=tab, form=form: tab.post(cast.ost.path("sitzungen", "neu"), data=form).status_code
        for tab, form in zip(tabs, forms, strict=True)
    ]
    assert at_once(app, "meeting", *presses) == [302, 302]
    assert number_of(given) == 1 + made


def test_nobody_is_invited_to_the_past_and_nothing_typed_is_lost(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost)
    lena = client_of(cast.lena)
    typed = {"date": "2026-11-10", "agenda": "Nur das"}
    lena.submit(cast.ost.path("sitzungen", "neu"), typed, button="Anlegen und einladen")
    assert "Diese Sitzung ist schon vorbei. Eine Mail dazu käme zu spät." in lena.page.text
    assert "Nur das" in lena.page.html
    assert number_of(given) == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "Bitte geben Sie dem Muster einen Namen."),
        ({"name": "x" * 10_000}, "Bitte kürzen Sie auf höchstens 200 Zeichen."),
        ({"starts": "mittags"}, "Bitte geben Sie eine Uhrzeit wie 14:00 an."),
    ],
)
def test_what_is_wrong_with_a_muster_is_said_at_the_field(
    wrong: dict[str, str], sentence: str, cast: Cast, client_of: ClientOf
) -> None:
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", "muster", "neu"), TEMPLATE | wrong)
    assert sentence in lena.page.errors


def test_only_leads_see_the_muster_of_their_own_network(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        template = MeetingTemplate(network_id=cast.west.id, name="Fremd")
        db.session.add(template)
        db.session.flush()
        id = template.id
    lena = client_of(cast.lena)
    assert lena.get(cast.ost.path("sitzungen", "muster", id)).status_code == 404
    assert lena.get(cast.ost.path("sitzungen", f"neu?muster={id}")).status_code == 404
    assert client_of(cast.bob).get(cast.ost.path("sitzungen", "muster")).status_code == 403
    assert client_of(cast.wim).get(cast.ost.path("sitzungen", "muster")).status_code == 404
