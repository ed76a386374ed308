"""A person's e-mail addresses: adding one, choosing where mail goes, removing one."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts import limits, mails
from app.accounts.models import SIGN_IN_LINK_LIFETIME, User, UserAddress, email_key
from app.database import db
from app.errors import DomainError
from app.mail import health


def request_address(user: User, email: str) -> None:
    """Mail a link to `email` that adds it to `user`. Raises `DomainError` if it is theirs already or after many others.

    Whether it belongs to somebody else is said only to who can read mail sent to it.
    """
    if email_key(email) in {address.email_key for address in user.addresses}:
        raise DomainError(_("Diese Adresse steht schon in Ihrem Profil."))
    if not limits.may_ask_for_address(user, email):
        raise DomainError(
            _("Das waren viele Links in kurzer Zeit. Bitte versuchen Sie es in einer Stunde noch einmal.")
        )
    token = _signer().dumps([user.id, email])
    # The token does not stand at the end, where mail programs would cut a "-" off.
    url = f"{current_app.config['BASE_URL']}/profil/adressen/{token}/bestaetigen"
    mails.confirm_address(user, email, url)


def address_in(token: str, user: User) -> str:
    """Return the address that a link from `request_address` adds. Raises `DomainError` if it is void or not theirs."""
    try:
        user_id, email = _signer().loads(token, max_age=int(SIGN_IN_LINK_LIFETIME.total_seconds()))
    except BadData as error:
        raise DomainError(_("Dieser Link gilt nicht mehr. Bitte tragen Sie die Adresse noch einmal ein.")) from error
    if user_id != user.id:
        raise DomainError(_("Dieser Link gehört zu einem anderen Zugang. Bitte melden Sie sich mit jenem an."))
    return str(email)


def confirm_address(user: User, token: str) -> str:
    """Add the address of the link to `user`, once; return it. Raises `DomainError` if it cannot be added."""
    email = address_in(token, user)
    if email_key(email) not in {address.email_key for address in user.addresses}:
        add_address(user, email)
    return email


def add_address(user: User, email: str) -> None:
    """Add an address that is known to be theirs, and tell them. Raises `DomainError` if somebody has it. Flushes."""
    if db.session.scalar(select(UserAddress.id).where(UserAddress.email_key == email_key(email))):
        raise _taken()
    mails.account_changed(user, "address-added", email=email)
    try:
        with db.session.begin_nested():
            is_first = not user.addresses
            user.addresses.append(UserAddress(email=email, email_key=email_key(email), is_primary=is_first))
    except IntegrityError as error:
        raise _taken() from error
    health.forgive(email)


def make_primary(user: User, address: UserAddress) -> None:
    """Let mail to `user` go to `address` from now on, and tell them."""
    if address.is_primary:
        return
    mails.account_changed(user, "address-chosen", email=address.email)
    health.forgive(address.email)
    for each in user.addresses:
        each.is_primary = each is address


def remove_address(user: User, address: UserAddress) -> None:
    """Remove an address, and tell its owner. Raises `DomainError` for the one mail goes to."""
    if address.is_primary:
        raise DomainError(_("An diese Adresse gehen Ihre E-Mails. Wählen Sie zuerst eine andere dafür."))
    mails.account_changed(user, "address-removed", email=address.email)
    user.addresses.remove(address)


def _taken() -> DomainError:
    return DomainError(_("Diese Adresse gehört schon zu einem anderen Zugang. Die Verwaltung hilft Ihnen weiter."))


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="new-address")
