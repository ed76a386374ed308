"""The networks themselves: choosing one, reading what it is about, keeping them up."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select, func, or_, select
from sqlalchemy.exc import IntegrityError

from app.access import admin_only
from app.accounts.models import User
from app.database import by_name, db, utc_now
from app.networks.absence_models import Absence
from app.networks.deputies import deputies_in
from app.networks.forms import NetworkForm
from app.networks.models import Holding, Network, Participant, Preference, Rhythm
from app.networks.recipients import audience_of
from app.networks.wishes import last_day_of

bp = Blueprint("networks", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Lead to the messages of the only network somebody has, else to the choice."""
    networks = db.session.scalars(Network.visible_to(current_user).limit(2)).all()
    if len(networks) == 1:
        return redirect(url_for("forum.index", network=networks[0]))
    return redirect(url_for("networks.index"))


@bp.get("/netze")
def index() -> ResponseReturnValue:
    """Show the networks this person may enter."""
    networks = db.session.scalars(Network.visible_to(current_user)).all()
    return render_template("networks/index.html", networks=networks, sizes=_sizes())


@bp.get("/netze/<network:network>")
def show(network: Network) -> ResponseReturnValue:
    """Lead to what a network opens on: its messages."""
    return redirect(url_for("forum.index", network=network))


@bp.get("/netze/<network:network>/ueber")
def about(network: Network) -> ResponseReturnValue:
    """Say what the network is for, who leads it and who reads what is written in it."""
    listed = Participant.listed_in(network.id, hidden_too=current_user.is_admin)
    leads = db.session.execute(listed.where(Participant.is_lead)).all()
    return render_template(
        "networks/about.html",
        network=network,
        leads=leads,
        audience=audience_of([network]),
    )


@bp.get("/verwaltung")
@admin_only
def admin() -> ResponseReturnValue:
    """Show Verwaltung its networks, who gets no mail of them, and who is away."""
    networks = db.session.scalars(Network.visible_to(current_user)).all()
    return render_template(
        "networks/admin.html",
        networks=networks,
        sizes=_sizes(),
        paused=db.session.execute(_without_mail()).all(),
        absences=_absences(),
        last_day_of=last_day_of,
    )


@bp.route("/verwaltung/netze/neu", methods=["GET", "POST"])
@admin_only
def new() -> ResponseReturnValue:
    """Set up a network."""
    form = NetworkForm()
    network = Network()
    if form.validate_on_submit() and _is_kept(network, form):
        db.session.commit()
        flash(_("Das Netz ist eingerichtet. Als Nächstes kommen die Teilnehmenden."), "success")
        return redirect(url_for("networks.participants", network=network))
    return render_template("networks/edit.html", form=form, edited=None)


@bp.route("/verwaltung/netze/<network:network>", methods=["GET", "POST"])
@admin_only
def edit(network: Network) -> ResponseReturnValue:
    """Change what a network is called, is for, and who may write."""
    form = NetworkForm(obj=network)
    if db.session.scalar(network.has_begun()):
        # It stands in mails, calendars and bookmarks of other people, and what they write to goes to this address.
        del form.slug
    if form.validate_on_submit() and _is_kept(network, form):
        db.session.commit()
        flash(_("Die Änderungen sind gespeichert."), "success")
        return redirect(url_for("networks.about", network=network))
    return render_template("networks/edit.html", form=form, edited=network, network=network)


@bp.post("/verwaltung/netze/<network:network>/schliessen")
@admin_only
def close(network: Network) -> ResponseReturnValue:
    """Close a network: it stays readable, and nothing is sent to it any more."""
    network.closed_at = network.closed_at or utc_now()
    db.session.commit()
    flash(_("Das Netz ist geschlossen. Alles bleibt lesbar."), "success")
    return redirect(url_for("networks.edit", network=network))


@bp.post("/verwaltung/netze/<network:network>/oeffnen")
@admin_only
def reopen(network: Network) -> ResponseReturnValue:
    """Undo `close()`."""
    network.closed_at = None
    db.session.commit()
    flash(_("Das Netz ist wieder offen."), "success")
    return redirect(url_for("networks.edit", network=network))


def _is_kept(network: Network, form: NetworkForm) -> bool:
    """Write what the form says into the network, or say at its field that the slug is another's."""
    try:
        with db.session.begin_nested():
            form.populate_obj(network)
            db.session.add(network)
    except IntegrityError:
        form.slug.errors = [_("Es gibt schon ein Netz mit diesem Kurznamen.")]
        return False
    return True


def _sizes() -> dict[int, int]:
    counted = (
        select(Participant.network_id, func.count(func.distinct(Holding.user_id)))
        .join(Holding, Holding.seat_id == Participant.seat_id)
        .where(Participant.until.is_(None), Holding.until.is_(None))
        .group_by(Participant.network_id)
    )
    return dict(db.session.execute(counted).all())


def _absences() -> list[tuple[Absence, bool]]:
    """Return how participants are away now, the first to be back first, and whether a deputy gets their mail."""
    still_there = Participant.network_ids_of(Absence.user_id)  # type: ignore[arg-type]  # the column, correlated
    away = Absence.now().where(Absence.network_id.in_(still_there)).order_by(Absence.until, Absence.id)
    found = db.session.scalars(away).all()
    represented = {id: deputies_in([id]) for id in {absence.network_id for absence in found}}
    return [(absence, absence.user_id in represented[absence.network_id]) for absence in found]


def _without_mail() -> Select[*tuple[Any, ...]]:
    """Who gets no mail of which network: those who pause, the latest first, then those who only read the website."""
    return (
        select(
            User.id,
            User.name,
            Network.name.label("network_name"),
            Network.slug,
            Preference.paused_at,
            Preference.paused_until,
            Preference.pausing().label("is_paused"),
        )
        .join(User, User.id == Preference.user_id)
        .join(Network, Network.id == Preference.network_id)
        .where(or_(Preference.pausing(), Preference.rhythm == Rhythm.WEB))
        .order_by(Preference.pausing().desc(), Preference.paused_at.desc(), by_name(User.name), Network.id)
    )
