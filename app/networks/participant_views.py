"""The participant list and the few things Verwaltung does with it."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from app import queue
from app.access import admin_only
from app.accounts.models import User
from app.database import db, read, unaccented, utc_now
from app.errors import DomainError
from app.networks import auditing, succeeding
from app.networks.absence_models import Absence
from app.networks.forms import EditParticipantForm, ParticipantForm, SuccessorForm, wanted_state
from app.networks.joining import Entry, add_participant, remove_participant, update_participant
from app.networks.models import Network, Participant
from app.networks.scope import leads
from app.networks.views import bp
from app.networks.wishes import is_paused, resume
from app.templating import berlin
from app.unchanged import until_commit

#: what Verwaltung sees (True), and what everybody else does
_listed = {every: Participant.listed_in(bindparam("network_id"), hidden_too=every) for every in (True, False)}
_Row = namedtuple("_Row", [*_listed[True].selected_columns.keys(), "away"])  # type: ignore[misc]  # its names are the query's
# Asked apart, because nearly always nobody is away.
_deputy = aliased(User)
_away = (
    select(Absence.user_id, Absence.until, _deputy.name)
    .outerjoin(_deputy, _deputy.id == Absence.deputy_id)
    .where(Absence.network_id == bindparam("network_id"), Absence.until > bindparam("now"))
)
#: ?sortierung= -> what the participant list is sorted by, as a German telephone book is
_ORDERS: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "name": lambda row: (unaccented(row.name), row.user_id),
    "organisation": lambda row: (unaccented(row.organisation), unaccented(row.name), row.user_id),
    "aufgabe": lambda row: (unaccented(row.task), unaccented(row.name), row.user_id),
}


class Away(NamedTuple):
    """The last day on which somebody is away, and the name of who stands in."""

    last_day: date
    deputy: str | None


def asked_order() -> str:
    """Return by what the list is to be sorted (?sortierung=): by name, unless the word is one we know."""
    asked = request.args.get("sortierung", "name")
    return asked if asked in _ORDERS else "name"


@until_commit
def listed_in(network_id: int, order: str, *, hidden_too: bool) -> tuple[Any, ...]:
    """Return the rows of `Participant.listed_in()`, sorted here: SQLite would call us back for each comparison."""
    # Tuples of Python, because equal ones are compared (templating.parts), and rows of SQLAlchemy compare slowly.
    absent = read(_away, {"network_id": network_id, "now": utc_now()})
    away = {id: Away(berlin(until).date() - timedelta(days=1), deputy) for id, until, deputy in absent}
    rows = (_Row._make((*row, away.get(row.user_id))) for row in read(_listed[hidden_too], {"network_id": network_id}))
    return tuple(sorted(rows, key=_ORDERS[order]))


@bp.get("/netze/<network:network>/teilnehmende")
def participants(network: Network) -> ResponseReturnValue:
    """Show everybody with organisation, task, phone and e-mail on one page."""
    order = asked_order()
    listed = listed_in(network.id, order, hidden_too=current_user.is_admin)
    return render_template(
        "networks/participants.html", network=network, participants=listed, order=order, is_lead=leads(network)
    )


@bp.route("/netze/<network:network>/teilnehmende/neu", methods=["GET", "POST"])
@admin_only
def new_participant(network: Network) -> ResponseReturnValue:
    """Add somebody: from this minute on they receive every mail of the network."""
    form = ParticipantForm()
    if form.validate_on_submit() and form.is_certain():
        entry = form.entry()
        try:
            add_participant(network, entry, added_by=current_user)
            auditing.added(network, _name_of(entry), current_user)
        except DomainError as error:
            db.session.rollback()
            form.email.errors = [str(error)]
        else:
            db.session.commit()
            queue.wake("outbox")
            _tell_who_came(entry)
            return redirect(url_for("networks.participants", network=network))
    return render_template("networks/participant_form.html", network=network, form=form, participant=None)


@bp.route("/netze/<network:network>/teilnehmende/<int:id>", methods=["GET", "POST"])
@admin_only
def edit_participant(network: Network, id: int) -> ResponseReturnValue:
    """Correct what the list says of somebody, or take them out of it."""
    participant, person = _participant(network, id)
    seat = participant.seat
    form = EditParticipantForm(name=person.name, organisation=seat.organisation.name, task=seat.task, phone=seat.phone)
    is_same = form.organisation.data == seat.organisation.name
    if form.validate_on_submit() and (is_same or form.is_certain()):
        try:
            update_participant(participant, person, form.entry())
        except DomainError as error:
            db.session.rollback()
            form.organisation.errors = [str(error)]
        else:
            db.session.commit()
            flash(_("Die Angaben zu %(name)s sind gespeichert.", name=person.name), "success")
            return redirect(url_for("networks.participants", network=network))
    return render_template(
        "networks/participant_form.html",
        network=network,
        form=form,
        participant=participant,
        person=person,
        is_paused=is_paused(person.id, network.id),
    )


@bp.route("/netze/<network:network>/teilnehmende/<int:id>/nachfolge", methods=["GET", "POST"])
@admin_only
def hand_over(network: Network, id: int) -> ResponseReturnValue:
    """Give somebody's seat to their successor, in all its networks."""
    participant, person = _participant(network, id)
    seat = participant.seat
    form = SuccessorForm(task=seat.task, phone=seat.phone)
    if form.validate_on_submit() and form.is_certain():
        try:
            successor = succeeding.hand_over(seat, person, form.entry(), by=current_user)
            auditing.succeeded(network, seat, person, successor, current_user)
        except DomainError as error:
            db.session.rollback()
            form.email.errors = [str(error)]
        else:
            db.session.commit()
            queue.wake("outbox")
            flash(_("%(name)s hat die Stelle jetzt und bekommt eine Begrüßung.", name=successor.name), "success")
            return redirect(url_for("networks.participants", network=network))
    return render_template(
        "networks/successor.html",
        network=network,
        form=form,
        participant=participant,
        person=person,
        taking_part=succeeding.taking_part(seat),
    )


@bp.post("/netze/<network:network>/teilnehmende/<int:id>/entfernen")
@admin_only
def remove(network: Network, id: int) -> ResponseReturnValue:
    """Take somebody out: at once, without a mail, and without any mail that still waits for them."""
    participant, person = _participant(network, id)
    remove_participant(participant)
    db.session.commit()
    flash(_("%(name)s nimmt nicht mehr teil und bekommt nichts mehr.", name=person.name), "success")
    return redirect(url_for("networks.participants", network=network))


@bp.post("/netze/<network:network>/teilnehmende/<int:id>/leitung")
@admin_only
def change_lead(network: Network, id: int) -> ResponseReturnValue:
    """Make a participant a lead of this network, or a plain participant again, as the form says."""
    participant, person = _participant(network, id)
    participant.is_lead = wanted_state("lead")
    db.session.commit()
    sentence = _("%(name)s leitet jetzt dieses Netz.") if participant.is_lead else _("%(name)s leitet es nicht mehr.")
    flash(sentence % {"name": person.name}, "success")
    return redirect(url_for("networks.participants", network=network))


@bp.post("/netze/<network:network>/teilnehmende/<int:id>/fortsetzen")
@admin_only
def resume_mail(network: Network, id: int) -> ResponseReturnValue:
    """End the pause of somebody who asked Verwaltung to."""
    _participant_row, person = _participant(network, id)
    resume(person.id, network.id)
    db.session.commit()
    flash(_("%(name)s bekommt wieder alle Mails dieses Netzes.", name=person.name), "success")
    return redirect(url_for("networks.participants", network=network))


def _tell_who_came(entry: Entry) -> None:
    name = _name_of(entry)
    flash(_("%(name)s nimmt teil und bekommt eine Begrüßung per Mail.", name=name), "success")
    if name != entry.name:
        flash(
            _(
                "Unter dieser Adresse kennt das Portal schon „%(name)s“; dieser Name ist geblieben, nicht „%(typed)s“. "
                "Ist er falsch, berichtigen Sie ihn in der Teilnehmerliste.",
                name=name,
                typed=entry.name,
            ),
            "warning",
        )


def _name_of(entry: Entry) -> str:
    """The name the portal knows who was added by."""
    return db.session.scalars(User.by_email(entry.email)).one().name


def _participant(network: Network, id: int) -> tuple[Participant, User]:
    """Return the present participant with this id and the first present holder of the seat, or end in 404."""
    row = db.session.execute(Participant.present_in(network.id).where(Participant.id == id)).first()
    if row is None:
        abort(404)
    return row[0], row[1]
