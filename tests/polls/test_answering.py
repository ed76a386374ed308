"""One page from the mail's link, without signing in: yes, maybe or no to each date, changed until it is closed."""

from __future__ import annotations

import pytest

from app.database import db, utc_now
from app.networks.models import Network
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Given
from tests.polls.conftest import FIRST, LinkTo, SayTo, date_fields, said
from tests.queries import asked as statements_of


def test_one_page_takes_all_answers_and_changes_them(asked: int, cast: Cast, given: Given, say: SayTo) -> None:
    assert "Ihre Antworten sind gespeichert" in say(cast.bob, "yes", "maybe", "no")
    assert said(given) == {cast.bob.id: ["yes", "maybe", "no"]}

    assert "Ihre Antworten sind gespeichert" in say(cast.bob, "no", "maybe", "yes")
    assert said(given) == {cast.bob.id: ["no", "maybe", "yes"]}


def test_the_page_shows_what_was_said_before(
    asked: int, cast: Cast, given: Given, say: SayTo, anonymous: Browser, link_to: LinkTo
) -> None:
    say(cast.bob, "yes", "maybe", "no")

    page = anonymous.see(link_to(cast.bob))
    assert [node.attrs["value"] for node in page.query("input[checked]")] == ["yes", "maybe", "no"]
    assert [node.attrs["type"] for node in page.query("main input")] == ["radio"] * 9
    assert len(page.query("fieldset legend")) == 3


def test_each_date_wants_an_answer(asked: int, cast: Cast, given: Given, anonymous: Browser, link_to: LinkTo) -> None:
    path = link_to(cast.bob)
    first = date_fields(given)[0]

    anonymous.submit(path, {first: "yes"}, form=path)

    assert anonymous.page.errors == ["Bitte wählen Sie Ja, Vielleicht oder Nein."] * 2
    assert [node.attrs["value"] for node in anonymous.page.query("input[checked]")] == ["yes"]
    assert said(given) == {}


@pytest.mark.parametrize("value", ["", "ja", "YES", "1", "x" * 10_000, "\x00", "😀"])
def test_an_answer_that_is_none_is_refused(
    value: str, asked: int, cast: Cast, given: Given, anonymous: Browser, link_to: LinkTo
) -> None:
    path = link_to(cast.bob)
    answer = anonymous.post(path, data=dict.fromkeys(date_fields(given), value) | {"date999": "yes"})

    assert answer.status_code == 200
    assert said(given) == {}


def test_looking_ten_times_says_nothing(
    asked: int, cast: Cast, given: Given, anonymous: Browser, link_to: LinkTo
) -> None:
    for person in cast.everyone_in_ost[:3]:
        for _ in range(10):
            assert anonymous.get(link_to(person)).status_code == 200
    assert said(given) == {}


def test_pressed_twice_it_counts_once(asked: int, cast: Cast, given: Given, say: SayTo) -> None:
    say(cast.bob, "yes", "yes", "yes")
    say(cast.bob, "yes", "yes", "yes")

    assert said(given) == {cast.bob.id: ["yes"] * 3}


def test_a_forged_token_opens_nothing(asked: int, cast: Cast, anonymous: Browser, link_to: LinkTo) -> None:
    path = link_to(cast.bob)
    for forged in (path[:-1] + ("a" if path[-1] != "a" else "b"), path[:-4], "/mail/" + "a" * 40, path + "a"):
        assert anonymous.get(forged).status_code == 404
        assert anonymous.post(forged).status_code == 404


def test_a_mailbox_that_only_receives_is_told_so(asked: int, cast: Cast, anonymous: Browser, link_to: LinkTo) -> None:
    answer = anonymous.get(link_to(cast.gast))

    assert answer.status_code == 400
    assert "Antworten kann nur eine Person" in answer.text


def test_a_closed_network_takes_no_answers(
    asked: int, cast: Cast, given: Given, anonymous: Browser, link_to: LinkTo
) -> None:
    with given():
        db.session.get_one(Network, cast.ost.id).closed_at = utc_now()
    answer = anonymous.post(link_to(cast.bob), data=dict.fromkeys(date_fields(given), "yes"))

    assert answer.status_code == 400
    assert said(given) == {}


def test_the_website_takes_the_same_answers(asked: int, cast: Cast, client_of: ClientOf, given: Given) -> None:
    bob = client_of(cast.bob)
    assert FIRST in bob.see(cast.ost.path("nachrichten", asked)).text

    bob.submit(
        cast.ost.path("terminumfragen", asked),
        dict(zip(date_fields(given), ("yes", "no", "maybe"), strict=True)),
        form="terminumfragen",
    )

    assert "Ihre Antworten sind gespeichert" in bob.page.text
    assert said(given) == {cast.bob.id: ["yes", "no", "maybe"]}
    assert "Sie haben geantwortet." in bob.see(cast.ost.path("nachrichten", asked)).text


def test_an_outsider_finds_nothing_and_a_participant_sees_no_answers(
    asked: int, cast: Cast, client_of: ClientOf, say: SayTo
) -> None:
    say(cast.carla, "yes", "no", "no")
    path = cast.ost.path("terminumfragen", asked)

    assert client_of(cast.wim).get(path).status_code == 404
    assert client_of(cast.wim).get(cast.west.path("terminumfragen", asked)).status_code == 404
    text = client_of(cast.bob).see(path).text
    assert "Was alle antworten" not in text
    assert "Carla" not in text


def test_the_page_behind_the_link_asks_the_database_little(
    asked: int, cast: Cast, anonymous: Browser, link_to: LinkTo
) -> None:
    path = link_to(cast.bob)
    anonymous.get(path)
    with statements_of(anonymous.application) as statements:
        anonymous.get(path)
    assert len(statements) <= 14, statements
