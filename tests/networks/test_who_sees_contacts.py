"""What somebody hides is had by nobody else, whichever way they ask (row A5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User, Visibility, email_key
from app.database import db
from app.forum.models import Thread
from app.networks.models import Participant
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.mailserver import MailServer
from tests.walking import walk
from tests.world import furnish

pytestmark = pytest.mark.once

#: Nothing else in the world of the tests looks like these.
PHONE, EMAIL = "0777 424242", "markiert.geheim@verborgen.example.org"
SECRETS = re.compile(r"424242|0777 42|markiert\.geheim|verborgen\.example", re.IGNORECASE)


def give_contacts(given: Given, person: Person, seen_by: Visibility) -> None:
    """Let the person have a phone and an address that a search recognises, shown to `seen_by`."""
    with given():
        user = db.session.get_one(User, person.id)
        user.email_seen_by = seen_by
        [address] = user.addresses
        address.email, address.email_key = EMAIL, email_key(EMAIL)
        for participant in db.session.scalars(Participant.of_user(person.id)):
            participant.seat.phone, participant.seat.phone_seen_by = PHONE, seen_by


def told(app: Flask, browser: Browser) -> dict[str, str]:
    """What every page, card, list and calendar says that this person is led to, by its address; its headers, too."""
    found = walk(app, browser)
    links = {link for page in found.pages.values() for link in page.links}
    loaded = {link for link in links if link.startswith("/") and re.search(r"csv|vcard|\.ics", link)}
    answers = found.answers | {url: browser.get(url) for url in loaded - found.answers.keys()}
    return {url: answer.get_data().decode(errors="replace") + str(answer.headers) for url, answer in answers.items()}


def threads(given: Given) -> list[int]:
    with given():
        return list(db.session.scalars(select(Thread.id).order_by(Thread.id)))


@pytest.fixture
def busy(
    request: pytest.FixtureRequest,
    cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver, configured: Configured, smtp: MailServer,
) -> Iterator[None]:  # fmt: skip
    """Bob hides both. He asks, answers, offers, takes a request, is named for one, and his server refuses a mail."""
    give_contacts(given, cast.bob, Visibility.HIDDEN)
    with configured(MAIL_IS_READ=getattr(request, "param", True)):
        furnish(cast, client_of)
        bob, lena, carla = client_of(cast.bob), client_of(cast.lena), client_of(cast.carla)
        letter = cast.ost.path("teilnehmende", cast.ost.participant(cast.carla), "schreiben")
        bob.submit(letter, {"subject": "Kurz", "body": "Hallo"})
        new = {"kind": "request", "subject": "Wer hilft?", "body": "Bitte bald."}
        carla.submit(cast.ost.path("nachrichten", "neu"), new)
        asked, *_others, asking = threads(given)
        hint = {"participant": str(cast.ost.participant(cast.bob))}
        lena.submit(cast.ost.path("anfragen", asking, "hinweis"), hint)
        bob.submit(cast.ost.path("nachrichten", asking), form="uebernehmen")
        lena.submit(cast.ost.path("nachrichten", asking), form="uebernehmen")
        lena.submit(cast.ost.path("anfragen", asked, "hinweis"), {"participant": str(cast.ost.participant(cast.carla))})
        carla.submit(cast.ost.path("nachrichten", asked), form="uebernehmen")
        deliver()
        smtp.answers[EMAIL] = f"550 5.1.1 <{EMAIL}>: unknown user markiert.geheim"
        carla.submit(cast.ost.path("nachrichten", asked), {"body": "Bis wann?"}, form="antworten")
        deliver()
        yield


def test_what_is_hidden_is_told_to_verwaltung_alone(
    busy: None, cast: Cast, client_of: ClientOf, app: Flask, smtp: MailServer
) -> None:
    """No page, list, card or calendar tells it, and no mail."""
    for browser in (client_of(cast.carla), client_of(cast.lena)):
        said = told(app, browser)
        assert [url for url, text in said.items() if SECRETS.search(text)] == []
        assert said
    assert_no_mail_tells(smtp)
    anke = client_of(cast.anke)
    assert PHONE in anke.get(cast.ost.path("teilnehmende")).text
    assert EMAIL in anke.get(cast.ost.path("teilnehmende", "csv")).text


@pytest.mark.parametrize("busy", [False], ids=["mail is not read"], indirect=True)
def test_no_mail_tells_it_where_the_portal_reads_none(busy: None, smtp: MailServer) -> None:
    assert_no_mail_tells(smtp)


def assert_no_mail_tells(smtp: MailServer) -> None:
    to_others = [mail for mail in smtp.messages if mail.to != EMAIL]
    kinds = {str(mail.message["Feedback-ID"]).partition(":")[0] for mail in to_others}
    assert {"message", "direct", "request-contact", "request-note", "request-call"} <= kinds
    for mail in to_others:
        spoken = mail.raw.decode("latin-1") + mail.text + mail.html
        assert not SECRETS.search(spoken), f"{mail.subject} to {mail.to}"


def test_own_network_is_not_the_other_one(cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver,
    smtp: MailServer) -> None:  # fmt: skip
    """Carla asks both of her networks; Bob answers, whom west does not know."""
    give_contacts(given, cast.bob, Visibility.NETWORK)
    client_of(cast.carla).submit(
        cast.ost.path("nachrichten", "neu"), {"subject": "Beide", "body": "Guten Tag.", "also_to": [cast.west.slug]}
    )
    client_of(cast.bob).submit(
        cast.ost.path("nachrichten", threads(given)[0]), {"body": "Ich komme."}, form="antworten"
    )
    deliver()
    to = {mail.to: mail.raw.decode("latin-1") + mail.text for mail in smtp.messages if "Ich komme." in mail.text}
    assert SECRETS.search(to[cast.lena.email])
    assert not SECRETS.search(to[cast.wim.email])


def test_all_networks_means_all(cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver,
    smtp: MailServer) -> None:  # fmt: skip
    give_contacts(given, cast.bob, Visibility.ALL)
    client_of(cast.carla).submit(
        cast.ost.path("nachrichten", "neu"), {"subject": "Beide", "body": "Guten Tag.", "also_to": [cast.west.slug]}
    )
    client_of(cast.bob).submit(
        cast.ost.path("nachrichten", threads(given)[0]), {"body": "Ich komme."}, form="antworten"
    )
    deliver()
    [mail] = [mail for mail in smtp.to(cast.wim.email) if "Ich komme." in mail.text]
    assert PHONE in mail.text
    assert EMAIL in str(mail.message["Reply-To"])


def test_what_is_hidden_stays_so_under_another_organisation(cast: Cast, client_of: ClientOf, given: Given) -> None:
    """Verwaltung sees the number, and its form for participants holds it while the organisation changes."""
    give_contacts(given, cast.bob, Visibility.HIDDEN)
    page = cast.ost.path("teilnehmende", cast.ost.participant(cast.bob))
    client_of(cast.anke).submit(page, {"organisation": "Neues Berufskolleg"})
    others = client_of(cast.carla).see(cast.ost.path("teilnehmende"))
    assert "Neues Berufskolleg" in others.text
    assert not SECRETS.search(others.text)
    with given():
        seat = db.session.get_one(Participant, cast.ost.participant(cast.bob)).seat
        assert (seat.phone, seat.phone_seen_by) == (PHONE, Visibility.HIDDEN)
