"""Verwaltung's page of mails that were set aside, and its button."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app import queue
from app.access import admin_only
from app.database import db
from app.deliveries import set_aside
from app.deliveries.resending import send_again
from app.deliveries.views import bp, told


@bp.get("/verwaltung/beiseitegelegte-mails")
@admin_only
def set_aside_mails() -> ResponseReturnValue:
    """Show what the portal could not make mails of, and whom that concerns."""
    return render_template("deliveries/set_aside.html", mails=set_aside.mails_set_aside())


@bp.post("/verwaltung/beiseitegelegte-mails/<int:id>/erneut")
@admin_only
def send_set_aside(id: int) -> ResponseReturnValue:
    """Try once more to make and send this mail."""
    result = send_again(set_aside.deliveries_of(id), current_user)
    db.session.commit()
    if result.again:
        queue.wake("outbox")
    notices = told(result) if result.again or result.refused else [("info", _("Diese Mail liegt nicht mehr hier."))]
    for kind, sentence in notices:
        flash(sentence, kind)
    return redirect(url_for(".set_aside_mails"))
