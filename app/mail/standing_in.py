"""A deputy gets one copy of a mail, however many it reaches whose place they take, and none beside their own.

Copies for several networks are mails of their own with one Message-ID. Whose copy goes out does not depend on the order
in which they are sent: it is the deputy's own, or else the one that was laid down first. Where that one does not reach
the deputy after all, the others, and it itself, are for the persons and no deputy any more (`Delivery.stood_in_by`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from markupsafe import escape

from app.mail.headers import one_line
from app.mail.ledger import Claimed, Ledger
from app.registry import Recipient, Refusal


def settled(
    ledger: Ledger, batch: Sequence[Claimed], answers: Mapping[int, Recipient | Refusal | None]
) -> tuple[set[Claimed], dict[int, Recipient]]:
    """End copies that deputies have already, and note which deputy gets the others.

    Returns those ended, of which others may have disposed since, and by their ids who are the person's after all.
    """
    dropped: set[Claimed] = set()
    theirs: dict[int, Recipient] = {}
    noted: dict[Claimed, str] = {}
    for delivery in batch:
        answer = answers[delivery.id]
        if not isinstance(answer, Recipient):
            continue
        to = for_whom(answer, delivery.recipient_key, delivery.stood_in_by)
        if to.instead_of:
            copy = {"deputy": to.key, "others": list(to.instead_of), "reason": reason(to.name)}
            if ledger.drop_copy(delivery, copy):
                dropped.add(delivery)
            else:
                noted[delivery] = to.key
        elif delivery.stood_in_by:
            theirs[delivery.id] = to
            noted[delivery] = delivery.recipient_key
    ledger.note_deputies([{"delivery": each.id, "key": key} for each, key in noted.items() if key != each.stood_in_by])
    return dropped, theirs


def reason(deputy: str) -> str:
    """Return why a copy is not sent that this deputy has already, as the Zustellbericht keeps it."""
    return f"vertreten durch {deputy}"


def for_whom(answer: Recipient, recipient_key: str, stood_in_by: str | None) -> Recipient:
    """Return who gets a delivery: whom the registry says, or the person where no deputy gets it any more."""
    return answer.otherwise if answer.otherwise and stood_in_by == recipient_key else answer


def words(recipient: Recipient, *, in_html: bool) -> str:
    """Return what a deputy reads behind the heading of a mail: in whose place they get it."""
    said = " · " + _("in Vertretung für %(names)s", names=one_line(recipient.stands_in_for))
    return str(escape(said)) if in_html else said
