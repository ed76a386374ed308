"""What a person changes about their networks: how their mail comes."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app import queue
from app.database import db
from app.networks import absences, wish_forms
from app.networks.absence_models import Absence
from app.networks.views import bp


@bp.post("/profil/e-mails")
def change_wishes() -> ResponseReturnValue:
    """Change how the mail of one network comes, as the form says."""
    form, change = wish_forms.submitted(current_user, csrf=True)
    if change:
        db.session.commit()
        queue.wake("outbox")
        flash(change.sentence, "success")
    for sentence in [] if change else [sentence for field in form for sentence in field.errors]:
        flash(sentence, "danger")
    return redirect(url_for("accounts.profile") + "#e-mails")


@bp.post("/profil/vertretung/<int:id>/abgeben")
def stop_standing_in(id: int) -> ResponseReturnValue:
    """Stand in for somebody no longer; they are told."""
    absence = db.session.get(Absence, id)
    if absence is None or absence.deputy_id != current_user.id:
        abort(404)
    absences.decline(absence, current_user)
    db.session.commit()
    queue.wake("outbox")
    flash(_("Sie vertreten %(name)s nicht mehr.", name=absence.user.name), "success")
    return redirect(url_for("accounts.profile") + "#e-mails")
