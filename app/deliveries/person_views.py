"""The mail to one person: for Verwaltung across all networks, for leads the messages of their own."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.access import admin_only
from app.accounts.models import User
from app.database import db
from app.deliveries.person_mails import mails_to, people_found
from app.deliveries.report import hidden_keys
from app.deliveries.views import bp, page_asked_for
from app.deliveries.words import STATE_KINDS, STATE_NAMES
from app.forms import clean
from app.networks.models import Network, Participant
from app.networks.scope import leads_only

_MOST_FOUND = 50


@bp.get("/verwaltung/post")
@admin_only
def search() -> ResponseReturnValue:
    """Find a person by name or address (?q=); where only one fits, lead to their mail at once."""
    words = clean(request.args.get("q", ""))[:200].strip()
    people = db.session.scalars(people_found(words).limit(_MOST_FOUND)).all() if words else []
    if len(people) == 1:
        return redirect(url_for("deliveries.of_person", id=people[0].id))
    return render_template("deliveries/search.html", words=words, people=people, has_more=len(people) == _MOST_FOUND)


@bp.get("/verwaltung/post/<int:id>")
@admin_only
def of_person(id: int) -> ResponseReturnValue:
    """Show what became of every mail to this person."""
    person = db.session.get(User, id) or abort(404)
    return _page([person], network=None)


@bp.get("/netze/<network:network>/teilnehmende/<int:id>/post")
@leads_only
def of_participant(network: Network, id: int) -> ResponseReturnValue:
    """Show what became of the messages of this network to one of its participants."""
    rows = db.session.execute(Participant.present_in(network.id).where(Participant.id == id)).all()
    return _page([person for _participant, person in rows] or abort(404), network=network)


def _page(people: list[User], network: Network | None) -> ResponseReturnValue:
    page = page_asked_for()
    mails, has_more = mails_to(people, page, current_user, network)
    context: dict[str, Any] = {"network": network} if network else {}
    return render_template(
        "deliveries/person.html",
        people=people,
        hides_address=bool(hidden_keys(current_user, [person.key for person in people])),
        mails=mails,
        page=page,
        has_more=has_more,
        states=STATE_NAMES,
        kinds=STATE_KINDS,
        **context,
    )
