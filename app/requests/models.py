"""Requests: a thread that wants someone to take care, who does, and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, created, intpk, name200, text
from app.forum.models import Message, Thread, ThreadNetwork
from app.networks.models import Participant, Seat


class State(StrEnum):
    """offen, übernommen, erledigt, zurückgezogen."""

    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Success(StrEnum):
    """Whether a request came to what it was for, as who closes it says."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


#: The states in which somebody can still help.
RUNNING = (State.OPEN, State.TAKEN)


class Request(Model):
    """A thread of kind request. The first to press "Ich kümmere mich" owns it, from the seat they hold then.

    `owner_id` is NULL while nobody does; the one statement that sets it asks for that. Names are kept as they were.
    `remind_at` is when the portal asks for help by itself; who was asked, and when, stands in the two fields after it.
    """

    __tablename__ = "request"
    __table_args__ = (Index(None, "state", "remind_at"), {"sqlite_autoincrement": True})

    id: Mapped[intpk]
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id", ondelete="CASCADE"), unique=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    state: Mapped[State] = mapped_column(default=State.OPEN)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    owner_seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id", ondelete="SET NULL"), index=True)
    owner_name: Mapped[name200] = mapped_column(default="")
    owner_organisation: Mapped[name200] = mapped_column(default="")
    taken_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]  # when the network was told that somebody takes care, while it thinks so
    left_at: Mapped[datetime | None]  # since when nobody does any more, until the network is told
    notes: Mapped[int] = mapped_column(default=0)  # how often the network was told the one or the other
    remind_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    lead_reminded_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    success: Mapped[Success | None]
    outcome: Mapped[text] = mapped_column(default="")
    # What an Anfrage for a Praktikum may say.
    field: Mapped[name200] = mapped_column(default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    ages: Mapped[name200] = mapped_column(default="")
    place: Mapped[name200] = mapped_column(default="")
    created_at: Mapped[created]

    thread: Mapped[Thread] = relationship(lazy="joined", innerjoin=True)
    message: Mapped[Message] = relationship(lazy="joined", innerjoin=True)
    owner: Mapped[User | None] = relationship(lazy="joined")
    owner_seat: Mapped[Seat | None] = relationship()
    answers: Mapped[list[Answer]] = relationship(
        back_populates="request", order_by="Answer.id", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def key(self) -> str:
        """What names this request in the outbox."""
        return f"request:{self.id}"

    @property
    def requester(self) -> User | None:
        """Who asked; None once they are erased."""
        return self.message.author

    @property
    def is_running(self) -> bool:
        """Whether somebody can still help."""
        return self.state in RUNNING

    @property
    def helpers(self) -> list[Answer]:
        """Those who pressed after the owner, in that order."""
        return [answer for answer in self.answers if answer.kind is AnswerKind.HELPS]

    @property
    def hints(self) -> list[Answer]:
        """What those wrote who know somebody."""
        return [answer for answer in self.answers if answer.kind is AnswerKind.KNOWS]

    @property
    def refusals(self) -> list[Answer]:
        """Those who cannot help; they are not reminded."""
        return [answer for answer in self.answers if answer.kind is AnswerKind.CANNOT]

    @classmethod
    def of_thread(cls, thread_id: int) -> Select[Request]:
        """The request that this thread is, if it is one."""
        return select(cls).where(cls.thread_id == thread_id)

    @classmethod
    def open_threads(cls) -> Select[int]:
        """The ids of the threads that nobody takes care of yet."""
        return select(cls.thread_id).where(cls.state == State.OPEN)

    @classmethod
    def open_in_network(cls) -> Select[int]:
        """The ids of the open requests of the network "network_id"."""
        joined = select(cls.id).join(ThreadNetwork, ThreadNetwork.thread_id == cls.thread_id)
        return joined.where(ThreadNetwork.network_id == bindparam("network_id"), cls.state == State.OPEN)


class AnswerKind(StrEnum):
    """hilft mit, weiß jemanden, kann nicht."""

    HELPS = "helps"
    KNOWS = "knows"
    CANNOT = "cannot"


class Answer(Model):
    """What somebody said to a request, besides taking it. `participant` is whom they know, `line` what they wrote."""

    __tablename__ = "request_answer"
    __table_args__ = (UniqueConstraint("request_id", "user_id", "kind", "number"),)

    id: Mapped[intpk]
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id", ondelete="SET NULL"), index=True)
    kind: Mapped[AnswerKind]
    number: Mapped[int] = mapped_column(default=1)  # a person may know several; everything else they say once
    name: Mapped[name200]
    organisation: Mapped[name200] = mapped_column(default="")
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id", ondelete="SET NULL"), index=True)
    line: Mapped[text] = mapped_column(default="")
    created_at: Mapped[created]

    request: Mapped[Request] = relationship(back_populates="answers")
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    seat: Mapped[Seat | None] = relationship()
    participant: Mapped[Participant | None] = relationship()


class Handover(Model):
    """Whether a person (`user`) lets another (`to`) have the phone number or address that they do not show."""

    __tablename__ = "request_handover"
    __table_args__ = (UniqueConstraint("request_id", "user_id", "to_id"),)

    id: Mapped[intpk]
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id", ondelete="SET NULL"), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    given_at: Mapped[datetime | None]
    created_at: Mapped[created]

    request: Mapped[Request] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    to: Mapped[User] = relationship(foreign_keys=[to_id])
    seat: Mapped[Seat | None] = relationship()
