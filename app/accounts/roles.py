"""Who is Verwaltung and who only receives. One Verwaltung that can sign in always remains."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts import mails, sign_in
from app.accounts.models import User
from app.database import db
from app.errors import DomainError


def give(user: User, *, is_admin: bool, receives_only: bool) -> None:
    """Set both roles and tell the person. Raises `DomainError` if they contradict each other or no Verwaltung stays."""
    if is_admin and receives_only:
        raise DomainError(_("Wer Verwaltung ist, muss sich anmelden können. Bitte nehmen Sie eines von beiden weg."))
    if user.is_admin and not is_admin and not _another_admin(user):
        raise DomainError(
            _("Das ist die letzte Person mit der Rolle Verwaltung. Geben Sie diese Rolle zuerst jemand anderem.")
        )
    if is_admin != user.is_admin:
        mails.account_changed(user, "admin-given" if is_admin else "admin-taken")
    if receives_only != user.receives_only:
        mails.account_changed(user, "receives-only" if receives_only else "may-sign-in")
    if receives_only and not user.receives_only:
        sign_in.sign_out_everywhere(user)
    user.is_admin, user.receives_only = is_admin, receives_only


def _another_admin(user: User) -> bool:
    # All rows are locked, so that two who demote each other in the same moment wait for one another.
    query = select(User.id).where(User.is_admin, User.receives_only.is_(False)).with_for_update()
    return any(id != user.id for id in db.session.scalars(query))
