"""Entries of the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, intpk, key100, name200, text, utc_now


class AuditEntry(Model):
    """Who did what to which thing, when and why. It never holds what was removed, but what somebody corrected.

    `action` is a word of the feature that records it ("message.taken-down"), `about` names the thing ("message:34").
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[intpk]
    at: Mapped[datetime] = mapped_column(default=utc_now)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    actor_name: Mapped[name200]  # as they were called then
    action: Mapped[key100]
    about: Mapped[key100]
    summary: Mapped[text]  # what was done, as a German sentence
    reason: Mapped[text] = mapped_column(default="")  # in the actor's own words
