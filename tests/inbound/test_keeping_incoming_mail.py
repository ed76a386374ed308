"""How long incoming mail is kept, and what happens when it cannot be kept at all."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import exc, select

from app.accounts.models import User
from app.database import db, utc_now
from app.files.models import StoredFile
from app.inbound import routing, taking
from app.mail import models
from app.mail.incoming import Fate, IncomingMail, forget_old_mail, whole_text_of
from app.mail.models import Delivery, DeliveryState, Mail
from tests.cast import Cast, Person
from tests.conftest import Configured, Deliver, Given
from tests.inbound.conftest import Arrives, Kept, letter
from tests.mailserver import MailServer

Address = Callable[[str, Person, int], str]
KeptMails = Callable[[], list[Kept]]

QUOTED = "Gern!\n\nAm 3. Mai 2027 um 10:12 schrieb Bob Bergmann:\n> Drei Plätze.\n"


def test_octets_go_after_thirty_days_and_the_whole_text_stays(
    thread_id: int, app: Flask, cast: Cast, address: Address, arrives: Arrives, kept: KeptMails, given: Given
) -> None:
    arrives(letter(cast.lena.email, "x@y.example", QUOTED), address("antwort", cast.lena, thread_id))
    arrives(letter(cast.lena.email, "x@y.example", files={"a.txt": b"a"}), address("nur", cast.lena, cast.bob.id))
    arrives(letter("fremd@example.net", "x@y.example"), "ost@netz.example.org")
    for days, left in ((29, 3), (31, 1)):
        with time_machine.travel(utc_now() + timedelta(days=days)), app.app_context():
            forget_old_mail()
        assert len(kept()) == left
    with given():
        row = db.session.scalars(select(IncomingMail)).one()
        assert (row.octets, row.size, row.sender) == (b"", 0, "")
        assert "> Drei Plätze." in whole_text_of(row.about)
        assert db.session.scalars(select(StoredFile)).all() == []


def test_a_locked_database_means_later(
    thread_id: int, app: Flask, cast: Cast, address: Address, arrives: Arrives, kept: KeptMails, database_kind: str
) -> None:
    if database_kind != "sqlite":
        pytest.skip("PostgreSQL locks rows")
    with app.app_context():
        path = db.engine.url.database
        db.session.connection().exec_driver_sql("PRAGMA busy_timeout = 50")
    blocker = sqlite3.connect(str(path), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    octets, token = letter(cast.lena.email, "x@y.example"), address("antwort", cast.lena, thread_id)
    try:
        assert arrives(octets, token).is_later
    finally:
        blocker.execute("ROLLBACK")
        blocker.close()
        with app.app_context():
            db.engine.dispose()  # its connection would not wait long for other tests either
    assert arrives(octets, token).is_kept
    assert len(kept()) == 1


def test_no_room_for_a_file_means_later_and_nothing_is_sent_without_it(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, kept: KeptMails, uploads: Path,
    messages: Callable[[], list[tuple[str, str, str]]],
) -> None:  # fmt: skip
    octets = letter(cast.lena.email, "x@y.example", files={"Liste.txt": b"eins"})
    token = address("antwort", cast.lena, thread_id)
    incoming = uploads / "incoming"
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.write_bytes(b"")  # nobody, root neither, can make a file in what is no folder
    try:
        assert arrives(octets, token).is_later
    finally:
        incoming.unlink()
    assert (kept(), len(messages())) == ([], 1)
    assert arrives(octets, token).is_kept
    assert len(messages()) == 2


@pytest.mark.parametrize(
    "passing",
    [
        exc.OperationalError("SELECT", {}, Exception("lost")),
        exc.InterfaceError("SELECT", {}, Exception("closed")),
        exc.TimeoutError("no connection is free"),
        OSError(errno.ENOSPC, "full"),
    ],
)
def test_what_passes_means_later(
    passing: Exception, cast: Cast, arrives: Arrives, kept: KeptMails, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hindered(*arguments: object) -> None:
        raise passing

    octets = letter(cast.bob.email, "x@y.example")
    with monkeypatch.context() as patch:
        patch.setattr(routing, "_use", hindered)
        assert arrives(octets, "ost@netz.example.org").is_later
    assert kept() == []
    assert arrives(octets, "ost@netz.example.org").is_kept
    assert len(kept()) == 1


def test_nothing_is_raised_whatever_goes_wrong(
    cast: Cast, arrives: Arrives, kept: KeptMails, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(taking, "door_for", broken)
    assert arrives(letter(cast.bob.email, "x@y.example"), "ost@netz.example.org").is_later
    assert kept() == []


@pytest.mark.parametrize("sender", ["Bo\0b <b\0ob@example.org>", "=?utf-8?q?Bo=00b?= <bob@example.org>"])
def test_a_control_character_in_the_head_hinders_nothing(sender: str, arrives: Arrives, kept: KeptMails) -> None:
    octets = f"From: {sender}\r\nSubject: Ha\0llo\r\nMessage-ID: <a\0b@example.org>\r\n\r\nHallo\0\r\n".encode()
    assert arrives(octets, "postmaster@netz.example.org").is_kept
    assert "nicht verarbeiten" not in kept()[0].reason
    assert kept()[0].fate is Fate.HELD


@pytest.mark.parametrize(
    "fault", [ValueError("a fault of ours"), exc.DataError("INSERT", {}, Exception("a NUL"))], ids=["code", "data"]
)
def test_what_our_code_cannot_handle_waits_for_verwaltung(
    fault: Exception, cast: Cast, arrives: Arrives, kept: KeptMails, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise fault

    monkeypatch.setattr(routing, "_use", broken)
    assert arrives(letter(cast.bob.email, "x@y.example"), "ost@netz.example.org").is_kept
    [mail] = kept()
    assert mail.fate is Fate.HELD
    assert "nicht verarbeiten" in mail.reason


@pytest.mark.parametrize(
    "octets", [b"", b"\0" * 1000, b"From: x\n\n\xff\xfe", b"\r\n\r\n", b"Content-Type: multipart/mixed"]
)
def test_any_octets_are_kept_or_refused(octets: bytes, cast: Cast, arrives: Arrives) -> None:
    assert not arrives(octets, "ost@netz.example.org").is_later


def report_of(whom: Person, message_id: str = "") -> bytes:
    """A mail server's report that a mail did not reach this person."""
    report = (
        "From: MAILER-DAEMON@sprachwerk.example.org\r\nSubject: Undelivered Mail\r\nMessage-ID: <d@x.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\nMIME-Version: 1.0\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nUser unknown\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.sprachwerk.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {whom.email}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    )
    return report.encode()


@pytest.mark.parametrize("recipient", ["ost@netz.example.org", "postmaster@netz.example.org"])
def test_a_made_up_report_to_any_other_address_silences_nobody(
    recipient: str, thread_id: int, cast: Cast, arrives: Arrives, kept: KeptMails, smtp: MailServer, deliver: Deliver,
    given: Given,
) -> None:  # fmt: skip
    deliver()
    [message_id] = {str(mail.message["Message-ID"]) for mail in smtp.messages if mail.to == cast.carla.email}
    assert arrives(report_of(cast.lena, message_id), recipient).is_kept
    assert kept()[0].fate is Fate.IGNORED
    with given():
        query = select(Delivery).join(Mail).where(Delivery.recipient_key == cast.lena.key, Mail.event == "message")
        delivery = db.session.scalars(query).one()
        assert (delivery.state, delivery.reported_at) == (DeliveryState.SENT, None)
        assert db.session.scalars(select(models.Address)).all() == []


def test_a_report_counts_where_its_return_path_says(
    thread_id: int, app: Flask, cast: Cast, arrives: Arrives, kept: KeptMails, smtp: MailServer, deliver: Deliver,
    given: Given,
) -> None:  # fmt: skip
    deliver()
    sent = next(mail for mail in smtp.messages if mail.to == cast.carla.email)
    assert arrives(report_of(cast.carla), sent.mail_from).is_kept
    assert kept()[0].fate is Fate.USED
    with given():
        query = select(Delivery).join(Mail).where(Delivery.recipient_key == cast.carla.key, Mail.event == "message")
        assert db.session.scalars(query).one().reported_at is not None
        assert db.session.get_one(User, cast.carla.id)


@pytest.mark.parametrize("sender", ["netz@netz.example.org", "portal@stadt.example.org"])
def test_a_strict_relays_own_sender_is_where_reports_come_back_to(
    sender: str, cast: Cast, arrives: Arrives, kept: KeptMails, configured: Configured
) -> None:
    """Also where it looks like one of the portal's addresses."""
    with configured(MAIL_SENDER=sender):
        assert arrives(report_of(cast.bob), sender.upper()).is_kept
    assert [mail.fate for mail in kept()] == [Fate.USED]
