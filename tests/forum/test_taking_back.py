"""Taking back harms nobody else: not who has answered, not who writes next, not whose draft it is."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.database import db, utc_now
from app.forum.models import Draft, Message
from app.networks.models import Network, Posting
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.forum.test_posting import form_to, post, token
from tests.mailserver import MailServer


def first_thread(given: Given) -> int:
    with given():
        return db.session.scalars(select(Message.thread_id).order_by(Message.id)).first() or 0


def test_a_message_that_was_answered_stays(
    cast: Cast, client_of: ClientOf, given: Given, configured: Configured
) -> None:
    bob = client_of(cast.bob)
    with configured(MAIL_UNDO_SECONDS=300):
        post(bob, cast)
        path = cast.ost.path("nachrichten", first_thread(given))
        client_of(cast.carla).submit(path, {"body": "Ich helfe."}, {"files": [("Plan.txt", b"Plan")]}, form="antworten")
    answer = bob.submit(path, {}, form="zurueckholen")
    assert answer.status_code == 400
    assert "schon jemand geantwortet" in answer.text
    page = client_of(cast.carla).see(path)
    assert "Ich helfe." in page.text


def test_a_new_message_never_gets_what_belonged_to_one_taken_back(
    cast: Cast, client_of: ClientOf, given: Given, configured: Configured, smtp: MailServer, deliver: Deliver
) -> None:
    bob = client_of(cast.bob)
    with configured(MAIL_UNDO_SECONDS=300):
        post(bob, cast, [("Geheim.txt", b"nur fuer Ost")])
        bob.submit(cast.ost.path("nachrichten", first_thread(given)), {}, form="zurueckholen")
    wim = client_of(cast.wim)
    wim.submit(cast.west.path("nachrichten", "neu"), {"subject": "Aus West", "body": "Hallo"})
    deliver()
    assert {mail.to for mail in smtp.messages} == {cast.wim.email, cast.carla.email}
    assert "Geheim.txt" not in wim.see(cast.west.path("nachrichten")).text


def test_the_id_of_somebody_elses_draft_is_not_taken(cast: Cast, client_of: ClientOf, given: Given) -> None:
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("nachrichten", "neu"), {"subject": "", "body": "B"}, {"files": [("Bobs.txt", b"Bob")]})
    with given():
        draft_id = db.session.scalars(select(Draft.id)).one()
    wim = client_of(cast.wim)
    page = wim.see(cast.west.path("nachrichten", "neu"))
    data = form_to(page, "neu").values() | {"subject": "Wims", "body": "Text", "submission": draft_id}
    wim.post(cast.west.path("nachrichten", "neu"), data=data)
    assert "Bobs.txt" not in wim.see(cast.west.path("nachrichten")).text
    with given():
        assert db.session.get(Draft, draft_id) is not None
        assert db.session.scalars(select(Message.submission)).one() != draft_id


@pytest.mark.parametrize("submission", ["", "unsinn", "' OR 1=1", "8b8681ec-bfd5-45c7-b90a-e13ef710f4fa"])
def test_any_id_of_a_form_makes_one_message(cast: Cast, client_of: ClientOf, given: Given, submission: str) -> None:
    bob = client_of(cast.bob)
    page = bob.see(cast.ost.path("nachrichten", "neu"))
    data = form_to(page, "neu").values() | {"subject": "S", "body": "B", "submission": submission}
    assert bob.post(cast.ost.path("nachrichten", "neu"), data=data).status_code == 302
    with given():
        assert db.session.scalar(select(func.count()).select_from(Message)) == 1


def test_an_answer_from_a_shared_thread_does_not_reach_a_network_where_only_leads_write(
    cast: Cast, client_of: ClientOf, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    post(client_of(cast.carla), cast, also_to=["west"])
    deliver()
    smtp.forget()
    with given():
        db.session.get_one(Network, cast.ost.id).posting = Posting.LEADS
    wim = client_of(cast.wim)
    wim.submit(cast.west.path("nachrichten", first_thread(given)), {"body": "Aus West"}, form="antworten")
    deliver()
    assert {mail.to for mail in smtp.messages} == {cast.wim.email, cast.carla.email}


def test_a_closed_network_gets_nothing_and_writes_nothing(
    cast: Cast, client_of: ClientOf, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    post(client_of(cast.carla), cast, also_to=["west"])
    deliver()
    smtp.forget()
    with given():
        db.session.get_one(Network, cast.ost.id).closed_at = utc_now()
    thread_id = first_thread(given)
    bob = client_of(cast.bob)
    page = bob.see(cast.ost.path("nachrichten", thread_id))
    assert "Allen antworten" not in page.text
    refused = bob.post(
        cast.ost.path("nachrichten", thread_id, "antworten"), data={"csrf_token": token(page), "body": "Trotzdem"}
    )
    assert refused.status_code == 400
    client_of(cast.wim).submit(cast.west.path("nachrichten", thread_id), {"body": "Aus West"}, form="antworten")
    deliver()
    assert {mail.to for mail in smtp.messages} == {cast.wim.email, cast.carla.email}


def test_where_only_leads_write_a_crafted_post_is_refused(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        db.session.get_one(Network, cast.ost.id).posting = Posting.LEADS
    bob = client_of(cast.bob)
    page = bob.see("/profil")
    data = {"csrf_token": token(page), "subject": "S", "body": "B", "kind": "message"}
    assert bob.post(cast.ost.path("nachrichten", "neu"), data=data).status_code == 403
    with given():
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0
