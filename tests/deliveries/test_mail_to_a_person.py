""" "Hat Frau X die Einladung bekommen?": one search, by Verwaltung or by a lead of the network."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from app.accounts.models import User
from app.database import db, read, utc_now
from app.deliveries import person_mails
from app.deliveries.person_mails import KINDS
from app.deliveries.words import said
from app.mail.models import Delivery, DeliveryState, Mail
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.forum.test_posting import post
from tests.mailserver import MailServer


def test_one_search_tells_verwaltung_what_became_of_an_invitation(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    smtp.answers[cast.carla.email] = "552 5.2.2 mailbox full"
    post(client_of(cast.bob), cast, kind="invitation", subject="Netzwerktreffen")
    deliver()
    for words in ("celik", "carla.celik@sprachwerk.example.org", "Carla"):
        page = client_of(cast.anke).see(f"/verwaltung/post?q={words}")
        assert "Post an Carla Çelik" in page.text
        assert "Netzwerktreffen" in page.text
        assert "Das Postfach ist voll." in page.text
        assert "552 5.2.2" in page.text
        [link] = page.query("tbody th a")
        assert "/zustellung?nachricht=" in str(link.attrs["href"])


def test_several_who_fit_are_offered_and_nobody_is_said(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.anke)
    page = browser.see("/verwaltung/post?q=example.org")
    assert len(page.query("main .rows a")) == 6
    assert "Niemand gefunden" in browser.see("/verwaltung/post?q=niemand@example.com").text
    for odd in ("%25", "_", "x" * 3000, "<script>"):
        assert "Niemand gefunden" in browser.see(f"/verwaltung/post?q={odd}").text


def test_every_kind_of_mail_has_a_name() -> None:
    templates = Path(__file__).parents[2] / "templates" / "mail"
    assert {each.name for each in templates.iterdir() if each.is_dir()} == set(KINDS)


def test_what_was_given_up_after_one_day_is_told_in_words(app: Flask) -> None:
    with app.test_request_context():
        reply = "nach einem Tag aufgegeben; zuletzt: 452 4.2.2 mailbox full"
        told = said(DeliveryState.FAILED, reply, utc_now()).meaning
    assert told == "Nach einem Tag aufgegeben. Das Postfach ist voll."


def test_verwaltung_sees_the_kind_of_other_mail_and_never_what_a_person_wrote_to_a_person(
    cast: Cast, client_of: ClientOf, anonymous: Browser, deliver: Deliver
) -> None:
    anonymous.submit("/anmelden", {"email": cast.lena.email})
    client_of(cast.bob).submit(
        cast.ost.path("teilnehmende", cast.ost.participant(cast.lena), "schreiben"),
        {"subject": "Vertrauliches Anliegen", "body": "Unter uns gesagt."},
    )
    deliver()
    page = client_of(cast.anke).see(f"/verwaltung/post/{cast.lena.id}")
    assert "Mail von einer Person" in page.text
    assert "Anmeldelink" in page.text
    assert "übergeben" in page.text
    assert "Vertrauliches" not in page.text
    assert "Unter uns" not in page.text
    assert "Bob" not in page.text


def test_leads_see_the_messages_of_their_own_network_only(cast: Cast, client_of: ClientOf, deliver: Deliver) -> None:
    post(client_of(cast.bob), cast, subject="Aus dem Osten")
    client_of(cast.wim).submit(cast.west.path("nachrichten", "neu"), {"subject": "Aus dem Westen", "body": "Hallo"})
    client_of(cast.bob).submit(
        cast.ost.path("teilnehmende", cast.ost.participant(cast.carla), "schreiben"), {"subject": "Privat", "body": "x"}
    )
    deliver()
    browser = client_of(cast.lena)
    browser.see(cast.ost.path("teilnehmende"))
    link = cast.ost.path("teilnehmende", cast.ost.participant(cast.carla), "post")
    assert browser.page.query(f"a[href='{link}']")
    page = browser.see(link)
    assert "Aus dem Osten" in page.text
    assert "Aus dem Westen" not in page.text
    assert "Mail von einer Person" not in page.text
    everything = client_of(cast.anke).see(f"/verwaltung/post/{cast.carla.id}").text
    assert "Aus dem Westen" in everything


def test_nobody_else_sees_the_mail_of_a_person(cast: Cast, client_of: ClientOf) -> None:
    of_participant = cast.ost.path("teilnehmende", cast.ost.participant(cast.carla), "post")
    assert client_of(cast.wim).get(of_participant).status_code == 404
    bob = client_of(cast.bob)
    assert bob.get(of_participant).status_code == 403
    assert not bob.see(cast.ost.path("teilnehmende")).query("a[href$='/post']")
    lena = client_of(cast.lena)
    for path in ("/verwaltung/post", "/verwaltung/post?q=carla", f"/verwaltung/post/{cast.carla.id}"):
        assert lena.get(path).status_code == 403
    in_west = cast.ost.path("teilnehmende", cast.west.participant(cast.wim), "post")
    assert lena.get(in_west).status_code == 404
    assert client_of(cast.anke).get("/verwaltung/post/999999").status_code == 404


def test_the_mails_have_pages(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        lay_down(cast.carla.key, 120)
    browser = client_of(cast.anke)
    for page, rows in (("", 50), ("?seite=3", 20), ("?seite=4", 0)):
        assert len(browser.see(f"/verwaltung/post/{cast.carla.id}{page}").query("tbody tr")) == rows


def test_a_persons_mails_are_found_by_an_index_among_many(
    cast: Cast, given: Given, database_kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    with given():
        for other in range(30):
            lay_down(f"user:{1000000 + other}", 100)
        lay_down(cast.carla.key, 5)
        db.session.flush()
        db.session.execute(text("ANALYZE"))

        def explained(statement: Any, values: Any) -> Any:
            explain = "EXPLAIN QUERY PLAN " if database_kind == "sqlite" else "EXPLAIN "
            compiled = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
            asked.extend(map(str, db.session.connection().exec_driver_sql(explain + str(compiled).replace("%", "%%"))))
            return real(statement, values)

        real = read
        monkeypatch.setattr(person_mails, "read", explained)
        person = db.session.get_one(User, cast.carla.id)
        mails, _has_more = person_mails.mails_to([person], 1, viewer=person)
    assert len(mails) == 5
    plan = "\n".join(asked)
    assert "ix_delivery_recipient_key" in plan
    assert "SCAN delivery" not in plan
    assert "Seq Scan on delivery" not in plan


def lay_down(key: str, number: int) -> None:
    """So many mails to this key, each with a thread-like subject of its own."""
    now = utc_now()
    first = (db.session.scalar(text("SELECT coalesce(max(id), 0) FROM mail")) or 0) + 1
    mails = [
        {
            "id": first + count,
            "event": "message",
            "audience": "networks:1",
            "about": f"message:{first + count}",
            "message_id": f"{first + count}@example.org",
            "date": now - timedelta(minutes=count),
            "from_address": "ost@netz.example.org",
            "subject": "x",
            "text": "x",
            "html": "x",
        }
        for count in range(number)
    ]
    db.session.execute(insert(Mail), mails)
    delivery = {"recipient_key": key, "state": DeliveryState.SENT, "priority": 6, "due_at": now, "finished_at": now}
    db.session.execute(insert(Delivery), [delivery | {"mail_id": mail["id"]} for mail in mails])
