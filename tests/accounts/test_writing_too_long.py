"""Whoever writes until their session has ended finds their words again; nobody else gets to put words on our pages."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from wtforms import PasswordField
from wtforms.fields.core import UnboundField

from app.database import db, utc_now
from app.forms import PortalForm
from app.forum.models import Message
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.page import text_of

WORDS = {"subject": "Praktikum gesucht", "body": "Liebe alle,\nwer hat im <Mai> einen Platz?"}


@pytest.fixture
def late(cast: Cast, client_of: ClientOf) -> Browser:
    """Bob's browser, whose session ends while he writes."""
    bob = client_of(cast.bob)
    bob.see(cast.ost.path("nachrichten", "neu"))
    with bob.session_transaction() as session:
        session.clear()
    return bob


def send(browser: Browser, cast: Cast, **headers: str) -> int:
    ours = {"Origin": "http://localhost", "Referer": "http://localhost" + cast.ost.path("nachrichten", "neu")}
    browser.environ_base.update({f"HTTP_{name.upper()}": value for name, value in (ours | headers).items()})
    return browser.send(WORDS, form="neu", follow=False).status_code


def test_what_was_written_is_shown_with_the_way_to_sign_in_again(late: Browser, cast: Cast, app: Flask) -> None:
    assert send(late, cast) == 403
    assert late.page.heading == "Sie sind nicht mehr angemeldet"
    assert [text_of(area) for area in late.page.query("textarea")] == [
        " ".join(words.split()) for words in WORDS.values()
    ]
    assert f"/anmelden?weiter={cast.ost.path('nachrichten', 'neu')}" in late.page.links
    with app.app_context():
        assert db.session.scalar(select(func.count(Message.id))) == 0


def test_what_stands_before_large_files_is_shown_too(late: Browser, cast: Cast) -> None:
    late.environ_base |= {"HTTP_ORIGIN": "http://localhost"}
    late.send(WORDS, {"files": [("Plan.pdf", b"%PDF-" + b"x" * 300_000)]}, form="neu", follow=False)
    assert late.page.heading == "Sie sind nicht mehr angemeldet"
    assert [text_of(area) for area in late.page.query("textarea")] == [
        " ".join(each.split()) for each in WORDS.values()
    ]


def test_a_long_text_without_files_is_shown_too(late: Browser, cast: Cast) -> None:
    late.environ_base |= {"HTTP_ORIGIN": "http://localhost"}
    words = "Beschluss über die Küche. " * 2600  # 67 600 characters
    late.post(cast.ost.path("sitzungen", "neu"), data={"agenda": words, "title": "Küche & Bad"})
    assert [text_of(area) for area in late.page.query("textarea")] == [" ".join(words.split()), "Küche & Bad"]


@pytest.mark.parametrize("start", [b"", b"--b\r\n", b"--b\r\nContent-Disposition: x", b"\0" * 20, b"--b--\r\n"])
def test_a_large_body_that_is_no_form_leads_to_signing_in(late: Browser, cast: Cast, start: bytes) -> None:
    body, kind = start + b"y" * 300_000, "multipart/form-data; boundary=b"
    answer = late.post(
        cast.ost.path("nachrichten", "neu"), data=body, content_type=kind, headers={"Origin": "http://localhost"}
    )
    assert answer.status_code == 302
    assert "/anmelden" in answer.location


def test_it_is_shown_when_the_device_was_signed_out_elsewhere(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.see(cast.ost.path("nachrichten", "neu"))
    with time_machine.travel(utc_now() + timedelta(days=40), tick=True):
        assert send(bob, cast) == 403
    assert WORDS["subject"] in bob.page.text


def test_a_form_that_is_too_old_gives_the_words_back(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.see(cast.ost.path("nachrichten", "neu"))
    with bob.session_transaction() as session:
        del session["csrf_token"]
    assert send(bob, cast) == 400
    assert bob.page.heading == "Bitte noch einmal senden"
    assert WORDS["subject"] in bob.page.text


def test_single_words_and_fields_named_alike_are_given_back_and_what_forms_say_themselves_is_not(
    late: Browser, cast: Cast
) -> None:
    late.environ_base |= {"HTTP_ORIGIN": "http://localhost", "HTTP_REFERER": "http://localhost/netze/ost?art=request"}
    typed = {"subject": "zimmer", "body": "www.example.org", "place": ["Haus A", "Haus B"], "anders": "Zwei Worte"}
    said_by_the_form = {"kind": "request", "also_to": "2", "deadline": "2026-12-03", "submission": str(uuid.uuid4())}
    said_by_the_form |= {"there_seen": "4 2", "weiter": "/netze/ost", "netz3-until": "2026-12-03"}
    late.post(cast.ost.path("nachrichten", "neu"), data=typed | said_by_the_form | {"csrf_token": "I" * 91})
    shown = [text_of(area) for area in late.page.query("textarea")]
    assert shown == ["zimmer", "www.example.org", "Haus A", "Haus B", "Zwei Worte"]
    assert "/anmelden?weiter=/netze/ost?art%3Drequest" in late.page.links


@pytest.mark.parametrize("ended", ["session", "form"])
@pytest.mark.parametrize(
    ("page", "form", "field"),
    [
        ("/profil", "/profil/passwort", "new_password"),
        ("/anmelden", "/anmelden/passwort", "password"),
    ],
)
def test_no_password_is_shown(
    cast: Cast, client_of: ClientOf, anonymous: Browser, ended: str, page: str, form: str, field: str
) -> None:
    browser = anonymous if page == "/anmelden" else client_of(cast.bob)
    browser.see(page)
    with browser.session_transaction() as session:
        session.clear() if ended == "session" else session.pop("csrf_token")
    browser.environ_base |= {"HTTP_ORIGIN": "http://localhost"}
    browser.send({field: "vier rote Stühle"}, form=form, follow=False)
    assert "rote Stühle" not in browser.page.html


def test_the_name_of_each_field_for_a_password_says_so() -> None:
    """That is how app/errors.py knows what it must not show."""
    forms, named = [PortalForm], set()
    while forms:
        form = forms.pop()
        forms += form.__subclasses__()
        fields = ((name, field) for name, field in vars(form).items() if isinstance(field, UnboundField))
        named |= {name for name, field in fields if issubclass(field.field_class, PasswordField)}
    assert named == {"password", "current_password", "new_password"}


@pytest.mark.parametrize(
    ("referer", "way_back"),
    [
        ("http://[", "/"),
        ("http://a]b/", "/"),
        ("http://localhost//boese.example.org/x", "/boese.example.org/x"),
        ("http://localhost/\\boese.example.org", "/boese.example.org"),
    ],
)
def test_the_way_back_leads_nowhere_else(cast: Cast, client_of: ClientOf, referer: str, way_back: str) -> None:
    bob = client_of(cast.bob)
    bob.environ_base |= {"HTTP_ORIGIN": "http://localhost", "HTTP_REFERER": referer}
    bob.post(cast.ost.path("nachrichten", "neu"), data={"body": "Zwei Worte", "csrf_token": "alt"})
    assert way_back in bob.page.links
    assert not any("//boese" in link or "\\" in link for link in bob.page.links)


@pytest.mark.parametrize("origin", ["https://boese.example.org", "null", "http://localhost.boese.example.org"])
def test_no_other_site_puts_words_on_our_pages(late: Browser, cast: Cast, origin: str) -> None:
    assert send(late, cast, Origin=origin) == 302
