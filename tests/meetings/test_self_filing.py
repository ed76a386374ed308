"""Selbst-Ablage: what is posted or mailed with a file stands under its meeting, and one click corrects it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import User
from app.database import db, utc_now
from app.files.models import Blob, StoredFile
from app.forum import taking_down
from app.forum.models import Message, Thread
from app.meetings import self_filing
from app.meetings.filing_models import Filing
from app.meetings.models import Document, Paper
from app.networks.models import Network
from tests.browser import Browser
from tests.cast import Cast, Net
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer
from tests.meetings.conftest import PDF, MakeMeeting, MakePaper
from tests.queries import asked

#: Thursday, 10 September 2026: the last meeting, as seen from the day of these tests.
LAST = datetime(2026, 9, 10, 12, tzinfo=UTC)
MINUTES = "Protokoll_2026-09-10.pdf"
DOUBTFUL = "scan0007.pdf"

Papers = Callable[[], list[tuple[str, Paper, int | None]]]


@pytest.fixture
def papers(given: Given) -> Papers:
    """Every paper: its title, kind and meeting."""

    def found() -> list[tuple[str, Paper, int | None]]:
        with given():
            rows = db.session.scalars(select(Document).order_by(Document.id))
            return [(row.title, row.kind, row.meeting_id) for row in rows]

    return found


@pytest.fixture
def last(cast: Cast, make_meeting: MakeMeeting) -> int:
    return make_meeting(cast.ost, starts_at=LAST, title="7. Netzwerktreffen")


@pytest.fixture
def coming(cast: Cast, make_meeting: MakeMeeting) -> int:
    return make_meeting(cast.ost)


def post(browser: Browser, network: Net, *names: str, **data: Any) -> str:
    """Post with files of these names, and return the path of the page it leads to."""
    data = {"subject": "Protokoll", "body": "Anbei das Protokoll der letzten Sitzung."} | data
    files = {"files": [(name, PDF + name.encode()) for name in names]}
    answer = browser.submit(network.path("nachrichten", "neu"), data, files)
    assert answer.status_code == 200, answer.text
    return browser.page.path


def ask(browser: Browser, network: Net) -> str:
    """Post what the portal is not sure of, and return the path of the page it leads to."""
    return post(browser, network, DOUBTFUL, body="Anbei.")


def page_of(browser: Browser) -> str:
    return next(form.action for form in browser.page.forms if "/ablage/" in form.action)


def test_minutes_that_are_posted_stand_under_the_last_meeting(
    cast: Cast, client_of: ClientOf, last: int, coming: int, papers: Papers, given: Given
) -> None:
    bob, carla = client_of(cast.bob), client_of(cast.carla)

    thread = post(bob, cast.ost, MINUTES)

    assert papers() == [("Protokoll 2026-09-10", Paper.MINUTES, last)]
    assert "abgelegt unter Sitzung vom 10. September 2026, Protokoll" in bob.page.text
    assert "abgelegt unter Sitzung vom 10. September 2026, Protokoll" in carla.see(thread).text
    assert cast.ost.path("sitzungen", last) in carla.page.links
    assert "Protokoll 2026-09-10" in carla.see(cast.ost.path("sitzungen", last)).text
    download = next(link for link in carla.page.links if link.endswith(MINUTES))
    assert carla.get(download).status_code == 200
    assert client_of(cast.wim).get(download).status_code == 404
    with given():
        assert db.session.scalar(select(func.count(Blob.id))) == 1, "the bytes are there once"


def test_one_click_of_its_author_corrects_it(
    cast: Cast, client_of: ClientOf, last: int, coming: int, papers: Papers
) -> None:
    bob = client_of(cast.bob)
    post(bob, cast.ost, MINUTES)

    bob.send(form="/ablage/", button="Tagesordnung")

    assert papers() == [("Protokoll 2026-09-10", Paper.AGENDA, last)]
    assert f"„{MINUTES}“ ist abgelegt unter Sitzung vom 10. September 2026, Tagesordnung." in bob.page.text
    bob.send(form="/ablage/", button="Nicht ablegen")
    assert papers() == []
    assert f"„{MINUTES}“ ist nicht abgelegt." in bob.page.text
    assert "abgelegt unter" not in bob.page.text
    assert "Als Unterlage ablegen" in bob.page.text, "it can be undone"


def test_what_is_not_sure_is_asked_and_filed_by_one_click(
    cast: Cast, client_of: ClientOf, last: int, papers: Papers
) -> None:
    bob, carla = client_of(cast.bob), client_of(cast.carla)

    thread = ask(bob, cast.ost)

    assert papers() == []
    assert "Ist das das Protokoll der Sitzung vom 10. September 2026?" in bob.page.text
    assert "Ist das das Protokoll" not in carla.see(thread).text, "it is the author's to say"
    bob.send(form="/ablage/", button="Ja, ablegen")
    assert papers() == [("scan0007", Paper.MINUTES, last)]
    assert "Ist das das Protokoll" not in bob.page.text


def test_who_only_asks_for_the_head_of_the_page_files_nothing(
    cast: Cast, client_of: ClientOf, last: int, papers: Papers, given: Given
) -> None:
    bob = client_of(cast.bob)
    post(bob, cast.ost, DOUBTFUL, body="Bitte ansehen.")
    with given():
        file = db.session.scalars(select(StoredFile)).one()
        message = db.session.get_one(Message, int(file.owner.partition(":")[2]))
        page = cast.ost.path("nachrichten", message.thread_id, "ablage", message.id)
        words = {"file": file.id, "choice": "minutes:0"}
    assert bob.head(page, data=words).status_code == 200
    assert papers() == []


def test_what_is_not_sure_can_be_left_alone(cast: Cast, client_of: ClientOf, last: int, papers: Papers) -> None:
    bob = client_of(cast.bob)
    ask(bob, cast.ost)

    bob.send(form="/ablage/", button="Nicht ablegen")

    assert papers() == []
    assert "Ist das das Protokoll" not in bob.page.text


def test_leads_and_verwaltung_correct_it_too(
    cast: Cast, client_of: ClientOf, last: int, coming: int, papers: Papers
) -> None:
    thread = post(client_of(cast.bob), cast.ost, MINUTES)
    lena, anke = client_of(cast.lena), client_of(cast.anke)

    lena.submit(thread, form="/ablage/", button="Anlage")
    assert papers() == [("Protokoll 2026-09-10", Paper.ATTACHMENT, last)]
    anke.see(thread)
    anke.submit(page_of(anke), {"kind": "agenda", "meeting": coming}, button="So ablegen")
    assert papers() == [("Protokoll 2026-09-10", Paper.AGENDA, coming)]


def test_others_see_no_buttons_and_press_none(
    cast: Cast, client_of: ClientOf, last: int, papers: Papers, anonymous: Browser
) -> None:
    bob, carla, wim = client_of(cast.bob), client_of(cast.carla), client_of(cast.wim)
    thread = post(bob, cast.ost, MINUTES)
    page = page_of(bob)
    carla.see(thread)
    assert not [form for form in carla.page.forms if "/ablage/" in form.action]

    for browser, status in ((carla, 403), (wim, 404)):
        token = {"csrf_token": browser.see("/profil").query('input[name="csrf_token"]')[0].attrs["value"]}
        assert browser.get(page).status_code == status
        assert browser.post(page, data=token | {"file": "1", "choice": "none"}).status_code == status
    assert anonymous.get(page).status_code == 302
    assert len(papers()) == 1


def test_what_is_not_offered_is_refused(
    cast: Cast, client_of: ClientOf, last: int, make_meeting: MakeMeeting, papers: Papers
) -> None:
    theirs = make_meeting(cast.west, starts_at=LAST)
    bob = client_of(cast.bob)
    post(bob, cast.ost, MINUTES)
    page = page_of(bob)
    values = bob.page.forms[0].values() | {"file": "1"}
    form = next(form for form in bob.page.forms if "/ablage/" in form.action)
    before = papers()

    for bad in (
        {"choice": f"minutes:{theirs}"},
        {"choice": "flyer:0"},
        {"choice": "minutes"},
        {"choice": "minutes:<script>"},
        {"choice": ""},
        {"choice": "minutes:" + "9" * 10_000},
        {"file": "99999", "choice": "none"},
        {"file": "\0", "choice": "none"},
        {"choice": "lists", "kind": "minutes"},
    ):
        answer = bob.post(page, data=form.values() | bad)
        assert answer.status_code == 400, bad
        assert "Diese Auswahl gibt es nicht mehr." in bob.page.text
    assert papers() == before
    assert values


def test_pressed_twice_it_is_filed_once(cast: Cast, client_of: ClientOf, last: int, papers: Papers) -> None:
    bob = client_of(cast.bob)
    ask(bob, cast.ost)
    form = next(form for form in bob.page.forms if "/ablage/" in form.action)
    pressed = form.values() | {"choice": f"minutes:{last}"}

    for _ in range(2):
        assert bob.post(form.action, data=pressed).status_code == 302

    assert papers() == [("scan0007", Paper.MINUTES, last)]


def test_the_same_paper_in_two_formats_is_one(cast: Cast, client_of: ClientOf, last: int, given: Given) -> None:
    bob = client_of(cast.bob)

    post(bob, cast.ost, "Protokoll.pdf", "Protokoll.txt")

    with given():
        [document] = db.session.scalars(select(Document)).all()
        assert [file.name for file in document.files] == ["Protokoll.pdf", "Protokoll.txt"]
    bob.send(form="/ablage/", button="Nicht ablegen")
    with given():
        [document] = db.session.scalars(select(Document)).all()
        assert [file.name for file in document.files] == ["Protokoll.txt"]


def test_moved_by_one_of_its_formats_both_know_where_it_is(
    cast: Cast, client_of: ClientOf, last: int, given: Given
) -> None:
    post(client_of(cast.bob), cast.ost, "Protokoll.pdf", "Protokoll.txt")
    with given():
        first, second = db.session.scalars(select(Filing).order_by(Filing.id)).all()
        network, user = db.session.get_one(Network, cast.ost.id), db.session.get_one(User, cast.bob.id)
        self_filing.decide(first.message, first.file, Paper.TEMPLATE, None, network, user)
        db.session.flush()
        assert (second.kind, second.meeting_id) == (Paper.TEMPLATE, None)


def test_more_papers_in_a_thread_cost_few_queries_more(
    cast: Cast, client_of: ClientOf, last: int, given: Given, app: Flask
) -> None:
    bob = client_of(cast.bob)
    thread = post(bob, cast.ost, MINUTES)
    bob.see(thread)
    with asked(app) as before:
        bob.see(thread)
    for number in range(4):
        upload = {"files": [(f"Protokoll_2026-09-10_{number}.pdf", PDF + b"%d" % number)]}
        bob.submit(thread, {"body": "Anbei das Protokoll."}, upload, form="antworten")
    with given():
        assert db.session.scalar(select(func.count(Filing.id))) == 5
    bob.see(thread)
    with asked(app) as after:
        bob.see(thread)
    assert len(after) <= len(before) + 4


def test_a_flyer_is_no_paper_and_nobody_is_asked(
    cast: Cast, client_of: ClientOf, last: int, papers: Papers, given: Given
) -> None:
    bob = client_of(cast.bob)

    post(bob, cast.ost, "Flyer_Schweisskurs.pdf", subject="Neuer Kurs", body="Flyer hängt an, bitte weitersagen!")

    assert papers() == []
    assert "abgelegt" not in bob.page.text
    with given():
        assert db.session.scalar(select(func.count(Filing.id))) == 0


def test_what_the_portal_took_for_no_paper_can_be_filed_all_the_same(
    cast: Cast, client_of: ClientOf, last: int, papers: Papers
) -> None:
    bob, carla = client_of(cast.bob), client_of(cast.carla)
    thread = post(bob, cast.ost, "Jahresbericht.pdf", subject="Zur Kenntnis", body="Unser Jahresbericht.")
    page = next(link for link in bob.page.links if "/ablage/" in link)

    bob.submit(page, {"kind": "attachment", "meeting": last}, button="So ablegen")

    assert papers() == [("Jahresbericht", Paper.ATTACHMENT, last)]
    assert "abgelegt unter Sitzung vom 10. September 2026, Anlage" in carla.see(thread).text
    assert not any("/ablage/" in link for link in carla.page.links)


def test_files_of_a_confidential_message_are_never_filed(
    cast: Cast, client_of: ClientOf, last: int, papers: Papers, given: Given
) -> None:
    bob = client_of(cast.bob)

    thread = post(bob, cast.ost, MINUTES, confidential=True)

    assert papers() == []
    assert not any("/ablage/" in link for link in bob.page.links)
    with given():
        message = db.session.scalars(select(Thread)).one().messages[0].id
    assert bob.get(f"{thread}/ablage/{message}").status_code == 403


def test_a_paper_shows_no_network_what_the_message_did_not(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, papers: Papers
) -> None:
    shared = make_meeting(cast.ost, cast.west, starts_at=LAST)
    bob = client_of(cast.bob)

    post(bob, cast.ost, MINUTES)

    assert papers() == []
    assert "Ist das das Protokoll der Sitzung vom 10. September 2026?" in bob.page.text
    assert "dann auch für Sprache im Beruf zu lesen" in bob.page.text
    bob.send(form="/ablage/", button="Ja, ablegen")
    assert papers() == [("Protokoll 2026-09-10", Paper.MINUTES, shared)]
    assert "Protokoll 2026-09-10" in client_of(cast.wim).see(cast.west.path("unterlagen")).text


def test_a_lead_files_only_in_the_network_they_lead(
    cast: Cast, client_of: ClientOf, last: int, make_meeting: MakeMeeting, given: Given, papers: Papers
) -> None:
    theirs = make_meeting(cast.west, starts_at=LAST)
    carla = client_of(cast.carla)
    thread = post(carla, cast.west, "Jahresbericht.pdf", subject="Zur Kenntnis", body="...", also_to=[cast.ost.slug])
    here = thread.replace(cast.west.slug, cast.ost.slug)
    lena = client_of(cast.lena)
    lena.see(here)
    page = next(link for link in lena.page.links if "/ablage/" in link)

    lena.see(page)
    [form] = [form for form in lena.page.forms if "lists" in str(form.buttons[-1].attrs.get("value"))]
    forged = form.values() | {"choice": f"attachment:{theirs}"}
    assert lena.post(page, data=forged).status_code == 400
    lena.submit(page, {"kind": "attachment", "meeting": "0"}, button="So ablegen")

    with given():
        [document] = db.session.scalars(select(Document)).all()
        assert (document.network_id, document.meeting_id) == (cast.ost.id, None)
    carla.see(thread)
    assert "abgelegt unter" not in carla.page.text, "it is filed in ost only"


def test_what_is_a_paper_already_is_not_filed_again(
    cast: Cast, client_of: ClientOf, last: int, make_paper: MakePaper, papers: Papers
) -> None:
    make_paper(cast.ost, MINUTES, last, content=PDF + MINUTES.encode(), title="Protokoll", kind=Paper.MINUTES)

    post(client_of(cast.bob), cast.ost, MINUTES)

    assert papers() == [("Protokoll", Paper.MINUTES, last)]


def test_taken_back_its_papers_are_gone(
    cast: Cast, client_of: ClientOf, last: int, papers: Papers, configured: Configured, given: Given
) -> None:
    bob = client_of(cast.bob)
    with configured(MAIL_UNDO_SECONDS=300):
        post(bob, cast.ost, MINUTES)
        assert len(papers()) == 1

        bob.send(form="zurueckholen")

    assert papers() == []
    with given():
        assert [file.owner.partition(":")[0] for file in db.session.scalars(select(StoredFile))] == ["draft"]
        assert db.session.scalar(select(func.count(Filing.id))) == 0


def test_taken_down_its_papers_are_gone_with_their_bytes(
    cast: Cast, client_of: ClientOf, last: int, papers: Papers, given: Given
) -> None:
    bob = client_of(cast.bob)
    thread = post(bob, cast.ost, MINUTES)
    with given():
        message = db.session.scalars(select(Thread)).one().messages[0].id

    bob.submit(f"{thread}/entfernen/{message}", {"reason": "Name eines Klienten"}, form="/entfernen/")

    assert papers() == []
    with given():
        assert db.session.scalars(select(StoredFile)).all() == []
        assert db.session.scalars(select(Blob)).all() == []
    assert bob.get(f"{thread}/ablage/{message}").status_code == 403


def test_taken_down_it_is_gone_from_the_invitation_that_took_it_along(
    cast: Cast, client_of: ClientOf, coming: int, papers: Papers, given: Given
) -> None:
    body = "Anbei die Tagesordnung der Sitzung am 3. Dezember."
    post(client_of(cast.bob), cast.ost, "Tagesordnung_2026-12-03.pdf", subject="Tagesordnung", body=body)
    assert len(papers()) == 1
    with given():
        message = db.session.scalars(select(Thread)).one().messages[0].id
    client_of(cast.lena).submit(cast.ost.path("sitzungen", coming, "einladen"), form="einladen")
    with given():
        assert len(db.session.scalars(select(StoredFile)).all()) == 3
        taking_down.take_down(
            db.session.get_one(Message, message), db.session.get_one(User, cast.anke.id), "Name eines Klienten"
        )
    with given():
        assert db.session.scalars(select(StoredFile)).all() == []


def test_a_paper_that_a_lead_deleted_is_not_filed_any_more(
    cast: Cast, client_of: ClientOf, last: int, papers: Papers, given: Given
) -> None:
    thread = post(client_of(cast.bob), cast.ost, MINUTES)
    lena = client_of(cast.lena)
    with given():
        paper = db.session.scalars(select(Document.id)).one()

    lena.submit(cast.ost.path("unterlagen", paper), form="loeschen")

    assert papers() == []
    assert "abgelegt unter" not in lena.see(thread).text


def test_in_a_closed_network_only_verwaltung_says_what_it_is(
    cast: Cast, client_of: ClientOf, last: int, papers: Papers, given: Given
) -> None:
    bob = client_of(cast.bob)
    thread = post(bob, cast.ost, MINUTES)
    with given():
        db.session.get_one(Network, cast.ost.id).closed_at = utc_now()

    bob.see(thread)
    assert not [form for form in bob.page.forms if "/ablage/" in form.action]
    anke = client_of(cast.anke)
    anke.submit(thread, form="/ablage/", button="Nicht ablegen")
    assert papers() == []


def link_in(mail: Any) -> str:
    found = re.search(r"^Ablage ändern:\s+(\S+)", mail.text, re.MULTILINE)
    assert found, mail.text
    return urlsplit(found[1]).path


def test_only_the_author_has_the_link_in_their_mail(
    cast: Cast, client_of: ClientOf, last: int, coming: int, deliver: Deliver, smtp: MailServer
) -> None:
    post(client_of(cast.bob), cast.ost, MINUTES, "Konzept.txt")
    deliver()

    assert sorted(mail.to for mail in smtp.messages) == sorted(p.email for p in cast.everyone_in_ost)
    [own] = smtp.to(cast.bob.email)
    assert_expected(own, "message-filed")
    assert "abgelegt unter Sitzung vom 10. September 2026, Protokoll." in own.text
    assert own.message["Message-ID"] == smtp.to(cast.carla.email)[0].message["Message-ID"]
    for person in (cast.lena, cast.carla, cast.gast):
        [mail] = smtp.to(person.email)
        assert "Ablage" not in mail.text + mail.html


def test_the_author_corrects_it_from_the_mail_without_signing_in(
    cast: Cast,
    client_of: ClientOf,
    anonymous: Browser,
    last: int,
    coming: int,
    deliver: Deliver,
    smtp: MailServer,
    papers: Papers,
) -> None:
    post(client_of(cast.bob), cast.ost, MINUTES)
    deliver()
    link = link_in(smtp.to(cast.bob.email)[0])

    for _ in range(10):
        anonymous.see(link)
    assert papers() == [("Protokoll 2026-09-10", Paper.MINUTES, last)]
    anonymous.send(form=link, button="Tagesordnung")
    assert papers() == [("Protokoll 2026-09-10", Paper.AGENDA, last)]
    assert "ist abgelegt unter Sitzung vom 10. September 2026, Tagesordnung." in anonymous.page.text
    anonymous.send(form=link, button="Nicht ablegen")
    assert papers() == []


def test_the_link_ends_with_what_its_owner_may(
    cast: Cast,
    client_of: ClientOf,
    anonymous: Browser,
    last: int,
    deliver: Deliver,
    smtp: MailServer,
    papers: Papers,
) -> None:
    post(client_of(cast.bob), cast.ost, MINUTES)
    deliver()
    link = link_in(smtp.to(cast.bob.email)[0])

    assert anonymous.get(link[:-1] + ("a" if link[-1] != "a" else "b")).status_code == 404
    anke = client_of(cast.anke)
    anke.submit(cast.ost.path("teilnehmende", cast.ost.participant(cast.bob)), form="entfernen")
    answer = anonymous.post(link, data={"file": "1", "choice": "none"})
    assert answer.status_code == 400
    assert "Sie nehmen an diesem Netz nicht mehr teil" in anonymous.page.text
    assert len(papers()) == 1
