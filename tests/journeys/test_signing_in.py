"""Getting in with nothing but an e-mail address."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.cast import Cast, Person
from tests.conftest import Deliver
from tests.journeys.conftest import Visit
from tests.mailserver import MailServer


def sign_in_by_mail(page: Page, person: Person, smtp: MailServer, deliver: Deliver) -> None:
    """Ask for a link, take it from the mail that came, and press its button."""
    page.goto("/")
    page.get_by_label("E-Mail").first.fill(person.email)
    page.get_by_role("button", name="Link per E-Mail schicken").click()
    page.wait_for_url("**/anmelden/gesendet")
    deliver()
    page.goto(link_in(smtp.to(person.email)[-1].text))
    page.get_by_role("button", name="Jetzt anmelden").click()
    expect(page.get_by_text(person.name).first).to_be_attached()


def link_in(text: str) -> str:
    """Return the sign-in link that stands in a mail."""
    found = re.search(r"http://\S+/anmelden/\S+", text)
    assert found, text
    return found.group()


def test_a_participant_signs_in_by_the_mailed_link(page: Page, cast: Cast, smtp: MailServer, deliver: Deliver) -> None:
    sign_in_by_mail(page, cast.bob, smtp, deliver)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert [mail.to for mail in smtp.messages] == [cast.bob.email]


def test_the_link_works_on_another_device_and_only_once(
    page: Page, visit: Visit, cast: Cast, smtp: MailServer, deliver: Deliver
) -> None:
    sign_in_by_mail(visit(), cast.bob, smtp, deliver)
    page.goto(link_in(smtp.messages[0].text))
    expect(page.get_by_role("button", name="Jetzt anmelden")).to_have_count(0)


def test_a_person_signs_out_again(visit: Visit, cast: Cast) -> None:
    page = visit(cast.bob)
    page.goto("/netze")
    page.locator("summary", has_text=cast.bob.name).click()
    page.get_by_role("button", name="Abmelden").click()
    page.wait_for_url("**/anmelden")
    page.goto(cast.ost.path("nachrichten"))
    expect(page).to_have_url(re.compile("/anmelden"))
