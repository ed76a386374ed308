"""Who is away from a network until when, and who stands in for them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, created, intpk, utc_now
from app.networks.models import Network
from app.templating import berlin


class Absence(Model):
    """One for each person and network; it ends by itself at `until`. Without a deputy, mail goes to the person."""

    __tablename__ = "absence"
    __table_args__ = (UniqueConstraint("user_id", "network_id"),)

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), index=True)
    until: Mapped[datetime]  # the moment from which they are back
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[created]

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    deputy: Mapped[User | None] = relationship(foreign_keys=[deputy_id])
    network: Mapped[Network] = relationship(lazy="joined", innerjoin=True)

    @property
    def last_day(self) -> date:
        """The last day on which they are away."""
        return berlin(self.until).date() - timedelta(days=1)

    @classmethod
    def now(cls) -> Select[Absence]:
        """The absences that hold at this moment."""
        return select(cls).where(cls.until > utc_now())
