"""What the tests of signing in share."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app.accounts import passwords, sign_in
from app.accounts.models import User
from app.database import db
from tests.browser import Browser
from tests.cast import Person
from tests.conftest import Deliver, Given
from tests.mailserver import MailServer

LinkFor = Callable[[Person], str]
MailedLink = Callable[[str], str]
NewBrowser = Callable[[], Browser]
PasswordOf = Callable[[Person], str]


@pytest.fixture
def link_for(given: Given) -> LinkFor:
    """`link_for(cast.bob)` is the path of a fresh link for Bob."""

    def path(person: Person) -> str:
        with given():
            return str(urlsplit(sign_in.link_for(db.session.get_one(User, person.id))).path)

    return path


@pytest.fixture
def mailed_link(deliver: Deliver, smtp: MailServer) -> MailedLink:
    """`mailed_link(address)` delivers what is due and is the path of the newest link in that mailbox."""

    def path(address: str) -> str:
        deliver()
        links = re.findall(r"https?://\S+", smtp.to(address)[-1].text)
        return str(urlsplit(links[0]).path)

    return path


@pytest.fixture
def new_browser(app: Flask) -> NewBrowser:
    """Another browser in which nobody is signed in."""
    return lambda: Browser(app, app.response_class)


@pytest.fixture
def password_of(given: Given) -> PasswordOf:
    """`password_of(cast.bob)` gives Bob a password and is that password."""

    def word(person: Person) -> str:
        with given():
            user = db.session.get_one(User, person.id)
            user.password_hash = passwords._hasher.hash("vier ganz zufällige Wörter")
        return "vier ganz zufällige Wörter"

    return word
