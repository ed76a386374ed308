"""Links from a mail: a page for GET, an action for POST, a friendly page for what we did not make."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request

from app import registry
from app.registry import MailLink
from tests.browser import Browser
from tests.conftest import Deliver
from tests.mailserver import MailServer

PAGE = "<!doctype html><html lang='de'><head><title>Link</title></head><body><h1>Link</h1></body></html>"


@pytest.fixture
def opened(app: Flask, members: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, MailLink]]:
    """What the action "note" was asked to do."""
    asked: list[tuple[str, MailLink]] = []

    def act(link: MailLink) -> str:
        asked.append((request.method, link))
        return PAGE

    monkeypatch.setitem(registry.mail_actions, "note", act)
    return asked


@pytest.fixture
def path(post: Callable[..., int], opened: Any, smtp: MailServer, deliver: Deliver) -> str:
    """The path of the link in a mail that was sent."""
    post("a@example.org", about="message:34")
    deliver()
    match = re.search(r"/mail/[a-z2-7]+", smtp.messages[0].html)
    assert match
    return match[0]


def test_a_link_tells_what_it_is_for(path: str, opened: list[tuple[str, MailLink]], anonymous: Browser) -> None:
    assert anonymous.get(path).status_code == 200
    assert anonymous.post(path).status_code == 200
    (first, link), (second, again) = opened
    assert (first, second) == ("GET", "POST")
    assert link == again
    assert (link.action, link.recipient_key, link.audience, link.about, link.argument) == (
        "note",
        "email:a@example.org",
        "list:1",
        "message:34",
        7,
    )


def test_one_click_needs_neither_cookie_nor_form(path: str, opened: list[tuple[str, MailLink]], app: Flask) -> None:
    response = app.test_client(use_cookies=False).post(path, data={"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert [method for method, _ in opened] == ["POST"]


def test_head_acts_as_little_as_get(path: str, opened: list[tuple[str, MailLink]], app: Flask) -> None:
    assert app.test_client().head(path).status_code == 200
    assert [method for method, _ in opened] == ["HEAD"]


def test_a_link_in_capitals_works(path: str, opened: list[tuple[str, MailLink]], anonymous: Browser) -> None:
    assert anonymous.get(path.replace(path[6:], path[6:].upper())).status_code == 200


@pytest.mark.parametrize("token", ["x", "a" * 40, "ö", "a" * 3000, "%00", "..%2f"])
def test_a_forged_link_gets_a_friendly_page(token: str, anonymous: Browser) -> None:
    response = anonymous.get(f"/mail/{token}")
    assert response.status_code == 404
    if "/" not in token and "%" not in token:
        assert "Dieser Link gilt nicht" in response.text
        assert app_post(anonymous, token) == 404


def test_a_link_of_a_forgotten_mail_gets_the_same_page(path: str, anonymous: Browser, given: Any) -> None:
    from app.database import db
    from app.mail.models import Delivery

    with given():
        db.session.query(Delivery).delete()
    assert anonymous.get(path).status_code == 404


def app_post(browser: Browser, token: str) -> int:
    return int(browser.post(f"/mail/{token}").status_code)
