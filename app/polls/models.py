"""Finding a date: a thread that proposes some, what each participant says to them, and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, created, intpk, utc_now
from app.forum.models import Message, Thread, ThreadNetwork
from app.meetings.models import Meeting
from app.networks.models import Network
from app.templating import berlin


class Choice(StrEnum):
    """ja, vielleicht, nein; in the order in which a form offers them."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


class Poll(Model):
    """A thread of kind poll. Its subject is what the meeting will be called, its deadline the day to answer by.

    Answers may change until `closed_at`, also after the deadline. `meeting` is what came of it: none while it runs,
    and none where it ended without a date. `remind_at` is when those are reminded who have not answered.
    """

    __tablename__ = "poll"
    __table_args__ = (Index(None, "remind_at"),)

    id: Mapped[intpk]
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id", ondelete="CASCADE"), unique=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    place: Mapped[str] = mapped_column(String(500), default="")
    remind_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[created]

    thread: Mapped[Thread] = relationship(lazy="joined", innerjoin=True)
    message: Mapped[Message] = relationship(lazy="joined", innerjoin=True)
    meeting: Mapped[Meeting | None] = relationship(lazy="joined")
    dates: Mapped[list[ProposedDate]] = relationship(
        back_populates="poll",
        order_by="ProposedDate.starts_at",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="selectin",
    )

    @property
    def key(self) -> str:
        """What names it in the outbox."""
        return f"poll:{self.id}"

    @property
    def title(self) -> str:
        """What the meeting will be called."""
        return self.thread.subject

    @property
    def is_running(self) -> bool:
        """Whether answers count still."""
        return self.closed_at is None

    @property
    def open_networks(self) -> list[Network]:
        """Its networks that are not closed, home first."""
        home = self.thread.home
        others = [network for network in self.thread.networks if network.id != home.id]
        return [network for network in (home, *others) if network.closed_at is None]

    @classmethod
    def of_thread(cls, thread_id: int) -> Select[Poll]:
        """The poll that this thread is, if it is one."""
        return select(cls).where(cls.thread_id == thread_id)

    @classmethod
    def of_network(cls, network: Network) -> Select[Poll]:
        """The polls this network takes part in, the newest first."""
        joined = select(cls).join(ThreadNetwork, ThreadNetwork.thread_id == cls.thread_id)
        return joined.where(ThreadNetwork.network_id == network.id).order_by(cls.id.desc())


class ProposedDate(Model):
    """One of the dates that a poll proposes."""

    __tablename__ = "poll_date"

    id: Mapped[intpk]
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    poll: Mapped[Poll] = relationship(back_populates="dates")

    @property
    def day(self) -> date:
        """The day it begins on, in Germany."""
        return berlin(self.starts_at).date()


class Vote(Model):
    """What somebody says to one of the dates."""

    __tablename__ = "poll_answer"
    __table_args__ = (UniqueConstraint("date_id", "user_id"),)

    id: Mapped[intpk]
    date_id: Mapped[int] = mapped_column(ForeignKey("poll_date.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    choice: Mapped[Choice]
    answered_at: Mapped[datetime] = mapped_column(default=utc_now)

    user: Mapped[User] = relationship()

    @classmethod
    def to_poll(cls, poll: Poll) -> Select[Vote]:
        """All that was said to the dates of a poll."""
        return select(cls).join(ProposedDate, ProposedDate.id == cls.date_id).where(ProposedDate.poll_id == poll.id)
