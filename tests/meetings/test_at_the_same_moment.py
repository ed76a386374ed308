"""Two requests at the same moment: the second one waits for the first, and finds what it made."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask

from app.accounts.models import User
from app.database import db
from app.files import keeping
from app.meetings import correcting
from app.meetings.agenda_models import AgendaItem
from app.meetings.attendance_models import Attendance, Coming
from app.meetings.minutes_models import Minutes, MinutesCorrection, Stage
from app.meetings.models import Document, Meeting
from tests.at_once import at_once
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Given
from tests.meetings.conftest import TODAY, MakeMeeting
from tests.meetings.test_series import dates, series
from tests.page import Page

__all__ = ["series"]

_STREAM = re.compile(rb"stream\n(.*?)\nendstream", re.DOTALL)

PAST = datetime(2026, 11, 19, 13, tzinfo=UTC)


def both(*presses: Callable[[], object]) -> None:
    """Press at the same moment; what one of them raises is raised here."""
    barrier = Barrier(len(presses))

    def press(act: Callable[[], object]) -> object:
        barrier.wait(timeout=20)
        return act()

    with ThreadPoolExecutor(len(presses)) as threads:
        list(threads.map(press, presses))


def opened(browser: Browser, path: str, text: str) -> Callable[[], object]:
    """Open a form; returns its press."""
    browser.see(path)
    return lambda: browser.send({"text": text})


def test_two_leads_begin_one_draft_of_minutes(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
) -> None:
    path = cast.ost.path("sitzungen", make_meeting(cast.ost, starts_at=PAST), "protokoll", "bearbeiten")
    both(opened(client_of(cast.lena), path, "A"), opened(client_of(cast.anke), path, "B"))
    with given():
        assert len(db.session.scalars(db.select(Minutes.id)).all()) == 1


def test_the_same_correction_and_the_same_point_are_one(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
) -> None:
    lena, past = client_of(cast.lena), make_meeting(cast.ost, starts_at=PAST)
    lena.submit(cast.ost.path("sitzungen", past, "protokoll", "bearbeiten"), {"text": "Beschluss: So sei es."})
    lena.submit(cast.ost.path("sitzungen", past, "protokoll", "versenden"))
    one, other = client_of(cast.bob), client_of(cast.bob)
    for path in (
        cast.ost.path("sitzungen", past, "protokoll", "korrektur"),
        cast.ost.path("sitzungen", make_meeting(cast.ost), "punkt-vorschlagen"),
    ):
        both(opened(one, path, "Falsch"), opened(other, path, "Falsch"))
    with given():
        assert len(db.session.scalars(db.select(MinutesCorrection.id)).all()) == 1
        assert len(db.session.scalars(db.select(AgendaItem.id)).all()) == 1


@pytest.fixture
def sent_minutes(cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting) -> str:
    """The path of minutes of ost that everybody has."""
    lena, path = client_of(cast.lena), cast.ost.path("sitzungen", make_meeting(cast.ost, starts_at=PAST), "protokoll")
    lena.submit(f"{path}/bearbeiten", {"text": "Beschluss: So sei es."})
    lena.submit(f"{path}/versenden")
    return path


def test_minutes_approved_by_two_leads_have_one_paper(
    cast: Cast, client_of: ClientOf, app: Flask, given: Given, sent_minutes: str
) -> None:
    lena, anke = client_of(cast.lena), client_of(cast.anke)
    presses = [pressed(browser, sent_minutes, "genehmigen") for browser in (lena, anke)]
    assert [page.errors for page in at_once(app, "minutes", *presses)] == [[], []]
    assert_one_paper(given)


def test_a_correction_dealt_with_by_two_leads_is_the_first_ones(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given, sent_minutes: str
) -> None:
    client_of(cast.bob).submit(f"{sent_minutes}/korrektur", {"text": "Fehler"})

    def settle(lead: Person) -> Callable[[], str]:
        def act() -> str:
            with given():
                correction = db.session.scalars(db.select(MinutesCorrection)).one()
                correcting.settle(correction, db.session.get_one(User, lead.id))
                return correction.settled_by

        return act

    first, second = at_once(app, "minutes_correction", settle(cast.lena), settle(cast.anke))
    assert first == second
    with given():
        assert db.session.scalars(db.select(MinutesCorrection)).one().settled_by == first


def test_minutes_changed_and_approved_at_once_say_what_their_paper_says(
    cast: Cast, client_of: ClientOf, app: Flask, given: Given, sent_minutes: str
) -> None:
    change = opened(client_of(cast.anke), f"{sent_minutes}/bearbeiten", "Beschluss: Doch nicht.")
    at_once(app, "minutes", pressed(client_of(cast.lena), sent_minutes, "genehmigen"), change)
    assert_one_paper(given)


def test_minutes_changed_while_they_are_sent_are_changed_for_all(
    cast: Cast, client_of: ClientOf, app: Flask, given: Given, make_meeting: MakeMeeting
) -> None:
    lena, path = client_of(cast.lena), cast.ost.path("sitzungen", make_meeting(cast.ost, starts_at=PAST), "protokoll")
    lena.submit(f"{path}/bearbeiten", {"text": "Beschluss: So sei es."})
    lena.see(f"{path}/versenden")
    at_once(app, "minutes", lena.send, opened(client_of(cast.anke), f"{path}/bearbeiten", "Beschluss: Doch nicht."))
    assert_one_paper(given)


def test_minutes_taken_down_while_they_are_approved_are_a_draft_or_refused(
    cast: Cast, client_of: ClientOf, app: Flask, given: Given, sent_minutes: str
) -> None:
    lena, anke = client_of(cast.lena), client_of(cast.anke)
    with given():
        message = db.session.scalars(db.select(Minutes)).one().message
        assert message
        remove = cast.ost.path("nachrichten", message.thread_id, "entfernen", message.id)
    anke.see(remove)
    at_once(
        app,
        "minutes",
        pressed(lena, sent_minutes, "genehmigen", is_refused=True),
        lambda: anke.send({"reason": "Falsche Datei"}),
    )
    with given():
        found = db.session.scalars(db.select(Minutes)).one()
        assert (found.is_draft, found.approved_at, found.document_id) == (True, None, None)
        assert db.session.scalars(db.select(Document.id)).all() == []


@pytest.mark.parametrize("first", ["lead", "person"])
def test_who_answers_while_a_lead_ticks_them_is_there_once_with_both(
    first: str, cast: Cast, client_of: ClientOf, app: Flask, given: Given, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost, starts_at=TODAY - timedelta(hours=1))
    lena, bob = client_of(cast.lena), client_of(cast.bob)
    lena.see(cast.ost.path("sitzungen", meeting, "protokoll", "bearbeiten"))
    bob.see(cast.ost.path("sitzungen", meeting, "antwort"))
    acts = [lambda: lena.send({"there": [cast.bob.id]}), lambda: bob.send({"answer": "yes"})]
    at_once(app, "meeting_attendance", *(acts if first == "lead" else acts[::-1]))
    with given():
        answer = db.session.scalars(db.select(Attendance)).one()
        assert (answer.user_id, answer.answer, answer.was_there) == (cast.bob.id, Coming.YES, True)


def test_two_leads_who_prolong_a_series_from_two_of_its_meetings_enter_each_day_once(
    cast: Cast, client_of: ClientOf, app: Flask, given: Given, series: list[int]
) -> None:
    lena, anke = client_of(cast.lena), client_of(cast.anke)
    for browser, meeting in ((lena, series[2]), (anke, series[3])):
        rule = {"repeat": "weeks", "every": "4", "ends": "until", "until": "2027-04-30"}
        browser.submit(cast.ost.path("sitzungen", meeting, "wiederholen"), rule, form="wiederholen")
    at_once(
        app,
        "meeting",
        *(
            lambda browser=browser: browser.send(form="wiederholen", button="Angekreuzte eintragen")
            for browser in (lena, anke)
        ),
    )
    assert dates(given)[4:] == ["2027-04-01 14:00", "2027-04-29 14:00"]


@pytest.mark.parametrize("act", ["folgende", "folgende/absagen"])
def test_a_meeting_changed_alone_and_with_its_series_counts_both_changes(
    act: str, cast: Cast, client_of: ClientOf, app: Flask, given: Given, series: list[int]
) -> None:
    lena, anke = client_of(cast.lena), client_of(cast.anke)
    anke.see(cast.ost.path("sitzungen", series[2], "bearbeiten"))
    if act == "folgende":
        lena.submit(cast.ost.path("sitzungen", series[1], act), {"starts": "15:00"}, form=act)
    else:
        lena.see(cast.ost.path("sitzungen", series[1]))
    button = "Alle 3 ändern" if act == "folgende" else ""
    at_once(
        app,
        "meeting",
        lambda: lena.send(form=act, button=button),
        lambda: anke.send({"place": "Stadthalle"}, form="bearbeiten"),
    )
    with given():
        assert db.session.get_one(Meeting, series[2]).sequence == 2


def pressed(browser: Browser, path: str, form: str, *, is_refused: bool = False) -> Callable[[], Page]:
    """Open a page; returns the press of one of its buttons, which returns the page that follows."""
    browser.see(path)

    def press() -> Page:
        answer = browser.send(form=form)
        assert answer.status_code == 200 or is_refused
        return browser.page

    return press


def assert_one_paper(given: Given) -> None:
    """The paper of the minutes is there once, and says what they say."""
    with given():
        found = db.session.scalars(db.select(Minutes)).one()
        paper = db.session.scalars(db.select(Document)).one()
        assert found.document_id == paper.id
        [file] = paper.files
        with keeping.open_file(file) as stream:
            said = b"".join(map(zlib.decompress, _STREAM.findall(stream.read())))
        assert found.text.encode() in said
        assert (b"genehmigt" in said) is (found.stage is Stage.APPROVED)
