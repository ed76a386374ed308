"""What participants say is wrong in minutes: on the page, or in an answer to the mail that brought them."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.forum.models import Message
from app.meetings import minutes_mails
from app.meetings.minutes_models import Minutes, MinutesCorrection
from app.meetings.rights import participation_in

LONGEST = 5000  # characters


def correct(user: User, minutes: Minutes, text: str) -> MinutesCorrection:
    """Keep what somebody says is wrong and tell who looks after the meeting; the same words again are the same."""
    if not minutes.takes_corrections:
        raise DomainError(_("Für Korrekturen ist es zu spät. Bitte sprechen Sie die Netzleitung an."))
    participation = participation_in(user, minutes.meeting)
    if participation is None and not user.is_admin:
        raise DomainError(_("Korrekturen schicken können die Teilnehmenden der Sitzung."))
    # Their row first: the same words sent twice at the same moment are one correction.
    db.session.execute(select(Minutes.id).where(Minutes.id == minutes.id).with_for_update(of=Minutes))
    same = select(MinutesCorrection).filter_by(minutes_id=minutes.id, user_id=user.id, text=text)
    if before := db.session.scalars(same).first():
        return before
    organisation = participation.seat.organisation.name if participation else ""
    correction = MinutesCorrection(minutes=minutes, user=user, name=user.name, organisation=organisation, text=text)
    db.session.add(correction)
    db.session.flush()
    minutes_mails.correction(correction)
    return correction


def take_correction(message: Message) -> None:
    """Note an answer to the minutes' mail as a correction, while they take any; everybody has it by mail already."""
    minutes = db.session.scalar(Minutes.of_thread(message.thread_id))
    if minutes is None or not minutes.takes_corrections or minutes.message is None:
        return
    if message.author_id != minutes.message.author_id:
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
    """Note that a correction was dealt with."""
    if correction.settled_at is None:
        correction.settled_at, correction.settled_by = utc_now(), by.name
