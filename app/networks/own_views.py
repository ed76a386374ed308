"""What a person changes about themselves in their networks: task and phone of a seat, how their mail comes."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.database import db
from app.networks import wish_forms
from app.networks.forms import SeatForm
from app.networks.models import Participant, Seat
from app.networks.views import bp


@bp.post("/profil/stellen/<int:id>")
def update_seat(id: int) -> ResponseReturnValue:
    """Change task and phone of a seat one holds."""
    held = Participant.of_user(current_user.id).where(Participant.seat_id == id)
    participant = db.session.scalars(held).first() or abort(404)
    form = SeatForm(prefix=f"seat{id}")
    if not form.validate_on_submit():
        for sentence in [sentence for field in form for sentence in field.errors]:
            flash(sentence, "danger")
        return redirect(url_for("accounts.profile"))
    seat: Seat = participant.seat
    seat.task, seat.phone = form.task.data or "", form.phone.data or ""
    db.session.commit()
    flash(_("Ihre Angaben sind gespeichert."), "success")
    return redirect(url_for("accounts.profile"))


@bp.post("/profil/e-mails")
def change_wishes() -> ResponseReturnValue:
    """Change how the mail of one network comes, as the form says."""
    form, change = wish_forms.submitted(current_user, csrf=True)
    if change:
        db.session.commit()
        flash(change.sentence, "success")
    for sentence in [] if change else [sentence for field in form for sentence in field.errors]:
        flash(sentence, "danger")
    return redirect(url_for("accounts.profile") + "#e-mails")
