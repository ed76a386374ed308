"""Offers of a network."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, created, intpk, name200, text, utc_now
from app.networks.models import Network, Participant
from app.templating import berlin


class Kind(StrEnum):
    """What an offer is: something to have, something wanted, or one of three things both sides call by name."""

    OFFER = "offer"
    WANTED = "wanted"
    INTERNSHIP = "internship"
    COURSE = "course"
    SHADOWING = "shadowing"


class Offer(Model):
    """An offer belongs to a network and to the seat it was entered from, so it stays when the person leaves.

    `author` is kept for offers of Verwaltung, which has no seat. `submission` says which form it came from with which
    words (app/forms.py `made_id`): sent twice it is found here.
    """

    __tablename__ = "offer"
    __table_args__ = (Index(None, "network_id", "created_at"), {"sqlite_autoincrement": True})

    id: Mapped[intpk]
    submission: Mapped[str] = mapped_column(String(36), unique=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"))
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id", ondelete="SET NULL"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    kind: Mapped[Kind]
    title: Mapped[name200]
    organisation_name: Mapped[name200]  # not always the author's own, and not always one that takes part
    description: Mapped[text] = mapped_column(default="")  # Markdown as typed
    target_group: Mapped[name200] = mapped_column(default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    place: Mapped[name200] = mapped_column(default="")
    cost: Mapped[name200] = mapped_column(default="")
    contact: Mapped[text] = mapped_column(default="")  # empty: whoever holds the seat
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_at: Mapped[created]

    author: Mapped[User | None] = relationship()

    @property
    def key(self) -> str:
        """The owner of its flyers."""
        return f"offer:{self.id}"

    @property
    def is_over(self) -> bool:
        """Whether its last day has passed."""
        return self.ends_on is not None and self.ends_on < today()

    @classmethod
    def of_network(cls, network: Network) -> Select[Offer]:
        """All offers of a network."""
        return select(cls).where(cls.network_id == network.id)

    @classmethod
    def visible_to(cls, user: Any) -> Select[Offer]:
        """The offers of every network this person may enter."""
        query = select(cls)
        return query if user.is_admin else query.where(cls.network_id.in_(Participant.network_ids_of(user.id)))

    @classmethod
    def is_current(cls) -> ColumnElement[bool]:
        """The condition that an offer's last day has not passed."""
        return or_(cls.ends_on.is_(None), cls.ends_on >= today())


def today() -> date:
    """Return the day it is in Germany."""
    return berlin(utc_now()).date()
