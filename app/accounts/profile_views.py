"""The profile: name, addresses, password, devices. Other features add boxes of their own (registry.panels)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app import queue
from app.accounts import addresses, devices, mails, passwords
from app.accounts import sign_in as signing
from app.accounts.forms import AddressForm, PasswordForm, RemovePasswordForm
from app.accounts.models import Device, UserAddress
from app.accounts.views import bp
from app.database import db
from app.errors import DomainError
from app.mail import health


@bp.get("/profil")
def profile() -> ResponseReturnValue:
    """Show the profile. What the lists say of a person is kept by app/networks, which takes the POST."""
    return profile_page()


@bp.post("/profil/adressen")
def add_address() -> ResponseReturnValue:
    """Send a link to a new address."""
    devices.demand_fresh(current_user)
    form = AddressForm()
    if not form.validate_on_submit():
        return profile_page(address_form=form)
    try:
        addresses.request_address(current_user, form.email.data)
    except DomainError as error:
        form.email.errors = [str(error)]
        return profile_page(address_form=form)
    return _done(_("Bitte sehen Sie in das neue Postfach: Der Link darin fügt die Adresse hinzu. Er gilt 30 Minuten."))


@bp.route("/profil/adressen/<token>/bestaetigen", methods=["GET", "POST"])
def confirm_address(token: str) -> ResponseReturnValue:
    """Show the button behind the link of a new address; pressing it adds the address."""
    if request.method != "POST":  # scanners also send HEAD
        email = addresses.address_in(token, current_user)
        return render_template("accounts/confirm_address.html", email=email, token=token)
    email = addresses.confirm_address(current_user, token)
    return _done(_("%(email)s gehört jetzt zu Ihnen.", email=email))


@bp.post("/profil/adressen/<int:id>/hauptadresse")
def make_primary(id: int) -> ResponseReturnValue:
    """Let mail go to this address."""
    devices.demand_fresh(current_user)
    address = _own_address(id)
    addresses.make_primary(current_user, address)
    return _done(_("Ihre E-Mails gehen jetzt an %(email)s.", email=address.email))


@bp.post("/profil/adressen/wieder-versuchen")
def try_address_again() -> ResponseReturnValue:
    """Send mail to one's address again, which had fallen silent."""
    health.forgive(current_user.email)
    return _done(_("Die nächsten Mails gehen wieder an %(email)s.", email=current_user.email))


@bp.post("/profil/adressen/<int:id>/entfernen")
def remove_address(id: int) -> ResponseReturnValue:
    """Remove an address mail does not go to."""
    devices.demand_fresh(current_user)
    address = _own_address(id)
    addresses.remove_address(current_user, address)
    return _done(_("%(email)s ist entfernt.", email=address.email))


@bp.post("/profil/passwort")
def set_password() -> ResponseReturnValue:
    """Set or change the password."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return profile_page(password_form=form)
    try:
        passwords.set_password(current_user, form.new_password.data, form.current_password.data or "")
    except DomainError as error:
        form.form_errors.append(str(error))
        return profile_page(password_form=form)
    mails.account_changed(current_user, "password-set")
    if form.sign_out_elsewhere.data:
        signing.sign_out_elsewhere(current_user)
    return _done(_("Ihr neues Passwort gilt ab sofort. Der Link per E-Mail geht weiterhin auch."))


@bp.post("/profil/passwort/entfernen")
def remove_password() -> ResponseReturnValue:
    """Sign in by mailed link only from now on."""
    form = RemovePasswordForm()
    try:
        if not form.validate_on_submit():
            return profile_page(remove_form=form)
        passwords.remove_password(current_user, form.current_password.data or "")
    except DomainError as error:
        form.form_errors.append(str(error))
        return profile_page(remove_form=form)
    mails.account_changed(current_user, "password-removed")
    return _done(_("Ihr Passwort ist entfernt. Sie melden sich mit einem Link per E-Mail an."))


@bp.post("/profil/geraete/<int:id>/abmelden")
def sign_device_out(id: int) -> ResponseReturnValue:
    """Sign one of one's own devices out."""
    device = db.session.get(Device, id)
    if device is None or device.user_id != current_user.id:
        abort(404)
    db.session.delete(device)
    return _done(_("%(device)s ist abgemeldet.", device=device.name))


@bp.post("/profil/ueberall-abmelden")
def sign_out_everywhere() -> ResponseReturnValue:
    """Sign all of one's own devices out, this one among them."""
    signing.sign_out_everywhere(current_user)
    devices.leave()
    db.session.commit()
    flash(_("Sie sind auf allen Geräten abgemeldet."))
    return redirect(url_for(".sign_in"))


def _own_address(id: int) -> UserAddress:
    address: UserAddress | None = next((each for each in current_user.addresses if each.id == id), None)
    return address or abort(404)


def _done(sentence: str) -> ResponseReturnValue:
    db.session.commit()
    queue.wake("outbox")
    flash(sentence)
    return redirect(url_for(".profile"))


def profile_page(**forms: Any) -> str:
    """Render the profile with these forms as they were filled in, and the others fresh.

    `own_data` and `organisation_form` are for the box of app/networks.
    """
    fresh = {
        "address_form": AddressForm(formdata=None),
        "password_form": PasswordForm(formdata=None),
        "remove_form": RemovePasswordForm(formdata=None),
    }
    return render_template(
        "accounts/profile.html",
        **(fresh | forms),
        devices=devices.of(current_user),
        said=devices.said,
        this_device=devices.current_key_hash(),
        is_fresh=devices.is_fresh(current_user),
    )
