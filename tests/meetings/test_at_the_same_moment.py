"""Two requests at the same moment: the second one waits for the first, and finds what it made."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

from app.database import db
from app.meetings.agenda_models import AgendaItem
from app.meetings.minutes_models import Minutes, MinutesCorrection
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Given
from tests.meetings.conftest import MakeMeeting

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
