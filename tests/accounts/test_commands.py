"""The operator's way to a first Verwaltung and into an account whose mail does not arrive."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask import Flask

from app.accounts.models import User
from app.database import db
from tests.browser import Browser
from tests.cast import Cast


def test_admin_add_makes_a_verwaltung_and_prints_a_link(app: Flask, anonymous: Browser) -> None:
    result = app.test_cli_runner().invoke(args=["admin", "add", "neu@example.org", "--name", "Nadine Neu"])
    assert result.exit_code == 0
    link = result.output.split()[-1]
    assert link.startswith(app.config["BASE_URL"])
    assert anonymous.post(urlsplit(link).path).status_code == 302
    assert anonymous.see("/verwaltung/personen").heading == "Personen"


def test_admin_add_promotes_whom_it_finds(app: Flask, cast: Cast) -> None:
    result = app.test_cli_runner().invoke(args=["admin", "add", cast.gast.email.upper(), "--name", "egal"])
    assert result.exit_code == 0
    with app.app_context():
        user = db.session.get_one(User, cast.gast.id)
        assert (user.is_admin, user.receives_only, user.name) == (True, False, cast.gast.name)


@pytest.mark.parametrize(("email", "name"), [("x", "X"), ("a@example.org", " "), ("a@example.org", "x" * 201)])
def test_admin_add_refuses_nonsense(app: Flask, email: str, name: str) -> None:
    result = app.test_cli_runner().invoke(args=["admin", "add", email, "--name", name])
    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_sign_in_link_prints_a_link_and_nothing_else(app: Flask, cast: Cast, anonymous: Browser) -> None:
    result = app.test_cli_runner().invoke(args=["sign-in-link", cast.bob.email])
    assert result.exit_code == 0
    assert anonymous.submit(urlsplit(result.output.strip()).path, form="/anmelden/", follow=False).location == "/"


def test_sign_in_link_says_who_cannot_have_one(app: Flask, cast: Cast) -> None:
    for address, sentence in ((cast.gast.email, "empfängt nur"), ("niemand@example.org", "Niemand hier hat")):
        result = app.test_cli_runner().invoke(args=["sign-in-link", address])
        assert result.exit_code == 1
        assert sentence in result.output
