"""What participants say is wrong in minutes: on the page, or in an answer to the mail that brought them.

Who looks after the meeting is told of the first one at once, and of what the same person adds within the hour by one
mail at its end: ten small mistakes are no reason for ten mails.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.forum.models import Message
from app.meetings import minutes_mails
from app.meetings.minutes import hold
from app.meetings.minutes_models import Minutes, MinutesCorrection
from app.meetings.rights import participation_in

LONGEST = 5000  # characters
MOST_OPEN = 20  # corrections of one person that nobody has dealt with

_BETWEEN_MAILS = timedelta(hours=1)


def correct(user: User, minutes: Minutes, text: str) -> MinutesCorrection:
    """Keep what somebody says is wrong and tell who looks after the meeting; the same words again are the same.

    Raises `DomainError` when it is too late, when the person does not take part, or has corrected too much already.
    """
    if not minutes.takes_corrections:
        raise DomainError(_("Für Korrekturen ist es zu spät. Bitte sprechen Sie die Netzleitung an."))
    participation = participation_in(user, minutes.meeting)
    if participation is None and not user.is_admin:
        raise DomainError(_("Korrekturen schicken können die Teilnehmenden der Sitzung."))
    hold(minutes)  # the same words sent twice at the same moment are one correction
    same = select(MinutesCorrection).filter_by(minutes_id=minutes.id, user_id=user.id, text=text)
    if before := db.session.scalars(same).first():
        return before
    if _open_of(user.id, minutes) >= MOST_OPEN:
        raise DomainError(
            _(
                "Sie haben schon zwanzig Korrekturen geschickt, die noch nicht erledigt sind. Bitte sprechen Sie die "
                "Netzleitung an. Ihr Text steht noch hier."
            )
        )
    organisation = participation.seat.organisation.name if participation else ""
    correction = MinutesCorrection(minutes=minutes, user=user, name=user.name, organisation=organisation, text=text)
    db.session.add(correction)
    db.session.flush()
    minutes_mails.corrections(*_last_mail(correction))
    return correction


def take_correction(message: Message) -> None:
    """Note an answer to the minutes' mail as a correction, while they take any; everybody has it by mail already."""
    minutes = db.session.scalar(Minutes.of_thread(message.thread_id))
    if minutes is None or not minutes.takes_corrections or minutes.message is None:
        return
    is_lead = message.author_id == minutes.message.author_id
    if not is_lead and _open_of(message.author_id, minutes) < MOST_OPEN:
        db.session.add(
            MinutesCorrection(
                minutes=minutes,
                user_id=message.author_id,
                message=message,
                name=message.author_name,
                organisation=message.organisation_name,
            )
        )


def settle(correction: MinutesCorrection, by: User) -> None:
    """Note that a correction was dealt with; a mail that still waits does not tell of it."""
    hold(correction.minutes)
    db.session.refresh(correction)  # another lead may have dealt with it while this one waited
    if correction.settled_at is None:
        correction.settled_at, correction.settled_by = utc_now(), by.name
        together, due_at = _last_mail(correction)
        if correction in together and minutes_mails.withdraw(together):
            minutes_mails.corrections(together, due_at)


def _last_mail(correction: MinutesCorrection) -> tuple[list[MinutesCorrection], datetime]:
    """Return which corrections of this person the last mail about them tells, and when it goes out."""
    own = select(MinutesCorrection).filter_by(
        minutes_id=correction.minutes_id, user_id=correction.user_id, message_id=None
    )
    told: list[MinutesCorrection] = []
    due_at = datetime.min.replace(tzinfo=UTC)
    for each in db.session.scalars(own.order_by(MinutesCorrection.id)):
        if each.created_at > due_at:
            told, due_at = [], max(each.created_at, due_at + _BETWEEN_MAILS)
        told.append(each)
    return told, due_at


def _open_of(user_id: int | None, minutes: Minutes) -> int:
    own = select(func.count(MinutesCorrection.id)).filter_by(minutes_id=minutes.id, user_id=user_id)
    return db.session.scalar(own.where(MinutesCorrection.settled_at.is_(None))) or 0
