"""A deputy gets one copy of a mail, however many it reaches whose place they take, and none beside their own.

Copies for several networks are mails of their own with one Message-ID. Whose copy goes out does not depend on the order
in which they are sent: it is the deputy's own, or else the one that was laid down first.
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
) -> dict[int, Refusal]:
    """Return which of these deliveries need not be sent, by their ids; note of the others which deputy gets them."""
    refused, noted = {}, []
    for delivery in batch:
        answer = answers[delivery.id]
        if isinstance(answer, Recipient) and answer.instead_of:
            if _is_copied(ledger, delivery, answer):
                refused[delivery.id] = Refusal(f"vertreten durch {answer.name}", still_belongs=True)
            elif delivery.stood_in_by != answer.key:
                noted.append({"delivery": delivery.id, "key": answer.key})
        elif isinstance(answer, Recipient) and delivery.stood_in_by:
            # When it was claimed before it was a deputy's.
            noted.append({"delivery": delivery.id, "key": delivery.recipient_key})
    ledger.note_deputies(noted)
    return refused


def words(recipient: Recipient, *, in_html: bool) -> str:
    """Return what a deputy reads behind the heading of a mail: in whose place they get it."""
    said = " · " + _("in Vertretung für %(names)s", names=one_line(recipient.stands_in_for))
    return str(escape(said)) if in_html else said


def _is_copied(ledger: Ledger, delivery: Claimed, answer: Recipient) -> bool:
    others = list(answer.instead_of)
    values = {"id": delivery.id, "mail": delivery.mail_id, "deputy": answer.key, "others": others}
    return ledger.is_copied(values)
