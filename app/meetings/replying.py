"""What a calendar program answers to an invitation (METHOD:REPLY), and who reads what a person writes instead."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User, email_key
from app.database import db, utc_now
from app.errors import DomainError
from app.mail.reading import ReceivedMail
from app.meetings.attendance_models import Coming
from app.meetings.attending import answer, over
from app.meetings.calendar import uid_of
from app.meetings.calendar_reading import Attendee, ReadCalendar, ReadEvent, calendar_in, read_calendar
from app.meetings.models import Meeting
from app.networks.models import Participant

_COMING = {"ACCEPTED": Coming.YES, "TENTATIVE": Coming.MAYBE, "DECLINED": Coming.NO}


def answers_by_calendar(mail: ReceivedMail) -> bool:
    """Whether a calendar program wrote this to tell an answer, though it may say that it is automatic."""
    calendar = read_calendar(calendar_in(mail))
    return calendar is not None and is_answer(calendar)


def is_answer(calendar: ReadCalendar) -> bool:
    """Whether this is what programs write to answer an invitation."""
    return calendar.method in ("REPLY", "COUNTER")


def take_reply(owner: User, meeting: Meeting, calendar: ReadCalendar, sent_at: datetime | None) -> None:
    """Keep what the owner of the invitation answers. Raises `DomainError` with what a person can do instead.

    `sent_at` is the date of the mail. Who answers was decided by the address and the sender; the attendee's own address
    only tells several attendees apart.
    """
    if calendar.method != "REPLY":
        raise DomainError(_other_method(meeting, calendar))
    event = _event_of(meeting, calendar)
    attendee = _attendee_of(owner, event)
    coming = _COMING.get(attendee.status)
    if coming is None:
        raise DomainError(_other_answer(meeting, attendee))
    if coming is Coming.NO and over(meeting):
        return  # who takes a meeting that is cancelled or over out of a calendar declines it, and means nothing by it
    answer(
        owner,
        meeting,
        coming,
        remark=event.comment or attendee.comment,
        sequence=event.sequence,
        answered_at=_answered_at(event, meeting, sent_at),
    )


def organiser_of(meeting: Meeting) -> User | None:
    """Return who reads what people write to a meeting: who wrote its last mail, else a lead, else Verwaltung."""
    author = meeting.notices[-1].message.author if meeting.notices else None
    leads = Participant.present_in(meeting.home_id).where(Participant.is_lead)
    present = [user for _participant, user in db.session.execute(leads)]
    candidates = [author] if author and (author.is_admin or author in present) else []
    admins = db.session.scalars(select(User).where(User.is_admin).order_by(User.id))
    return next((user for user in [*candidates, *present, *admins] if user and user.email), None)


def _event_of(meeting: Meeting, calendar: ReadCalendar) -> ReadEvent:
    uid = uid_of(meeting).lower()
    events = [event for event in calendar.events if event.uid.lower() == uid]
    if len(events) == 1 and not events[0].is_instance and not events[0].recurs:
        return events[0]
    raise DomainError(_("Die Antwort Ihres Kalenders gehört zu einem anderen Termin.") + _instead())


def _attendee_of(owner: User, event: ReadEvent) -> Attendee:
    known = {address.email_key for address in owner.addresses}
    theirs = [each for each in event.attendees if email_key(each.address) in known]
    for found in (theirs, event.attendees):
        if len({each.status for each in found}) == 1:
            return found[0]
    raise DomainError(_("Die Antwort Ihres Kalenders sagt nicht, wer sie gibt.") + _instead())


def _answered_at(event: ReadEvent, meeting: Meeting, sent_at: datetime | None) -> datetime:
    """When it was answered. Some programs copy our DTSTAMP into the answer; then the date of the mail says more."""
    if event.stamped_at and event.stamped_at > meeting.changed_at:
        return event.stamped_at
    return sent_at or utc_now()


def _other_method(meeting: Meeting, calendar: ReadCalendar) -> str:
    if calendar.method != "COUNTER":
        return _("Mit diesem Kalendereintrag kann das Portal hier nichts anfangen.") + _instead()
    organiser = organiser_of(meeting)
    name = organiser.name if organiser else _("der Netzleitung")
    return _(
        "Ihr Kalender hat einen anderen Termin vorgeschlagen. Das Portal verschiebt keine Sitzung; bitte sprechen Sie "
        "darüber mit %(name)s. Eine Zusage oder Absage ist damit nicht eingetragen.",
        name=name,
    )


def _other_answer(meeting: Meeting, attendee: Attendee) -> str:
    if attendee.status == "DELEGATED":
        return _(
            "Sie haben die Einladung in Ihrem Kalender an jemand anderen weitergegeben. Das kann das Portal nicht "
            "eintragen: Bitte sagen Sie mit dem Knopf in der Einladung ab und nennen Sie in der Bemerkung, wer für "
            "Sie kommt."
        )
    return _("Die Antwort Ihres Kalenders sagt weder Zusage noch Absage.") + _instead()


def _instead() -> str:
    return " " + _("Bitte antworten Sie mit den Knöpfen in der Einladung.")
