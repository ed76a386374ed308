"""The calendar over all networks one may enter, a month a page; what calendar programs see of it is `/termine.ics`."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import func, select

from app.database import db, utc_now
from app.holidays import holidays
from app.meetings.calendar import token_of
from app.meetings.forms import OLDEST_YEAR, YEARS_AHEAD
from app.meetings.models import Meeting
from app.meetings.views import bp
from app.templating import berlin, midnight

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


class Entry(NamedTuple):
    """What stands on a day: a meeting, or the name of a public holiday."""

    day: date
    meeting: Meeting | None = None
    holiday: str = ""


@bp.get("/termine")
def overview() -> ResponseReturnValue:
    """Show the meetings of a month (?monat=2026-12; else this one), and where there are any before and after it."""
    this_month = berlin(utc_now()).date().replace(day=1)
    month = _month_asked_for(request.args.get("monat", ""), this_month)
    first, last = _span(this_month)
    return render_template(
        "meetings/overview.html",
        month=month,
        this_month=this_month,
        before=_next_to(month, -1) if month > first else None,
        after=_next_to(month, 1) if month < last else None,
        entries=_entries(month),
        coming=_first_after(month),
        token=token_of(current_user),
    )


def _month_asked_for(text: str, otherwise: date) -> date:
    found = _MONTH.fullmatch(text)
    if not found or not 1 <= int(found[2]) <= 12:
        return otherwise
    year = int(found[1])
    return date(year, int(found[2]), 1) if OLDEST_YEAR <= year <= utc_now().year + YEARS_AHEAD else otherwise


def _span(this_month: date) -> tuple[date, date]:
    """Return the first and the last month with a meeting this person may see; this month lies between them."""
    mine = Meeting.visible_to(current_user).order_by(None).subquery()
    earliest, latest = db.session.execute(select(func.min(mine.c.starts_at), func.max(mine.c.starts_at))).one()
    months = [this_month, *(berlin(moment).date().replace(day=1) for moment in (earliest, latest) if moment)]
    return min(months), max(months)


def _next_to(month: date, step: int) -> date:
    years, number = divmod(month.year * 12 + month.month - 1 + step, 12)
    return date(years, number + 1, 1)


def _entries(month: date) -> list[Entry]:
    begin, end = midnight(month), midnight(_next_to(month, 1))
    query = Meeting.visible_to(current_user).where(Meeting.starts_at < end, Meeting.ends_at > begin)
    meetings = [Entry(max(meeting.day, month), meeting) for meeting in db.session.scalars(query)]
    region = current_app.config["HOLIDAY_REGION"]
    free = [
        Entry(day, holiday=name)
        for day, name in holidays(month.year, region).items()
        if day.replace(day=1) == month and month.year >= utc_now().year
    ]
    return sorted([*free, *meetings], key=lambda entry: entry.day)


def _first_after(month: date) -> Meeting | None:
    """The next meeting behind this month, for whoever looks at an empty one."""
    later = Meeting.visible_to(current_user).where(Meeting.starts_at >= midnight(_next_to(month, 1)))
    return db.session.scalars(later.limit(1)).first()
