"""Saying whether one comes to a meeting: from the mail, from a calendar program, on the page, or noted for somebody.

Each way ends here. What counts is who answers, never where from, and the newest answer to the newest date.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.meetings.attendance_models import Attendance, Coming
from app.meetings.models import Meeting
from app.meetings.rights import participation_in
from app.networks.models import Participant

#: Characters of a remark.
REMARK_LENGTH = 500

#: People one answer can bring along, the one who answers included.
MOST_PEOPLE = 50


def answer(
    user: User,
    meeting: Meeting,
    coming: Coming,
    *,
    number: int = 1,
    remark: str = "",
    sequence: int | None = None,
    answered_at: datetime | None = None,
    noted_by: str = "",
) -> Attendance:
    """Keep what this person says; an answer older than the one that is known changes nothing.

    `sequence` is the meeting's that was answered (None: as it is now), `answered_at` when that was (None: now), both
    as far as they can be true. Raises `DomainError` if the person was not invited or no answer is needed any more.
    """
    participation = participation_in(user, meeting)
    if participation is None or over(meeting):
        raise DomainError(why_not(user, meeting))
    sequence = meeting.sequence if sequence is None else max(0, min(sequence, meeting.sequence))
    answered_at = min(answered_at or utc_now(), utc_now())
    attendance = row_of(user, meeting, participation)
    known = (attendance.sequence, attendance.answered_at)
    if known[1] is None or (sequence, answered_at) >= known:
        attendance.answer, attendance.sequence, attendance.answered_at = coming, sequence, answered_at
        attendance.number = 1 if coming is Coming.NO else max(1, min(number, MOST_PEOPLE))
        attendance.remark, attendance.noted_by = remark[:REMARK_LENGTH], noted_by
        attendance.name, attendance.organisation = user.name, participation.seat.organisation.name
        attendance.seat = participation.seat
    return attendance


def why_not(user: User, meeting: Meeting) -> str:
    """Return why this person need not say whether they come, as a sentence; empty if they may."""
    if sentence := over(meeting):
        return sentence
    return not_invited(user, meeting)


def not_invited(user: User, meeting: Meeting) -> str:
    """Return a sentence for somebody who takes part in none of the meeting's open networks; empty for the others."""
    if participation_in(user, meeting) is None:
        return _("Zu dieser Sitzung sind nur die Teilnehmenden ihrer Netze eingeladen.")
    return ""


def over(meeting: Meeting) -> str:
    """Return why nobody needs to say any more whether they come, as a sentence; empty if it helps."""
    if meeting.cancelled_at:
        return _("Diese Sitzung ist abgesagt. Sie brauchen nicht zu antworten.")
    if meeting.is_past:
        return _("Diese Sitzung ist schon vorbei. Sie brauchen nicht mehr zu antworten.")
    return ""


def row_of(user: User, meeting: Meeting, participation: Participant | None) -> Attendance:
    """Return the one row of this person and meeting, made where there is none, held until the unit of work ends."""
    query = Attendance.of(meeting.id, user.id).with_for_update(of=Attendance)
    if found := db.session.scalar(query):
        return found
    seat = participation.seat if participation else None
    organisation = seat.organisation.name if seat else ""
    made = Attendance(meeting_id=meeting.id, user=user, seat=seat, name=user.name, organisation=organisation)
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        # The same person answers twice at the same moment, and the other answer was first.
        return db.session.scalars(query).one()
    return made
