"""Meetings of one or several networks, what their networks were told of them by mail, and the papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import BindParameter, ForeignKey, Index, Select, String, cast, literal, or_, select
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from app.database import Model, by_name, created, intpk, key100, name200, text, utc_now
from app.files.models import StoredFile
from app.forum.models import Kind, Message
from app.networks.models import Network
from app.templating import berlin

if TYPE_CHECKING:
    from app.meetings.attendance_models import Attendance


class Paper(StrEnum):
    """What a document is, in the order in which a meeting shows its papers; samples belong to no meeting."""

    INVITATION = "invitation"
    AGENDA = "agenda"
    MINUTES = "minutes"
    ATTACHMENT = "attachment"
    TEMPLATE = "template"


class News(StrEnum):
    """What the networks of a meeting do not know yet."""

    INVITATION = "invitation"
    CHANGE = "change"
    CANCELLATION = "cancellation"
    REINSTATEMENT = "reinstatement"


class Meeting(Model):
    """A sitting of one or several networks; one of them is its home, whose leads look after it.

    `uid` stays the same for all calendars; `sequence` rises whenever date, time or place change, and when the
    meeting is cancelled or takes place after all. Date and times are the same since `dated_sequence`: who answered to
    an earlier one answered to another date.
    """

    __tablename__ = "meeting"

    id: Mapped[intpk]
    home_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), index=True)
    title: Mapped[name200]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(500), default="")  # a room with its address, or a link
    agenda: Mapped[text] = mapped_column(default="")  # Markdown as typed
    letter: Mapped[text] = mapped_column(default="")  # how the invitation is worded, with placeholders; "": as usual
    uid: Mapped[key100] = mapped_column(default=lambda: str(uuid4()), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    dated_sequence: Mapped[int] = mapped_column(default=0)
    cancelled_at: Mapped[datetime | None]
    minutes_asked_at: Mapped[datetime | None]  # when its missing minutes were asked for, and asked for again
    minutes_asked_again_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    created_at: Mapped[created]

    home: Mapped[Network] = relationship(lazy="joined", innerjoin=True)
    networks: Mapped[list[Network]] = relationship(
        secondary="meeting_network", order_by=by_name(Network.name), lazy="selectin"
    )
    documents: Mapped[list[Document]] = relationship(back_populates="meeting", order_by="Document.id")
    notices: Mapped[list[Notice]] = relationship(back_populates="meeting", order_by="Notice.id")
    attendances: Mapped[list[Attendance]] = relationship(
        back_populates="meeting", order_by="Attendance.id", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def key(self) -> str:
        """The place of drafts of mails about it, and the owner of files on their way into one."""
        return f"meeting:{self.id}"

    @property
    def day(self) -> date:
        """The date it begins on, in Germany."""
        return berlin(self.starts_at).date()

    @property
    def is_past(self) -> bool:
        """Whether it is over."""
        return self.ends_at < utc_now()

    @property
    def co_networks(self) -> list[Network]:
        """Its networks without the home."""
        return [network for network in self.networks if network.id != self.home_id]

    @property
    def papers(self) -> list[Document]:
        """Its documents in the order of their kinds."""
        order = list(Paper)
        return sorted(self.documents, key=lambda document: order.index(document.kind))

    @property
    def news(self) -> News | None:
        """What is still to be told by mail; None when everybody knows, or need not be told any more."""
        if self.is_past:
            return None
        if not self.notices:
            return None if self.cancelled_at else News.INVITATION
        if self.notices[-1].sequence >= self.sequence:
            return None
        if self.cancelled_at:
            return News.CANCELLATION
        return News.REINSTATEMENT if self.notices[-1].is_cancellation else News.CHANGE

    def move(self, starts_at: datetime, ends_at: datetime, place: str) -> bool:
        """Set date, times and place, and return whether one of them differs; calendars learn of it then."""
        if (self.starts_at, self.ends_at, self.place) == (starts_at, ends_at, place):
            return False
        self.sequence += 1
        if (self.starts_at, self.ends_at) != (starts_at, ends_at):
            self.dated_sequence = self.sequence
        self.starts_at, self.ends_at, self.place = starts_at, ends_at, place
        return True

    def cancel(self) -> None:
        """Let it not take place."""
        if self.cancelled_at is None:
            self.cancelled_at = utc_now()
            self.sequence += 1

    def reinstate(self) -> None:
        """Undo `cancel()`."""
        if self.cancelled_at is not None:
            self.cancelled_at = None
            self.sequence += 1

    @classmethod
    def of_network(cls, network: Network) -> Select[Meeting]:
        """The meetings this network takes part in, in the order of their dates."""
        mine = select(MeetingNetwork.meeting_id).where(MeetingNetwork.network_id == network.id)
        return select(cls).where(cls.id.in_(mine)).order_by(cls.starts_at, cls.id)

    @classmethod
    def visible_to(cls, user: Any) -> Select[Meeting]:
        """The meetings of every network this person may enter."""
        networks = Network.visible_to(user).with_only_columns(Network.id).order_by(None)
        mine = select(MeetingNetwork.meeting_id).where(MeetingNetwork.network_id.in_(networks))
        return select(cls).where(cls.id.in_(mine)).order_by(cls.starts_at, cls.id)

    @classmethod
    def of_thread(cls, thread_id: int | BindParameter[int]) -> Select[Meeting]:
        """The meeting that this thread invites to, or tells a change of."""
        told = select(Notice.meeting_id).join(Message).where(Message.thread_id == thread_id)
        return select(cls).where(cls.id.in_(told))


class MeetingNetwork(Model):
    """A network that takes part in a meeting; the home is one of them."""

    __tablename__ = "meeting_network"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), primary_key=True, index=True)


class Notice(Model):
    """The message that told the networks of a meeting as it was at `sequence`. Taken back, it was never told.

    Date, times and place are those it told; notices from before these were kept have none.
    """

    __tablename__ = "meeting_notice"

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), unique=True)
    sequence: Mapped[int]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(String(500), default="")

    meeting: Mapped[Meeting] = relationship(back_populates="notices")
    message: Mapped[Message] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_cancellation(self) -> bool:
        """Whether it told that the meeting does not take place."""
        return self.message.thread.kind is Kind.INFORMATION


class Document(Model):
    """A paper of a network, of one of its meetings or of none; usually one file, sometimes the same in two formats."""

    __tablename__ = "document"
    __table_args__ = (Index(None, "network_id", "dated"), {"sqlite_autoincrement": True})

    id: Mapped[intpk]
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id", ondelete="SET NULL"), index=True)
    kind: Mapped[Paper]
    title: Mapped[name200]
    dated: Mapped[date]  # what counts for a paper without a meeting
    created_at: Mapped[created]

    network: Mapped[Network] = relationship()
    meeting: Mapped[Meeting | None] = relationship(back_populates="documents", lazy="joined")
    files: Mapped[list[StoredFile]] = relationship(
        primaryjoin=lambda: foreign(StoredFile.owner) == literal("document:") + cast(Document.id, String),
        order_by=lambda: (StoredFile.position, StoredFile.id),
        viewonly=True,
        lazy="selectin",
    )

    @property
    def key(self) -> str:
        """The owner of its files."""
        return f"document:{self.id}"

    @property
    def day(self) -> date:
        """The day under which it is filed: the meeting's, else its own."""
        return self.meeting.day if self.meeting else self.dated

    @classmethod
    def of_network(cls, network: Network) -> Select[Document]:
        """The papers this network may read, the newest upload first: its own, and those of its meetings."""
        meetings = select(MeetingNetwork.meeting_id).where(MeetingNetwork.network_id == network.id)
        return (
            select(cls)
            .where(or_(cls.network_id == network.id, cls.meeting_id.in_(meetings)))
            .order_by(cls.created_at.desc(), cls.id.desc())
        )

    @classmethod
    def visible_to(cls, user: Any) -> Select[Document]:
        """The papers of every network this person may enter."""
        networks = Network.visible_to(user).with_only_columns(Network.id).order_by(None)
        meetings = select(MeetingNetwork.meeting_id).where(MeetingNetwork.network_id.in_(networks))
        return select(cls).where(or_(cls.network_id.in_(networks), cls.meeting_id.in_(meetings)))


def by_year(things: Sequence[Any]) -> list[tuple[int, list[Any]]]:
    """Group meetings or documents by the year of their `day`: the last year first, and the last day in it first."""
    ordered = sorted(things, key=lambda thing: (thing.day, thing.id), reverse=True)
    return [(year, list(those)) for year, those in groupby(ordered, key=lambda thing: thing.day.year)]
