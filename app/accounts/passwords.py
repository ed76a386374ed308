"""Passwords, for those who want one. Kept as Argon2id hashes with the parameters the library recommends today."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask_babel import gettext as _

from app.accounts import devices
from app.accounts.models import User
from app.errors import DomainError

SHORTEST = 12
LONGEST = 200

_hasher = PasswordHasher()


def matches(password_hash: str, password: str) -> bool:
    """Whether `password` is the one behind the hash; takes as long for an empty hash, of which none is."""
    try:
        return _hasher.verify(password_hash or _decoy(), password) and bool(password_hash)
    except (VerifyMismatchError, InvalidHashError):
        return False


def renew_hash(user: User, password: str) -> None:
    """Hash the password anew if the library's recommended parameters have changed since."""
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)


def set_password(user: User, new: str, current: str) -> None:
    """Give `user` the password `new` (12 to 200 characters). Raises `DomainError` without a proof of who asks."""
    _demand_proof(user, current)
    if new.casefold() in (user.name.casefold(), user.email.casefold()):
        raise DomainError(_("Bitte nehmen Sie nicht Ihren Namen oder Ihre Adresse als Passwort."))
    user.password_hash = _hasher.hash(new)


def remove_password(user: User, current: str) -> None:
    """Let `user` sign in by mailed link only. Raises `DomainError` without a proof of who asks."""
    _demand_proof(user, current)
    user.password_hash = ""


def _demand_proof(user: User, current: str) -> None:
    if devices.is_fresh(user) or matches(user.password_hash, current):
        return
    if user.password_hash:
        raise DomainError(_("Das bisherige Passwort stimmt nicht. Ihr Passwort ist unverändert."))
    raise DomainError(_("Bitte melden Sie sich dafür neu an: Ihre Anmeldung ist älter als zehn Minuten."))


@cache
def _decoy() -> str:
    return _hasher.hash("the hash that unknown people's passwords are compared with")
