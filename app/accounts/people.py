"""People and organisations, found again however somebody spells them this time."""

from __future__ import annotations

from difflib import get_close_matches

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Organisation, User, UserAddress, email_key
from app.database import db
from app.forms import one_line

#: How much of two names is the same (1.0: all) before somebody is asked whether one of them is a slip.
_NEARLY = 0.85


def find_or_create_user(email: str, name: str, *, receives_only: bool = False) -> User:
    """Return the person with this address, made with `name` when new; an existing person stays as they are.

    Flushes. `email` must already have been checked (`app.forms.is_email`).
    """
    query = User.by_email(email)
    known: User | None = db.session.scalar(query)
    if known:
        return known
    user = User(name=one_line(name) or email, receives_only=receives_only)
    user.addresses.append(UserAddress(email=email.strip(), email_key=email_key(email), is_primary=True))
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError:
        # Somebody else added the same address a moment ago.
        return db.session.scalars(query).one()
    return user


def organisation_named(name: str) -> Organisation:
    """Return the organisation of this name, whatever its case and spacing, made when new. Flushes."""
    name = one_line(name)
    if organisation := _find_organisation(name):
        return organisation
    organisation = Organisation(name=name)
    try:
        with db.session.begin_nested():
            db.session.add(organisation)
    except IntegrityError:
        return db.session.scalars(select(Organisation).where(Organisation.name == name)).one()
    return organisation


def nearly_named(name: str) -> str:
    """Return the name of an organisation that is written nearly like this one, or "": one that is the same is none."""
    names = {known.casefold(): known for known in db.session.scalars(select(Organisation.name))}
    folded = one_line(name).casefold()
    near = [] if folded in names else get_close_matches(folded, names, n=1, cutoff=_NEARLY)
    return names[near[0]] if near else ""


def _find_organisation(name: str) -> Organisation | None:
    if organisation := db.session.scalar(select(Organisation).where(Organisation.name == name)):
        return organisation
    # Compared here, because SQLite's lower() knows no umlauts.
    rows = db.session.execute(select(Organisation.id, Organisation.name))
    known = next((row.id for row in rows if row.name.casefold() == name.casefold()), None)
    return db.session.get(Organisation, known) if known else None
