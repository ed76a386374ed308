"""`netz mail read`: what the portal would make of a message."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from flask.cli import AppGroup

from app.mail import reading

mail_group = AppGroup("mail", help="Eingehende Mails.")


@mail_group.command("read", with_appcontext=False)
def read_mail() -> None:
    """Liest eine Mail von der Standardeingabe und zeigt als JSON, was das Portal daraus machen würde. Ändert nichts."""
    told_of = json.dumps(told(reading.read(sys.stdin.buffer.read())), ensure_ascii=False)
    # In octets, so that no locale of the caller gets in the way.
    click.echo(told_of.encode("utf-8", "replace"))


def told(mail: reading.ReceivedMail) -> dict[str, Any]:
    """Return what `netz mail read` prints."""
    kind = mail.kind
    if kind == "mail":
        kind = "reply" if mail.is_answer else "post"
    return {
        "kind": kind,
        "text": mail.text,
        "attachments": [file.name for file in mail.files],
        "sender": mail.sender,
        "bounced": list(mail.report.bounced) if mail.report else [],
        "permanent": bool(mail.report and mail.report.permanent),
        "reason": mail.reason,
    }
