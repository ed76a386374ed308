"""Signing in: by a mailed link, or with a password for those who want one; and signing out everywhere."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, select, update

from app.accounts import devices, mails, passwords
from app.accounts.models import SIGN_IN_LINK_LIFETIME, Device, SignInLink, User, email_key
from app.database import begin_reading, begin_writing, db, utc_now

#: Links are kept a little longer than they work, so that a late click is told "abgelaufen".
_KEPT = timedelta(days=2)
_LONGEST_PAGE = 500


def request_link(email: str, next_page: str = "", browser: str = "") -> None:
    """Mail a link that signs in, to `email` if somebody here has it.

    Whether somebody has it is asked when the mail is sent (app/accounts/recipients.py), not here: the same rows are
    written for every address, so neither the answer nor its time tells strangers who takes part.
    """
    link, url = _new_link(email, next_page)
    mails.sign_in(link, url, browser)


def link_for(user: User) -> str:
    """Return the address of a fresh link for somebody who cannot receive one; the caller hands it over."""
    return _new_link(user.email)[1]


def find_link(token: str) -> tuple[SignInLink, User] | None:
    """Return the link and whom it signs in, while it works; None for one that is used, too old or made up."""
    link = db.session.scalar(select(SignInLink).where(SignInLink.secret_hash == devices.hashed(token)))
    if link is None or not link.is_usable:
        return None
    user = _who_may_enter(link.email_key)
    return (link, user) if user else None


def sign_in_with(token: str, *, remember: bool) -> str | None:
    """Use up the link and sign this browser in; return the page to go on to ("" for the first), None if it is void."""
    used = db.session.execute(
        update(SignInLink)
        .where(
            SignInLink.secret_hash == devices.hashed(token),
            SignInLink.used_at.is_(None),
            SignInLink.created_at > utc_now() - SIGN_IN_LINK_LIFETIME,
        )
        .values(used_at=utc_now())
        .returning(SignInLink.email_key, SignInLink.next_page)
    ).one_or_none()
    user = _who_may_enter(used.email_key) if used else None
    if used is None or user is None:
        return None
    devices.enter(user, remember=remember)
    return str(used.next_page)


def sign_in_with_password(email: str, password: str, *, remember: bool) -> bool:
    """Sign this browser in if the password is that person's; the hash is worked out for unknown people too."""
    # The hash takes a tenth of a second. SQLite's write lock must not wait for it, so it is read without and let go.
    begin_reading()
    user = _who_may_enter(email_key(email))
    user_id, password_hash = (user.id, user.password_hash) if user else (0, "")
    db.session.rollback()
    is_right = passwords.matches(password_hash, password)
    begin_writing()
    user = db.session.get(User, user_id) if is_right else None
    # The person could have changed or lost their access while the hash was worked out.
    if user is None or user.receives_only or user.password_hash != password_hash:
        return False
    passwords.renew_hash(user, password)
    devices.enter(user, remember=remember)
    return True


def sign_out_everywhere(user: User) -> None:
    """Sign every browser of `user` out and make links already on their way worthless."""
    db.session.execute(delete(Device).where(Device.user_id == user.id))
    _forget_links(user)


def sign_out_elsewhere(user: User) -> None:
    """The same for every browser but this one."""
    here = devices.current_key_hash()
    db.session.execute(delete(Device).where(Device.user_id == user.id, Device.key_hash != here))
    _forget_links(user)


def _forget_links(user: User) -> None:
    keys = [address.email_key for address in user.addresses]
    db.session.execute(delete(SignInLink).where(SignInLink.email_key.in_(keys)))


def _new_link(email: str, next_page: str = "") -> tuple[SignInLink, str]:
    now = utc_now()
    db.session.execute(delete(SignInLink).where(SignInLink.created_at < now - _KEPT))
    # Hexadecimal, because mail programs cut a "-" or "_" off the end of an address.
    token = secrets.token_hex(24)
    link = SignInLink(
        secret_hash=devices.hashed(token),
        email_key=email_key(email),
        next_page=next_page if len(next_page) <= _LONGEST_PAGE else "",
        created_at=now,
    )
    db.session.add(link)
    db.session.flush()
    return link, f"{current_app.config['BASE_URL']}/anmelden/{token}"


def _who_may_enter(key: str) -> User | None:
    user = db.session.scalar(User.by_email(key))
    return user if user and not user.receives_only else None
