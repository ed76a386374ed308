"""A message to all: who gets it, what the mail is like, and who may write."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.database import db
from app.files.keeping import open_file
from app.files.models import StoredFile
from app.forum.models import Draft, Message, Thread
from app.networks.models import Network, Participant, Posting
from tests.at_once import at_once
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.mailserver import MailServer
from tests.page import Form, Page

Uploads = Sequence[tuple[str, bytes]]


def form_to(page: Page, action: str) -> Form:
    return next(form for form in page.forms if action in form.action)


def token(page: Page) -> str:
    return page.forms[0].values()["csrf_token"][0]


def post(browser: Browser, cast: Cast, files: Uploads = (), **fields: Any) -> None:
    data = {"subject": "Praktikum", "body": "Wer hilft?"} | fields
    answer = browser.submit(
        cast.ost.path("nachrichten", "neu"), data, {"files": files} if files else None, follow=False
    )
    assert answer.status_code == 302, answer.text


def test_everyone_in_the_network_gets_it_once_as_mail(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    post(client_of(cast.bob), cast)
    deliver()
    assert sorted(mail.to for mail in smtp.messages) == sorted(person.email for person in cast.everyone_in_ost)


def test_the_mail_says_who_wrote_where_and_answers_go_to_the_author(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    post(client_of(cast.bob), cast, kind="request")
    deliver()
    [received] = smtp.to(cast.lena.email)
    mail = received.message
    assert received.subject == "[Jugendliche in Ausbildung] Anfrage: Praktikum"
    assert mail["From"].addresses[0].display_name == "Bob Bergmann (Jugendliche in Ausbildung)"
    assert mail["From"].addresses[0].addr_spec == "ost@netz.example.org"
    assert mail["Reply-To"].addresses[0].addr_spec == cast.bob.email
    assert "Wer hilft?" in received.text
    assert "Wer hilft?" in received.html
    assert "Lesen können das die 4 Teilnehmenden dieses Netzes, alle, die später dazukommen," in received.text
    assert mail["List-Id"].endswith("<ost.netz.example.org>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_attachments_arrive_byte_for_byte_and_lie_on_the_page(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    browser = client_of(cast.bob)
    data = bytes(range(9, 127)) * 300
    post(browser, cast, files=[("Übersicht.txt", data)])
    deliver()
    [received] = smtp.to(cast.carla.email)
    assert received.files == {"Übersicht.txt": data}
    page = browser.see(cast.ost.path("nachrichten"))
    assert "Übersicht.txt" in page.text


def test_an_answer_goes_to_everyone_and_threads(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    post(client_of(cast.bob), cast)
    deliver()
    [first] = smtp.to(cast.lena.email)
    with given():
        thread_id = db.session.query(Thread.id).scalar()
    answer = client_of(cast.carla).submit(
        cast.ost.path("nachrichten", thread_id), {"body": "Ich frage nach."}, form="antworten", follow=False
    )
    assert answer.status_code == 302
    deliver()
    _, second = smtp.to(cast.lena.email)
    assert second.subject == "AW: [Jugendliche in Ausbildung] Praktikum"
    assert second.message["In-Reply-To"] == first.message["Message-ID"]
    assert second.message["References"] == first.message["Message-ID"]


def test_in_two_networks_at_once_each_person_gets_one_mail(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    post(client_of(cast.carla), cast, also_to=["west"])
    deliver()
    assert sorted(mail.to for mail in smtp.messages) == sorted(
        person.email for person in [*cast.everyone_in_ost, cast.wim]
    )
    [to_wim] = smtp.to(cast.wim.email)
    assert to_wim.subject == "[Sprache im Beruf] Praktikum"
    assert to_wim.message["List-Id"].endswith("<west.netz.example.org>")


def test_networks_one_does_not_belong_to_cannot_be_written_to(cast: Cast, client_of: ClientOf, given: Given) -> None:
    browser = client_of(cast.bob)
    page = browser.see(cast.ost.path("nachrichten", "neu"))
    assert "also_to" not in page.text
    answer = browser.post(
        cast.ost.path("nachrichten", "neu"),
        data={"subject": "S", "body": "B", "kind": "message", "also_to": "west", "csrf_token": token(page)},
    )
    assert answer.status_code == 200
    with given():
        assert db.session.query(Message).count() == 0


def test_the_same_form_sent_twice_makes_one_message(cast: Cast, client_of: ClientOf, given: Given) -> None:
    browser = client_of(cast.bob)
    page = browser.see(cast.ost.path("nachrichten", "neu"))
    data = dict(form_to(page, "neu").values()) | {"subject": "Einmal", "body": "Nur einmal"}
    first = browser.post(cast.ost.path("nachrichten", "neu"), data=data)
    second = browser.post(cast.ost.path("nachrichten", "neu"), data=data)
    assert first.location == second.location
    with given():
        assert db.session.query(Message).count() == 1


def test_the_id_of_somebody_elses_form_is_no_hindrance(cast: Cast, client_of: ClientOf, given: Given) -> None:
    url = cast.ost.path("nachrichten", "neu")
    same = {"submission": str(uuid.uuid4()), "subject": "Einmal", "body": "Von jedem"}
    for person in (cast.bob, cast.carla):
        browser = client_of(person)
        form = form_to(browser.see(url), "/neu").values()
        for _ in range(2):
            assert browser.post(url, data=form | same).status_code == 302
    with given():
        authors = db.session.scalars(select(Message.author_id).order_by(Message.id)).all()
    assert authors == [cast.bob.id, cast.carla.id]


def bodies(given: Given) -> list[str]:
    with given():
        return list(db.session.scalars(select(Message.body).order_by(Message.id)))


@pytest.mark.parametrize("changed", [{"body": "Ganz anders"}, {"subject": "Zweimal"}, {"also_to": ["west"]}])
def test_other_words_in_the_same_form_are_another_message(
    cast: Cast, client_of: ClientOf, given: Given, changed: dict[str, Any]
) -> None:
    """After "back" the browser shows the form as it was, with the id it had."""
    carla = client_of(cast.carla)
    page = carla.see(cast.ost.path("nachrichten", "neu"))
    data: dict[str, Any] = form_to(page, "neu").values() | {"subject": "Einmal", "body": "Nur einmal"}
    for fields in (data, data | changed, data | changed, data):
        assert carla.post(cast.ost.path("nachrichten", "neu"), data=fields).status_code == 302
    assert bodies(given) == ["Nur einmal", changed.get("body", "Nur einmal")]


def test_a_file_added_to_the_same_words_is_not_lost(cast: Cast, client_of: ClientOf, given: Given) -> None:
    bob = client_of(cast.bob)
    url = cast.ost.path("nachrichten", "neu")
    form = form_to(bob.see(url), "/neu").values() | {"subject": "Plan", "body": "Anbei der Plan"}
    for name in ("", "Plan.txt", "Plan.txt"):
        files = {"files": [(BytesIO(b"ein Plan"), name)]} if name else {}
        assert bob.post(url, data=form | files, content_type="multipart/form-data").status_code == 302
    assert bodies(given) == ["Anbei der Plan"] * 2
    with given():
        assert db.session.scalars(select(StoredFile.name)).all() == ["Plan.txt"]


def test_a_corrected_file_of_the_same_name_is_not_lost(cast: Cast, client_of: ClientOf, given: Given) -> None:
    bob = client_of(cast.bob)
    url = cast.ost.path("nachrichten", "neu")
    form = form_to(bob.see(url), "/neu").values() | {"subject": "Plan", "body": "Anbei der Plan"}
    for text in (b"mit Fehler", b"berichtigt", b"berichtigt", b"mit Fehler"):
        files = {"files": [(BytesIO(text), "Plan.txt")]}
        assert bob.post(url, data=form | files, content_type="multipart/form-data").status_code == 302
    assert bodies(given) == ["Anbei der Plan"] * 2
    with given():
        for file, text in zip(
            db.session.scalars(select(StoredFile).order_by(StoredFile.id)), (b"mit Fehler", b"berichtigt"), strict=True
        ):
            with open_file(file) as content:
                assert content.read() == text


def test_a_file_left_out_after_back_is_no_repetition(cast: Cast, client_of: ClientOf, given: Given) -> None:
    bob = client_of(cast.bob)
    url = cast.ost.path("nachrichten", "neu")
    bob.submit(url, {"subject": "", "body": "Anbei der Plan"}, {"files": [("Plan.txt", b"ein Plan")]})
    form = {**form_to(bob.page, "/neu").values(), "subject": "Plan"}
    [plan] = [box.attrs["value"] for box in bob.page.query('input[name="drop"]')]
    for fields in (form, form | {"drop": plan}, form | {"drop": plan}, form):
        assert bob.post(url, data=fields).status_code == 302
    assert bodies(given) == ["Anbei der Plan"] * 2


def test_other_words_in_the_same_answer_are_another_answer(cast: Cast, client_of: ClientOf, given: Given) -> None:
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("nachrichten", "neu"), {"subject": "Frage", "body": "Wer?"})
    form = form_to(bob.page, "antworten")
    for text in ("Ich", "Doch nicht", "Doch nicht"):
        bob.post(form.action, data=dict(form.values()) | {"body": text})
    assert bodies(given) == ["Wer?", "Ich", "Doch nicht"]


def test_a_draft_in_two_tabs_becomes_what_was_written_in_each(cast: Cast, client_of: ClientOf, given: Given) -> None:
    bob = client_of(cast.bob)
    url = cast.ost.path("nachrichten", "neu")
    bob.submit(url, {"subject": "", "body": "Angefangen"})
    with given():
        draft = db.session.scalars(select(Draft.id)).one()
    tabs = [dict(form_to(bob.see(f"{url}?entwurf={draft}"), "/neu").values()) for _ in range(2)]
    for tab, text in zip(tabs, ("Erster Text", "Zweiter, längerer Text"), strict=True):
        bob.post(url, data=tab | {"subject": "Tür", "body": text})
    assert bodies(given) == ["Erster Text", "Zweiter, längerer Text"]
    with given():
        assert db.session.scalars(select(Draft.id)).all() == []


def test_an_unfinished_message_sent_twice_at_the_same_moment_is_one_draft(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    url = cast.ost.path("nachrichten", "neu")
    tabs = [client_of(cast.bob) for _ in range(2)]
    typed = {"submission": str(uuid.uuid4()), "subject": "", "body": "Angefangen"}
    forms = [typed | {"csrf_token": token(tab.see(url))} for tab in tabs]
    presses = [
        lambda tab=tab, form=form: tab.post(url, data=form).status_code for tab, form in zip(tabs, forms, strict=True)
    ]
    assert at_once(app, "draft", *presses) == [200, 200]
    with given():
        assert db.session.scalars(select(Draft)).one().fields["body"] == "Angefangen"


def test_an_outsider_finds_nothing(cast: Cast, client_of: ClientOf, given: Given) -> None:
    post(client_of(cast.bob), cast)
    with given():
        thread_id = db.session.query(Thread.id).scalar()
    outsider = client_of(cast.wim)
    for parts in [(), ("neu",), (thread_id,)]:
        assert outsider.get(cast.ost.path("nachrichten", *parts)).status_code == 404
    assert outsider.get(cast.west.path("nachrichten", thread_id)).status_code == 404


def test_where_only_leads_write_others_are_told_so(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        db.session.get_one(Network, cast.ost.id).posting = Posting.LEADS
    assert client_of(cast.bob).get(cast.ost.path("nachrichten", "neu")).status_code == 403
    post(client_of(cast.lena), cast)
    with given():
        thread_id = db.session.query(Thread.id).scalar()
    bob = client_of(cast.bob)
    for parts in [(), (thread_id,)]:
        page = bob.see(cast.ost.path("nachrichten", *parts))
        assert "An alle schreibt in diesem Netz nur die Netzleitung." in page.text


def test_who_was_removed_after_posting_gets_no_mail(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    post(client_of(cast.bob), cast)
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.carla)).until = datetime.now(UTC)
    deliver()
    assert smtp.to(cast.carla.email) == []
    assert len(smtp.messages) == 3


def test_a_confidential_text_never_stands_in_a_mail(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    post(
        client_of(cast.bob),
        cast,
        subject="Fall K.",
        body="Streng geheim",
        confidential=True,
        files=[("geheim.txt", b"auch geheim")],
    )
    deliver()
    for received in smtp.messages:
        assert b"geheim" not in received.raw
        assert "Fall K." not in received.subject
        assert received.files == {}


def test_a_message_can_be_taken_back_until_its_mails_go_out(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given, configured: Configured
) -> None:
    browser = client_of(cast.bob)
    with configured(MAIL_UNDO_SECONDS=300):
        post(browser, cast, files=[("Liste.txt", b"Inhalt")])
    deliver()
    assert smtp.messages == []
    with given():
        thread_id = db.session.query(Thread.id).scalar()
    answer = browser.submit(cast.ost.path("nachrichten", thread_id), {}, form="zurueckholen", follow=False)
    page = browser.see(answer.location)
    assert form_to(page, "neu").values()["subject"] == ["Praktikum"]
    assert "Liste.txt" in page.text
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10)):
        deliver()
    assert smtp.messages == []


def test_nobody_takes_back_what_somebody_else_wrote(
    cast: Cast, client_of: ClientOf, given: Given, configured: Configured
) -> None:
    with configured(MAIL_UNDO_SECONDS=300):
        post(client_of(cast.bob), cast)
    with given():
        thread_id, message_id = db.session.query(Message.thread_id, Message.id).one()
    browser = client_of(cast.lena)
    page = browser.see(cast.ost.path("nachrichten", thread_id))
    answer = browser.post(
        cast.ost.path("nachrichten", thread_id, "zurueckholen", message_id), data={"csrf_token": token(page)}
    )
    assert answer.status_code == 403


def test_what_was_typed_and_uploaded_survives_a_mistake(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    browser = client_of(cast.bob)
    answer = browser.submit(
        cast.ost.path("nachrichten", "neu"),
        {"subject": "", "body": "Ein langer Text"},
        {"files": [("Liste.txt", b"Inhalt")]},
    )
    assert answer.status_code == 200
    assert "Bitte geben Sie einen Betreff an." in answer.text
    assert "Ein langer Text" in answer.text
    assert "Liste.txt" in answer.text
    sent = browser.send({"subject": "Jetzt mit Betreff"}, follow=False)
    assert sent.status_code == 302
    deliver()
    [received] = smtp.to(cast.lena.email)
    assert received.files == {"Liste.txt": b"Inhalt"}


def test_the_list_shows_the_words_of_a_text_without_its_marks(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.bob)
    post(browser, cast, body="Wir **suchen**:\n\n- einen *Platz*\n2. sofort\n\n> wie von Schüler*innen _besprochen_")
    assert (
        "Wir suchen: einen Platz · sofort wie von Schüler*innen besprochen"
        in browser.see(cast.ost.path("nachrichten")).text
    )
