"""Passwords, for those who want one. Kept as Argon2id hashes with the parameters the library recommends today."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask_babel import gettext as _

from app.accounts import devices, limits
from app.accounts.models import User
from app.database import begin_reading, begin_writing, db
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
    """Give `user` the password `new` (12 to 200 characters). Raises `DomainError` without a proof of who asks.

    Call it before anything else is written: the unit of work begins anew here.
    """
    _demand_proof(user, current)
    if new.casefold() in (user.name.casefold(), user.email.casefold()):
        raise DomainError(_("Bitte nehmen Sie nicht Ihren Namen oder Ihre Adresse als Passwort."))
    with _lock_let_go(user):
        password_hash = _hasher.hash(new)
    user.password_hash = password_hash


def remove_password(user: User, current: str) -> None:
    """Let `user` sign in by mailed link only. Raises `DomainError` without a proof of who asks; as `set_password()`."""
    _demand_proof(user, current)
    user.password_hash = ""


def _demand_proof(user: User, current: str) -> None:
    if not user.password_hash:
        devices.demand_fresh(user)
    if devices.is_fresh(user):
        return
    if not limits.may_try_password(user.email):
        raise DomainError(_("Das waren zu viele Versuche. Bitte melden Sie sich mit einem Link per E-Mail neu an."))
    password_hash = user.password_hash
    with _lock_let_go(user):
        is_right = matches(password_hash, current)
    if not is_right:
        raise DomainError(_("Das bisherige Passwort stimmt nicht. Ihr Passwort ist unverändert."))


@contextmanager
def _lock_let_go(user: User) -> Iterator[None]:
    """Let go of SQLite's write lock while a hash is worked out, which takes a tenth of a second.

    Raises `DomainError` if somebody changed the password or signed this browser out meanwhile.
    """
    before = user.password_hash
    db.session.rollback()
    begin_reading()
    yield
    begin_writing()
    if user.password_hash != before or devices.signed_in_at(user) is None:
        raise DomainError(_("Ihr Zugang hat sich in diesem Augenblick geändert. Bitte sehen Sie in Ihr Profil."))


@cache
def _decoy() -> str:
    return _hasher.hash("the hash that unknown people's passwords are compared with")
