"""The three doors as a mail server finds them: LMTP, a pipe, a mailbox read by IMAP."""

from __future__ import annotations

import asyncio
import os
import shutil
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from imap_tools import MailBoxUnencrypted
from sqlalchemy import select

import config
from app.database import db
from app.inbound import lmtp, polling
from app.inbound.taking import take_for_each
from app.inbound.verdict import LATER
from app.mail.incoming import Fate, IncomingMail
from tests.cast import Cast, Person
from tests.conftest import Configured, Deliver, Given, in_ci
from tests.inbound.conftest import Kept, letter
from tests.mailserver import MailServer, free_port

pytestmark = pytest.mark.once

Address = Callable[[str, Person, int], str]
Messages = Callable[[], list[tuple[str, str, str]]]
KeptMails = Callable[[], list[Kept]]

OST = "ost@netz.example.org"


@pytest.fixture
def lmtp_port(app: Flask, configured: Configured) -> Iterator[int]:
    """The LMTP door, listening."""
    port, loop, is_over = free_port(), asyncio.new_event_loop(), asyncio.Event()
    listens = threading.Event()

    async def listen() -> None:
        handler = lmtp.Handler(app)
        async with await loop.create_server(lambda: lmtp.protocol(app, handler), "127.0.0.1", port):
            listens.set()
            await is_over.wait()
        await loop.shutdown_default_executor()

    with configured(INBOUND_LIMIT=500_000):
        # All of the loop runs in a thread of its own: a browser that was started before keeps one in this.
        thread = threading.Thread(target=loop.run_until_complete, args=[listen()])
        thread.start()
        assert listens.wait(timeout=10)
        yield port
        loop.call_soon_threadsafe(is_over.set)
        thread.join()
        loop.close()


class TestLmtp:
    def test_each_recipient_has_an_answer_and_unknown_ones_are_refused(
        self, thread_id: int, cast: Cast, lmtp_port: int, address: Address, messages: Messages
    ) -> None:
        token = address("antwort", cast.lena, thread_id)
        with smtplib.LMTP("127.0.0.1", lmtp_port) as client:
            refused = client.sendmail(
                cast.lena.email, [token, "niemand@netz.example.org"], letter(cast.lena.email, token)
            )
        assert refused["niemand@netz.example.org"] == (550, b"5.1.1 Diese Adresse gibt es hier nicht.")
        assert len(messages()) == 2

    def test_more_recipients_than_a_hundred_come_with_another_mail(self, cast: Cast, lmtp_port: int) -> None:
        with smtplib.LMTP("127.0.0.1", lmtp_port) as client:
            client.ehlo_or_helo_if_needed()
            client.mail(cast.carla.email)
            answers = [client.rcpt(f"{slug}@netz.example.org")[0] for slug in ["ost", "west"] * 51]
        assert answers == [250] * 100 + [452] * 2

    def test_all_recipients_answer_one_by_one(self, cast: Cast, lmtp_port: int, kept: KeptMails) -> None:
        octets = letter(cast.carla.email, "Undisclosed:;")
        with smtplib.LMTP("127.0.0.1", lmtp_port) as client:
            client.ehlo_or_helo_if_needed()
            client.mail(cast.carla.email)
            for slug in ("ost", "west"):
                assert client.rcpt(f"{slug}@netz.example.org")[0] == 250
            client.putcmd("data")
            assert client.getreply()[0] == 354
            client.send(octets.replace(b"\n", b"\r\n") + b"\r\n.\r\n")
            assert [client.getreply() for _ in range(2)] == [(250, b"2.0.0 Angenommen")] * 2
            assert client.noop()[0] == 250
        assert len(kept()) == 2

    def test_a_mail_too_large_is_refused_before_it_is_sent(self, cast: Cast, lmtp_port: int, kept: KeptMails) -> None:
        with smtplib.LMTP("127.0.0.1", lmtp_port) as client:
            client.ehlo()
            assert client.esmtp_features["size"] == "500000"
            assert client.mail(cast.bob.email, ["SIZE=600000"])[0] == 552
        with smtplib.LMTP("127.0.0.1", lmtp_port) as client:
            client.ehlo()
            client.mail(cast.bob.email)
            client.rcpt(OST)
            assert client.data(letter(cast.bob.email, OST, "x" * 70 + "\n" * 600_000))[0] == 552
        assert kept() == []

    def test_an_empty_sender_in_the_envelope_tells_of_a_machine(
        self, cast: Cast, lmtp_port: int, kept: KeptMails, smtp: MailServer, deliver: Deliver
    ) -> None:
        with smtplib.LMTP("127.0.0.1", lmtp_port) as client:
            client.sendmail("", [OST], letter("fremd@example.net", OST))
        deliver()
        assert smtp.messages == []
        assert len(kept()) == 1

    def test_a_line_longer_than_mail_allows_is_read(self, cast: Cast, lmtp_port: int, kept: KeptMails) -> None:
        octets = f"From: {cast.bob.email}\r\nSubject: x\r\nMessage-ID: <a@b>\r\n\r\n{'wort ' * 1000}\r\n".encode()
        with smtplib.LMTP("127.0.0.1", lmtp_port) as client:
            assert client.sendmail(cast.bob.email, [OST], octets) == {}
        assert len(kept()) == 1

    def test_nothing_is_acknowledged_before_it_is_committed(
        self, cast: Cast, lmtp_port: int, monkeypatch: pytest.MonkeyPatch, kept: KeptMails
    ) -> None:
        def full(*arguments: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("app.inbound.taking.route", full)
        with smtplib.LMTP("127.0.0.1", lmtp_port) as client, pytest.raises(smtplib.SMTPDataError) as later:
            client.sendmail(cast.bob.email, [OST], letter(cast.bob.email, OST))
        assert later.value.smtp_code == 451
        assert kept() == []


class TestPipe:
    def receive(
        self, app: Flask, octets: bytes, recipient: str, **environment: str
    ) -> subprocess.CompletedProcess[bytes]:
        names = ("SECRET_KEY", "BASE_URL", "DATABASE_URL", "QUEUE_URL", "STORAGE_URL", "MAIL_DOMAIN")
        settings = {name: str(app.config[name]) for name in names}
        return subprocess.run(
            [sys.executable, "-m", "app.cli", "mail", "receive", "--recipient", recipient],
            input=octets,
            env=settings | {"PATH": os.environ["PATH"]} | environment,
            cwd=config.ROOT,
            capture_output=True,
            check=False,
            timeout=120,
        )

    def test_says_by_its_exit_code_what_became_of_the_mail(
        self, thread_id: int, app: Flask, cast: Cast, address: Address, messages: Messages
    ) -> None:
        token = address("antwort", cast.lena, thread_id)
        octets = b"From lena@x Mon Jan  3 10:00:00 2028\n" + letter(cast.lena.email, token)
        kept = self.receive(app, octets, token)
        assert (kept.returncode, kept.stdout) == (0, b""), kept.stderr
        assert messages()[1:] == [("Plätze frei", "Lena Leitner", "Ich komme gern.")]
        refused = self.receive(app, octets, "niemand@netz.example.org")
        assert refused.returncode == 65
        assert refused.stdout.startswith(b"5.1.1 ")
        assert b"Traceback" not in refused.stderr

    def test_asks_to_come_again_when_the_portal_cannot_start(self, app: Flask, cast: Cast) -> None:
        wrong = self.receive(app, letter(cast.bob.email, OST), OST, SECRET_KEY="kurz")
        assert wrong.returncode == 75
        assert "mit diesen Einstellungen nicht starten:\n  SECRET_KEY" in wrong.stderr.decode()
        assert b"Traceback" not in wrong.stderr
        nowhere = self.receive(app, letter(cast.bob.email, OST), OST, DATABASE_URL="sqlite:////nirgends/netz.db")
        assert nowhere.returncode == 75

    def test_asks_to_come_again_when_it_is_called_wrongly(self, app: Flask) -> None:
        ended = subprocess.run(
            [sys.executable, "-m", "app.cli", "mail", "receive"],
            env={"SECRET_KEY": "x" * 40, "PATH": os.environ["PATH"]},
            cwd=config.ROOT, capture_output=True, check=False, timeout=120, input=b"",
        )  # fmt: skip
        assert ended.returncode == 75


@pytest.fixture
def dovecot(tmp_path: Path) -> Iterator[int]:
    """A real IMAP server of our own, without any right, and the port it listens at."""
    if not shutil.which("dovecot"):
        if in_ci():
            pytest.fail("Debian's package dovecot-imapd is missing")
        pytest.skip("needs Debian's package dovecot-imapd")
    port = free_port()
    user, group = ("nobody", "nogroup") if os.getuid() == 0 else (os.getlogin(), "")
    folder = Path(f"/tmp/netz-dovecot-{port}")
    folder.mkdir()
    if os.getuid() == 0:
        shutil.chown(folder, user, group)
    (folder / "dovecot.conf").write_text(_DOVECOT.format(folder=folder, port=port, user=user, group=group or user))
    as_user = {"user": user, "group": group, "extra_groups": []} if os.getuid() == 0 else {}
    server = subprocess.Popen(["dovecot", "-F", "-c", str(folder / "dovecot.conf")], **as_user)  # type: ignore[call-overload]  # one of two kinds of arguments
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


_DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mail/%n
mail_home = {folder}/home/%n
first_valid_uid = 1
passdb {{
  driver = static
  args = password=geheim/wort
}}
userdb {{
  driver = static
  args = uid={user} gid={group}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def _wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("dovecot does not listen")


class TestMailbox:
    @pytest.fixture(autouse=True)
    def _in_use(self, dovecot: int, configured: Configured) -> Iterator[None]:
        self.port = dovecot
        url = f"imap://{quote('netz@stadt.example', safe='')}:{quote('geheim/wort', safe='')}@127.0.0.1:{dovecot}/INBOX"
        pattern = "netz+{local}@stadt.example"
        with configured(INBOUND_IMAP_URL=url, MAIL_ADDRESS_PATTERN=pattern, INBOUND_LIMIT=500_000):
            yield
        polling._left_alone.clear()

    def put(self, *mails: bytes) -> None:
        with MailBoxUnencrypted("127.0.0.1", self.port).login("netz@stadt.example", "geheim/wort") as mailbox:
            for mail in mails:
                mailbox.append(mail.replace(b"\n", b"\r\n"), "INBOX")

    def folders(self) -> dict[str, int]:
        with MailBoxUnencrypted("127.0.0.1", self.port).login("netz@stadt.example", "geheim/wort") as mailbox:
            return {each.name: mailbox.folder.status(each.name)["MESSAGES"] for each in mailbox.folder.list()}

    def look(self, app: Flask) -> None:
        app.extensions["run_job"].call_local("inbound")

    def test_what_is_for_us_is_taken_and_put_away_and_the_rest_is_left(
        self, thread_id: int, app: Flask, cast: Cast, address: Address, messages: Messages, kept: KeptMails,
        given: Given, smtp: MailServer, deliver: Deliver,
    ) -> None:  # fmt: skip
        token = address("antwort", cast.lena, thread_id)
        assert token.startswith("netz+antwort+")
        deliver()
        smtp.forget()
        self.put(
            letter("privat@example.net", "netz@stadt.example", "Nicht für das Portal"),
            b"kaputt \xff\n\n",
            letter(cast.lena.email, token),
            letter(cast.carla.email, "x@y.example", Delivered_To="netz+ost@stadt.example", To="alle:;"),
            letter(cast.lena.email, "netz+ost@stadt.example", "x" * 600_000),
        )
        self.look(app)
        assert messages()[1:] == [("Plätze frei", "Lena Leitner", "Ich komme gern.")]
        assert len(kept()) == 3
        assert kept()[-1].fate is Fate.HELD
        assert "zu groß" in kept()[-1].reason
        deliver()
        assert [mail.to for mail in smtp.messages if "Sie ist zu groß." in mail.text] == [cast.lena.email]
        with given():
            assert [row.size < 2000 for row in db.session.scalars(select(IncomingMail))] == [True] * 3
        assert self.folders() == {"INBOX": 2, "Verarbeitet": 3}
        self.look(app)
        assert self.folders() == {"INBOX": 2, "Verarbeitet": 3}

    def test_it_can_be_deleted_instead(
        self, thread_id: int, app: Flask, cast: Cast, address: Address, messages: Messages, configured: Configured
    ) -> None:
        token = address("antwort", cast.lena, thread_id)
        self.put(letter(cast.lena.email, token), letter(cast.lena.email, token, "x" * 600_000))
        with configured(INBOUND_IMAP_URL=f"{app.config['INBOUND_IMAP_URL']}?verarbeitet="):
            self.look(app)
        assert len(messages()) == 2
        assert self.folders() == {"INBOX": 1}, "what was not fetched whole is not deleted"

    def test_a_mail_that_cannot_be_kept_now_stays_and_does_not_stop_the_next(
        self, thread_id: int, app: Flask, cast: Cast, address: Address, messages: Messages, given: Given,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        token = address("antwort", cast.lena, thread_id)
        self.put(letter(cast.lena.email, token, "erste"), letter(cast.lena.email, token, "zweite"))
        monkeypatch.setattr(
            polling, "take_for_each", lambda octets, to: [LATER] if b"erste" in octets else take_for_each(octets, to)
        )
        self.look(app)
        assert [text for _subject, _author, text in messages()][1:] == ["zweite"]
        monkeypatch.undo()
        self.look(app)
        assert [text for _subject, _author, text in messages()][1:] == ["zweite", "erste"]
        with given():
            assert len(db.session.scalars(select(IncomingMail.id)).all()) == 2

    def test_a_server_that_is_away_is_asked_again_next_minute(self, app: Flask, configured: Configured) -> None:
        with configured(INBOUND_IMAP_URL=f"imap://a:b@127.0.0.1:{free_port()}/INBOX"):
            self.look(app)
        with configured(INBOUND_IMAP_URL=f"imap://a:falsch@127.0.0.1:{self.port}/INBOX"):
            self.look(app)
