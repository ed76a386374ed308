"""People, their addresses, the organisations they work for, and how they are signed in."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum

from flask_login import AnonymousUserMixin, UserMixin
from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.database import Model, address254, created, intpk, key100, name200, utc_now
from app.mail import health

SIGN_IN_LINK_LIFETIME = timedelta(minutes=30)


class Visibility(StrEnum):
    """Who sees somebody's phone number or e-mail address. Verwaltung and the person themselves always do."""

    NETWORK = "network"  # who takes part in a network with them
    ALL = "all"  # who takes part in any network
    HIDDEN = "hidden"

    def or_stricter(self, other: Visibility) -> Visibility:
        """Return the one of the two that shows less."""
        widest_first = [Visibility.ALL, Visibility.NETWORK, Visibility.HIDDEN]
        return max(self, other, key=widest_first.index)


class Stranger(AnonymousUserMixin):  # type: ignore[misc]  # flask-login has no type hints
    """Whoever is not signed in: nobody's name, no role."""

    id: int | None = None
    name = ""
    is_admin = False


class User(UserMixin, Model):  # type: ignore[misc]  # flask-login has no type hints
    """A person, or a mailbox that only receives. `is_admin` is the Verwaltung."""

    __tablename__ = "user"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[intpk]
    name: Mapped[name200]
    is_admin: Mapped[bool] = mapped_column(default=False)
    receives_only: Mapped[bool] = mapped_column(default=False)  # a guest or functional mailbox: no sign-in, no posts
    password_hash: Mapped[str] = mapped_column(String(200), default="")  # empty: signs in by mailed link only
    calendar_key: Mapped[str] = mapped_column(String(40), default="")
    email_seen_by: Mapped[Visibility] = mapped_column(default=Visibility.NETWORK)
    created_at: Mapped[created]

    #: When mail to them failed last, if it often does; asked only of whom a page is shown to (devices.py).
    mail_failed_at: Mapped[datetime | None] = query_expression()

    addresses: Mapped[list[UserAddress]] = relationship(
        back_populates="user", order_by="UserAddress.id", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def email(self) -> str:
        """The address their mail goes to; empty when they have none left."""
        return next((address.email for address in self.addresses if address.is_primary), "")

    @property
    def key(self) -> str:
        """What stands for this person in the outbox."""
        return f"user:{self.id}"

    @property
    def silent_address(self) -> str:
        """The address their mail goes to while nothing arrives there, for the page they see; else empty."""
        return self.email if self.mail_failed_at and not health.is_forgotten(self.mail_failed_at) else ""

    @property
    def initials(self) -> str:
        """At most two letters for the round mark beside the name."""
        return initials_of(self.name)

    @classmethod
    def by_email(cls, email: str) -> Select[User]:
        """The person any of whose addresses is `email`, whatever its case."""
        return select(cls).join(UserAddress).where(UserAddress.email_key == email_key(email))


class UserAddress(Model):
    """An e-mail address of a person. Mail goes to the primary one; mail from any of them is theirs."""

    __tablename__ = "user_address"

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    email: Mapped[address254]  # as the person writes it
    email_key: Mapped[address254] = mapped_column(unique=True)  # as it is compared
    is_primary: Mapped[bool] = mapped_column(default=True)

    user: Mapped[User] = relationship(back_populates="addresses")


class OrganisationKind(StrEnum):
    """What sort of actor an organisation is; "" where nobody has said it."""

    UNSAID = ""
    SCHOOL = "school"
    AUTHORITY = "authority"
    PROVIDER = "provider"
    ASSOCIATION = "association"
    COMPANY = "company"
    CHAMBER = "chamber"
    OTHER = "other"


class Organisation(Model):
    """An actor: a school, a job centre, an association."""

    __tablename__ = "organisation"

    id: Mapped[intpk]
    name: Mapped[name200] = mapped_column(unique=True)
    website: Mapped[str] = mapped_column(String(500), default="")
    kind: Mapped[OrganisationKind] = mapped_column(default=OrganisationKind.UNSAID)
    created_at: Mapped[created]


class SignInLink(Model):
    """A mailed link that signs in once. It is made for known and unknown addresses alike, so that both take as long.

    Only the hash of its secret is kept here. The mail that carries the secret stays in the outbox longer than the
    30 minutes for which it is worth anything.
    """

    __tablename__ = "sign_in_link"

    id: Mapped[intpk]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email_key: Mapped[address254]
    next_page: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[created]
    used_at: Mapped[datetime | None]

    @property
    def is_usable(self) -> bool:
        """Neither used nor older than 30 minutes."""
        return self.used_at is None and utc_now() < self.created_at + SIGN_IN_LINK_LIFETIME


class Device(Model):
    """A browser somebody is signed in with. Signing out deletes its row; so its cookie is worth nothing any more."""

    __tablename__ = "device"

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[key100]  # "Firefox unter Windows"
    remembered: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime]
    created_at: Mapped[created]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


def email_key(email: str) -> str:
    """Return the form in which two spellings of one address are equal: trimmed, case-folded, the domain in ASCII."""
    local, _, domain = unicodedata.normalize("NFC", email.strip().casefold()).rpartition("@")
    with suppress(UnicodeError):  # a domain that cannot be written in ASCII is compared as it is
        domain = domain.encode("idna").decode("ascii")
    return f"{local}@{domain}"


def initials_of(name: str) -> str:
    """Return the first letters of the first and the last word of a name."""
    words = [word for word in name.split() if word[0].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
