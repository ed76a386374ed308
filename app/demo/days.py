"""The days on which something happens in the demo: as in a real town, none of them is a Sunday or a holiday."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from flask import current_app

from app.database import utc_now
from app.holidays import is_working_day
from app.templating import berlin


def working_day(days: int) -> date:
    """Return the working day so many days from today, or the next one; of days gone by the one before."""
    today = berlin(utc_now()).date()
    step = 1 if days >= 0 else -1
    return next(day for more in count(days, step) if is_one(day := today + timedelta(days=more)))


def is_one(day: date) -> bool:
    """Whether people work on this day where the demo's town lies."""
    return is_working_day(day, current_app.config["HOLIDAY_REGION"])
