"""The time in which a message can be taken back: nothing goes out, or it says honestly how much has gone."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import time_machine
from flask import Flask

from app.database import db
from app.forum.models import Message
from app.mail import ledger
from app.mail.models import Mail
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.forum.test_posting import form_to, post
from tests.mailserver import MailServer


def thread_path(cast: Cast, given: Given) -> str:
    with given():
        return cast.ost.path("nachrichten", db.session.query(Message.thread_id).distinct().one()[0])


def test_withdrawn_in_time_no_mail_goes_out_and_all_of_it_is_in_the_form_again(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given, configured: Configured
) -> None:
    carla = client_of(cast.carla)
    with configured(MAIL_UNDO_SECONDS=300):
        post(
            carla,
            cast,
            [("Flyer.txt", b"Flyer")],
            kind="request",
            also_to=["west"],
            deadline="2099-01-02",
            confidential=True,
        )
    deliver()
    carla.submit(thread_path(cast, given), form="zurueckholen")
    values = form_to(carla.page, "neu").values()
    assert values["subject"] == ["Praktikum"]
    assert values["kind"] == ["request"]
    assert values["also_to"] == ["west"]
    assert values["deadline"] == ["2099-01-02"]
    assert "confidential" in values
    assert "Flyer.txt" in carla.page.text
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        deliver()
    assert smtp.messages == []
    with given():
        assert db.session.query(Mail).filter(Mail.about.startswith("message:")).count() == 0


def test_an_answer_has_the_window_too_and_its_text_comes_back(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given, configured: Configured
) -> None:
    post(client_of(cast.bob), cast)
    deliver()
    smtp.forget()
    carla, path = client_of(cast.carla), thread_path(cast, given)
    with configured(MAIL_UNDO_SECONDS=300):
        carla.submit(path, {"body": "Doch nicht"}, form="antworten")
    deliver()
    assert "Zurückholen" in carla.page.text
    carla.submit(path, form="zurueckholen")
    assert form_to(carla.page, "antworten").values()["body"] == ["Doch nicht"]
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        deliver()
    assert smtp.messages == []


def test_sent_now_it_goes_out_at_once_and_cannot_be_taken_back(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given, configured: Configured
) -> None:
    bob = client_of(cast.bob)
    with configured(MAIL_UNDO_SECONDS=300):
        post(bob, cast)
        answer = bob.submit(thread_path(cast, given), form="jetzt-senden")
    assert "Die Mails gehen jetzt hinaus." in answer.text
    deliver()
    assert len(smtp.messages) == 4
    assert not any("zurueckholen" in form.action for form in bob.see(thread_path(cast, given)).forms)


def test_who_ticks_send_now_waits_for_nothing(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, configured: Configured
) -> None:
    with configured(MAIL_UNDO_SECONDS=300):
        post(client_of(cast.bob), cast, send_now=True)
    deliver()
    assert len(smtp.messages) == 4


def test_nobody_hurries_what_somebody_else_wrote(
    cast: Cast, client_of: ClientOf, given: Given, configured: Configured
) -> None:
    bob = client_of(cast.bob)
    with configured(MAIL_UNDO_SECONDS=300):
        post(bob, cast)
    path = thread_path(cast, given)
    action = form_to(bob.see(path), "jetzt-senden").action
    for person, status in ((cast.lena, 403), (cast.wim, 404)):
        browser = client_of(person)
        token = browser.see("/profil").forms[0].values()["csrf_token"][0]
        assert browser.post(action, data={"csrf_token": token}).status_code == status


def test_too_late_it_says_how_many_have_gone_and_the_others_follow(
    cast: Cast,
    client_of: ClientOf,
    smtp: MailServer,
    deliver: Deliver,
    given: Given,
    configured: Configured,
    app: Flask,
) -> None:
    bob = client_of(cast.bob)
    with configured(MAIL_UNDO_SECONDS=300):
        post(bob, cast)
    path = thread_path(cast, given)
    bob.see(path)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
        with ledger.opened(app, "ein Arbeiter") as own:
            claimed = own.claim(1)
        answer = bob.send(form="zurueckholen")
        assert answer.status_code == 400
        assert "Eine von 4 Mails ist schon hinaus" in answer.text
        with ledger.opened(app, "ein Arbeiter") as own:
            own.release(claimed)
        deliver()
    assert len(smtp.messages) == 4


def test_taking_back_while_a_worker_claims_ends_in_all_or_nothing(
    cast: Cast,
    client_of: ClientOf,
    smtp: MailServer,
    deliver: Deliver,
    given: Given,
    configured: Configured,
    app: Flask,
) -> None:
    """Both at the same moment, twenty times: either nobody gets a mail, or all four do and the author is told."""
    bob = client_of(cast.bob)
    token = bob.see("/profil").forms[0].values()["csrf_token"][0]
    for number in range(20):
        post(bob, cast, subject=f"Runde {number}")
        with given():
            thread_id, id = db.session.query(Message.thread_id, Message.id).order_by(Message.id.desc()).limit(1).one()
        worker = threading.Thread(target=deliver)
        worker.start()
        answer = bob.post(cast.ost.path("nachrichten", thread_id, "zurueckholen", id), data={"csrf_token": token})
        worker.join()
        deliver()
        gone = [mail for mail in smtp.messages if mail.subject.endswith(f"Runde {number}")]
        assert (answer.status_code, len(gone)) in [(302, 0), (400, 4)]
        assert answer.status_code == 302 or "Zu spät zum Zurückholen" in answer.text
