"""What the outbox asks about people at the moment of sending: where does this mail go, if it still goes anywhere?"""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import SignInLink, User, UserAddress
from app.database import db
from app.registry import Recipient, Refusal


def persons(audience: str, keys: Sequence[str]) -> dict[str, Recipient | Refusal]:
    """Answer for mail to a person as such ("user:12"): any that exists and has an address."""
    ids = [int(key.removeprefix("user:")) for key in keys]
    query = select(User.id, User.name, UserAddress.email).join(UserAddress)
    rows = db.session.execute(query.where(User.id.in_(ids), UserAddress.is_primary))
    known: dict[str, Recipient | Refusal] = {f"user:{row.id}": Recipient(row.email, row.name, row.id) for row in rows}
    return {key: known.get(key, Refusal(_("nicht mehr im Portal"))) for key in keys}


def who_signs_in(audience: str, keys: Sequence[str]) -> dict[str, Recipient | Refusal]:
    """Answer for a sign-in link ("sign-in:<id of the link>"): the address as that person gave it, if they may enter."""
    link = db.session.get(SignInLink, int(audience.removeprefix("sign-in:")), populate_existing=True)
    return dict.fromkeys(keys, _recipient_of(link))


def given_addresses(audience: str, keys: Sequence[str]) -> dict[str, Recipient | Refusal]:
    """Answer for addresses that stand in the keys themselves, while the person they are about exists.

    "new-address:<id of the person>" is one they want to add, "held-address:<id of the person>" those they had when
    their way in was changed, whoever has them now.
    """
    name = db.session.scalar(select(User.name).where(User.id == int(audience.partition(":")[2])))
    if name is None:
        return dict.fromkeys(keys, Refusal(_("nicht mehr im Portal")))
    return {key: Recipient(key.removeprefix("email:"), name) for key in keys}


def _recipient_of(link: SignInLink | None) -> Recipient | Refusal:
    if link is None or not link.is_usable:
        return Refusal(_("Link abgelaufen"))
    # The stored spelling counts: what a stranger typed may only compare equal to it.
    query = select(User.name, UserAddress.email).join(UserAddress).where(UserAddress.email_key == link.email_key)
    row = db.session.execute(query.where(User.receives_only.is_(False))).one_or_none()
    return Recipient(row.email, row.name) if row else Refusal(_("kein Zugang"))
