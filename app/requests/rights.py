"""Who may do what with a request. Whoever takes part in one of its networks may help; a mail link proves who it is."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import gettext as _

from app.accounts.models import User
from app.errors import DomainError
from app.networks.models import Participant, Seat
from app.networks.taking_part import leads_any, participation_through
from app.requests.models import Request


class Part(NamedTuple):
    """What a person is to a request, and what they may therefore do."""

    requester: bool
    owner: bool
    helper: bool
    lead: bool
    may_help: bool

    @property
    def may_close(self) -> bool:
        """Who asked, who takes care, leads and Verwaltung say that it is done."""
        return self.requester or self.owner or self.lead

    @property
    def may_withdraw(self) -> bool:
        """Who asked, leads and Verwaltung take it back."""
        return self.requester or self.lead


def part_of(user: User, request: Request) -> Part:
    """Return what this person is to the request."""
    participation = participation_of(user, request)
    is_requester = request.message.author_id == user.id
    return Part(
        requester=is_requester,
        owner=request.owner_id == user.id,
        helper=request.owner_id is not None and any(answer.user_id == user.id for answer in request.helpers),
        lead=leads_any(user, (network.id for network in request.thread.networks)),
        may_help=participation is not None and not user.receives_only and not is_requester,
    )


def participation_of(user: User, request: Request) -> Participant | None:
    """Return how this person takes part in the request's open networks, home first; None: not at all."""
    return participation_through(user, request.thread.networks, request.thread.home_id)


def seat_to_help_from(user: User, request: Request) -> Seat:
    """Return the seat this person helps from, or refuse with a sentence."""
    participation = participation_of(user, request)
    if participation is None:
        raise DomainError(_("Sie nehmen an diesem Netz nicht mehr teil, oder es ist geschlossen."))
    if user.receives_only:
        raise DomainError(_("Dieses Postfach bekommt nur Mails. Übernehmen kann eine Anfrage nur eine Person."))
    if request.message.author_id == user.id:
        raise DomainError(_("Das ist Ihre eigene Anfrage."))
    return participation.seat


def demand_running(request: Request) -> None:
    """Refuse with a sentence where nobody needs to help any more."""
    if not request.is_running:
        raise DomainError(_("Diese Anfrage ist schon abgeschlossen. Es ist nichts mehr zu tun."))
