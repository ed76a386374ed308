"""Networks and who takes part. A participant is a seat in an organisation; people hold seats and pass them on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    exists,
    literal,
    or_,
    select,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, User, UserAddress, Visibility
from app.database import Model, UTCDateTime, by_name, created, intpk, key100, name200, text, utc_now


class Posting(StrEnum):
    """Who may write to all."""

    EVERYONE = "everyone"
    LEADS = "leads"


class Rhythm(StrEnum):
    """How often a person wants the mail of a network; the faster one stands first."""

    AT_ONCE = "at-once"
    DAILY = "daily"
    WEEKLY = "weekly"
    WEB = "web"  # no mail at all; what is written stands on the website


class Network(Model):
    """A "virtuelles Netz" of one field of work. Closed, it can still be read but takes nothing new and mails nobody."""

    __tablename__ = "network"

    id: Mapped[intpk]
    slug: Mapped[str] = mapped_column(String(60), unique=True)  # also its mail address
    name: Mapped[name200]
    goal: Mapped[text] = mapped_column(default="")
    target_groups: Mapped[text] = mapped_column(default="")
    posting: Mapped[Posting] = mapped_column(default=Posting.EVERYONE)
    calendar_key: Mapped[str] = mapped_column(String(40), default="")
    closed_at: Mapped[datetime | None]
    created_at: Mapped[created]

    @classmethod
    def visible_to(cls, user: Any) -> Select[Network]:
        """The networks this person may enter: all of them for Verwaltung, else those they take part in."""
        query = select(cls).order_by(by_name(cls.name))
        if user.is_admin:
            return query
        return query.where(cls.id.in_(Participant.network_ids_of(user.id)))

    def has_begun(self) -> Select[bool]:
        """Whether anybody takes part or ever did: they were sent its address."""
        return select(exists().where(Participant.network_id == self.id))


class Seat(Model):
    """A place in an organisation, with its task and office phone. It stays when the person changes."""

    __tablename__ = "seat"

    id: Mapped[intpk]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    task: Mapped[text] = mapped_column(default="")
    phone: Mapped[key100] = mapped_column(default="")
    phone_seen_by: Mapped[Visibility] = mapped_column(default=Visibility.NETWORK)
    created_at: Mapped[created]

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    holdings: Mapped[list[Holding]] = relationship(back_populates="seat", order_by="Holding.since")


class Holding(Model):
    """Who holds a seat, since when and until when (None: still)."""

    __tablename__ = "holding"
    __table_args__ = (
        Index(
            "uq_holding_present",
            "seat_id",
            "user_id",
            unique=True,
            sqlite_where=sql("until IS NULL"),
            postgresql_where=sql("until IS NULL"),
        ),
    )

    id: Mapped[intpk]
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime] = mapped_column(default=utc_now)
    until: Mapped[datetime | None]

    seat: Mapped[Seat] = relationship(back_populates="holdings")
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Participant(Model):
    """A seat in a network, since when and until when (None: still), as lead or not."""

    __tablename__ = "participant"
    __table_args__ = (
        Index(
            "uq_participant_present",
            "network_id",
            "seat_id",
            unique=True,
            sqlite_where=sql("until IS NULL"),
            postgresql_where=sql("until IS NULL"),
        ),
    )

    id: Mapped[intpk]
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), index=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id", ondelete="CASCADE"), index=True)
    is_lead: Mapped[bool] = mapped_column(default=False)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    since: Mapped[datetime] = mapped_column(default=utc_now)
    until: Mapped[datetime | None]

    network: Mapped[Network] = relationship(lazy="joined", innerjoin=True)
    seat: Mapped[Seat] = relationship(lazy="joined", innerjoin=True)
    added_by: Mapped[User | None] = relationship()

    @classmethod
    def network_ids_of(cls, user_id: int | BindParameter[int], *, lead: bool = False) -> Select[int]:
        """The networks in which this person holds a seat now; with `lead`, those they lead."""
        query = (
            select(cls.network_id)
            .join(Holding, Holding.seat_id == cls.seat_id)
            .where(Holding.user_id == user_id, Holding.until.is_(None), cls.until.is_(None))
        )
        return query.where(cls.is_lead) if lead else query

    @classmethod
    def present_in(cls, *network_ids: int) -> Select[Participant, User]:
        """Each present participant of these networks with each present holder of the seat, by name."""
        return (
            select(cls, User)
            .join(Holding, Holding.seat_id == cls.seat_id)
            .join(User, User.id == Holding.user_id)
            .where(cls.network_id.in_(network_ids), cls.until.is_(None), Holding.until.is_(None))
            .order_by(by_name(User.name), User.id)
        )

    @classmethod
    def of_user(cls, user_id: int) -> Select[Participant]:
        """The present participations of a person, by network."""
        return (
            select(cls)
            .join(Holding, Holding.seat_id == cls.seat_id)
            .join(Network, Network.id == cls.network_id)
            .where(Holding.user_id == user_id, Holding.until.is_(None), cls.until.is_(None))
            .order_by(by_name(Network.name), cls.id)
        )

    @classmethod
    def listed_in(cls, network_id: int | BindParameter[int], *, hidden_too: bool = False) -> Select[*tuple[Any, ...]]:
        """What the participant list shows of each present holder, as plain columns: a list is no place for objects.

        A phone number or address its owner hides is empty, but for those who may know it (`hidden_too`).
        """
        shows_email = literal(hidden_too) | (User.email_seen_by != Visibility.HIDDEN)
        shows_phone = literal(hidden_too) | (Seat.phone_seen_by != Visibility.HIDDEN)
        return (
            select(
                cls.id,
                cls.is_lead,
                User.id.label("user_id"),
                User.name,
                User.receives_only,
                case((shows_email, UserAddress.email)).label("email"),
                Organisation.name.label("organisation"),
                Organisation.website,
                Seat.task,
                case((shows_phone, Seat.phone), else_="").label("phone"),
                Preference.pausing().label("is_paused"),
                Preference.rhythm,
            )
            .join(Seat, Seat.id == cls.seat_id)
            .join(Organisation, Organisation.id == Seat.organisation_id)
            .join(Holding, Holding.seat_id == cls.seat_id)
            .join(User, User.id == Holding.user_id)
            .outerjoin(UserAddress, and_(UserAddress.user_id == User.id, UserAddress.is_primary))
            .outerjoin(Preference, and_(Preference.user_id == User.id, Preference.network_id == cls.network_id))
            .where(cls.network_id == network_id, cls.until.is_(None), Holding.until.is_(None))
        )


class Preference(Model):
    """What a person wants of one network's mail. No row means: everything, at once.

    A pause goes before the rhythm, and ends by itself where `paused_until` is given.
    """

    __tablename__ = "preference"
    __table_args__ = (UniqueConstraint("user_id", "network_id"),)

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), index=True)
    rhythm: Mapped[Rhythm] = mapped_column(default=Rhythm.AT_ONCE)
    paused_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]  # from this moment on mails come again; None: when they are wanted again

    @classmethod
    def pausing(cls) -> ColumnElement[bool]:
        """Whether the pause holds at the moment a statement with this runs; it may be built long before."""
        now = bindparam(None, type_=UTCDateTime(), callable_=utc_now, unique=True)
        return and_(cls.paused_at.is_not(None), or_(cls.paused_until.is_(None), cls.paused_until > now))

    @classmethod
    def of_user(cls, user_id: int) -> Select[Preference]:
        """What this person wants, network by network; those where they never said anything are missing."""
        return select(cls).where(cls.user_id == user_id)

    @classmethod
    def paused_by(cls, user_id: int) -> Select[int]:
        """The ids of the networks this person pauses."""
        return select(cls.network_id).where(cls.user_id == user_id, cls.pausing())
