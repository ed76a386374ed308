"""Threads and messages: the Nachrichtenforum."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User, initials_of
from app.database import Model, address254, by_name, created, intpk, key100, name200, text, utc_now
from app.networks.models import Network, Participant, Rhythm


class Kind(StrEnum):
    """What a thread is; it stands in the list, in the subject and in the mail."""

    MESSAGE = "message"
    INVITATION = "invitation"
    MINUTES = "minutes"
    REQUEST = "request"
    INFORMATION = "information"
    CASE = "case"
    POLL = "poll"  # dates to choose from (app/polls); no form of the forum writes one


class Thread(Model):
    """A subject that one or several networks talk about; one of them is its home."""

    __tablename__ = "thread"
    __table_args__ = (Index(None, "home_id", "last_message_at"), {"sqlite_autoincrement": True})

    id: Mapped[intpk]
    home_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"))
    subject: Mapped[name200]
    kind: Mapped[Kind] = mapped_column(default=Kind.MESSAGE)
    confidential: Mapped[bool] = mapped_column(default=False)  # the mail says only that there is something
    urgent: Mapped[bool] = mapped_column(default=False)  # its first message waits for no digest
    deadline: Mapped[date | None]
    last_message_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_at: Mapped[created]

    home: Mapped[Network] = relationship(lazy="joined", innerjoin=True)
    networks: Mapped[list[Network]] = relationship(
        secondary="thread_network", order_by=by_name(Network.name), lazy="selectin"
    )
    messages: Mapped[list[Message]] = relationship(
        back_populates="thread", order_by="Message.id", cascade="all, delete-orphan"
    )

    @classmethod
    def of_network(cls, network: Network) -> Select[Thread]:
        """The threads this network takes part in, the one last written to first."""
        return (
            select(cls)
            .join(ThreadNetwork, ThreadNetwork.thread_id == cls.id)
            .where(ThreadNetwork.network_id == network.id)
            .order_by(cls.last_message_at.desc(), cls.id.desc())
        )

    @classmethod
    def networks_of(cls, thread_id: int) -> Select[Network]:
        """The networks that take part in a thread, by name."""
        joined = select(Network).join(ThreadNetwork, ThreadNetwork.network_id == Network.id)
        return joined.where(ThreadNetwork.thread_id == thread_id).order_by(by_name(Network.name))

    @classmethod
    def visible_to(cls, user: Any) -> Select[Thread]:
        """The threads of every network this person may enter."""
        query = select(cls)
        if user.is_admin:
            return query
        mine = Participant.network_ids_of(user.id)
        return query.where(cls.id.in_(select(ThreadNetwork.thread_id).where(ThreadNetwork.network_id.in_(mine))))


class ThreadNetwork(Model):
    """A network that takes part in a thread."""

    __tablename__ = "thread_network"

    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id", ondelete="CASCADE"), primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), primary_key=True, index=True)


class Message(Model):
    """One text in a thread. Who wrote it, and for which organisation, is kept as it was then.

    `submission` says which form it came from with which words (app/forms.py `made_id`): sent twice it is found here.
    """

    __tablename__ = "message"
    # Mails and files name a message by its id; the id of one that was taken back must not come again.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[intpk]
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id", ondelete="CASCADE"), index=True)
    submission: Mapped[str] = mapped_column(String(36), unique=True)
    message_id: Mapped[address254] = mapped_column(unique=True)  # RFC 5322 3.6.4, without the angle brackets
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id", ondelete="SET NULL"))
    author_name: Mapped[name200]
    organisation_name: Mapped[name200] = mapped_column(default="")
    body: Mapped[text]  # Markdown as typed
    mails_at: Mapped[datetime]  # until then it can be taken back
    # From then on its text and files are gone for good; the sentence that says so names who did it.
    taken_down_at: Mapped[datetime | None]
    taken_down_by: Mapped[name200] = mapped_column(default="")
    removed_words: Mapped[text] = mapped_column(default="", deferred=True)  # digests (app/mail/removed.py)
    created_at: Mapped[created]

    thread: Mapped[Thread] = relationship(back_populates="messages")
    author: Mapped[User | None] = relationship(lazy="joined")

    @property
    def initials(self) -> str:
        """Of the author, as they were called then."""
        return initials_of(self.author_name)

    @property
    def key(self) -> str:
        """What names this message in the outbox and as the owner of its files."""
        return f"message:{self.id}"


class Digest(Model):
    """The mail in which somebody gets the messages of a while together: one for each of its moments.

    Two workers that make it at once make one, because `period`, the moment it was due, comes once in each rhythm.
    """

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("user_id", "rhythm", "period"),)

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    rhythm: Mapped[Rhythm]
    period: Mapped[datetime]
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mail.id", ondelete="CASCADE"), index=True)


class Draft(Model):
    """What someone typed and uploaded, kept when something was wrong. Its id is that of the form."""

    __tablename__ = "draft"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    place: Mapped[key100]  # where the form stands: "network:3" or "thread:7"
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    saved_at: Mapped[datetime] = mapped_column(default=utc_now)

    @property
    def key(self) -> str:
        """The owner of the files uploaded so far."""
        return f"draft:{self.id}"
