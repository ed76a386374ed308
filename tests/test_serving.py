"""Behind the proxy: whose request it is. Rate limits count people, not the proxy."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.browser import Browser

pytestmark = pytest.mark.once

LINKS_PER_CLIENT = 60  # app/accounts/limits.py


def test_people_behind_the_proxy_do_not_share_a_limit(anonymous: Browser) -> None:
    codes = [_ask(anonymous, number, "203.0.113.1") for number in range(LINKS_PER_CLIENT + 1)]
    assert codes == [HTTPStatus.FOUND] * LINKS_PER_CLIENT + [HTTPStatus.TOO_MANY_REQUESTS]
    assert _ask(anonymous, 100, "203.0.113.2") == HTTPStatus.FOUND


def test_a_client_cannot_pass_itself_off_as_another(anonymous: Browser) -> None:
    codes = [_ask(anonymous, number, f"198.51.100.{number}, 203.0.113.1") for number in range(LINKS_PER_CLIENT + 1)]
    assert codes[-1] == HTTPStatus.TOO_MANY_REQUESTS


def _ask(browser: Browser, number: int, forwarded_for: str) -> int:
    browser.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded_for
    browser.see("/anmelden")
    return browser.send({"email": f"person{number}@example.org"}, form="/anmelden", follow=False).status_code
