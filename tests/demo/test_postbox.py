"""The demo's postbox: a real SMTP server whose mails can be looked at, and nothing of a mail can act on the page."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import localtime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

import config
from app import create_app
from app.accounts.models import User
from app.database import db
from app.demo import days, postbox, views, world
from app.demo.seed import seed
from app.forum.models import Message, Thread
from app.forum.posting import post_message
from app.meetings.models import Meeting
from app.networks.models import Network
from app.networks.recipients import audience_of
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import Configured, Deliver, Given
from tests.mailserver import MailServer, free_port

pytestmark = pytest.mark.once


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder the postbox keeps mails in."""
    monkeypatch.setattr(postbox, "POSTBOX", tmp_path)
    return tmp_path


def a_mail(html: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Date"] = localtime()
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "Ein Betreff"
    mail.set_content("Der Text")
    mail.add_alternative(html, subtype="html")
    mail.add_attachment(b"\x00\x01", maintype="application", subtype="octet-stream", filename="Plan.bin")
    return mail


def keep(box: Path, html: str) -> str:
    (box / "0001.eml").write_bytes(b"X-Envelope-To: b@example.org\r\n" + a_mail(html).as_bytes())
    return "0001"


def test_it_keeps_every_mail_it_is_sent(tmp_path: Path) -> None:
    port = free_port()
    code = (
        "import sys; from pathlib import Path; from app.demo import postbox;"
        "postbox.POSTBOX = Path(sys.argv[1]); postbox.serve(int(sys.argv[2]))"
    )
    server = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(port)], cwd=config.ROOT)
    try:
        with connected(port) as smtp:
            smtp.send_message(a_mail("<p>Hallo</p>"))
    finally:
        server.terminate()
        server.wait(20)
    [kept] = tmp_path.glob("*.eml")
    assert b"X-Envelope-To: b@example.org" in kept.read_bytes()


def connected(port: int) -> smtplib.SMTP:
    for _ in range(200):
        try:
            return smtplib.SMTP("127.0.0.1", port, timeout=20)
        except ConnectionRefusedError:
            time.sleep(0.1)  # nothing tells that another process listens but that it does
    raise AssertionError("the postbox does not listen")


def test_a_mail_is_framed_so_that_nothing_in_it_acts(demo_app: Flask, box: Path) -> None:
    name = keep(box, "<p>Hallo</p><script>alert(1)</script>")
    browser = Browser(demo_app, demo_app.response_class)
    page = browser.see(f"/demo/postfach/{name}")
    assert page.query("iframe[sandbox]")
    assert "heute, " in browser.see("/demo/postfach").text
    assert browser.get(f"/demo/postfach/{name}").headers["Content-Security-Policy"].count("frame-src") == 1
    # A plain client, because what is framed is somebody's mail and no page of ours.
    answer = demo_app.test_client().get(f"/demo/postfach/{name}/html")
    assert answer.headers["Content-Security-Policy"] == views.MAIL_POLICY
    attachment = browser.get(f"/demo/postfach/{name}/anhang/0")
    assert attachment.data == b"\x00\x01"
    assert browser.get("/demo/postfach/..%2f..%2fsecret").status_code == 404


@pytest.fixture
def demo_app(app: Flask) -> Iterator[Flask]:
    """The same portal as the demo runs it."""
    demo = create_app({**app.config, "DEMO": True, "TESTING": False})
    demo.config["TESTING"] = True
    yield demo
    with demo.app_context():
        db.engine.dispose()


def test_a_reader_answers_from_the_postbox(
    demo_app: Flask, box: Path, cast: Cast, given: Given, smtp: MailServer, deliver: Deliver, configured: Configured
) -> None:
    with given(), configured(MAIL_IS_READ=True):
        author, network = db.session.get_one(User, cast.bob.id), db.session.get_one(Network, cast.ost.id)
        post_message(author, network, subject="Plätze frei", body="Drei Plätze.")
    deliver()
    received = next(mail for mail in smtp.messages if mail.to == cast.lena.email)
    postbox.put(received.raw, cast.lena.email)
    [letter] = postbox.letters(most=9)
    browser = Browser(demo_app, demo_app.response_class)
    browser.submit(f"/demo/postfach/{letter.name}", {"body": "Ich komme."}, form="antworten")
    assert "Ihre Antwort ist beim Portal" in browser.page.text
    with given():
        assert [(m.author_name, m.body) for m in db.session.query(Message)][1:] == [("Lena Leitner", "Ich komme.")]


def test_an_answer_to_a_persons_own_address_lies_in_their_postbox(demo_app: Flask, box: Path) -> None:
    name = keep(box, "<p>Hallo</p>")
    browser = Browser(demo_app, demo_app.response_class)
    browser.submit(f"/demo/postfach/{name}", {"body": "Danke"}, form="antworten")
    assert [letter.recipient for letter in postbox.letters(most=9)] == ["a@example.org", "b@example.org"]


def test_the_town_is_built_by_the_portals_own_verbs(
    app: Flask, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    with given():
        seed()
        told = Thread.subject.in_([note["subject"] for note in world.MESSAGES])
        counted = db.session.scalar(select(func.count()).select_from(Message).join(Thread).where(told))
        network = db.session.scalars(select(Network).filter_by(slug="ausbildung")).one()
        assert audience_of([network]).everybody == 34
        assert all(days.is_one(meeting.day) for meeting in db.session.scalars(select(Meeting)))
    assert counted == len(world.MESSAGES) + sum(len(note.get("answers", [])) for note in world.MESSAGES)
    deliver()
    subjects = {mail.subject for mail in smtp.messages}
    newest = next(note for note in world.MESSAGES if note["days_ago"] == 0)
    assert len(subjects) <= 4, "only what is newest is mailed when a demo starts, and that a date came with it"
    [request] = [subject for subject in subjects if newest["subject"] in subject]
    assert len([mail for mail in smtp.messages if mail.subject == request]) > 30
