"""How long a request may wait, in working days, before the portal asks for help by itself."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from app.database import utc_now
from app.holidays import working_moment
from app.requests.models import Request
from app.templating import berlin

#: Somebody who asked is left alone so long; then the portal asks for them.
PATIENCE = 3
#: After the people whose work fits, so many working days later, the lead.
PATIENCE_OF_LEAD = 2


def start_of_reminding(now: datetime) -> datetime:
    """Return when the portal may ask for help by itself, if nobody takes care until then."""
    return working_moment(now, PATIENCE, current_app.config["HOLIDAY_REGION"])


def turn_of_lead(request: Request) -> datetime:
    """Return when the lead is asked, now that the people whose work fits are: at once if it were too late by then."""
    now = utc_now()
    later = working_moment(now, PATIENCE_OF_LEAD, current_app.config["HOLIDAY_REGION"])
    return now if is_late(request, later) else later


def is_late(request: Request, at: datetime | None = None) -> bool:
    """Whether the day on which an answer was needed is over, now or at a moment; asking then would help nobody."""
    deadline = request.thread.deadline
    return deadline is not None and deadline < berlin(at or utc_now()).date()
