"""What people were told last of a meeting's date and place, for the mail that tells them something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import format_date
from flask_babel import gettext as _

from app.meetings.models import Meeting, Notice
from app.templating import berlin, clock


@dataclass(frozen=True)
class Known:
    """Date, times and place of a meeting as people know them, beside the meeting as it is now."""

    meeting: Meeting
    starts_at: datetime
    ends_at: datetime
    place: str

    @property
    def span(self) -> tuple[datetime, datetime]:
        """When it begins and ends, as people know it."""
        return self.starts_at, self.ends_at

    @property
    def other_when(self) -> str:
        """When it was to be, in as few words as tell it from now ("14:00 bis 16:00 Uhr"); "" if that is the same."""
        if self.span == (self.meeting.starts_at, self.meeting.ends_at):
            return ""
        start, end = clock(self.starts_at), clock(self.ends_at)
        day, day_now = berlin(self.starts_at).date(), self.meeting.day
        if day == day_now:
            return str(_("%(start)s bis %(end)s Uhr", start=start, end=end))
        shown = format_date(day, "EEEE, d. MMMM" if day.year == day_now.year else "full")
        return str(_("%(day)s, %(start)s Uhr", day=shown, start=start))

    @property
    def other_place(self) -> str:
        """Where it was to be; "" if that is the same, or nothing was said of it."""
        return self.place if self.place != self.meeting.place else ""


def what_is_known(meeting: Meeting, notices: Sequence[Notice]) -> Known:
    """Return what the last of these notices told; what the meeting is now, where there is none that says it."""
    last = notices[-1] if notices else None
    if last is None or last.starts_at is None or last.ends_at is None:
        return Known(meeting, meeting.starts_at, meeting.ends_at, meeting.place)
    return Known(meeting, last.starts_at, last.ends_at, last.place)
