"""Writing to one, several or all of a network from its participant list, past the forum."""

from __future__ import annotations

import uuid

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app import queue
from app.database import db
from app.errors import DomainError
from app.networks.direct import Addressee, TooMuch, addressees, write_directly
from app.networks.direct_forms import DirectForm
from app.networks.models import Network
from app.networks.views import bp
from app.networks.visibility import answers_to


@bp.route("/netze/<network:network>/teilnehmende/schreiben", methods=["GET", "POST"])
def write_to_many(network: Network) -> ResponseReturnValue:
    """Write to the participants ticked in the list (?to=3&to=5), to all (?everyone=y), or to others chosen here."""
    to_all = "everyone" in request.args
    form = DirectForm(to=request.args.getlist("to"), everyone=to_all, submission=str(uuid.uuid4()))
    everybody = addressees(network)
    if form.is_submitted():
        is_valid = form.validate()
        chosen = _chosen(form, everybody)
        if is_valid and chosen:
            return _send(network, form, everybody, chosen)
    return _page(network, form, everybody)


@bp.route("/netze/<network:network>/teilnehmende/<int:id>/schreiben", methods=["GET", "POST"])
def write_to_one(network: Network, id: int) -> ResponseReturnValue:
    """Write to this participant."""
    form = DirectForm(to=[id], submission=str(uuid.uuid4()))
    everybody = addressees(network)
    person = next((each for each in everybody if each.participant_id == id), None) or abort(404)
    if form.validate_on_submit():
        return _send(network, form, everybody, [person], person)
    return _page(network, form, everybody, person)


def _chosen(form: DirectForm, everybody: list[Addressee]) -> list[Addressee]:
    """Return whom the form names; where that is nobody, or somebody who has left, say so at the field."""
    if form.everyone.data:
        others = _others(everybody)
        form.to.errors = [] if others else [_("Außer Ihnen nimmt noch niemand teil.")]
        return others
    wanted = set(form.to.data or ())
    chosen = [each for each in everybody if each.participant_id in wanted]
    if not wanted:
        form.to.errors = [_("Bitte wählen Sie, wem Sie schreiben.")]
    elif len(chosen) < len(wanted):
        form.to.errors = [_("Wer gewählt war, nimmt zum Teil nicht mehr teil. Bitte prüfen Sie die Auswahl.")]
        return []
    return chosen


def _others(everybody: list[Addressee]) -> list[Addressee]:
    return [each for each in everybody if current_user.key not in each.keys]


def _send(
    network: Network,
    form: DirectForm,
    everybody: list[Addressee],
    chosen: list[Addressee],
    person: Addressee | None = None,
) -> ResponseReturnValue:
    try:
        people = write_directly(current_user, network, chosen, form.letter())
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        form.form_errors.append(str(error))
        return _page(network, form, everybody, person), 429 if isinstance(error, TooMuch) else 400
    queue.wake("outbox")
    flash(_said(people, chosen), "success")
    return redirect(url_for("networks.participants", network=network))


def _said(people: int, chosen: list[Addressee]) -> str:
    if len(chosen) == 1:
        return _("Ihre Mail an %(name)s ist unterwegs.", name=chosen[0].name)
    return _("Ihre Mail an %(people)s Personen ist unterwegs.", people=people)


def _page(network: Network, form: DirectForm, everybody: list[Addressee], person: Addressee | None = None) -> str:
    return render_template(
        "networks/write.html",
        network=network,
        form=form,
        everybody=everybody,
        person=person,
        others_count=len({key for each in _others(everybody) for key in each.keys}),
        answers_go=answers_to([network], current_user),
    )
