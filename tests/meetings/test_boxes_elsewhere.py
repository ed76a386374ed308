"""What other pages show of meetings: beside the messages, above a thread."""

from __future__ import annotations

from datetime import UTC, datetime

from app.meetings.models import Paper
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.meetings.conftest import PDF, TODAY, MakeMeeting, MakePaper
from tests.page import Page, text_of


def box(page: Page, id: str) -> str:
    return text_of(next(iter(page.query(f"#{id}")), None))


def test_the_network_page_shows_the_next_meeting_and_no_cancelled_or_past_one(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost, title="Vorbei", starts_at=datetime(2026, 9, 1, 12, tzinfo=UTC))
    make_meeting(cast.ost, title="Abgesagt", starts_at=datetime(2026, 11, 25, 12, tzinfo=UTC), cancelled_at=TODAY)
    make_meeting(cast.ost, title="Später", starts_at=datetime(2027, 3, 1, 12, tzinfo=UTC))
    meeting = make_meeting(cast.ost)

    page = client_of(cast.bob).see(cast.ost.path("nachrichten"))

    assert box(page, "naechste-sitzung").startswith("Nächste Sitzung Dez")
    assert "8. Netzwerktreffen 14:00–16:00 Uhr, Begegnungszentrum Nord" in box(page, "naechste-sitzung")
    assert cast.ost.path("sitzungen", meeting) in page.links


def test_the_network_page_shows_the_last_three_papers_and_each_is_one_click_away(
    cast: Cast, client_of: ClientOf, make_paper: MakePaper
) -> None:
    for number in range(1, 5):
        make_paper(cast.ost, f"Bericht {number}.pdf", kind=Paper.ATTACHMENT)
    bob = client_of(cast.bob)

    page = bob.see(cast.ost.path("nachrichten"))

    shown = box(page, "neue-unterlagen")
    assert "Bericht 4" in shown
    assert "Bericht 2" in shown
    assert "Bericht 1" not in shown
    assert "heute · PDF, 69 B" in shown
    assert bob.get(next(link for link in page.links if link.endswith("Bericht%204.pdf"))).data == PDF


def test_nothing_stands_there_when_there_is_nothing(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.bob).see(cast.ost.path("nachrichten"))

    assert page.query("#naechste-sitzung") == page.query("#neue-unterlagen") == []


def test_the_invitation_s_thread_shows_the_meeting_as_it_stands_now(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost)
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", meeting, "einladen"), form="einladen")
    thread = lena.page.path
    assert "Zur Sitzung „8. Netzwerktreffen“" in lena.page.text

    lena.submit(cast.ost.path("sitzungen", meeting, "bearbeiten"), {"date": "2026-12-10"})
    lena.submit(cast.ost.path("sitzungen", meeting), form="absagen")

    text = client_of(cast.bob).see(thread).text
    assert "Donnerstag, 10. Dezember 2026" in text
    assert "abgesagt" in text
