"""A hidden phone or address is not handed over with a request: its owner is asked first (row M2)."""

from __future__ import annotations

import pytest

from app.accounts.models import User, Visibility
from app.database import db
from app.networks.joining import remove_participant
from app.networks.models import Participant
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer
from tests.requests.conftest import TAKE, LinkOf, last_to, press

SHARE = "Nummer weitergeben"


@pytest.fixture
def hidden(cast: Cast, given: Given) -> None:
    """Carla hides her number and her address."""
    with given():
        db.session.get_one(User, cast.carla.id).email_seen_by = Visibility.HIDDEN
        for participant in db.session.scalars(Participant.of_user(cast.carla.id)):
            participant.seat.phone, participant.seat.phone_seen_by = "0777 4711", Visibility.HIDDEN


@pytest.fixture
def taken(
    hidden: None, asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, deliver: Deliver, smtp: MailServer
) -> int:
    """Carla takes Bob's request from her mail."""
    page = press(anonymous, link_of(cast.carla, TAKE))
    assert "erst weiter, wenn Sie" in page
    deliver()
    return asked


def mails_with_number(smtp: MailServer, person: Person) -> int:
    return sum("0777 4711" in mail.text for mail in smtp.to(person.email))


def test_who_asked_gets_the_name_and_an_answer_goes_by_way_of_the_portal(
    taken: int, cast: Cast, smtp: MailServer, client_of: ClientOf
) -> None:
    mail = next(mail for mail in smtp.to(cast.bob.email) if "kümmert sich um Ihre Anfrage" in mail.text)
    assert "Carla Çelik zeigt nicht alle Kontaktdaten." in mail.text
    assert "0777" not in mail.raw.decode("latin-1")
    assert cast.carla.email not in str(mail.message["Reply-To"])
    assert "0777" not in client_of(cast.bob).get(cast.ost.path("nachrichten", taken)).text


def test_its_owner_is_asked_and_hands_it_on_to_one_person_once(
    taken: int, cast: Cast, smtp: MailServer, anonymous: Browser, link_of: LinkOf, deliver: Deliver
) -> None:
    mail = next(mail for mail in smtp.to(cast.carla.email) if SHARE in mail.text)
    assert_expected(mail, "request-share")
    path = link_of(cast.carla, SHARE)
    for _ in range(10):
        anonymous.get(path)
    deliver()
    assert mails_with_number(smtp, cast.bob) == 0
    assert "kann Sie jetzt erreichen" in press(anonymous, path)
    anonymous.post(path)
    deliver()
    assert mails_with_number(smtp, cast.bob) == 1
    assert_expected(last_to(smtp, cast.bob), "request-contact-shared")
    assert mails_with_number(smtp, cast.lena) == 0


def test_with_a_portal_that_reads_mail_the_answer_has_an_address(
    hidden: None, asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, deliver: Deliver, smtp: MailServer,
    configured: Configured,
) -> None:  # fmt: skip
    with configured(MAIL_IS_READ=True):
        press(anonymous, link_of(cast.carla, TAKE))
        deliver()
    mail = next(mail for mail in smtp.to(cast.bob.email) if "kümmert sich um Ihre Anfrage" in mail.text)
    assert str(mail.message["Reply-To"].addresses[0].username).startswith("nur+")
    assert "geht das nur an Carla" in mail.text


def test_it_is_not_handed_on_to_who_has_left(
    taken: int, cast: Cast, anonymous: Browser, link_of: LinkOf, deliver: Deliver, smtp: MailServer, given: Given
) -> None:
    path = link_of(cast.carla, SHARE)
    with given():
        remove_participant(db.session.get_one(Participant, cast.ost.participant(cast.bob)))
    anonymous.see(path)
    assert anonymous.post(path).status_code == 400
    deliver()
    assert mails_with_number(smtp, cast.bob) == 0


def test_a_forged_link_hands_on_nothing(
    taken: int, cast: Cast, anonymous: Browser, link_of: LinkOf, deliver: Deliver, smtp: MailServer
) -> None:
    path = link_of(cast.carla, SHARE)
    assert anonymous.post(path[:-1] + ("a" if path[-1] != "a" else "b")).status_code == 404
    deliver()
    assert mails_with_number(smtp, cast.bob) == 0


def test_a_hidden_number_of_who_asks_is_asked_for_too(
    asked: int, cast: Cast, given: Given, anonymous: Browser, link_of: LinkOf, deliver: Deliver, smtp: MailServer
) -> None:
    with given():
        db.session.scalars(Participant.of_user(cast.bob.id)).one().seat.phone_seen_by = Visibility.HIDDEN
    press(anonymous, link_of(cast.carla, TAKE))
    deliver()
    yours = next(mail for mail in smtp.to(cast.carla.email) if "Danke, dass Sie sich kümmern" in mail.text)
    assert "0999" not in yours.text
    assert cast.bob.email in yours.text, "he hides the number only"
    assert any(SHARE in mail.text for mail in smtp.to(cast.bob.email))
