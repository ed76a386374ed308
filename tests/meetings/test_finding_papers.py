"""The page Unterlagen: the last minutes in two clicks, a search, and with which message a paper came."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.meetings.models import Paper
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.meetings.conftest import MakeMeeting, MakePaper
from tests.meetings.test_self_filing import MINUTES, post
from tests.page import text_of

EARLIER, LAST = datetime(2025, 9, 11, 12, tzinfo=UTC), datetime(2026, 9, 10, 12, tzinfo=UTC)


@pytest.fixture
def papers(cast: Cast, make_meeting: MakeMeeting, make_paper: MakePaper) -> None:
    """Papers of two years and a Muster."""
    earlier = make_meeting(cast.ost, starts_at=EARLIER, title="3. Netzwerktreffen")
    last = make_meeting(cast.ost, starts_at=LAST, title="7. Netzwerktreffen")
    make_paper(cast.ost, "Protokoll_3.pdf", earlier, title="Protokoll 3. Sitzung")
    make_paper(cast.ost, "Protokoll_7.pdf", last, title="Protokoll 7. Sitzung")
    make_paper(cast.ost, "TO_7.pdf", last, title="Tagesordnung 7. Sitzung", kind=Paper.AGENDA)
    make_paper(cast.ost, "Größen.pdf", None, title="Zahlen", kind=Paper.ATTACHMENT, dated=date(2026, 2, 1))
    make_paper(cast.ost, "Zusage.docx", None, title="Muster Zusage", kind=Paper.TEMPLATE)


def titles(browser: Browser) -> list[str]:
    """The papers below the years, and the Muster."""
    return [
        text_of(link) for link in browser.page.query(".rows a, #muster a") if "/dateien/" in str(link.attrs["href"])
    ]


@pytest.mark.usefixtures("papers")
def test_the_last_minutes_are_two_clicks_away(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)

    first = next(link for link in bob.see(cast.ost.path("nachrichten")).links if link.endswith("/unterlagen"))
    bob.see(first)

    assert bob.page.text.index("Letztes Protokoll") < bob.page.text.index("Tagesordnung 7. Sitzung")
    second = next(link for link in bob.page.links if "/dateien/" in link)
    assert second.endswith("Protokoll_7.pdf")
    assert bob.get(second).status_code == 200


@pytest.mark.usefixtures("papers")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"art": "minutes"}, ["Protokoll 7. Sitzung", "Protokoll 3. Sitzung"]),
        ({"jahr": "2025"}, ["Protokoll 3. Sitzung"]),
        ({"art": "minutes", "jahr": "2026"}, ["Protokoll 7. Sitzung"]),
        ({"q": "GRÖSSEN"}, ["Zahlen"]),
        ({"q": "7. netzwerktreffen tagesordnung"}, ["Tagesordnung 7. Sitzung"]),
        ({"art": "template"}, ["Muster Zusage"]),
        ({"q": "nirgends"}, []),
    ],
)
def test_papers_are_found_by_kind_year_and_words(
    asked: dict[str, str], found: list[str], cast: Cast, client_of: ClientOf
) -> None:
    bob = client_of(cast.bob)

    bob.get(cast.ost.path("unterlagen"), query_string=asked)

    assert titles(bob) == found
    number = f"{len(found)} Unterlage gefunden." if len(found) == 1 else f"{len(found)} Unterlagen gefunden."
    assert number in bob.page.text


@pytest.mark.usefixtures("papers")
@pytest.mark.parametrize(
    "asked", [{"art": "<script>"}, {"jahr": "x"}, {"jahr": "9" * 5000}, {"q": "\0" + "x" * 10_000}]
)
def test_nonsense_finds_all_or_nothing(asked: dict[str, str], cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)

    assert bob.get(cast.ost.path("unterlagen"), query_string=asked).status_code == 200


def test_a_paper_says_with_which_message_it_came(cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting) -> None:
    last = make_meeting(cast.ost, starts_at=LAST)
    thread = post(client_of(cast.bob), cast.ost, MINUTES)
    carla = client_of(cast.carla)

    for page in (cast.ost.path("unterlagen"), cast.ost.path("sitzungen", last)):
        assert "Nachricht von Bob Bergmann" in carla.see(page).text
        assert any(link.startswith(f"{thread}#") for link in carla.page.links)


def test_who_cannot_read_the_message_is_not_led_to_it(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost, cast.west, starts_at=LAST)
    bob = client_of(cast.bob)
    post(bob, cast.ost, MINUTES)
    bob.send(form="/ablage/", button="Ja, ablegen")

    page = client_of(cast.wim).see(cast.west.path("unterlagen"))

    assert "Protokoll 2026-09-10" in page.text
    assert "Nachricht von" not in page.text
