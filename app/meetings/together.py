"""Which networks a meeting is of: the home, and others that whoever plans it leads as well."""

from __future__ import annotations

from typing import Any

from flask_login import current_user
from wtforms.fields import SelectChoice

from app.database import db
from app.meetings.clashing import Objections, Span, objections
from app.meetings.forms import MeetingForm
from app.meetings.models import Meeting
from app.networks.models import Network
from app.networks.scope import leads


def offer_networks(form: Any, home: Network) -> list[Network]:
    """Offer in `form.also_for` the other open networks that this person leads; without any the field goes."""
    visible = db.session.scalars(Network.visible_to(current_user)).all()
    others = [each for each in visible if each is not home and leads(each) and each.closed_at is None]
    form.also_for.choices = [SelectChoice(each.id, each.name) for each in others]
    if not others:
        del form.also_for
    return others


def networks_of(form: Any, home: Network, others: list[Network], meeting: Meeting | None = None) -> list[Network]:
    """Return the networks as the form says, home first.

    One that somebody else added to the meeting stays: it is not this person's to take out.
    """
    chosen = (form.also_for.data or []) if form.also_for else []
    kept = [each for each in meeting.networks if each not in others and each is not home] if meeting else []
    return [home, *kept, *(each for each in others if each.id in chosen)]


def doubts(
    form: MeetingForm, home: Network, others: list[Network], meeting: Meeting | None = None
) -> Objections | None:
    """Return what speaks against the date of a sound form that was sent; None: there is no such form."""
    if not form.validate_on_submit():
        return None
    return objections(networks_of(form, home, others, meeting), Span(form.starts_at, form.ends_at), meeting)
