"""Meetings that somebody announced by a calendar entry in a mail, and that nobody has decided on yet."""

from __future__ import annotations

from datetime import datetime

from flask_babel import format_date
from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model, created, intpk, name200
from app.forum.calendar_event import when_said
from app.forum.models import Message, Thread
from app.networks.models import Network
from app.templating import berlin


class MeetingDraft(Model):
    """A date that came with a message. The leads of its network make it a meeting, or discard it; either way it goes.

    The three marks say what a lead has to look at: an entry without times, one without a zone we know, and one that
    recurs, of which this is the first date.
    """

    __tablename__ = "meeting_draft"
    # An old page must never decide about another draft: ids are not used again.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[intpk]
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), unique=True)
    title: Mapped[name200]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(500), default="")
    is_day: Mapped[bool] = mapped_column(default=False)
    is_floating: Mapped[bool] = mapped_column(default=False)
    recurs: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[created]

    message: Mapped[Message] = relationship(lazy="joined", innerjoin=True)

    @property
    def key(self) -> str:
        """What names it in the outbox, also when it was decided on: a message brings one at most."""
        return key_of(self.message_id)

    @property
    def when(self) -> str:
        """Its date as people say it, with the times if the entry has any."""
        if self.is_day:
            return format_date(berlin(self.starts_at).date(), "full")
        return when_said(self.starts_at, self.ends_at)

    @classmethod
    def of_network(cls, network: Network, thread_id: int | None = None) -> Select[MeetingDraft]:
        """The drafts of the messages whose home this network is, by date; only those of this thread if one is given."""
        threads = select(Thread.id).where(Thread.home_id == network.id)
        if thread_id is not None:
            threads = threads.where(Thread.id == thread_id)
        told = select(Message.id).where(Message.thread_id.in_(threads))
        return select(cls).where(cls.message_id.in_(told)).order_by(cls.starts_at, cls.id)


def key_of(message_id: int) -> str:
    """Return what names the date that came with this message in the outbox."""
    return f"meeting-draft:{message_id}"
