"""The calendars people subscribe to. Calendar programs cannot sign in: the token in the address is the only guard."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app.access import public
from app.database import db
from app.forum.calendar_event import calendar
from app.meetings.calendar import events_of, reset, subscriber
from app.meetings.models import Meeting
from app.meetings.views import bp
from app.networks.models import Network
from app.networks.scope import leads_only


@bp.get("/termine.ics")
@public
def own_feed() -> ResponseReturnValue:
    """Give the meetings of all networks the token's owner belongs to now."""
    user = subscriber(request.args.get("token", "")) or abort(404)
    with force_locale("de"):
        return _feed(_("Sitzungen meiner Netze"), db.session.scalars(Meeting.visible_to(user)).all())


@bp.get("/netze/<network:network>/termine.ics")
@public
def network_feed(network: str) -> ResponseReturnValue:
    """Give the meetings of one network to the token's owner, as long as they belong to it."""
    asked = db.session.scalar(select(Network).filter_by(slug=network)) or abort(404)
    user = subscriber(request.args.get("token", ""), asked) or abort(404)
    if db.session.scalar(Network.visible_to(user).where(Network.id == asked.id)) is None:
        abort(404)
    return _feed(asked.name, db.session.scalars(Meeting.of_network(asked)).all())


@bp.post("/profil/termine/neue-adresse")
def reset_own_feed() -> ResponseReturnValue:
    """Make one's own calendar addresses void and show new ones."""
    reset(current_user)
    db.session.commit()
    flash(_("Ihre Kalender haben neue Adressen. Die alten gelten nicht mehr."), "success")
    return redirect(url_for("accounts.profile") + "#termine")


@bp.post("/netze/<network:network>/termine/neue-adressen")
@leads_only
def reset_network_feed(network: Network) -> ResponseReturnValue:
    """Make everybody's addresses of this network's calendar void; each finds their new one on the meetings' page."""
    reset(network)
    db.session.commit()
    flash(_("Der Kalender dieses Netzes hat neue Adressen. Die alten gelten für niemanden mehr."), "success")
    return redirect(url_for(".index", network=network) + "#abonnieren")


def _feed(name: str, meetings: Sequence[Meeting]) -> Response:
    response = Response(calendar(events_of(meetings), name=name), content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = "inline; filename=termine.ics"
    # Whoever is removed gets nothing more, not even from a cache on the way.
    response.headers["Cache-Control"] = "private, no-cache"
    return response
