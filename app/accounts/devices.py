"""The browsers people are signed in with. A session cookie holds a device's secret; the device's row is what counts.

Signing out deletes the row. So a copied cookie is worth nothing afterwards, and "überall abmelden" is one statement.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, request, session
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.util import identity_key

from app.accounts.models import Device, User, UserAddress
from app.database import db, read, utc_now
from app.errors import DomainError
from app.mail import health
from app.mail.models import Address
from app.unchanged import until_commit

#: How long a browser that is not to be remembered stays signed in at most; it forgets its cookie when it is closed.
BRIEF_SESSION = timedelta(hours=12)
#: For so long after signing in, a person need not prove again who they are before they change how they sign in.
FRESH = timedelta(minutes=10)

_BROWSERS = (
    ("Edge", re.compile(r"Edg(e|A|iOS)?/")),
    ("Opera", re.compile(r"OPR/|Opera")),
    ("Firefox", re.compile(r"Firefox/|FxiOS/")),
    ("Chrome", re.compile(r"Chrome/|CriOS/|Chromium/")),
    ("Safari", re.compile(r"Safari/")),
)
_SYSTEMS = (
    ("Windows", re.compile(r"Windows")),
    ("iPhone", re.compile(r"iPhone")),
    ("iPad", re.compile(r"iPad")),
    ("Android", re.compile(r"Android")),
    ("macOS", re.compile(r"Macintosh|Mac OS X")),
    ("Linux", re.compile(r"Linux|X11")),
)

_mail_failed_at = (
    select(func.max(Address.failed_at))
    .join(UserAddress, Address.email == func.lower(UserAddress.email))
    .where(UserAddress.user_id == User.id, UserAddress.is_primary, health.fails_often())
    .scalar_subquery()
)
# Built once, because every request of everybody signed in asks it; the addresses are asked for where they are needed.
_signed_in = (
    select(Device.expires_at, *User.__table__.columns, _mail_failed_at.label("mail_failed_at"))
    .join(User, User.id == Device.user_id)
    .where(Device.key_hash == bindparam("key_hash"), User.receives_only.is_(False))
)


def enter(user: User, *, remember: bool) -> None:
    """Sign this browser in as `user`: a new device and a new session, which keeps only the language of the one before.

    A remembered device stays for `SESSION_DAYS`, any other for 12 hours or until the browser is closed.
    """
    leave()
    secret = add_device(user, device_name(request.user_agent.string), remember=remember)
    login_user(user)
    session["_user_id"] = secret
    session.permanent = remember


def leave() -> None:
    """Sign this browser out, if it is signed in, and forget its session but for the language."""
    if key_hash := current_key_hash():
        db.session.execute(delete(Device).where(Device.key_hash == key_hash))
    language = session.get("language")
    logout_user()
    session.clear()
    if language:
        session["language"] = language


def add_device(user: User, name: str, *, remember: bool) -> str:
    """Add a signed-in device of `user`, forget the expired ones of everyone, and return its secret."""
    now = utc_now()
    db.session.execute(delete(Device).where(Device.expires_at < now))
    lifetime = current_app.config["PERMANENT_SESSION_LIFETIME"] if remember else BRIEF_SESSION
    secret = secrets.token_urlsafe(32)
    db.session.add(
        Device(user=user, key_hash=hashed(secret), name=name, remembered=remember, expires_at=now + lifetime)
    )
    db.session.flush()
    return secret


def load_user(secret: str) -> User | None:
    """Return the person whose device has this secret; None when it was signed out, has expired or only receives."""
    row = _whose(hashed(secret))
    if row is None or row[0] <= utc_now():
        return None
    if known := db.session.identity_map.get(identity_key(User, row[1]["id"])):
        return known
    # What the mapper would make of the row; it takes longer over its query than over the person.
    person = User(**row[1])
    make_transient_to_detached(person)
    db.session.add(person)
    return person


@until_commit
def _whose(key_hash: str) -> tuple[datetime, dict[str, Any]] | None:
    """Return until when the device with this secret is signed in, and the columns of whose it is."""
    row = read(_signed_in, {"key_hash": key_hash}).one_or_none()
    return None if row is None else (row[0], dict(zip(_signed_in.selected_columns.keys()[1:], row[1:], strict=True)))


def current_key_hash() -> str:
    """The hash of the secret in this browser's session; empty when it is not signed in."""
    secret = session.get("_user_id")
    return hashed(secret) if isinstance(secret, str) else ""


def is_fresh(user: User) -> bool:
    """Whether `user` signed in with this browser less than ten minutes ago."""
    moment = signed_in_at(user)
    return moment is not None and utc_now() - moment < FRESH


def demand_fresh(user: User) -> None:
    """Raise `DomainError` unless `is_fresh()`: who finds a browser somebody left must not take the account over."""
    if not is_fresh(user):
        raise DomainError(_("Bitte melden Sie sich dafür neu an: Ihre Anmeldung ist älter als zehn Minuten."))


def signed_in_at(user: User) -> datetime | None:
    """When `user` signed in with this browser; None when they are not (or no longer) signed in with it."""
    return db.session.scalar(
        select(Device.created_at).where(Device.key_hash == current_key_hash(), Device.user_id == user.id)
    )


def of(user: User) -> list[Device]:
    """The devices `user` is signed in with, the newest first."""
    query = select(Device).where(Device.user_id == user.id, Device.expires_at > utc_now())
    return list(db.session.scalars(query.order_by(Device.created_at.desc(), Device.id.desc())))


def device_name(user_agent: str) -> str:
    """Return a browser as people call it, "Firefox unter Windows". Nothing of what the browser sent is repeated."""
    browser = next((name for name, pattern in _BROWSERS if pattern.search(user_agent)), "Browser")
    system = next((name for name, pattern in _SYSTEMS if pattern.search(user_agent)), "")
    return f"{browser} unter {system}" if system else browser


def said(name: str) -> str:
    """Return the name of a device in the reader's language; it is kept as `device_name()` made it."""
    browser, under, system = name.partition(" unter ")
    return str(_("%(browser)s unter %(system)s", browser=browser, system=system)) if under else browser


def hashed(secret: str) -> str:
    """Return what is kept of a secret. It is long and random, so a fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
