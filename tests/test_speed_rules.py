"""How often a page asks the database does not depend on how much it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import User
from app.database import db
from app.forum import posting
from app.forum.models import Message, Thread
from app.networks.models import Network
from tests.cast import Cast
from tests.conftest import ClientOf, Given
from tests.factories import make_participants
from tests.queries import asked

pytestmark = pytest.mark.once

FEW, MANY = 10, 60

#: Adds so many rows to what a page shows, and returns where that page is.
Grow = Callable[[Cast, int], tuple[Any, ...]]


def more_threads(cast: Cast, number: int) -> tuple[Any, ...]:
    for author in _authors(cast, number):
        posting.post_message(author, _network(cast), subject="Räume", body="Wer hat einen Raum?")
    return ("nachrichten",)


def more_participants(cast: Cast, number: int) -> tuple[Any, ...]:
    make_participants(_network(cast), number)
    return ("teilnehmende",)


def more_messages(cast: Cast, number: int) -> tuple[Any, ...]:
    thread = db.session.query(Thread).first()
    if thread is None:
        [author] = _authors(cast, 1)
        thread = posting.post_message(author, _network(cast), subject="Räume", body="Wer hat einen Raum?").thread
    for author in _authors(cast, number):
        posting.reply(author, thread, body="Wir haben einen.")
    return ("nachrichten", thread.id)


@pytest.mark.parametrize("grow", [more_threads, more_participants, more_messages])
def test_a_page_asks_as_often_for_sixty_rows_as_for_ten(
    grow: Grow, app: Flask, cast: Cast, given: Given, client_of: ClientOf
) -> None:
    browser = client_of(cast.bob)
    asked_for = []
    for number in (FEW, MANY - FEW):
        with given():
            place = grow(cast, number)
        path = cast.ost.path(*map(str, place))
        browser.get(path)
        with asked(app) as statements:
            page = browser.get(path)
        assert page.status_code == 200
        asked_for.append(len(statements))
    assert asked_for[0] == asked_for[1]


def test_a_part_of_a_page_is_shown_anew_when_what_it_shows_has_changed(
    cast: Cast, given: Given, client_of: ClientOf
) -> None:
    browser = client_of(cast.bob)
    with given():
        place = more_threads(cast, 1)
    path = cast.ost.path(*place)
    assert "Wer hat einen Raum?" in browser.get(path).text
    with given():
        db.session.query(Message).one().body = "Hat sich erledigt."
    page = browser.get(path).text
    assert "Hat sich erledigt." in page
    assert "Wer hat einen Raum?" not in page


def test_what_only_verwaltung_may_see_of_a_row_is_not_shown_to_the_next_reader(cast: Cast, client_of: ClientOf) -> None:
    path = cast.ost.path("teilnehmende")
    assert "Bearbeiten" in client_of(cast.anke).get(path).text
    assert "Bearbeiten" not in client_of(cast.bob).get(path).text


def _network(cast: Cast) -> Network:
    return db.session.query(Network).filter_by(slug=cast.ost.slug).one()


def _authors(cast: Cast, number: int) -> list[User]:
    """Different people, so that a query for each author would show."""
    return make_participants(_network(cast), number)
