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
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.forum.models import Thread
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given, in_ci
from tests.mailserver import MailServer, Received

#: Written by a person: an automatic answer is unwanted, but the mail itself is none (RFC 3834 5).
BY_PEOPLE = {"message", "direct"}
LONGEST_LINE = 998
#: Octets on the wire of a message of three lines to all.
SHORT_MAIL = 6400


@pytest.fixture
def mails(
    cast: Cast,
    client_of: ClientOf,
    anonymous: Browser,
    smtp: MailServer,
    deliver: Deliver,
    configured: Configured,
) -> Iterator[dict[str, Received]]:
    """One mail of each kind that the portal sends of its own or for a person, by its kind."""
    with configured(BASE_URL="https://netz.example.org"):
        yield _written(cast, client_of, anonymous, smtp, deliver)


def _written(
    cast: Cast, client_of: ClientOf, anonymous: Browser, smtp: MailServer, deliver: Deliver
) -> dict[str, Received]:
    anonymous.submit("/anmelden", {"email": cast.bob.email})
    nina = {"email": "nina.neu@example.org", "name": "Nina Neu", "organisation": "Werkstatt Größe"}
    client_of(cast.anke).submit(cast.ost.path("teilnehmende", "neu"), nina)
    bob = client_of(cast.bob)
    body = (
        "Guten Tag,\n\nwer hat im August einen Praktikumsplatz für drei Schülerinnen frei?\n\nViele Grüße\nBob Bergmann"
    )
    bob.submit(cast.ost.path("nachrichten", "neu"), {"subject": "Praktikumsplätze im August", "body": body})
    write = cast.ost.path("teilnehmende", cast.ost.participant(cast.lena), "schreiben")
    bob.submit(write, {"subject": "Termin nächste Woche", "body": "Haben Sie am Dienstag kurz Zeit?"})
    bob.submit("/profil", {"email": "bob.zwei@example.org"}, form="/adressen")
    deliver()
    [message] = [mail for mail in smtp.to(cast.carla.email) if "Praktikumspl" in mail.subject]
    link = str(message.message["List-Unsubscribe"]).strip("<>")
    anonymous.post("/mail/" + link.rpartition("/")[2])
    deliver()
    return {kind_of(mail): mail for mail in smtp.messages}


def test_the_kinds_are_there(mails: dict[str, Received]) -> None:
    assert {"sign-in", "welcome", "message", "direct", "paused", "confirm-address"} <= set(mails)


def test_each_is_well_formed_on_the_wire(mails: dict[str, Received]) -> None:
    for kind, mail in mails.items():
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


def test_each_says_once_what_must_be_said_once(mails: dict[str, Received]) -> None:
    for kind, mail in mails.items():
        for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Feedback-ID"):
            assert len(mail.message.get_all(name, [])) == 1, (kind, name)
        assert [address.addr_spec for address in mail.message["To"].addresses] == mail.rcpt_to, kind
        assert re.fullmatch(r"<[0-9a-z.]+@netz\.example\.org>", str(mail.message["Message-ID"])), kind


def test_each_is_aligned_as_dmarc_wants_it(mails: dict[str, Received]) -> None:
    for kind, mail in mails.items():
        [sender] = mail.message["From"].addresses
        assert sender.domain == "netz.example.org", kind
        assert mail.mail_from.rpartition("@")[2] == sender.domain, kind
        assert mail.mail_from.startswith("ruecklauf+"), kind


def test_no_program_answers_it_and_no_person_is_called_a_machine(mails: dict[str, Received]) -> None:
    for kind, mail in mails.items():
        assert "OOF" in str(mail.message["X-Auto-Response-Suppress"]), kind
        is_list = "List-Id" in mail.message
        assert mail.message["Precedence"] == ("list" if is_list else None), kind
        if kind in BY_PEOPLE:
            assert "Auto-Submitted" not in mail.message, kind
        else:
            assert str(mail.message["Auto-Submitted"]) == "auto-generated", kind


def test_mail_to_all_is_a_lists_mail_and_leaving_takes_one_click(mails: dict[str, Received]) -> None:
    mail = mails["message"].message
    assert str(mail["List-Id"]) == "Jugendliche in Ausbildung <ost.netz.example.org>"
    assert str(mail["List-Archive"]).endswith("/netze/ost/nachrichten>")
    assert str(mail["List-Help"]).endswith("/hilfe>")
    assert re.fullmatch(r"<http\S+/mail/[a-z2-7]+>", str(mail["List-Unsubscribe"]))
    assert str(mail["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in mails["direct"].message


def test_what_complaints_are_counted_by_names_nobody(mails: dict[str, Received]) -> None:
    for kind, mail in mails.items():
        told = str(mail.message["Feedback-ID"])
        assert re.fullmatch(r"[a-z-]+:[a-z-]+:portal:[0-9a-f]{10}", told), kind
    again = {str(mail.message["Feedback-ID"]).split(":")[3] for mail in mails.values()}
    assert len(again) == 1


def test_a_short_mail_is_small(mails: dict[str, Received]) -> None:
    size = len(mails["message"].raw)
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


def test_spamassassin_finds_nothing_against_any_kind(mails: dict[str, Received]) -> None:
    program = shutil.which("spamassassin")
    if program is None:
        explanation = "needs the system package 'spamassassin' (Debian: apt install spamassassin)"
        if in_ci():
            pytest.fail(explanation)
        pytest.skip(explanation)
    scores = {kind: score(program, mail) for kind, mail in mails.items()}
    print(scores)  # noqa: T201  # what it costs is worth reading when it rises
    assert {kind: found for kind, found in scores.items() if found[0] >= 1.0} == {}


def kind_of(mail: Received) -> str:
    return str(mail.message["Feedback-ID"]).partition(":")[0]


def score(program: str, mail: Received) -> tuple[float, str]:
    """What SpamAssassin's own rules say of it, and which; without asking anybody on the net."""
    received = (
        b"Received: from mail.netz.example.org (mail.netz.example.org [80.80.80.80])\r\n"
        b"\tby mx.example.org with ESMTPS id 1; " + str(mail.message["Date"]).encode() + b"\r\n"
    )
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o777)
        told = subprocess.run(  # the program was looked up, the mail is its standard input
            [program, "--local", "--test-mode", "--nocreate-prefs", "--prefspath=/dev/null"],
            input=received + mail.raw,
            capture_output=True,
            check=True,
            timeout=120,
            env={"HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            user="nobody" if os.geteuid() == 0 else None,
            cwd=home,
        ).stdout.decode(errors="replace")
    found = re.search(
        r"X-Spam-Status: \w+, score=(-?[\d.]+).*?tests=([\w,\s]*?)(?:autolearn|shortcircuit|version)", told, re.DOTALL
    )
    assert found, told[:2000]
    return float(found[1]), "".join(found[2].split())
