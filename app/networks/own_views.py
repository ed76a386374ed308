"""What a person changes about their networks: how their mail comes."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.database import db
from app.networks import wish_forms
from app.networks.views import bp


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
