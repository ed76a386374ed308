"""The minutes around sending: who gets it, the preview, the countdown, and taking it down."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.cast import Cast
from tests.conftest import Configured, Deliver
from tests.journeys.conftest import Visit
from tests.journeys.test_message_to_all import choose_files
from tests.mailserver import MailServer


def test_the_list_follows_the_networks_that_are_ticked(visit: Visit, cast: Cast) -> None:
    page = visit(cast.carla)
    page.goto(cast.ost.path("nachrichten", "neu"))
    expect(page.get_by_text("Geht an 4 Personen in 4 Organisationen.")).to_be_visible()
    page.get_by_text("Weitere Netze, vertraulich, sofort").click()
    page.get_by_label("Sprache im Beruf").check()
    expect(page.get_by_text("Geht an 5 Personen in 5 Organisationen.")).to_be_visible()
    expect(page.get_by_role("button", name="An alle 5 senden")).to_be_visible()
    page.get_by_label("Vertraulich").check()
    expect(page.get_by_text("Lesen können das die 4 Teilnehmenden")).to_be_visible()


def test_the_preview_shows_the_mail_and_sends_it_with_its_files(
    visit: Visit, cast: Cast, smtp: MailServer, deliver: Deliver, tmp_path: Path
) -> None:
    page = visit(cast.bob)
    page.goto(cast.ost.path("nachrichten", "neu"))
    page.get_by_label("Betreff").fill("Tag der offenen Tür")
    page.get_by_label("Text", exact=True).fill("Kommen Sie **alle**.")
    choose_files(page, tmp_path, {"Flyer.txt": b"Flyer"})
    page.get_by_role("button", name="Vorschau").click()
    expect(page.frame_locator("iframe").get_by_role("heading", name="Tag der offenen Tür")).to_be_visible()
    expect(page.get_by_text("Hängen an der Mail:")).to_be_visible()
    page.get_by_role("link", name="Weiter bearbeiten").click()
    choose_files(page, tmp_path, {"Film.txt": bytes(7 * 1024 * 1024)})
    expect(page.get_by_text("Kommt als Link in die Mail, für 30 Tage: Film.txt")).to_be_visible()  # beside the flyer
    page.go_back()
    page.get_by_role("button", name="An alle 4 senden").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tag der offenen Tür")
    deliver()
    assert [mail.files for mail in smtp.messages] == [{"Flyer.txt": b"Flyer"}] * 4


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light")])
def test_the_preview_shows_the_whole_mail_on_a_narrow_screen_too(
    visit: Visit, cast: Cast, width: int, scheme: str
) -> None:
    page = visit(cast.bob, viewport={"width": width, "height": 640}, color_scheme=scheme)
    mail = previewed(page, cast)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for size in ("Height", "Width"):
        assert mail.evaluate(f"document.documentElement.scroll{size} <= document.documentElement.client{size}"), size


def test_the_preview_follows_a_screen_that_is_turned(visit: Visit, cast: Cast) -> None:
    page = visit(cast.bob, viewport={"width": 320, "height": 640})
    height = previewed(page, cast).evaluate("innerHeight")
    page.set_viewport_size({"width": 640, "height": 320})
    page.wait_for_function("height => document.querySelector('iframe').clientHeight < height", arg=height)


def test_the_preview_stays_where_it_is_read_when_the_bar_of_addresses_comes_and_goes(visit: Visit, cast: Cast) -> None:
    page = visit(cast.bob, viewport={"width": 320, "height": 640})
    previewed(page, cast)
    end = page.evaluate("scrollTo({top: 1e6, behavior: 'instant'}), scrollY")
    page.evaluate("addEventListener('resize', () => { window.resized = (window.resized || 0) + 1; })")
    for times, height in enumerate((584, 640), 1):
        page.set_viewport_size({"width": 320, "height": height})
        page.wait_for_function("times => window.resized >= times", arg=times)
        assert page.evaluate("scrollY") >= end


def previewed(page: Page, cast: Cast) -> Frame:
    """Look at the preview of a long mail and return the frame it stands in."""
    page.goto(cast.ost.path("nachrichten", "neu"))
    page.get_by_label("Betreff").fill("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk")
    page.get_by_label("Text", exact=True).fill("https://www.example.org/" + "lang/" * 40 + "\n\nEin Absatz.\n" * 20)
    page.get_by_role("button", name="Vorschau").click()
    expect(page.frame_locator("iframe").get_by_text("E-Mails einstellen")).to_be_visible()
    page.wait_for_function("document.querySelector('iframe').style.height")
    return page.frames[1]


def test_without_a_script_the_mail_is_read_alone(visit: Visit, cast: Cast) -> None:
    page = visit(cast.bob, viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page.goto(cast.ost.path("nachrichten", "neu"))
    page.get_by_label("Betreff").fill("Tag der offenen Tür")
    page.get_by_label("Text", exact=True).fill("Kommen Sie alle.\n\n" * 20)
    page.get_by_role("button", name="Vorschau").click()
    page.get_by_role("link", name="Nur die Mail ansehen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tag der offenen Tür")
    page.go_back()
    expect(page.get_by_role("button", name="An alle 4 senden")).to_be_visible()


def test_a_countdown_runs_the_buttons_go_with_it_and_what_came_of_it_is_said(
    visit: Visit, cast: Cast, configured: Configured, deliver: Deliver
) -> None:
    page = visit(cast.bob)
    page.goto(cast.ost.path("nachrichten", "neu"))
    page.get_by_label("Betreff").fill("Gleich")
    page.get_by_label("Text", exact=True).fill("Text")
    with configured(MAIL_UNDO_SECONDS=4):
        page.get_by_role("button", name="An alle 4 senden").click()
        expect(page.get_by_role("timer")).to_have_text("0:03")
    expect(page.get_by_role("button", name="Zurückholen")).to_be_visible()
    expect(page.get_by_role("button", name="Zurückholen")).to_be_hidden()
    expect(page.get_by_role("button", name="Jetzt senden")).to_be_hidden()
    deliver()
    expect(page.get_by_role("link", name="an 4 übergeben")).to_be_visible(timeout=15_000)


def test_taken_back_without_a_script_the_text_is_in_the_form(
    visit: Visit, cast: Cast, configured: Configured, smtp: MailServer, deliver: Deliver
) -> None:
    page = visit(cast.bob, java_script_enabled=False)
    page.goto(cast.ost.path("nachrichten", "neu"))
    page.get_by_label("Betreff").fill("Doch nicht")
    page.get_by_label("Text", exact=True).fill("Ein Text")
    with configured(MAIL_UNDO_SECONDS=300):
        page.get_by_role("button", name="An alle 4 senden").click()
        expect(page.get_by_text("Die Mails gehen um")).to_be_visible()
        page.get_by_role("button", name="Zurückholen").click()
    expect(page.get_by_label("Betreff")).to_have_value("Doch nicht")
    deliver()
    assert smtp.messages == []


def test_what_slipped_in_is_removed(visit: Visit, cast: Cast, smtp: MailServer, deliver: Deliver) -> None:
    page = visit(cast.bob)
    page.goto(cast.ost.path("nachrichten", "neu"))
    page.get_by_label("Betreff").fill("Fall Kruse")
    page.get_by_label("Text", exact=True).fill("Herr Kruse hat angerufen.")
    page.get_by_role("button", name="An alle 4 senden").click()
    deliver()
    smtp.forget()
    page.get_by_role("link", name="Entfernen").click()
    page.get_by_label("Warum soll die Nachricht weg?").fill("Name eines Klienten")
    page.get_by_role("button", name="Endgültig entfernen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Entfernte Nachricht")
    expect(page.get_by_text("Kruse")).to_have_count(0)
    deliver()
    assert {mail.to for mail in smtp.messages} == {person.email for person in cast.everyone_in_ost}
