"""What a person changes about themselves in their networks: task and phone of a seat, pausing the mail."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.database import db
from app.networks.forms import SeatForm, wanted_state
from app.networks.models import Network, Participant, Seat
from app.networks.views import bp
from app.networks.wishes import pause, resume


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


@bp.post("/netze/<network:network>/pause")
def change_pause(network: Network) -> ResponseReturnValue:
    """Pause the mail of a network, or have it again, as the form says."""
    if wanted_state("paused"):
        pause(current_user.id, network.id)
        flash(_("Sie bekommen keine Mails von „%(name)s“, bis Sie sie wieder einschalten.", name=network.name), "info")
    else:
        resume(current_user.id, network.id)
        flash(_("Sie bekommen wieder alle Mails von „%(name)s“.", name=network.name), "success")
    db.session.commit()
    return redirect(url_for("accounts.profile"))
