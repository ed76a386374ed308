"""The link to a file too large for a mail: opened by whoever got the mail, without signing in, for thirty days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from app import registry
from app.database import db, utc_now
from app.files import keeping
from app.files.models import StoredFile
from app.mail import envelope
from app.mail.models import Delivery, DeliveryState, Mail
from app.registry import Recipient, Refusal
from tests.browser import Browser
from tests.conftest import Given
from tests.files.conftest import Keep

Link = Callable[..., str]

#: Recipients who belong to the audience and pause.
PAUSED: set[str] = set()


@pytest.fixture(autouse=True)
def wanted(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The recipients that belong to the audience "probe:..." at this moment."""
    keys = {"user:7"}

    def ask(audience: str, recipient_keys: Sequence[str]) -> dict[str, Recipient | Refusal]:
        assert audience == "probe:1"
        present = Recipient("bob@example.org", "Bob")
        left, paused = Refusal("nicht mehr dabei"), Refusal("pausiert", still_belongs=True)
        return {key: present if key in keys else paused if key in PAUSED else left for key in recipient_keys}

    monkeypatch.setitem(registry.recipients_now, "probe", ask)
    return keys


@pytest.fixture
def link(given: Given) -> Link:
    """`link(file_id)` is the path of the link in the mail that user 7 got about "probe:1"."""

    def made(file_id: int, audience: str = "probe:1") -> str:
        with given():
            mail = Mail(
                event="probe", audience=audience, about="probe:1", message_id=f"{file_id}@example.org",
                from_address="netz@example.org", subject="", text="", html="",
            )  # fmt: skip
            delivery = Delivery(
                mail=mail, recipient_key="user:7", state=DeliveryState.SENT, priority=6, due_at=utc_now()
            )
            db.session.add(delivery)
            db.session.flush()
            return f"/mail/{envelope.seal(envelope.signing_key(), 'file', delivery.id, file_id)}"

    return made


def test_the_page_shows_name_and_size_and_its_button_hands_the_file_out(
    anonymous: Browser, keep: Keep, link: Link
) -> None:
    data = b"x" * 3_000_000
    url = link(keep(data, "Bericht groß.txt")[0])
    page = anonymous.see(url)
    assert "Bericht groß.txt" in page.text
    assert "2,9 MB" in page.text
    answer = anonymous.send(button="Herunterladen")
    assert answer.status_code == 200
    assert answer.data == data
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_scanner_that_opens_every_link_changes_nothing(
    app: Flask, anonymous: Browser, keep: Keep, link: Link
) -> None:
    url = link(keep(b"Guten Tag", "a.txt")[0])
    before = everything(app)
    for _ in range(10):
        assert anonymous.get(url).status_code == 200
        anonymous.head(url)
    assert everything(app) == before


def test_the_link_ends_after_thirty_days(anonymous: Browser, keep: Keep, link: Link) -> None:
    url = link(keep(b"Guten Tag", "a.txt")[0])
    with time_machine.travel(utc_now() + timedelta(days=29, hours=23)):
        assert anonymous.post(url).data == b"Guten Tag"
    with time_machine.travel(utc_now() + timedelta(days=30, minutes=1)):
        assert anonymous.get(url).status_code == 404
        assert "nicht mehr verfügbar" in anonymous.page.heading
        assert b"Guten Tag" not in anonymous.post(url).data


def test_whoever_left_the_audience_gets_the_file_no_more(
    anonymous: Browser, keep: Keep, link: Link, wanted: set[str]
) -> None:
    url = link(keep(b"Guten Tag", "a.txt")[0])
    wanted.clear()
    assert anonymous.get(url).status_code == 404
    assert b"Guten Tag" not in anonymous.post(url).data


def test_whoever_gets_no_mails_for_a_while_still_gets_the_file(
    anonymous: Browser, keep: Keep, link: Link, wanted: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = link(keep(b"Guten Tag", "a.txt")[0])
    wanted.clear()
    monkeypatch.setattr("tests.files.test_personal_link.PAUSED", {"user:7"})
    assert anonymous.post(url).data == b"Guten Tag"


def test_an_audience_nobody_answers_for_gets_nothing(anonymous: Browser, keep: Keep, link: Link) -> None:
    url = link(keep(b"Guten Tag", "a.txt")[0], audience="unknown:1")
    assert anonymous.post(url).status_code == 404


def test_a_link_opens_no_file_of_another_message(anonymous: Browser, keep: Keep, link: Link) -> None:
    url = link(keep(b"Guten Tag", "a.txt", "probe:2")[0])
    assert anonymous.get(url).status_code == 404
    assert b"Guten Tag" not in anonymous.post(url).data


def test_a_file_taken_down_is_gone_from_the_link(anonymous: Browser, given: Given, keep: Keep, link: Link) -> None:
    file_id, _ = keep(b"Guten Tag", "a.txt")
    url = link(file_id)
    with given():
        keeping.drop(db.session.get_one(StoredFile, file_id))
    assert anonymous.get(url).status_code == 404
    assert anonymous.post(url).status_code == 404


def everything(app: Flask) -> dict[str, list[object]]:
    """Every row of the database, by table."""
    with app.app_context():
        return {
            table.name: [tuple(row) for row in db.session.execute(table.select().order_by(text("1")))]
            for table in db.metadata.sorted_tables
        }
