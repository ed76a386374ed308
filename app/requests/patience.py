"""How long a request may wait, in working days, before the portal asks for help by itself."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from app.holidays import working_moment

#: Somebody who asked is left alone so long; then the portal asks for them.
PATIENCE = 3
#: After the people whose work fits, so many working days later, the lead.
PATIENCE_OF_LEAD = 2


def start_of_reminding(now: datetime) -> datetime:
    """Return when the portal may ask for help by itself, if nobody takes care until then."""
    return working_moment(now, PATIENCE, current_app.config["HOLIDAY_REGION"])
