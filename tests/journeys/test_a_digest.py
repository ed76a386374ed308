"""A digest from the reader's side: chosen from a mail, one mail for two messages, its links lead to them."""

from __future__ import annotations

import re
from datetime import timedelta

import time_machine
from flask import Flask
from playwright.sync_api import Page, expect

from app.database import utc_now
from tests.cast import Cast, Net
from tests.conftest import ClientOf, Deliver, Given
from tests.forum.digesting import Town
from tests.journeys.conftest import Visit
from tests.mailserver import MailServer


def test_two_messages_of_two_networks_come_in_one_mail_to_who_chose_that_from_a_mail(
    page: Page, visit: Visit, app: Flask, cast: Cast, client_of: ClientOf, given: Given, smtp: MailServer,
    deliver: Deliver,
) -> None:  # fmt: skip
    client_of(cast.lena).submit(cast.ost.path("nachrichten", "neu"), {"subject": "Offene Tür", "body": "Am Freitag."})
    deliver()
    for net in (cast.ost, cast.west):
        _choose_daily(page, net, smtp.to(cast.carla.email)[0].text)
    smtp.forget()

    written = {"Räume gesucht": (cast.bob, cast.ost), "Sprachkurs im Mai": (cast.wim, cast.west)}
    for subject, (author, net) in written.items():
        client_of(author).submit(net.path("nachrichten", "neu"), {"subject": subject, "body": f"Text zu {subject}."})
    deliver()
    assert smtp.to(cast.carla.email) == []
    with time_machine.travel(utc_now() + timedelta(days=1)):
        Town(app, given).run()
        deliver()
    [digest] = smtp.to(cast.carla.email)

    reader = visit(cast.carla)
    reader.set_content(digest.html)
    expect(reader.get_by_role("heading", name="2 neue Nachrichten")).to_be_visible()
    links = reader.get_by_role("link", name="Lesen und antworten")
    addresses = [str(link.get_attribute("href")) for link in links.all()]
    assert len(addresses) == len(written)
    for address, subject in zip(addresses, written, strict=True):
        reader.goto(address)
        expect(reader.get_by_role("heading", level=1)).to_contain_text(subject)
        expect(reader.get_by_text(f"Text zu {subject}.")).to_be_visible()

    _choose(page, cast.ost, digest.text, "at-once")
    client_of(cast.bob).submit(cast.ost.path("nachrichten", "neu"), {"subject": "Eilig", "body": "Heute noch."})
    deliver()
    assert "Eilig" in smtp.to(cast.carla.email)[-1].subject


def _choose_daily(page: Page, net: Net, mail: str) -> None:
    _choose(page, net, mail, "daily")


def _choose(page: Page, net: Net, mail: str, rhythm: str) -> None:
    """Follow the link in the footer of a mail, as somebody who is not signed in, and choose how often mail comes."""
    link = re.search(r"^E-Mails einstellen: (\S+)", mail, re.MULTILINE)
    assert link, mail
    page.goto(link[1])
    form = page.get_by_role("region", name=net.name)
    form.locator(f'[name="netz{net.id}-rhythm"][value="{rhythm}"]').check()
    form.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("Gespeichert")).to_be_visible()
