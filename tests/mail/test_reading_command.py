"""`netz mail read` shows what the portal would make of a mail."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.mail.test_reading_samples import SAMPLES

KEYS = {"kind", "text", "attachments", "sender", "bounced", "permanent", "reason"}


def told(octets: bytes) -> dict[str, Any]:
    """What the command prints, run without any setting, as whoever tries it out does."""
    command = [sys.executable, "-m", "app.cli", "mail", "read"]
    answer = subprocess.run(command, input=octets, capture_output=True, check=True, env={"LC_ALL": "C"}, timeout=60)
    printed: dict[str, Any] = json.loads(answer.stdout)
    return printed


def test_it_needs_neither_settings_nor_a_database() -> None:
    sample = next(path for path in SAMPLES if path.stem == "groupwise")
    printed = told(sample.read_bytes())
    assert set(printed) == KEYS
    assert printed["kind"] == "reply"
    assert printed["text"] + "\n" == sample.with_suffix(".txt").read_text()
    assert printed["sender"] == "carla@example.org"


def test_a_mail_that_answers_none_is_a_post_with_its_files() -> None:
    mail = (
        b"From: Bob <Bob@example.org>\r\nSubject: Neues\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSiehe Anlage.\r\n--b\r\n"
        b"Content-Type: application/pdf\r\n"
        b"Content-Disposition: attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe%203%2F2026.pdf\r\n\r\n"
        b"%PDF\r\n--b--\r\n"
    )
    printed = told(mail)
    assert (printed["kind"], printed["attachments"]) == ("post", ["Grüße 3-2026.pdf"])
    assert printed["sender"] == "bob@example.org"


def test_octets_that_are_no_mail_are_refused_with_a_sentence() -> None:
    printed = told(b"\x00\xff" * 1000)
    assert printed["kind"] == "refused"
    assert printed["reason"].endswith(".")
