"""Series: meetings that were entered together, each a meeting of its own with its own UID."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, created, intpk
from app.meetings.models import Meeting


class Repeat(StrEnum):
    """How the dates of a series follow one another."""

    WEEKS = "weeks"  # every so many weeks
    MONTHS = "months"  # each month on the same weekday, as the second Thursday
    MONTHS_LAST = "months-last"  # each month on the last of such a weekday


class Series(Model):
    """A rule as it was when the meetings were entered; what became of each of them since, the meeting knows."""

    __tablename__ = "meeting_series"

    id: Mapped[intpk]
    repeat: Mapped[Repeat]
    every: Mapped[int] = mapped_column(default=1)  # in weeks
    created_at: Mapped[created]

    @classmethod
    def of_meeting(cls, meeting: Meeting) -> Select[Series]:
        """The series this meeting belongs to, if it does."""
        return select(cls).join(SeriesMeeting).where(SeriesMeeting.meeting_id == meeting.id)

    def meetings(self) -> Select[Meeting]:
        """Its meetings in the order of their dates."""
        joined = select(Meeting).join(SeriesMeeting, SeriesMeeting.meeting_id == Meeting.id)
        return joined.where(SeriesMeeting.series_id == self.id).order_by(Meeting.starts_at, Meeting.id)


class SeriesMeeting(Model):
    """A meeting's place in a series."""

    __tablename__ = "meeting_in_series"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("meeting_series.id", ondelete="CASCADE"), index=True)
