"""The promise of the portal: who writes once reaches everyone by mail, with the attachments."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from app.database import db
from app.networks.models import Network
from tests.cast import Cast
from tests.conftest import Deliver, Given
from tests.factories import make_participants
from tests.journeys.conftest import Visit, Watched
from tests.journeys.test_signing_in import link_in, sign_in_by_mail
from tests.mailserver import MailServer
from tests.world import pdf

RECIPIENTS = 34


def choose_files(page: Page, folder: Path, files: dict[str, bytes]) -> None:
    """Choose these files in the form's field for files."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    page.locator('input[type="file"]').set_input_files([folder / name for name in files])


def test_bob_writes_with_two_files_and_everyone_has_them_in_their_mail(
    page: Page, cast: Cast, given: Given, smtp: MailServer, deliver: Deliver, tmp_path: Path
) -> None:
    with given():
        network = db.session.get_one(Network, cast.ost.id)
        make_participants(network, RECIPIENTS - len(cast.everyone_in_ost))
    sign_in_by_mail(page, cast.bob, smtp, deliver)
    smtp.forget()

    files = {"Flyer Girls’ Day.pdf": pdf("Girls' Day", kilobytes=300), "Anmeldung.pdf": pdf("Anmeldung")}
    page.goto(cast.ost.path("nachrichten", "neu"))
    page.get_by_label("Betreff").fill("Girls’ Day am 23. April")
    page.get_by_label("Text", exact=True).fill("Wer macht mit?\n\nPlätze gibt es **überall**.")
    choose_files(page, tmp_path, {"Film.pdf": pdf("Film", kilobytes=7200), **files})
    expect(page.get_by_text("Kommt als Link in die Mail, für 30 Tage: Film.pdf", exact=True)).to_be_visible()
    choose_files(page, tmp_path, files)
    expect(page.locator("[data-links]")).to_have_text("")
    page.get_by_role("button", name="An alle 34 senden").click()
    expect(page.get_by_text("Ihre Nachricht geht an 34 Teilnehmende")).to_be_in_viewport()
    deliver()

    assert len(smtp.messages) == RECIPIENTS
    assert len({mail.to for mail in smtp.messages}) == RECIPIENTS
    for mail in smtp.messages:
        assert mail.files == files
        assert "[Jugendliche in Ausbildung]" in mail.subject or "[ost]" in mail.subject.lower()
        assert "Wer macht mit?" in mail.text
        assert cast.bob.name in str(mail.message["From"])
    for name, content in files.items():
        with page.expect_download() as download:
            page.get_by_role("link", name=name.partition(".")[0]).first.click()
        assert Path(download.value.path()).read_bytes() == content


def test_what_was_typed_outlives_a_portal_that_starts_anew(
    visit: Visit, cast: Cast, watched: Watched, tmp_path: Path
) -> None:
    page = visit(cast.bob)
    page.goto(cast.ost.path("nachrichten", "neu"))
    page.get_by_label("Betreff").fill("Flyer")
    page.get_by_label("Text", exact=True).fill("Zum Aushängen.")
    choose_files(page, tmp_path, {"Flyer.pdf": pdf("Flyer")})
    proxy_without_a_portal = re.compile(r"/nachrichten/neu$")
    page.route(proxy_without_a_portal, lambda route: route.fulfill(status=502, body="Bad Gateway"))
    page.get_by_role("button", name=re.compile("An alle .* senden")).click()
    expect(page.get_by_text("Das Portal kann das gerade nicht annehmen.")).to_be_visible()
    expect(page.get_by_label("Text", exact=True)).to_have_value("Zum Aushängen.")

    assert all("502" in fault for fault in watched.faults)
    watched.faults.clear()
    page.unroute(proxy_without_a_portal)
    page.get_by_role("button", name=re.compile("An alle .* senden")).click()
    expect(page.get_by_role("heading", name="Flyer")).to_be_visible()
    expect(page.get_by_role("link", name="Flyer")).to_be_visible()


def test_the_whole_way_by_keyboard(page: Page, cast: Cast, smtp: MailServer, deliver: Deliver) -> None:
    """Sign in, write and send without ever touching a mouse."""
    page.goto("/anmelden")
    tab_to(page, "Zum Inhalt springen")
    page.keyboard.press("Enter")
    tab_to(page, "E-Mail")
    page.keyboard.type(cast.bob.email)
    page.keyboard.press("Enter")
    page.wait_for_url("**/anmelden/gesendet")
    deliver()
    page.goto(link_in(smtp.messages[0].text))
    tab_to(page, "Jetzt anmelden")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    smtp.forget()

    page.goto(cast.ost.path("nachrichten", "neu"))
    tab_to(page, "Betreff")
    page.keyboard.type("Nur mit Tasten")
    tab_to(page, "Text")
    page.keyboard.type("Geschrieben ohne Maus.")
    tab_to(page, "An alle 4 senden")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ihre Nachricht geht an 4 Teilnehmende")).to_be_visible()
    deliver()
    assert {mail.to for mail in smtp.messages} == {person.email for person in cast.everyone_in_ost}


def test_everything_works_without_javascript(
    visit: Visit, cast: Cast, smtp: MailServer, deliver: Deliver, tmp_path: Path
) -> None:
    page = visit(java_script_enabled=False)
    sign_in_by_mail(page, cast.bob, smtp, deliver)
    smtp.forget()
    page.goto(cast.ost.path("nachrichten", "neu"))
    page.get_by_label("Betreff").fill("Ohne Skript")
    page.get_by_label("Text", exact=True).fill("Auch so.")
    choose_files(page, tmp_path, {"Flyer.pdf": pdf("Flyer")})
    page.get_by_role("button", name="An alle 4 senden").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ohne Skript")
    deliver()
    assert [mail.files for mail in smtp.messages] == [{"Flyer.pdf": pdf("Flyer")}] * 4


def test_nothing_typed_is_lost_when_something_was_wrong(visit: Visit, cast: Cast, tmp_path: Path) -> None:
    """The subject is missing: text and files are still there, and the message says so to a screen reader."""
    page = visit(cast.bob)
    page.goto(cast.ost.path("nachrichten", "neu"))
    page.get_by_label("Text", exact=True).fill("Ein langer Text.")
    choose_files(page, tmp_path, {"Flyer.pdf": pdf("Flyer")})
    page.get_by_role("button", name="An alle 4 senden").click()
    expect(page.get_by_text("Bitte geben Sie einen Betreff an.").first).to_be_visible()
    expect(page.get_by_label("Text", exact=True)).to_have_value("Ein langer Text.")
    expect(page.get_by_text("Flyer.pdf").first).to_be_visible()
    expect(page.locator(":focus")).to_contain_text("Bitte geben Sie einen Betreff an.")
    page.get_by_label("Betreff").fill("Jetzt aber")
    page.get_by_role("button", name="An alle 4 senden").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jetzt aber")
    expect(page.get_by_role("link", name="Flyer.pdf")).to_be_visible()


def test_the_outsider_sees_nothing(visit: Visit, cast: Cast) -> None:
    page = visit(cast.wim)
    for parts in ((), ("nachrichten",), ("nachrichten", "neu"), ("teilnehmende",), ("sitzungen",), ("unterlagen",)):
        answer = page.goto(cast.ost.path(*parts))
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_text(cast.ost.name)).to_have_count(0)
    page.goto("/netze")
    expect(page.get_by_text(cast.ost.name)).to_have_count(0)
    expect(page.get_by_text(cast.west.name).first).to_be_visible()


def tab_to(page: Page, name: str, limit: int = 80) -> None:
    """Press Tab until what has this name has the focus; fails when it cannot be reached or its focus is not visible."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if not focused.count():
            continue
        if name in focused.evaluate(_NAME_OF):
            assert focused.evaluate(_SHOWS_FOCUS), f"the focus on {name!r} cannot be seen"
            return
    raise AssertionError(f"{name!r} cannot be reached with the Tab key on {page.url}")


_NAME_OF = """element => [
    element.getAttribute('aria-label'), ...Array.from(element.labels || [], label => label.innerText),
    element.innerText].filter(Boolean).join(' ')"""
_SHOWS_FOCUS = """element => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
}"""
