"""Mails as people get them, compared with the texts in tests/mails/.

`assert_expected(received, "sign-in")` compares with tests/mails/sign-in.txt. After a change of a template run the tests
with `UPDATE_MAILS=1`, which writes the texts anew, and read the difference before you commit it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.mailserver import Received

FOLDER = Path(__file__).parent / "mails"

#: Headers that differ from run to run, or that say how and not what.
_UNINTERESTING = {"content-type", "content-transfer-encoding", "mime-version", "date", "message-id", "feedback-id"}

_VOLATILE = [
    (re.compile(r"/mail/[a-z2-7]{20,60}"), "/mail/<token>"),
    (re.compile(r"\+[a-z2-7]{20,60}@"), "+<token>@"),
    (re.compile(r"/anmelden/[A-Za-z0-9_.\-]{16,}"), "/anmelden/<token>"),
    (re.compile(r"<[0-9a-f.\-]{20,}@"), "<id@"),
    (re.compile(r"/(nachrichten|sitzungen)/\d+"), r"/\1/<id>"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "https://netz.example.org"),
]


def assert_expected(received: Received, name: str, replaced: dict[str, str] | None = None) -> None:
    """Compare headers, plain text and file names with tests/mails/<name>.txt.

    `replaced` maps what differs from run to run (a date, a name) to what stands for it in the expected text.
    """
    actual = as_text(received)
    for volatile, stand_in in (replaced or {}).items():
        actual = actual.replace(volatile, stand_in)
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_MAILS"):
        path.write_text(actual)
    assert path.exists(), f"{path} is missing; UPDATE_MAILS=1 writes it"
    assert actual == path.read_text()


def as_text(received: Received) -> str:
    """Return what a person sees of the mail, without what differs from run to run."""
    message = received.message
    headers = [f"{name}: {value}" for name, value in message.items() if name.lower() not in _UNINTERESTING]
    files = [f"[{name}]" for name in received.files]
    plain = received.text.rstrip().replace("\r\n", "\n")
    text = "\n".join([*sorted(headers), "", plain, *files, ""])
    for pattern, stand_in in _VOLATILE:
        text = pattern.sub(stand_in, text)
    return text
