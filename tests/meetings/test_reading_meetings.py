"""What participants see of meetings and papers, and what others do not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask, before_render_template

from app.database import db
from app.meetings.models import MeetingNetwork, Paper
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Given
from tests.meetings.conftest import PDF, MakeMeeting, MakePaper
from tests.page import text_of
from tests.queries import asked

LAST_AUTUMN = datetime(2026, 9, 10, 12, tzinfo=UTC)
LONG_AGO = datetime(2024, 5, 2, 12, tzinfo=UTC)


def test_what_is_coming_stands_first_and_what_was_by_year(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost, title="Altes Treffen", starts_at=LONG_AGO)
    make_meeting(cast.ost, title="7. Netzwerktreffen", starts_at=LAST_AUTUMN)
    make_meeting(cast.ost)
    make_meeting(cast.west, title="Treffen der anderen")

    page = client_of(cast.bob).see(cast.ost.path("sitzungen"))

    assert [text_of(heading) for heading in page.query("main h2")] == [
        "Nächste Sitzungen",
        "2026",
        "2024",
        "Im eigenen Kalender",
    ]
    assert [text_of(heading) for heading in page.query("main h3")] == [
        "8. Netzwerktreffen",
        "7. Netzwerktreffen",
        "Altes Treffen",
    ]
    assert "14:00–16:00 Uhr, Begegnungszentrum Nord, Raum 3" in page.text


def test_a_meeting_shows_date_place_agenda_and_its_papers_by_kind(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, make_paper: MakePaper
) -> None:
    meeting = make_meeting(cast.ost, agenda="1. Begrüßung\n2. **Praktika** <script>alert(1)</script>")
    make_paper(cast.ost, "Zahlen.pdf", meeting, kind=Paper.ATTACHMENT)
    make_paper(cast.ost, "Was wir sagten.pdf", meeting, kind=Paper.MINUTES)
    make_paper(cast.ost, "Kommen Sie.pdf", meeting, kind=Paper.INVITATION)

    page = client_of(cast.bob).see(cast.ost.path("sitzungen", meeting))

    assert page.heading == "8. Netzwerktreffen"
    assert "Donnerstag, 3. Dezember 2026, 14:00 bis 16:00 Uhr" in page.text
    assert "Begegnungszentrum Nord, Raum 3" in page.text
    assert next(text_of(item) for item in page.query("main ol li")) == "Begrüßung"
    assert "<script>alert" not in page.html
    places = [page.text.index(title) for title in ("Kommen Sie", "Was wir sagten", "Zahlen")]
    assert places == sorted(places)
    assert "Protokoll · PDF" in page.text


def test_a_participant_has_the_last_minutes_after_two_clicks(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, make_paper: MakePaper
) -> None:
    meeting = make_meeting(cast.ost, title="7. Netzwerktreffen", starts_at=LAST_AUTUMN)
    make_paper(cast.ost, "Protokoll der 7. Sitzung.pdf", meeting)
    bob = client_of(cast.bob)

    network_page = bob.see(cast.ost.path("nachrichten"))
    tab = next(link for link in network_page.query("nav a") if text_of(link).startswith("Sitzungen"))
    meetings = bob.see(str(tab.attrs["href"]))
    minutes = next(link for link in meetings.query("main a") if text_of(link) == "Protokoll der 7. Sitzung")
    answer = bob.get(str(minutes.attrs["href"]))

    assert answer.status_code == 200
    assert answer.data == PDF


def test_one_page_lists_all_papers_by_year_and_the_samples_apart(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, make_paper: MakePaper
) -> None:
    old = make_meeting(cast.ost, title="Altes Treffen", starts_at=LONG_AGO)
    make_paper(cast.ost, "Altes Protokoll.pdf", old)
    make_paper(cast.ost, "Ohne Sitzung.pdf", kind=Paper.ATTACHMENT)
    make_paper(cast.ost, "Kooperationszusage.docx.pdf", kind=Paper.TEMPLATE)
    make_paper(cast.west, "Geheim.pdf")

    page = client_of(cast.bob).see(cast.ost.path("unterlagen"))

    years = {text_of(section.css("h2")[0]): text_of(section) for section in page.query("main section")}
    assert list(years) == ["2026", "2024"]
    assert "Ohne Sitzung" in years["2026"]
    assert "Altes Protokoll" in years["2024"]
    assert "Altes Treffen" in years["2024"]
    assert "Kooperationszusage" in text_of(page.query("#muster")[0])
    assert "Kooperationszusage" not in "".join(years.values())
    assert "Geheim" not in page.text


def test_empty_pages_say_what_belongs_there(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)

    assert "Noch keine Sitzung" in bob.see(cast.ost.path("sitzungen")).text
    assert "Noch keine Unterlagen" in bob.see(cast.ost.path("unterlagen")).text


@pytest.mark.parametrize("page", ["sitzungen", "unterlagen", "sitzungen/neu", "unterlagen/neu"])
def test_an_outsider_finds_none_of_it(page: str, cast: Cast, client_of: ClientOf) -> None:
    assert client_of(cast.wim).get(cast.ost.path(page)).status_code == 404


def test_an_outsider_finds_neither_meeting_nor_paper(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, make_paper: MakePaper
) -> None:
    meeting = make_meeting(cast.ost)
    make_paper(cast.ost, "Protokoll.pdf", meeting)
    file = next(x for x in client_of(cast.bob).see(cast.ost.path("sitzungen", meeting)).links if "/dateien/" in x)
    wim = client_of(cast.wim)

    assert wim.get(cast.ost.path("sitzungen", meeting)).status_code == 404
    assert wim.get(cast.west.path("sitzungen", meeting)).status_code == 404
    assert wim.get(f"/sitzungen/{meeting}").status_code == 404
    assert wim.get(file).status_code == 404


def test_a_stranger_gets_the_sign_in_page(cast: Cast, anonymous: Browser, make_meeting: MakeMeeting) -> None:
    meeting = make_meeting(cast.ost)

    for path in (cast.ost.path("sitzungen"), cast.ost.path("sitzungen", meeting), cast.ost.path("unterlagen")):
        assert "/anmelden" in anonymous.get(path).headers["Location"]


def test_a_meeting_of_two_networks_is_read_in_both_with_its_papers(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, make_paper: MakePaper
) -> None:
    meeting = make_meeting(cast.ost, cast.west)
    make_paper(cast.ost, "Protokoll.pdf", meeting)
    wim = client_of(cast.wim)

    page = wim.see(cast.west.path("sitzungen", meeting))

    assert "Jugendliche in Ausbildung" in page.text
    assert wim.get(next(link for link in page.links if "/dateien/" in link)).data == PDF
    assert "Protokoll" in wim.see(cast.west.path("unterlagen")).text
    assert wim.get(f"/sitzungen/{meeting}").headers["Location"] == cast.west.path("sitzungen", meeting)
    assert client_of(cast.bob).get(f"/sitzungen/{meeting}").headers["Location"] == cast.ost.path("sitzungen", meeting)


def test_its_page_asks_the_database_as_often_for_many_papers_and_mails_as_for_one(
    app: Flask, cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, make_paper: MakePaper
) -> None:
    meeting = make_meeting(cast.ost)
    lena, path = client_of(cast.lena), cast.ost.path("sitzungen", meeting)
    asked_for = []
    for number in (1, 4):
        for each in range(number):
            make_paper(cast.ost, f"Anlage {number} {each}.pdf", meeting)
            lena.submit(cast.ost.path("sitzungen", meeting, "einladen"), form="einladen")
        lena.see(path)
        with asked(app) as statements:
            page = lena.see(path)
        asked_for.append(len(statements))
    assert len(page.query("aside .links li")) == 5
    assert asked_for[0] == asked_for[1]


def test_its_template_asks_for_no_row_of_it(
    app: Flask, cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, make_paper: MakePaper
) -> None:
    meeting = make_meeting(cast.ost)
    lena, path = client_of(cast.lena), cast.ost.path("sitzungen", meeting)
    make_paper(cast.ost, "Anlage.pdf", meeting)
    lena.submit(cast.ost.path("sitzungen", meeting, "einladen"), form="einladen")
    rendered_from = []
    with asked(app) as statements:

        def note(*args: object, **context: object) -> None:
            rendered_from.append(len(statements))

        with before_render_template.connected_to(note, app):
            lena.see(path)
    rows = tuple(f"SELECT {table}" for table in ("meeting", "document", "message", "thread", "stored_file", "network"))
    assert [each for each in statements[rendered_from[-1] :] if each.startswith(rows)] == []


def test_a_network_that_joined_later_is_shown_no_mail_it_cannot_read(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost)
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", meeting, "einladen"), form="einladen")
    with given():
        db.session.add(MeetingNetwork(meeting_id=meeting, network_id=cast.west.id))

    assert "Mails zu dieser Sitzung" in lena.see(cast.ost.path("sitzungen", meeting)).text
    assert "Mails zu dieser Sitzung" not in client_of(cast.wim).see(cast.west.path("sitzungen", meeting)).text


@pytest.mark.parametrize("number", ["0", "99999", "99999999999999999999999999"])
def test_a_number_that_names_nothing_is_not_found(number: str, cast: Cast, client_of: ClientOf) -> None:
    lena = client_of(cast.lena)

    for path in (f"sitzungen/{number}", f"sitzungen/{number}/bearbeiten", f"unterlagen/{number}"):
        assert lena.get(cast.ost.path(path)).status_code == 404
    assert lena.get(f"/sitzungen/{number}").status_code == 404
