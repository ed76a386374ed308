"""The demo's requests that somebody has taken or done, and two people who show less or are away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from app.accounts.models import User, Visibility
from app.database import db, utc_now
from app.forum.models import Message
from app.mail.models import Mail
from app.networks.absence_models import Absence
from app.networks.models import Network, Participant
from app.requests import closing, taking
from app.requests.models import Request, Success


def settle(note: dict[str, Any], message: Message, people: dict[str, User], asked_at: datetime) -> None:
    """Let somebody have taken the request a day after it was asked, and have done it, as the town tells."""
    request = db.session.scalar(select(Request).where(Request.message_id == message.id))
    if request is None or "taken_by" not in note:
        return
    owner, moment = people[note["taken_by"]], min(asked_at + timedelta(days=1), utc_now() - timedelta(hours=2))
    taking.take(owner, request)
    request.taken_at = request.told_at = moment
    if "outcome" in note:
        closing.close(owner, request, Success.YES, note["outcome"])
        request.closed_at = moment + timedelta(days=6)
    db.session.flush()
    told = or_(Mail.about == request.key, Mail.about.startswith(f"{request.key}:"))
    db.session.execute(update(Mail).where(told).values(date=moment, created_at=moment))


def show_less(networks: dict[str, Network], people: dict[str, User]) -> None:
    """One hides her number; another is away, and somebody stands in."""
    for participant in db.session.scalars(Participant.of_user(people["hanna.fuchs"].id)):
        participant.seat.phone_seen_by = Visibility.HIDDEN
    away, deputy = people["oliver.stein"], people["monika.seidel"]
    until = utc_now() + timedelta(days=9)
    db.session.add(Absence(user=away, deputy=deputy, network=networks["ausbildung"], until=until))
