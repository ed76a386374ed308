"""An Anfrage from being asked to being done, by people who have nothing but their mail and a browser."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from app.accounts.models import User, Visibility
from app.database import db, utc_now
from app.networks.models import Network, Participant
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.factories import make_participants
from tests.journeys.conftest import Visit
from tests.journeys.test_message_to_all import tab_to
from tests.mailserver import MailServer
from tests.requests.conftest import within_the_hour

SMALL = {"width": 320, "height": 640}


def test_a_praktikum_is_asked_for_found_and_done_from_mails(
    visit: Visit, cast: Cast, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    with given():
        [nadja] = make_participants(db.session.get_one(Network, cast.ost.id), 1)
        fourth = Person(nadja.id, nadja.name, nadja.email, "")
    _ask(visit(cast.bob, viewport=SMALL), cast)
    deliver()
    assert "Berufsfeld: Lager" in smtp.to(cast.lena.email)[-1].text

    reading = visit(cast.lena)
    reading.goto(cast.ost.path("nachrichten"))
    reading.get_by_role("link", name="1 offene Anfrage zeigen").click()
    expect(reading.get_by_role("link", name="Praktikum im Lager", exact=True)).to_be_visible()

    taking = visit(viewport=SMALL)
    taking.goto(_button(smtp, cast.carla, "Ich kümmere mich"))
    _fits(taking)
    taking.get_by_role("button", name="Ich kümmere mich").click()
    expect(taking.get_by_role("heading", level=1)).to_have_text("Sie kümmern sich. Danke!")
    expect(taking.get_by_role("link", name="0999 123 45")).to_have_attribute("href", "tel:099912345")
    _fits(taking)

    helping = visit(java_script_enabled=False)
    helping.goto(_button(smtp, cast.lena, "Ich kümmere mich"))
    expect(helping.get_by_text(f"{cast.carla.name} kümmert sich schon.")).to_be_visible()
    helping.get_by_role("button", name="Ich helfe mit").click()
    expect(helping.get_by_role("heading", level=1)).to_have_text("Sie helfen mit. Danke!")

    knowing = visit()
    knowing.goto(_button(smtp, fourth, "Ich weiß jemanden"))
    tab_to(knowing, "Oder schreiben Sie")
    knowing.keyboard.type("Die Spedition am Hafen.")
    tab_to(knowing, "Hinweis geben")
    knowing.keyboard.press("Enter")
    expect(knowing.get_by_role("heading", level=1)).to_have_text("Danke, Ihr Hinweis ist angekommen")

    deliver()
    told = [mail.text for mail in smtp.to(cast.bob.email)]
    assert any(f"Name: {cast.carla.name}" in text and "Telefon: 0999 123 45" in text for text in told)
    assert any(f"{cast.lena.name} hilft mit" in text for text in told)
    assert any("> Die Spedition am Hafen." in text for text in told)

    closing = visit(viewport=SMALL)
    closing.goto(_button(smtp, cast.bob, "Ist erledigt"))
    closing.get_by_label("Ja", exact=True).check()
    _fits(closing)
    closing.get_by_role("button", name="Ist erledigt").click()
    expect(closing.get_by_role("heading", level=1)).to_have_text("Diese Anfrage ist abgeschlossen")
    with within_the_hour():
        deliver()
    assert "(erledigt): Praktikum im Lager" in smtp.to(cast.carla.email)[-1].subject
    reading.goto(cast.ost.path("nachrichten"))
    expect(reading.get_by_text("erledigt").first).to_be_visible()
    expect(reading.get_by_text("offene Anfrage")).to_have_count(0)


def test_who_hides_their_number_is_asked_before_it_is_handed_on(
    visit: Visit, cast: Cast, client_of: ClientOf, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    with given():
        db.session.get_one(User, cast.carla.id).email_seen_by = Visibility.HIDDEN
        for participant in db.session.scalars(Participant.of_user(cast.carla.id)):
            participant.seat.phone, participant.seat.phone_seen_by = "0777 4711", Visibility.HIDDEN
    request = {"kind": "request", "subject": "Praktikum", "body": "Wer hat einen Platz?"}
    client_of(cast.bob).submit(cast.ost.path("nachrichten", "neu"), request)
    deliver()
    page = visit()
    page.goto(_button(smtp, cast.carla, "Ich kümmere mich"))
    page.get_by_role("button", name="Ich kümmere mich").click()
    expect(page.get_by_text("geben wir erst weiter, wenn Sie in der Mail an Sie zustimmen")).to_be_visible()
    deliver()
    assert not any("0777" in mail.text for mail in smtp.to(cast.bob.email))

    page.goto(_button(smtp, cast.carla, "Nummer weitergeben"))
    page.get_by_role("button", name="Weitergeben").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{cast.bob.name} kann Sie jetzt erreichen")
    deliver()
    assert "0777 4711" in smtp.to(cast.bob.email)[-1].text


def _ask(page: Page, cast: Cast) -> None:
    """Post an Anfrage with all it may say, on a small screen."""
    first, last, until = ((utc_now().date() + timedelta(days=days)).isoformat() for days in (40, 60, 10))
    page.goto(f"{cast.ost.path('nachrichten', 'neu')}?art=request")
    page.get_by_label("Betreff").fill("Praktikum im Lager")
    page.get_by_label("Text", exact=True).fill("Für einen 17-Jährigen, mit Bus 15 erreichbar.")
    page.get_by_text("Anfrage nach einem Praktikum: Feld, Zeit, Alter, Ort").click()
    page.get_by_label("Berufsfeld").fill("Lager")
    page.get_by_label(re.compile("^Von")).fill(first)
    page.get_by_label(re.compile("^Bis")).fill(last)
    page.get_by_label(re.compile("^Alter")).fill("17 Jahre")
    page.get_by_label("Ort oder Stadtteil").fill("Nordstadt")
    page.get_by_label("Antwort bis").fill(until)
    _fits(page)
    page.get_by_role("button", name="An alle 5 senden").click()
    expect(page.get_by_text("Noch kümmert sich niemand.")).to_be_visible()
    _fits(page)


def _button(smtp: MailServer, person: Person, label: str) -> str:
    """Where the newest button of that name in this person's mails leads."""
    texts = [mail.text for mail in smtp.to(person.email)]
    return next(found[1] for text in reversed(texts) if (found := re.search(rf"^{label}:\s+(\S+)", text, re.MULTILINE)))


def _fits(page: Page) -> None:
    """Nothing of the page has to be scrolled to from the side."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
