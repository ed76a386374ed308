"""An invitation that was taken back is written again at its meeting, as it was, and goes out with the date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from babel.dates import format_date
from sqlalchemy import select

from app.database import db
from app.files.models import StoredFile
from app.forum.models import Draft
from app.meetings.models import Meeting, Notice, Paper
from app.networks.models import Participant
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.mailserver import MailServer
from tests.meetings.conftest import PDF, MakeMeeting, MakePaper
from tests.meetings.test_inviting import event_in

TYPED = {"subject": "Kommen Sie zahlreich", "body": "Lange überlegter Text"}


@pytest.fixture
def undo(configured: Configured) -> Iterator[None]:
    """A mail can be taken back for five minutes."""
    with configured(MAIL_UNDO_SECONDS=300):
        yield


@pytest.fixture
def lena(cast: Cast, client_of: ClientOf) -> Browser:
    return client_of(cast.lena)


def invite(lena: Browser, cast: Cast, meeting: int, **data: object) -> None:
    lena.submit(cast.ost.path("sitzungen", meeting, "einladen"), TYPED | data, form="einladen")
    assert "Ihre Mail geht an" in lena.page.text


def take_back(lena: Browser) -> None:
    lena.send(button="Zurückholen")
    assert "Die Nachricht ist zurückgeholt." in lena.page.text


def typed_in(lena: Browser) -> dict[str, list[str]]:
    return next(form for form in lena.page.forms if form.action.endswith("/einladen")).values()


def test_it_leads_back_to_the_meeting_with_its_words(
    cast: Cast, lena: Browser, make_meeting: MakeMeeting, undo: None
) -> None:
    meeting = make_meeting(cast.ost)
    invite(lena, cast, meeting)

    take_back(lena)

    assert lena.page.path == cast.ost.path("sitzungen", meeting, "einladen")
    assert "Das ist Ihr zurückgeholter Text" in lena.page.text
    assert typed_in(lena).items() >= {name: [text] for name, text in TYPED.items()}.items()
    assert "Kommen Sie zahlreich" not in lena.see(cast.ost.path("nachrichten")).text


def test_a_date_put_right_since_stands_in_what_was_only_suggested(
    cast: Cast, lena: Browser, make_meeting: MakeMeeting, undo: None, given: Given
) -> None:
    meeting = make_meeting(cast.ost)
    lena.submit(cast.ost.path("sitzungen", meeting, "einladen"), form="einladen")
    take_back(lena)
    with given():
        found = db.session.get_one(Meeting, meeting)
        found.move(found.starts_at + timedelta(days=9), found.ends_at + timedelta(days=9), found.place)
        said = format_date(found.day, "d. MMMM y", locale="de")
    lena.see(cast.ost.path("sitzungen", meeting, "einladen"))
    assert said in typed_in(lena)["subject"][0]
    assert said in typed_in(lena)["body"][0]


def test_it_goes_out_again_with_the_date_and_counts_as_told(
    cast: Cast,
    lena: Browser,
    make_meeting: MakeMeeting,
    undo: None,
    given: Given,
    configured: Configured,
    deliver: Deliver,
    smtp: MailServer,
) -> None:
    meeting = make_meeting(cast.ost)
    invite(lena, cast, meeting)
    take_back(lena)

    with configured(MAIL_UNDO_SECONDS=0):
        lena.send(form="einladen")
    deliver()

    (mail,) = smtp.to(cast.bob.email)
    assert "Lange überlegter Text" in mail.text
    assert event_in(mail)["sequence"] == 0
    assert "Eingeladen ist noch niemand" not in lena.see(cast.ost.path("sitzungen", meeting)).text
    assert "Das ist Ihr zurückgeholter Text" not in lena.see(cast.ost.path("sitzungen", meeting, "einladen")).text
    with given():
        assert db.session.scalars(select(Notice.meeting_id)).all() == [meeting]
        assert db.session.scalars(select(Draft)).all() == []


def test_the_papers_that_were_chosen_are_chosen_again(
    cast: Cast,
    lena: Browser,
    make_meeting: MakeMeeting,
    make_paper: MakePaper,
    undo: None,
    given: Given,
    configured: Configured,
    deliver: Deliver,
    smtp: MailServer,
) -> None:
    meeting = make_meeting(cast.ost)
    agenda = make_paper(cast.ost, "Tagesordnung.pdf", meeting, kind=Paper.AGENDA)
    make_paper(cast.ost, "Protokoll.pdf", meeting, kind=Paper.MINUTES, content=PDF + b"% other")
    invite(lena, cast, meeting, documents=[agenda])

    take_back(lena)
    assert typed_in(lena)["documents"] == [str(agenda)]
    with configured(MAIL_UNDO_SECONDS=0):
        lena.send(form="einladen")
    deliver()

    (mail,) = smtp.to(cast.bob.email)
    assert sorted(mail.files) == ["Tagesordnung.pdf", "termin.ics"]
    with given():
        owners = {owner.partition(":")[0] for owner in db.session.scalars(select(StoredFile.owner))}
    assert owners == {"document", "message"}


def test_a_file_goes_along_again_though_its_paper_is_gone(
    cast: Cast,
    lena: Browser,
    make_meeting: MakeMeeting,
    make_paper: MakePaper,
    undo: None,
    configured: Configured,
    deliver: Deliver,
    smtp: MailServer,
) -> None:
    meeting = make_meeting(cast.ost)
    agenda = make_paper(cast.ost, "Tagesordnung.pdf", meeting, kind=Paper.AGENDA)
    invite(lena, cast, meeting, documents=[agenda])
    take_back(lena)
    lena.submit(cast.ost.path("unterlagen", agenda), form="loeschen")

    page = lena.see(cast.ost.path("sitzungen", meeting, "einladen"))
    assert "Tagesordnung.pdf" in page.text
    with configured(MAIL_UNDO_SECONDS=0):
        lena.send(form="einladen")
    deliver()

    assert smtp.to(cast.bob.email)[0].files["Tagesordnung.pdf"] == PDF


def test_it_can_be_thrown_away_for_a_new_suggestion(
    cast: Cast, lena: Browser, make_meeting: MakeMeeting, undo: None, given: Given
) -> None:
    meeting = make_meeting(cast.ost)
    invite(lena, cast, meeting)
    take_back(lena)

    lena.send(form="einladen", button="Verwerfen und neu vorschlagen")

    assert lena.page.path == cast.ost.path("sitzungen", meeting, "einladen")
    assert typed_in(lena)["subject"] == ["8. Netzwerktreffen am 3. Dezember 2026"]
    with given():
        assert db.session.scalars(select(Draft)).all() == []


def test_what_one_lead_took_back_another_neither_reads_nor_sends(
    cast: Cast,
    lena: Browser,
    client_of: ClientOf,
    make_meeting: MakeMeeting,
    make_paper: MakePaper,
    undo: None,
    given: Given,
    configured: Configured,
    deliver: Deliver,
    smtp: MailServer,
) -> None:
    meeting = make_meeting(cast.ost)
    agenda = make_paper(cast.ost, "Tagesordnung.pdf", meeting, kind=Paper.AGENDA)
    invite(lena, cast, meeting, documents=[agenda])
    take_back(lena)
    lena.submit(cast.ost.path("unterlagen", agenda), form="loeschen")
    with given():
        draft_id = db.session.scalars(select(Draft.id)).one()
    anke = client_of(cast.anke)

    assert "Lange überlegter Text" not in anke.see(cast.ost.path("sitzungen", meeting, "einladen")).html
    with configured(MAIL_UNDO_SECONDS=0):
        anke.send({"submission": draft_id}, form="einladen")
    deliver()

    assert sorted(smtp.to(cast.bob.email)[0].files) == ["termin.ics"]
    lena.see(cast.ost.path("sitzungen", meeting, "einladen"))
    assert typed_in(lena)["body"] == ["Lange überlegter Text"]


def test_who_leads_no_longer_finds_the_text_in_the_forum(
    cast: Cast, lena: Browser, make_meeting: MakeMeeting, undo: None, given: Given
) -> None:
    invite(lena, cast, make_meeting(cast.ost))
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.lena)).is_lead = False

    take_back(lena)

    assert lena.page.path == cast.ost.path("nachrichten", "neu")
    assert "Lange überlegter Text" in lena.page.html


def test_of_a_meeting_that_is_cancelled_meanwhile_there_is_nothing_to_write_again(
    cast: Cast, lena: Browser, make_meeting: MakeMeeting, undo: None
) -> None:
    meeting = make_meeting(cast.ost)
    invite(lena, cast, meeting)
    thread = lena.page.path
    lena.submit(cast.ost.path("sitzungen", meeting), form="absagen")

    lena.see(thread)
    take_back(lena)

    assert lena.page.path == cast.ost.path("nachrichten", "neu")
    assert "Lange überlegter Text" in lena.page.html
