"""Verwaltung's page of silent addresses, and its buttons."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access import admin_only
from app.accounts.models import User
from app.database import db
from app.deliveries import silent
from app.deliveries.views import bp
from app.mail import health
from app.mail.models import Address
from app.networks.wishes import pause


@bp.get("/verwaltung/stille-adressen")
@admin_only
def silent_addresses() -> ResponseReturnValue:
    """Show whom no mail reaches, why, and what to do about it."""
    return render_template("deliveries/silent.html", silent=silent.silent_addresses())


@bp.post("/verwaltung/stille-adressen/<int:id>/wieder-versuchen")
@admin_only
def try_again(id: int) -> ResponseReturnValue:
    """Send mail to this address again; what it missed stays on the website."""
    address, user = _silent_or_404(id)
    health.forgive(address.email)
    return _done(_("Die nächsten Mails an %(name)s gehen wieder hinaus.", name=user.name))


@bp.post("/verwaltung/stille-adressen/<int:id>/pausieren")
@admin_only
def pause_all(id: int) -> ResponseReturnValue:
    """Pause the mail of all networks of this person, until they or Verwaltung end it."""
    address, user = _silent_or_404(id)
    for network_id in silent.networks_of(user):
        pause(user.id, network_id)
    health.forgive(address.email)
    return _done(_("%(name)s bekommt keine Mails der Netze mehr, bis die Pause endet.", name=user.name))


def _silent_or_404(id: int) -> tuple[Address, User]:
    return silent.holder_of(id) or abort(404)


def _done(sentence: str) -> ResponseReturnValue:
    db.session.commit()
    flash(sentence)
    return redirect(url_for(".silent_addresses"))
