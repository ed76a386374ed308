"""Two people within the same second: one owner, one helper, on both databases."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from app.database import db
from app.mail.models import Mail
from app.requests.models import AnswerKind
from tests.at_once import at_once
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import Given
from tests.requests.conftest import TAKE, LinkOf, request_now


def test_two_who_press_at_the_same_moment_are_one_owner_and_one_helper(
    asked: int, cast: Cast, app: Flask, link_of: LinkOf, given: Given
) -> None:
    statuses = press_at_once(app, [link_of(cast.carla, TAKE), link_of(cast.lena, TAKE)])
    assert statuses == [200, 200]
    request = request_now(given)
    assert {request.owner_id, *(helper.user_id for helper in request.helpers)} == {cast.carla.id, cast.lena.id}
    assert [answer.kind for answer in request.answers] == [AnswerKind.HELPS]
    with given():
        notes = db.session.scalar(select(func.count(Mail.id)).where(Mail.event == "request-note"))
    assert notes == 1


def test_one_person_who_clicks_four_times_at_once_is_the_owner_and_no_helper(
    asked: int, cast: Cast, app: Flask, link_of: LinkOf, given: Given
) -> None:
    assert press_at_once(app, [link_of(cast.carla, TAKE)] * 4) == [200] * 4
    request = request_now(given)
    assert (request.owner_id, request.answers) == (cast.carla.id, [])


def test_somebody_who_clicks_twice_while_another_owns_it_helps_once(
    asked: int, cast: Cast, app: Flask, link_of: LinkOf, given: Given
) -> None:
    assert Browser(app, app.response_class).post(link_of(cast.carla, TAKE)).status_code == 200
    assert press_at_once(app, [link_of(cast.lena, TAKE)] * 3) == [200] * 3
    assert [helper.user_id for helper in request_now(given).helpers] == [cast.lena.id]


def press_at_once(app: Flask, paths: list[str]) -> list[int]:
    return at_once(app, "request", *(lambda path=path: _press(app, path) for path in paths))


def _press(app: Flask, path: str) -> int:
    return Browser(app, app.response_class).post(path).status_code
