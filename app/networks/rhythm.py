"""When collected mail goes out: each morning at seven, or on Monday at seven, by the clocks of Germany."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from flask_babel import lazy_gettext as _l

from app.networks.models import Rhythm
from app.templating import BERLIN, berlin

#: Early enough to be there when work begins. No hour that is left out or comes twice when the clocks change.
TIME_OF_DAY = time(7)
WEEKDAY = 0  # Monday

#: What a reader chooses between.
RHYTHM_NAMES = {
    Rhythm.AT_ONCE: _l("sofort, jede Nachricht als eigene Mail"),
    Rhythm.DAILY: _l("täglich, morgens um 7 Uhr in einer Zusammenfassung"),
    Rhythm.WEEKLY: _l("wöchentlich, montags um 7 Uhr in einer Zusammenfassung"),
    Rhythm.WEB: _l("gar nicht, nur auf der Website (auch keine Einladungen)"),
}

#: What a message waits for that somebody gets collected, as the Zustellbericht keeps it.
HOLD_REASONS = {Rhythm.DAILY: "tägliche Zusammenfassung", Rhythm.WEEKLY: "wöchentliche Zusammenfassung"}

_DAYS = {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7}


def last_moment(rhythm: Rhythm, now: datetime) -> datetime:
    """Return the latest moment up to `now` at which mail of this rhythm went out; at once: `now` itself."""
    if rhythm not in _DAYS:
        return now
    day = berlin(now).date()
    if rhythm is Rhythm.WEEKLY:
        day -= timedelta(days=(day.weekday() - WEEKDAY) % 7)
    moment = datetime.combine(day, TIME_OF_DAY, BERLIN)
    if moment > now:
        moment = datetime.combine(day - timedelta(days=_DAYS[rhythm]), TIME_OF_DAY, BERLIN)
    return moment


def next_moment(rhythm: Rhythm, ready_at: datetime) -> datetime:
    """Return when something that is ready at `ready_at` goes out by this rhythm; at once: `ready_at` itself."""
    last = last_moment(rhythm, ready_at)
    if last == ready_at:
        return last
    return datetime.combine(berlin(last).date() + timedelta(days=_DAYS[rhythm]), TIME_OF_DAY, BERLIN)
