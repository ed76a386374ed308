"""The minutes of a meeting on their way from draft to approval, and what people correct in them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Select, String, cast, literal, select
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, created, intpk, name200, text, utc_now
from app.files.models import StoredFile
from app.forum.models import Message
from app.meetings.models import Document, Meeting
from app.templating import berlin


class Stage(StrEnum):
    """Entwurf, versandt, genehmigt."""

    DRAFT = "draft"
    SENT = "sent"
    APPROVED = "approved"


class Minutes(Model):
    """The minutes of one meeting, written here, or as files, or both.

    A draft is nobody's but who looks after the meeting: its files belong to it and to no document. Sent, copies of
    them stand in `document`, which everybody reads, and `message` told of them; taken back they are a draft again.
    """

    __tablename__ = "minutes"

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), unique=True)
    stage: Mapped[Stage] = mapped_column(default=Stage.DRAFT)
    text: Mapped[text] = mapped_column(default="")  # Markdown as typed
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), index=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id", ondelete="SET NULL"), index=True)
    sent_at: Mapped[datetime | None]
    corrections_until: Mapped[date | None]  # the last day
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[name200] = mapped_column(default="")
    approved_in_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id", ondelete="SET NULL"), index=True)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    created_at: Mapped[created]

    meeting: Mapped[Meeting] = relationship(foreign_keys=meeting_id, lazy="joined", innerjoin=True)
    approved_in: Mapped[Meeting | None] = relationship(foreign_keys=approved_in_id)
    message: Mapped[Message | None] = relationship()
    document: Mapped[Document | None] = relationship()
    corrections: Mapped[list[MinutesCorrection]] = relationship(
        back_populates="minutes", order_by="MinutesCorrection.id", cascade="all, delete-orphan", passive_deletes=True
    )
    files: Mapped[list[StoredFile]] = relationship(
        primaryjoin=lambda: foreign(StoredFile.owner) == literal("minutes:") + cast(Minutes.id, String),
        order_by=lambda: (StoredFile.position, StoredFile.id),
        viewonly=True,
    )

    @property
    def key(self) -> str:
        """The owner of its files, and the place of the draft of its mail."""
        return f"minutes:{self.id}"

    @property
    def is_draft(self) -> bool:
        """Whether only those see it who look after the meeting."""
        return self.stage is Stage.DRAFT

    @property
    def takes_corrections(self) -> bool:
        """Whether participants can still say what is wrong in it."""
        until = self.corrections_until
        return self.stage is Stage.SENT and until is not None and berlin(utc_now()).date() <= until

    @classmethod
    def of_meeting(cls, meeting_id: int) -> Select[Minutes]:
        """The minutes of this meeting, if there are any here."""
        return select(cls).where(cls.meeting_id == meeting_id)

    @classmethod
    def of_thread(cls, thread_id: int) -> Select[Minutes]:
        """The minutes that the first message of this thread told of."""
        return select(cls).join(Message, Message.id == cls.message_id).where(Message.thread_id == thread_id)


class MinutesCorrection(Model):
    """What somebody says is wrong in the minutes: on the page, or in an answer to their mail, which keeps its text."""

    __tablename__ = "minutes_correction"

    id: Mapped[intpk]
    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    name: Mapped[name200]
    organisation: Mapped[name200] = mapped_column(default="")
    text: Mapped[text] = mapped_column(default="")
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[name200] = mapped_column(default="")
    created_at: Mapped[created]

    minutes: Mapped[Minutes] = relationship(back_populates="corrections")
    message: Mapped[Message | None] = relationship(lazy="joined")
    user: Mapped[User | None] = relationship(lazy="joined")

    @property
    def key(self) -> str:
        """What names this correction in the outbox."""
        return f"minutes-correction:{self.id}"

    @property
    def words(self) -> str:
        """What it says; nothing more where the answer was removed."""
        return self.message.body if self.message else self.text
