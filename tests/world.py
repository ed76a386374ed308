"""A portal in use: what the cast has written, uploaded and arranged, made through the pages as they would.

Walks over all pages (tests/test_walk.py, tests/journeys) need something to find on each of them.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from fpdf import FPDF
from sqlalchemy import select

from app.database import db, utc_now
from app.forum.models import Thread
from app.holidays import is_working_day
from app.inbound import take
from app.mail import answering
from app.templating import berlin
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf


@cache
def pdf(title: str, kilobytes: int = 0) -> bytes:
    """Return a real PDF of one page; `kilobytes` is how much it is made larger by what no reader shows."""
    document = FPDF()
    document.set_title(title)
    document.add_page()
    document.set_font("helvetica", size=16)
    document.cell(text=title)
    content = bytes(document.output())
    # Bytes that differ from each other, so that no transfer encoding could make them small.
    noise = bytes(number * 7919 % 251 for number in range(kilobytes * 1024))
    return content + (b"\n% " + noise.replace(b"\n", b" ").replace(b"\r", b" ") if noise else b"")


def working_day(days: int) -> str:
    """The first day at least so many days from today on which people work: of a holiday a form would ask first."""
    day = berlin(utc_now()).date() + timedelta(days=days)
    while not is_working_day(day, "NW"):
        day += timedelta(days=1)
    return day.isoformat()


def furnish(cast: Cast, client_of: ClientOf) -> None:
    """Let the cast use every feature once."""
    bob, lena = client_of(cast.bob), client_of(cast.lena)
    write_message(bob, cast)
    arrange_meeting(lena, cast)
    write_minutes(lena, cast)
    send_papers(lena, cast)
    repeat_meeting(lena, cast)
    look_for_date(lena, cast)
    put_offer(bob, cast)
    add_link(lena, cast)
    read_list(client_of(cast.anke), cast)
    receive_mail(lena, cast)


def write_message(browser: Browser, cast: Cast) -> None:
    """Bob's question with a flyer, and an answer to it."""
    browser.submit(
        cast.ost.path("nachrichten", "neu"),
        {"kind": "request", "subject": "Wer hat Praktikumsplätze?", "body": "Gesucht: **drei Plätze** im Mai."},
        {"files": ("Flyer.pdf", pdf("Flyer"))},
    )
    browser.submit(browser.page.path, {"body": "Ergänzung: gern auch im Juni."}, form="antworten")


def arrange_meeting(browser: Browser, cast: Cast) -> None:
    """A meeting in a month with its papers, told to all."""
    day = working_day(30)
    browser.submit(
        cast.ost.path("sitzungen", "neu"),
        {"title": "Netzwerktreffen", "date": day, "starts": "14:00", "ends": "16:00", "place": "Rathaus, Raum 2"},
    )
    template = {"name": "Netzwerktreffen", "title": "{nummer}. Netzwerktreffen", "place": "Rathaus, Raum 2"}
    browser.submit(cast.ost.path("sitzungen", "muster", "neu"), template)
    browser.submit(cast.ost.path("unterlagen", "neu"), {"dated": day}, {"files": ("Protokoll.pdf", pdf("Protokoll"))})


def send_papers(browser: Browser, cast: Cast) -> None:
    """An agenda and a Muster, which file themselves, and a scan of which the portal asks what it is."""
    new, subject = cast.ost.path("nachrichten", "neu"), "Tagesordnung für die nächste Sitzung"
    files = [(name, pdf(name)) for name in ("Tagesordnung.pdf", "Muster_Zusage.pdf")]
    browser.submit(new, {"subject": subject, "body": "Beides anbei."}, {"files": files})
    browser.submit(new, {"subject": subject, "body": "Noch einmal."}, {"files": ("scan0007.pdf", pdf("scan0007"))})


def repeat_meeting(browser: Browser, cast: Cast) -> None:
    """The meeting three times, every four weeks."""
    page = browser.see(cast.ost.path("sitzungen"))
    path = next(link for link in page.links if link.startswith(cast.ost.path("sitzungen", "")) and link[-1].isdigit())
    browser.submit(f"{path}/wiederholen", {"repeat": "weeks", "every": "4", "number": "3"}, form="wiederholen")
    browser.send(form="wiederholen", button="Angekreuzte eintragen")


def look_for_date(browser: Browser, cast: Cast) -> None:
    """Dates for a further meeting, of which everybody says whether they suit."""
    dates = {"day1": working_day(40), "starts1": "14:00", "ends1": "16:00", "day2": working_day(50)}
    browser.submit(
        cast.ost.path("terminumfragen", "neu"),
        {"title": "Sommertreffen", "place": "Stadtpark", "deadline": working_day(20)} | dates,
        form="terminumfragen",
    )


def write_minutes(browser: Browser, cast: Cast) -> None:
    """Of two meetings that were: the minutes of one are a draft, those of the other sent."""
    for days, title in ((20, "Gespräch"), (10, "Werkstatt")):
        day = (utc_now() - timedelta(days=days)).date().isoformat()
        meeting = {"title": title, "date": day, "starts": "14:00", "ends": "16:00"}
        browser.submit(cast.ost.path("sitzungen", "neu"), meeting)
        minutes = f"{browser.page.path}/protokoll"
        browser.submit(f"{minutes}/bearbeiten", {"text": "Beschluss: Wir treffen uns wieder.", "there": [cast.lena.id]})
    browser.submit(f"{minutes}/versenden")


def put_offer(browser: Browser, cast: Cast) -> None:
    """A course that Bob's school offers."""
    browser.submit(
        cast.ost.path("angebote", "neu"),
        {"title": "Bewerbungstraining", "description": "Drei Nachmittage im Februar."},
        {"files": ("Kurs.pdf", pdf("Kurs"))},
    )


def add_link(browser: Browser, cast: Cast) -> None:
    browser.submit(
        cast.ost.path("links", "neu"), {"title": "Ausbildungsbörse", "url": "https://boerse.example.org/stellen"}
    )


def read_list(browser: Browser, cast: Cast) -> None:
    """A list of participants that waits for Anke's yes."""
    rows = "E-Mail;Name;Organisation;Aufgabe;Telefon\r\nneu@example.org;Nina Neumann;VHS;Kurse;0999 543 21\r\n"
    browser.submit(
        cast.ost.path("teilnehmende", "import"), files={"file": ("Liste.csv", rows.encode("cp1252"))}, form="import"
    )


def receive_mail(browser: Browser, cast: Cast) -> None:
    """Lena's answer to the question by mail, with a quote, and a stranger's mail to the network."""
    with browser.application.app_context():
        thread_id = db.session.scalars(select(Thread.id).order_by(Thread.id)).first()
        address = answering.address(answering.TO_ALL, cast.lena.id, thread_id or 0)
        take(
            _letter(cast.lena.email, "Wir haben zwei.\n\nAm 3. Mai 2027 schrieb Bob Bergmann:\n> Drei Plätze"), address
        )
        take(_letter("fremd@example.net", "Wer sind Sie?"), "ost@netz.example.org")


def _letter(sender: str, text: str) -> bytes:
    return f"From: {sender}\r\nSubject: AW: Plätze\r\nMessage-ID: <{sender}>\r\n\r\n{text}\r\n".encode()
