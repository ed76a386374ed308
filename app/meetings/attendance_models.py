"""Who comes to a meeting, as they said, and who was there."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, created, intpk, name200, text
from app.meetings.models import Meeting
from app.networks.models import Seat


class Coming(StrEnum):
    """Zusage, vielleicht, Absage."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


class Attendance(Model):
    """What one person answered to the invitation to a meeting, and whether they were there.

    It belongs to the person, not to the seat they hold; their name and the seat's organisation are kept as they were,
    so that what once was stays true when people change. `answer` is None for somebody who never said, but whose being
    there was noted.

    `sequence` is the meeting's (RFC 5545 3.8.7.4) that was answered, `answered_at` when. An answer replaces an earlier
    one only if it is not older in both (RFC 5546 2.1.5), so that a mail that was long under way undoes nothing.
    """

    __tablename__ = "meeting_attendance"
    __table_args__ = (
        UniqueConstraint("meeting_id", "user_id"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id", ondelete="SET NULL"), index=True)
    name: Mapped[name200]
    organisation: Mapped[name200] = mapped_column(default="")
    answer: Mapped[Coming | None]
    number: Mapped[int] = mapped_column(default=1)  # of people who come, this one included
    remark: Mapped[text] = mapped_column(default="")
    sequence: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None]
    noted_by: Mapped[name200] = mapped_column(default="")  # who entered what was said on the phone; else empty
    was_there: Mapped[bool | None]  # None: not noted
    created_at: Mapped[created]

    meeting: Mapped[Meeting] = relationship(back_populates="attendances")
    user: Mapped[User | None] = relationship(lazy="joined")
    seat: Mapped[Seat | None] = relationship()

    @property
    def is_of_old_date(self) -> bool:
        """Whether the answer was given to a date or time that does not hold any more."""
        return self.answer is not None and self.sequence < self.meeting.dated_sequence

    @property
    def stands(self) -> Coming | None:
        """The answer to the date as it is now; None when there is none."""
        return None if self.is_of_old_date else self.answer

    @classmethod
    def of(cls, meeting_id: int, user_id: int) -> Select[Attendance]:
        """What this person answered to this meeting."""
        return select(cls).where(cls.meeting_id == meeting_id, cls.user_id == user_id)


class Reminder(Model):
    """A reminder of a meeting that was sent so many days before, for the date as it is since `dated_sequence`.

    Whoever adds the row sends it: of several workers only one can.
    """

    __tablename__ = "meeting_reminder"
    __table_args__ = (UniqueConstraint("meeting_id", "days", "dated_sequence"),)

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    days: Mapped[int]
    dated_sequence: Mapped[int]
    created_at: Mapped[created]
