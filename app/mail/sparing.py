"""Whom mail to many is not sent to: addresses where nothing arrived lately (app/mail/health.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.mail.ledger import Claimed, Ledger
from app.mail.models import Priority
from app.registry import Recipient, Refusal

#: Why somebody gets no mail to many, as the Zustellbericht keeps it.
SILENT_ADDRESS = "stille Adresse: Dort kam zuletzt nichts an"


def spared(
    ledger: Ledger, batch: Sequence[Claimed], answers: Mapping[int, Recipient | Refusal | None]
) -> dict[int, Refusal]:
    """Return which of these deliveries are not sent, by their ids; a mail to one person always goes.

    The page "Stille Adressen" tells Verwaltung of them.
    """
    addresses = {
        delivery.id: answer.address.lower()
        for delivery in batch
        if delivery.priority >= Priority.BULK and isinstance(answer := answers[delivery.id], Recipient)
    }
    silent = ledger.silent(list(addresses.values()))
    reason = Refusal(SILENT_ADDRESS)
    return {delivery_id: reason for delivery_id, address in addresses.items() if address in silent}
