"""Points that participants propose for the agenda of a meeting."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, created, intpk, name200, text
from app.meetings.models import Meeting


class ItemState(StrEnum):
    """vorgeschlagen, aufgenommen, nicht aufgenommen."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class AgendaItem(Model):
    """A point somebody proposed; their name and organisation are kept as they were.

    `message_id` is the answer to the invitation in which it stood: taken back, it was never proposed.
    """

    __tablename__ = "agenda_item"
    # A button in an old mail must never decide about another point: ids are not used again.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    name: Mapped[name200]
    organisation: Mapped[name200] = mapped_column(default="")
    text: Mapped[text]
    state: Mapped[ItemState] = mapped_column(default=ItemState.PROPOSED)
    decided_by: Mapped[name200] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    created_at: Mapped[created]

    meeting: Mapped[Meeting] = relationship(lazy="joined", innerjoin=True)
    user: Mapped[User | None] = relationship(lazy="joined")

    @property
    def key(self) -> str:
        """What names this point in the outbox."""
        return f"agenda-item:{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.state is ItemState.PROPOSED

    @classmethod
    def of_meeting(cls, meeting_id: int) -> Select[AgendaItem]:
        """What was proposed for this meeting, in that order."""
        return select(cls).where(cls.meeting_id == meeting_id).order_by(cls.id)
