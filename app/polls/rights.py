"""Who answers a poll and who looks after it."""

from __future__ import annotations

from flask_babel import gettext as _

from app.accounts.models import User
from app.database import db
from app.errors import DomainError
from app.networks.models import Participant
from app.networks.taking_part import leads_any
from app.polls.models import Poll


def takes_part(user: User, poll: Poll) -> bool:
    """Whether this person takes part in one of its open networks now."""
    mine = set(db.session.scalars(Participant.network_ids_of(user.id)))
    return any(network.id in mine for network in poll.open_networks)


def demand_part(user: User, poll: Poll) -> None:
    """Refuse with a sentence whoever cannot answer."""
    if not takes_part(user, poll):
        raise DomainError(_("Sie nehmen an diesem Netz nicht mehr teil, oder es ist geschlossen."))
    if user.receives_only:
        raise DomainError(_("Dieses Postfach bekommt nur Mails. Antworten kann nur eine Person."))


def looks_after(user: User, poll: Poll) -> bool:
    """Whether this person sees what the others said, and ends it: the leads of its home and Verwaltung."""
    return leads_any(user, [poll.thread.home_id])
