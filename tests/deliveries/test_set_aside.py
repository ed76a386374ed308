"""Mails that workers died of: Verwaltung sees them on its desk, and sends them once more when it can be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app.database import db, utc_now
from app.mail import crashing, outbox
from app.mail.models import Delivery, DeliveryState, Mail
from app.networks.models import Rhythm
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.deliveries.test_silent_addresses import token_of
from tests.forum.digesting import Town, at
from tests.forum.test_posting import post as new_message
from tests.mail.test_crashing import lay_down_others, plans
from tests.mailserver import MailServer

PAGE = "/verwaltung/beiseitegelegte-mails"


@pytest.fixture
def message(cast: Cast, client_of: ClientOf, deliver: Deliver, given: Given) -> int:
    """The id of the mail of a message to ost that workers died of; nobody got it."""
    new_message(client_of(cast.bob), cast)
    with given():
        died = update(Mail).values(crashes=crashing.MOST, preparing="a-dead-worker").returning(Mail.id)
        id = db.session.scalars(died).one()
    deliver()
    return id


def test_the_desk_leads_to_what_was_set_aside_and_that_to_its_report(
    message: int, cast: Cast, client_of: ClientOf
) -> None:
    anke = client_of(cast.anke)
    desk = anke.see("/verwaltung")
    assert "1 Mail ist beiseitegelegt" in desk.text
    assert PAGE in desk.links
    page = anke.see(PAGE)
    assert "Praktikum" in page.text
    assert "4 Personen haben sie nicht bekommen." in page.text
    [report] = [link for link in page.links if "zustellung" in link]
    assert "Zustellbericht" in anke.see(report).text


def test_sent_once_more_it_goes_out_and_the_desk_is_empty(
    message: int, cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    anke = client_of(cast.anke)
    anke.submit(PAGE, {}, form=f"{PAGE}/{message}/erneut")
    assert "noch einmal an 4 Personen" in anke.page.text
    deliver()
    assert len(smtp.messages) == len(cast.everyone_in_ost)
    assert "beiseitegelegt" not in anke.see("/verwaltung").text
    assert "Hier liegt nichts" in anke.see(PAGE).text


def test_what_rests_until_it_is_tried_again_can_be_sent_at_once(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    new_message(client_of(cast.bob), cast)
    with given():
        rests_until = utc_now() + timedelta(hours=1)
        died = update(Mail).values(crashes=crashing.MOST, rests_until=rests_until).returning(Mail.id)
        id = db.session.scalars(died).one()
    deliver()
    with given():
        due = db.session.execute(select(Delivery.state, Delivery.due_at).distinct()).all()
    assert due == [(DeliveryState.WAITING, rests_until)]
    anke = client_of(cast.anke)
    assert "4 Personen haben sie nicht bekommen." in anke.see(PAGE).text
    anke.send(form=f"{PAGE}/{id}/erneut")
    assert "noch einmal an 4 Personen" in anke.page.text
    deliver()
    assert len(smtp.messages) == len(cast.everyone_in_ost)
    assert "Hier liegt nichts" in anke.see(PAGE).text


def test_a_digest_that_is_sent_once_more_says_so_at_each_message_it_holds(
    app: Flask, cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    town = Town(app, given)
    with town.when(at(2)):
        town.wish(cast.bob, cast.ost, Rhythm.DAILY)
        town.write(cast.lena, cast.ost)
        deliver()
    with town.when(at(3, 7)):
        town.run()
        with given():
            died = update(Mail).where(Mail.event == "digest").values(crashes=crashing.MOST + len(crashing.RESTS))
            id = db.session.scalars(died.returning(Mail.id)).one()
        deliver()
        town.run()
        assert of_message(cast.bob, given) is DeliveryState.FAILED
        smtp.forget()
        client_of(cast.anke).submit(PAGE, {}, form=f"{PAGE}/{id}/erneut")
        assert of_message(cast.bob, given) is DeliveryState.DIGEST
        deliver()
        town.run()
    assert [mail.to for mail in smtp.messages] == [cast.bob.email]
    assert of_message(cast.bob, given) is DeliveryState.SENT


def of_message(person: Person, given: Given) -> DeliveryState:
    """What became of the one message to this person."""
    with given():
        mine = select(Delivery.state).join(Mail).where(Delivery.recipient_key == person.key, Mail.event == "message")
        return db.session.scalars(mine).one()


def test_of_other_mail_only_its_kind_is_told(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        secret = {"subject": "Frau K.", "text": "geheim", "html": "geheim", "from_address": "a@example.org"}
        mail = Mail(event="direct", audience="person", message_id="1@x", crashes=crashing.MOST, **secret)
        db.session.add(mail)
        outbox.enqueue(mail, [cast.bob.key])
    page = client_of(cast.anke).see(PAGE)
    assert "Mail von einer Person" in page.text
    assert not [word for word in ("Frau K.", "geheim", cast.bob.name, cast.bob.email) if word in page.text]


def test_pressed_twice_it_goes_once(
    message: int, cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    first, second = client_of(cast.anke), client_of(cast.anke)
    first.see(PAGE)
    second.see(PAGE)
    first.send(form=f"{PAGE}/{message}/erneut")
    second.send(form=f"{PAGE}/{message}/erneut")
    assert "Diese Mail liegt nicht mehr hier." in second.page.text
    deliver()
    assert len(smtp.messages) == len(cast.everyone_in_ost)


def test_only_verwaltung_sees_and_does_it(message: int, cast: Cast, client_of: ClientOf, anonymous: Browser) -> None:
    for person in (cast.lena, cast.wim):
        browser = client_of(person)
        assert browser.get(PAGE).status_code == 403
        assert browser.post(f"{PAGE}/{message}/erneut", data=token_of(browser)).status_code == 403
    assert anonymous.get(PAGE).status_code == 302


def test_what_was_not_set_aside_is_not_sent_again_here(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given
) -> None:
    smtp.answers[cast.carla.email] = "550 5.1.1 unknown"
    new_message(client_of(cast.bob), cast)
    deliver()
    with given():
        id = db.session.scalars(select(Mail.id)).one()
        assert db.session.scalars(select(Delivery.id).where(Delivery.state == DeliveryState.FAILED)).all()
    anke = client_of(cast.anke)
    assert "Hier liegt nichts" in anke.see(PAGE).text
    smtp.forget()
    assert anke.post(f"{PAGE}/{id}/erneut", data=token_of(anke)).status_code == 302
    deliver()
    assert smtp.messages == []
    assert anke.post(f"{PAGE}/{'9' * 40}/erneut", data=token_of(anke)).status_code == 404


def test_the_desk_reads_no_other_mail(message: int, app: Flask, given: Given, database_kind: str) -> None:
    with given():
        lay_down_others(1_000)
        db.session.execute(text("ANALYZE"))
    with app.app_context(), plans(database_kind) as found:
        assert crashing.number_set_aside() == 1
    [plan] = found
    assert "ix_mail_set_aside" in plan, plan
