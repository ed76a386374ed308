"""The Zustellbericht: figures for all, names and the server's words for those they concern."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine
from sqlalchemy import update

from app.database import db, utc_now
from app.forum.models import Message
from app.mail import health
from app.mail.models import Delivery, DeliveryState, Mail
from app.networks.joining import remove_participant
from app.networks.models import Network, Participant
from app.networks.wishes import pause
from app.templating import berlin
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.factories import make_participants
from tests.forum.test_posting import post, token
from tests.mailserver import MailServer
from tests.page import Page


def report_path(cast: Cast, given: Given) -> str:
    with given():
        return cast.ost.path("nachrichten", db.session.query(Message.thread_id).scalar(), "zustellung")


def test_before_the_mails_go_out_all_are_waiting(
    cast: Cast, client_of: ClientOf, given: Given, configured: Configured
) -> None:
    browser = client_of(cast.bob)
    with configured(MAIL_UNDO_SECONDS=300):
        post(browser, cast)
    page = browser.see(report_path(cast, given))
    assert "0 übergeben, 4 wartend, 0 unzustellbar, 0 abgebrochen" in page.text
    assert page.query("progress[max='4'][value='0']")


def test_the_author_sees_each_recipient_with_the_servers_words(
    cast: Cast, client_of: ClientOf, deliver: Deliver, given: Given
) -> None:
    browser = client_of(cast.bob)
    post(browser, cast)
    deliver()
    page = browser.see(report_path(cast, given))
    assert "4 übergeben, 0 wartend, 0 unzustellbar, 0 abgebrochen" in page.text
    for person in cast.everyone_in_ost:
        assert person.name in page.text
        assert person.email in page.text
    assert "250" in page.text
    table = browser.get(f"{report_path(cast, given)}/csv").get_data(as_text=True)
    assert len(table.splitlines()) == 5
    assert "heute" not in table, "a file is read on another day, too"


def test_other_participants_see_figures_only(cast: Cast, client_of: ClientOf, deliver: Deliver, given: Given) -> None:
    post(client_of(cast.bob), cast)
    deliver()
    browser = client_of(cast.carla)
    page = browser.see(report_path(cast, given))
    assert "4 übergeben" in page.text
    assert cast.lena.email not in page.text
    assert browser.get(f"{report_path(cast, given)}/csv").status_code == 403


def test_leads_see_who_pauses(cast: Cast, client_of: ClientOf, deliver: Deliver, given: Given) -> None:
    with given():
        pause(cast.carla.id, cast.ost.id)
    post(client_of(cast.bob), cast)
    deliver()
    page = client_of(cast.lena).see(report_path(cast, given))
    assert "3 übergeben, 0 wartend, 0 unzustellbar, 1 abgebrochen" in page.text
    assert "pausiert" in page.text


def test_an_outsider_finds_no_report(cast: Cast, client_of: ClientOf, given: Given) -> None:
    post(client_of(cast.bob), cast)
    assert client_of(cast.wim).get(report_path(cast, given)).status_code == 404


UNKNOWN = "550 5.1.1 <carla.celik@sprachwerk.example.org>: user unknown"


def test_a_refused_mail_is_told_in_german_and_in_the_servers_words(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    page = refused_report(cast, client_of, smtp, deliver, given)
    assert "3 übergeben, 0 wartend, 1 unzustellbar, 0 abgebrochen" in page.text
    assert "Diese Adresse gibt es beim Mailserver nicht." in page.text
    assert "550 5.1.1" in page.text
    assert "1 Versuch" in page.text


def test_what_is_tried_again_says_when(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    smtp.answers[cast.carla.email] = "452 4.2.2 mailbox full"
    browser = client_of(cast.bob)
    post(browser, cast)
    with time_machine.travel(datetime.now(UTC), tick=False):
        deliver()
        page = browser.see(report_path(cast, given))
        at = clock_in_berlin(datetime.now(UTC) + timedelta(minutes=1))
    assert f"Das Postfach ist voll. Nächster Versuch: {at} Uhr." in page.text
    assert page.query("[data-poll='30']")


def test_sent_again_it_is_the_same_mail_and_says_who_asked(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    refused_report(cast, client_of, smtp, deliver, given)
    smtp.answers.clear()
    page = client_of(cast.lena).submit(report_path(cast, given), {}, form="/zustellung/erneut")
    assert "Die Mail geht noch einmal an Carla Çelik (carla.celik@sprachwerk.example.org)." in page.text
    deliver()
    [again] = smtp.to(cast.carla.email)
    assert {mail.message["Message-ID"] for mail in smtp.messages} == {again.message["Message-ID"]}
    told = client_of(cast.bob).see(report_path(cast, given)).text
    assert "4 übergeben, 0 wartend, 0 unzustellbar" in told
    assert "Lena Leitner lässt sie noch einmal senden" in told
    assert "2 Versuche" in told
    assert "Lena Leitner" in client_of(cast.bob).get(f"{report_path(cast, given)}/csv").get_data(as_text=True)


def test_all_that_failed_are_sent_again_by_one_button(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    smtp.answers[cast.lena.email] = "550 5.2.1 mailbox disabled"
    refused_report(cast, client_of, smtp, deliver, given)
    smtp.answers.clear()
    client_of(cast.bob).submit(
        report_path(cast, given), {}, button="An alle Unzustellbaren erneut senden", form="/zustellung/erneut"
    )
    deliver()
    assert sorted(mail.to for mail in smtp.messages) == sorted(person.email for person in cast.everyone_in_ost)


def test_sent_again_a_mail_is_tried_for_five_days_anew(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    refused_report(cast, client_of, smtp, deliver, given)
    smtp.answers[cast.carla.email] = "451 4.3.0 try later"
    with time_machine.travel(datetime.now(UTC) + timedelta(days=10)):
        browser = client_of(cast.bob)
        browser.submit(report_path(cast, given), {}, form="/zustellung/erneut")
        deliver()
        assert "3 übergeben, 1 wartend, 0 unzustellbar" in browser.see(report_path(cast, given)).text


def test_whoever_was_removed_or_pauses_gets_nothing_again_and_the_page_says_so(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    smtp.answers[cast.lena.email] = "550 5.1.1 unknown"
    refused_report(cast, client_of, smtp, deliver, given)
    smtp.answers.clear()
    with given():
        pause(cast.lena.id, cast.ost.id)
        remove_participant(db.session.get_one(Participant, cast.ost.participant(cast.carla)))
    page = client_of(cast.bob).submit(
        report_path(cast, given), {}, button="An alle Unzustellbaren erneut senden", form="/zustellung/erneut"
    )
    assert "Nicht noch einmal an Carla Çelik: nimmt nicht mehr teil" in page.text
    assert "Nicht noch einmal an Lena Leitner: pausiert" in page.text
    deliver()
    assert not smtp.to(cast.carla.email)
    assert not smtp.to(cast.lena.email)


def test_hundreds_who_get_nothing_again_are_told_in_one_notice_that_fits_into_the_cookie(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        make_participants(db.session.get_one(Network, cast.ost.id), 110)
    browser = client_of(cast.bob)
    post(browser, cast)
    with given():
        db.session.execute(update(Delivery).values(state=DeliveryState.FAILED, reply=UNKNOWN))
        db.session.execute(update(Mail).values(withdrawn_at=utc_now()))
    path = report_path(cast, given)
    answer = browser.submit(
        path, {}, button="An alle Unzustellbaren erneut senden", form="/zustellung/erneut", follow=False
    )
    assert all(len(cookie) < 4000 for cookie in answer.headers.getlist("Set-Cookie"))
    told = browser.see(path).text
    assert told.count("Nicht noch einmal an") == 4
    assert "Nicht noch einmal an 111 weitere Personen: zurückgezogen." in told


def test_a_resting_address_gets_nothing_again_and_the_page_says_so(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    refused_report(cast, client_of, smtp, deliver, given)
    with given():
        health.count(db.session, cast.carla.email, health.HARD, UNKNOWN)
        health.count(db.session, cast.carla.email, health.HARD, UNKNOWN)
    page = client_of(cast.bob).submit(report_path(cast, given), {}, form="/zustellung/erneut")
    assert "Die Adresse ruht nach mehreren Fehlern." in page.text
    assert "1 unzustellbar" in page.text


def test_only_the_author_leads_and_verwaltung_send_again(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    refused_report(cast, client_of, smtp, deliver, given)
    path = f"{report_path(cast, given)}/erneut"
    for person, status in ((cast.carla, 403), (cast.wim, 404)):
        browser = client_of(person)
        csrf = token(browser.see("/profil"))
        assert browser.post(path, data={"csrf_token": csrf}).status_code == status
    browser = client_of(cast.anke)
    csrf = token(browser.see("/profil"))
    for odd in ("-1", "99999999999999999999", "x\0", ""):
        assert browser.post(path, data={"csrf_token": csrf, "delivery": odd}).status_code == 302
    assert "1 unzustellbar" in browser.see(report_path(cast, given)).text


def test_leads_see_the_people_of_their_own_network_only(
    cast: Cast, client_of: ClientOf, deliver: Deliver, given: Given
) -> None:
    post(client_of(cast.carla), cast, also_to=[cast.west.slug])
    deliver()
    by_lead = client_of(cast.lena).see(report_path(cast, given)).text
    assert cast.bob.email in by_lead
    assert cast.wim.email not in by_lead
    assert cast.wim.email in client_of(cast.carla).see(report_path(cast, given)).text
    assert cast.wim.email in client_of(cast.anke).see(report_path(cast, given)).text
    table = client_of(cast.lena).get(f"{report_path(cast, given)}/csv").get_data(as_text=True)
    assert cast.wim.email not in table


def test_a_long_list_has_pages(cast: Cast, client_of: ClientOf, deliver: Deliver, given: Given) -> None:
    with given():
        make_participants(db.session.get_one(Network, cast.ost.id), 110)
    browser = client_of(cast.bob)
    post(browser, cast)
    first = browser.see(report_path(cast, given))
    assert len(first.query("tbody tr")) == 100
    assert len(browser.see(f"{report_path(cast, given)}?seite=2").query("tbody tr")) == 14
    assert browser.get(f"{report_path(cast, given)}?seite=99999999999999999999").status_code == 200


def refused_report(cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given) -> Page:
    """Carla's server refuses a message of Bob's; return what Bob sees of it."""
    smtp.answers[cast.carla.email] = UNKNOWN
    browser = client_of(cast.bob)
    post(browser, cast)
    deliver()
    return browser.see(report_path(cast, given))


def clock_in_berlin(at: datetime) -> str:
    return berlin(at).strftime("%H:%M")
