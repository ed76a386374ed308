"""What the audit log tells of who takes part: somebody was added, a list was read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from app.accounts.models import User
from app.audit.recording import record
from app.networks.models import Network, Seat

#: Who reads a list by a command: nobody the portal knows.
_OPERATOR = SimpleNamespace(id=None, name="netz participants import")


def added(network: Network, name: str, by: Any) -> None:
    """Note that this person was added, by whom."""
    summary = f"{name} in „{network.name}“ aufgenommen."
    record("participant.added", actor=by, about=f"network:{network.id}", summary=summary)


def succeeded(network: Network, seat: Seat, before: User, successor: User, by: Any) -> None:
    """Note that a seat was handed over, from whom to whom."""
    summary = f"{successor.name} hat jetzt die Stelle von {before.name} ({seat.organisation.name})."
    record("participant.succeeded", actor=by, about=f"network:{network.id}", summary=summary)


def list_read(network: Network, counts: dict[str, int], by: User | None) -> None:
    """Note that a list was read, with what it changed; `by` is None at the command line."""
    done = "{added} dazu, {changed} geändert, {removed} entfernt".format_map(counts)
    summary = f"Liste in „{network.name}“ eingelesen: {done}."
    record("participants.read", actor=by or _OPERATOR, about=f"network:{network.id}", summary=summary)
