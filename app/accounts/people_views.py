"""Verwaltung's view of people: find one, correct name and addresses, decide about roles."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select, or_, select

from app import queue
from app.access import admin_only
from app.accounts import addresses, devices, roles
from app.accounts.forms import AddressForm, PersonForm
from app.accounts.models import User, UserAddress
from app.accounts.views import bp
from app.database import by_name, contains, db
from app.errors import DomainError
from app.forms import clean

PEOPLE_ON_A_PAGE = 50


@bp.get("/verwaltung/personen")
@admin_only
def people() -> ResponseReturnValue:
    """List everyone, or those whose name or address holds `q`."""
    words = clean(request.args.get("q", ""))[:200]
    # No database counts further than 64 bits; nobody leafs that far.
    page = min(request.args.get("page", 1, type=int), 1_000_000)
    found = db.paginate(_people_with(words), page=page, per_page=PEOPLE_ON_A_PAGE, error_out=False)
    return render_template("accounts/people.html", people=found, words=words)


@bp.route("/verwaltung/personen/<int:id>", methods=["GET", "POST"])
@admin_only
def person(id: int) -> ResponseReturnValue:
    """Show one person; a POST changes name and roles."""
    user = _person_or_404(id)
    form = PersonForm(obj=user)
    if not form.validate_on_submit():
        return _person_page(user, person_form=form)
    try:
        roles.give(user, is_admin=form.is_admin.data, receives_only=form.receives_only.data)
    except DomainError as error:
        form.form_errors.append(str(error))
        return _person_page(user, person_form=form)
    user.name = form.name.data
    return _done(user, _("Gespeichert."))


@bp.post("/verwaltung/personen/<int:id>/adressen")
@admin_only
def add_address_for(id: int) -> ResponseReturnValue:
    """Add an address that Verwaltung knows to be theirs."""
    user = _changeable_or_404(id)
    form = AddressForm()
    if not form.validate_on_submit():
        return _person_page(user, address_form=form)
    try:
        addresses.add_address(user, form.email.data)
    except DomainError as error:
        form.email.errors = [str(error)]
        return _person_page(user, address_form=form)
    return _done(user, _("%(email)s ist eingetragen.", email=form.email.data))


@bp.post("/verwaltung/personen/<int:id>/adressen/<int:address_id>/hauptadresse")
@admin_only
def make_primary_for(id: int, address_id: int) -> ResponseReturnValue:
    """Let this person's mail go to this address."""
    user = _changeable_or_404(id)
    address = _address_or_404(user, address_id)
    addresses.make_primary(user, address)
    return _done(user, _("E-Mails gehen jetzt an %(email)s.", email=address.email))


@bp.post("/verwaltung/personen/<int:id>/adressen/<int:address_id>/entfernen")
@admin_only
def remove_address_for(id: int, address_id: int) -> ResponseReturnValue:
    """Remove an address of this person."""
    user = _changeable_or_404(id)
    address = _address_or_404(user, address_id)
    addresses.remove_address(user, address)
    return _done(user, _("%(email)s ist entfernt.", email=address.email))


def _people_with(words: str) -> Select[User]:
    query = select(User).order_by(by_name(User.name), User.id)
    if not words:
        return query
    with_address = select(UserAddress.user_id).where(contains(UserAddress.email, words))
    return query.where(or_(contains(User.name, words), User.id.in_(with_address)))


def _changeable_or_404(id: int) -> User:
    """The person, to change their addresses; one's own only under the same condition as in the profile."""
    user = _person_or_404(id)
    if user.id == current_user.id:
        devices.demand_fresh(user)
    return user


def _person_or_404(id: int) -> User:
    return db.session.get(User, id) or abort(404)


def _address_or_404(user: User, id: int) -> UserAddress:
    return next((address for address in user.addresses if address.id == id), None) or abort(404)


def _done(user: User, sentence: str) -> ResponseReturnValue:
    db.session.commit()
    queue.wake("outbox")
    flash(sentence)
    return redirect(url_for(".person", id=user.id))


def _person_page(user: User, **forms: PersonForm | AddressForm) -> str:
    fresh = {"person_form": PersonForm(formdata=None, obj=user), "address_form": AddressForm(formdata=None)}
    return render_template("accounts/person.html", person=user, **(fresh | forms))
