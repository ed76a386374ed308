"""What a person wants of a network's mail: how often, and whether not for a while. It holds from the next mail on."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

from sqlalchemy import ColumnElement, not_, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.database import db, utc_now
from app.mail import carrying, saying
from app.networks.models import Preference, Rhythm
from app.templating import berlin, midnight


def pause(user_id: int, network_id: int, last_day: date | None = None) -> bool:
    """Send this person nothing of this network up to and including `last_day`, or until they resume.

    The Verwaltung sees it. Return whether they got mail until now: of two who ask at once, one pauses. Who pauses
    already changes only how long.
    """
    mine = _own_row(user_id, network_id)
    until = midnight(last_day + timedelta(days=1)) if last_day else None
    begin = update(Preference).where(mine, not_(Preference.pausing()))
    began = db.session.execute(begin.values(paused_at=utc_now(), paused_until=until).returning(Preference.id)).all()
    if not began and last_day:
        db.session.execute(update(Preference).where(mine).values(paused_until=until))
    return bool(began)


def resume(user_id: int, network_id: int) -> None:
    """End a pause; from now on mail comes by the rhythm chosen before."""
    mine = _of(user_id, network_id)
    db.session.execute(update(Preference).where(mine).values(paused_at=None, paused_until=None))
    _unsay_that_it_stopped(user_id, network_id)


def last_day_of(row: Preference) -> date | None:
    """Return the last day without mail of a pause; None: it has no end yet."""
    return berlin(row.paused_until).date() - timedelta(days=1) if row.paused_until else None


def have_mail_again(user_id: int, network_id: int) -> None:
    """Undo what stopped this network's mail: a pause, and the wish to read on the website only."""
    resume(user_id, network_id)
    if not has_mail(user_id, network_id):
        set_rhythm(user_id, network_id, Rhythm.AT_ONCE)


def set_rhythm(user_id: int, network_id: int, rhythm: Rhythm) -> bool:
    """Let the mail of this network come by this rhythm, and return whether that is new.

    What waits for a digest is looked at anew at once: it goes out as the new rhythm says.
    """
    mine = _own_row(user_id, network_id)
    changed = update(Preference).where(mine, Preference.rhythm != rhythm).values(rhythm=rhythm)
    is_new = bool(db.session.execute(changed.returning(Preference.id)).all())
    if is_new:
        _unsay_that_it_stopped(user_id, network_id)
        carrying.look_anew(f"user:{user_id}")
    return is_new


def has_mail(user_id: int, network_id: int) -> bool:
    """Whether this person gets mail of this network, at once or collected."""
    none = or_(Preference.pausing(), Preference.rhythm == Rhythm.WEB)
    return db.session.scalar(select(Preference.id).where(_of(user_id, network_id), none)) is None


def is_paused(user_id: int, network_id: int) -> bool:
    """Whether this person pauses this network."""
    return network_id in db.session.scalars(Preference.paused_by(user_id)).all()


def stopped(user_id: int, network_id: int) -> str:
    """What the mail that confirms the end of a network's mail is about (app/mail/saying.py)."""
    return f"stopped:{network_id}:{user_id}"


def _unsay_that_it_stopped(user_id: int, network_id: int) -> None:
    if has_mail(user_id, network_id):
        saying.unsay(stopped(user_id, network_id))


def _own_row(user_id: int, network_id: int) -> ColumnElement[bool]:
    mine = _of(user_id, network_id)
    if db.session.scalar(select(Preference.id).where(mine)) is None:
        # Somebody else may have added the row a moment ago.
        with suppress(IntegrityError), db.session.begin_nested():
            db.session.add(Preference(user_id=user_id, network_id=network_id))
    return mine


def _of(user_id: int, network_id: int) -> ColumnElement[bool]:
    return (Preference.user_id == user_id) & (Preference.network_id == network_id)
