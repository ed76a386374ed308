"""What every kind of mail owes the servers and programs it passes through, read from the octets a server received.

RFC 5322 and 2045 for its form, 2369, 2919 and 8058 for lists, 3834 for automatic mail. The kinds are the directories of
templates/mail; which one a mail is of, its Feedback-ID says.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.forum.models import Thread
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given, in_ci
from tests.mail.every_kind import kind_of, longest_of_each
from tests.mailserver import MailServer, Received

pytestmark = pytest.mark.once

#: Written by a person: an automatic answer is unwanted, but the mail itself is none (RFC 3834 5).
BY_PEOPLE = {"message", "minutes-absent", "direct", "private-answer"}
#: Tells a person what became of the mail they sent (RFC 3834 5).
REPLIES = {"incoming-files", "incoming-question", "incoming-refusal"}
#: Goes to everybody in a network, and so is a list's mail (RFC 2919).
OF_A_LIST = {"message", "request-note", "minutes-absent"}
#: Comes again and again or begins it, and so can be stopped by one click (RFC 8058).
CAN_BE_STOPPED = OF_A_LIST | {"digest", "meeting-reminder", "poll-reminder", "welcome"}
Mails = list[tuple[str, Received]]

LONGEST_LINE = 998
#: Octets on the wire of a message of three lines to all.
SHORT_MAIL = 6500


@pytest.fixture
def mails(every_mail: list[Received]) -> list[tuple[str, Received]]:
    """All mails of an evening, each with its kind."""
    return [(kind_of(mail), mail) for mail in every_mail]


def test_each_is_well_formed_on_the_wire(mails: Mails) -> None:
    for kind, mail in mails:
        head, _, body = mail.raw.partition(b"\r\n\r\n")
        lines = mail.raw.split(b"\r\n")
        assert max(map(len, lines)) <= LONGEST_LINE, kind
        assert mail.raw.isascii(), kind
        assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", mail.raw), kind
        assert max(map(len, head.split(b"\r\n"))) <= 78 or b"<" in head, kind
        for line in head.split(b"\r\n"):
            assert re.match(rb"[!-9;-~]+: \S|[ \t]\S", line), (kind, line)
        assert not mail.message.defects, (kind, mail.message.defects)
        for part in mail.message.walk():
            assert not part.defects, (kind, part.defects)
        assert body.endswith(b"--\r\n"), kind


def test_each_says_once_what_must_be_said_once(mails: Mails) -> None:
    for kind, mail in mails:
        for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Feedback-ID"):
            assert len(mail.message.get_all(name, [])) == 1, (kind, name)
        assert [address.addr_spec for address in mail.message["To"].addresses] == mail.rcpt_to, kind
        assert re.fullmatch(r"<[0-9a-z.]+@netz\.example\.org>", str(mail.message["Message-ID"])), kind


def test_each_is_aligned_as_dmarc_wants_it(mails: Mails) -> None:
    for kind, mail in mails:
        [sender] = mail.message["From"].addresses
        assert sender.domain == "netz.example.org", kind
        assert mail.mail_from.rpartition("@")[2] == sender.domain, kind
        assert mail.mail_from.startswith("ruecklauf+"), kind


def test_no_program_answers_it_and_no_person_is_called_a_machine(mails: Mails) -> None:
    for kind, mail in mails:
        assert "OOF" in str(mail.message["X-Auto-Response-Suppress"]), kind
        is_list = "List-Id" in mail.message
        assert mail.message["Precedence"] == ("list" if is_list else None), kind
        if kind in BY_PEOPLE:
            assert "Auto-Submitted" not in mail.message, kind
        else:
            said = "auto-replied" if kind in REPLIES else "auto-generated"
            assert str(mail.message["Auto-Submitted"]) == said, kind


def test_mail_to_all_is_a_lists_mail(mails: Mails) -> None:
    for kind, mail in mails:
        if kind in OF_A_LIST:
            slug = re.fullmatch(r".+ <(ost|west)\.netz\.example\.org>", str(mail.message["List-Id"]))
            assert slug, kind
            archive = f"<https://netz.example.org/netze/{slug[1]}/nachrichten>"
            assert str(mail.message["List-Archive"]) == archive, kind
            assert str(mail.message["List-Help"]) == "<https://netz.example.org/hilfe>", kind
        else:
            assert not [name for name in mail.message if name in ("List-Id", "List-Archive", "List-Post")], kind


def test_what_comes_again_is_stopped_by_one_click_and_nothing_else(mails: Mails) -> None:
    for kind, mail in mails:
        if kind in CAN_BE_STOPPED:
            link = str(mail.message["List-Unsubscribe"])
            assert re.fullmatch(r"<https://netz\.example\.org/mail/[a-z2-7]+>", link), kind
            assert str(mail.message["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click", kind
        else:
            assert "List-Unsubscribe" not in mail.message, kind


def test_what_complaints_are_counted_by_names_nobody(mails: Mails) -> None:
    for kind, mail in mails:
        told = str(mail.message["Feedback-ID"])
        assert re.fullmatch(r"[a-z-]+:[a-z-]+:portal:[0-9a-f]{10}", told), kind
    senders = {str(mail.message["Feedback-ID"]).split(":")[3] for _kind, mail in mails}
    assert len(senders) == 1


def test_a_short_mail_is_small(mails: Mails) -> None:
    size = min(len(mail.raw) for kind, mail in mails if kind == "message")
    assert size < SHORT_MAIL, size


def test_a_domain_with_umlauts_is_written_in_ascii_and_a_local_part_with_them_is_refused_in_words(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    with given():
        for person, email in ((cast.carla, "carla@bücher.example.org"), (cast.gast, "gäste@example.org")):
            db.session.get_one(User, person.id).addresses[0].email = email
    client_of(cast.bob).submit(cast.ost.path("nachrichten", "neu"), {"subject": "Hallo", "body": "Hallo"})
    deliver()
    assert smtp.to("carla@xn--bcher-kva.example.org")
    assert not [mail for mail in smtp.messages if not mail.to.isascii()]
    with given():
        thread_id = db.session.scalars(select(Thread.id)).one()
    report = client_of(cast.bob).see(cast.ost.path("nachrichten", thread_id, "zustellung"))
    assert "Der Mailserver kann keine Adressen mit Umlauten vor dem @." in report.text


def test_spamassassin_finds_nothing_against_any_kind(mails: Mails) -> None:
    program = shutil.which("spamassassin")
    if program is None:
        explanation = "needs the system package 'spamassassin' (Debian: apt install spamassassin)"
        if in_ci():
            pytest.fail(explanation)
        pytest.skip(explanation)
    chosen = longest_of_each(mail for _kind, mail in mails)
    scores = dict(zip(chosen, scored(program, list(chosen.values())), strict=True))
    print(scores)  # noqa: T201  # what it costs is worth reading when it rises
    assert {kind: found for kind, found in scores.items() if found[0] >= 1.0} == {}


def scored(program: str, mails: list[Received]) -> list[tuple[float, str]]:
    """What SpamAssassin's own rules say of each, and which; without asking anybody on the net.

    It takes seconds to start and next to nothing for a mail, so it is given all of them at once.
    """
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o777)
        names = [f"{number}.eml" for number in range(len(mails))]
        for name, mail in zip(names, mails, strict=True):
            Path(home, name).write_bytes(received(mail) + mail.raw)
        told = subprocess.run(  # the program was looked up, the mails are ours
            [program, "--local", "--test-mode", "--nocreate-prefs", "--prefspath=/dev/null", *names],
            capture_output=True,
            check=True,
            timeout=120,
            env={"HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            user="nobody" if os.geteuid() == 0 else None,
            cwd=home,
        ).stdout.decode(errors="replace")
    found = re.findall(
        r"^X-Spam-Status: \w+, score=(-?[\d.]+).*?tests=([\w,\s]*?)(?:autolearn|shortcircuit|version)",
        told,
        re.DOTALL | re.MULTILINE,
    )
    assert len(found) == len(mails), told[:2000]
    return [(float(score), "".join(rules.split())) for score, rules in found]


def received(mail: Received) -> bytes:
    """The line that the server of the reader's provider writes above a mail."""
    return (
        b"Received: from mail.netz.example.org (mail.netz.example.org [80.80.80.80])\r\n"
        b"\tby mx.example.org with ESMTPS id 1; " + str(mail.message["Date"]).encode() + b"\r\n"
    )
