"""Answering a mail of the postbox as its reader would in their mail program: a real mail, through the real door."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.utils import make_msgid

from app.demo import postbox
from app.demo.postbox import Letter
from app.inbound import take
from app.mail import envelope

_OURS = re.compile(r"\b(?:antwort|nur)\+[a-z2-7]{20,60}@[\w.-]+")


def addresses(letter: Letter) -> list[str]:
    """Return where an answer can go: what the mail program would choose first, then the other way in the text."""
    message = letter.message
    field = message["Reply-To"] or message["From"]
    usual = [address.addr_spec for address in field.addresses] if field else []
    part = message.get_body(("plain",))
    # Lines of other copies may be quoted in a text; their addresses were struck out when they came in.
    others = _OURS.findall(part.get_content()) if part else []
    return list(dict.fromkeys([*usual, *others]))


def answer(letter: Letter, to: str, text: str) -> str:
    """Send an answer of the mail's recipient to one of its `addresses()`; return why it was refused, or ""."""
    octets = _written(letter, to, text)
    if envelope.local_part_of(to) is None:
        postbox.put(octets, to)
        return ""
    verdict = take(octets, to)
    return "" if verdict.is_kept else verdict.refusal or "Die Datenbank ist gerade beschäftigt."


def _written(letter: Letter, to: str, text: str) -> bytes:
    message, answered = EmailMessage(), letter.message
    message["From"] = letter.recipient
    message["To"] = to
    message["Subject"] = f"AW: {answered['Subject'] or ''}".replace("\n", " ")
    message["Message-ID"] = make_msgid(domain=letter.recipient.rpartition("@")[2] or "example.org")
    if answered["Message-ID"]:
        message["In-Reply-To"] = message["References"] = str(answered["Message-ID"]).strip()
    part = answered.get_body(("plain",))
    quoted = "\n".join(f"> {line}".rstrip() for line in (part.get_content() if part else "").splitlines())
    message.set_content(f"{text}\n\nAm {answered['Date']} schrieb {answered['From']}:\n\n{quoted}\n")
    return message.as_bytes()
