"""Recording an entry, in the unit of work of what it tells of: both are there, or neither."""

from __future__ import annotations

from typing import Any

from app.audit.models import AuditEntry
from app.database import db


def record(action: str, *, actor: Any, about: str, summary: str, reason: str = "") -> AuditEntry:
    """Add an entry; `actor` is the person who acts (with `id` and `name`), `summary` a German sentence."""
    entry = AuditEntry(
        actor_id=actor.id, actor_name=actor.name, action=action, about=about, summary=summary, reason=reason
    )
    db.session.add(entry)
    return entry
