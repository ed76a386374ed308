"""What people corrected about themselves, so that it can be taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, created, intpk
from app.networks.models import Seat


class Correction(Model):
    """One saved form of somebody's own data: what each changed field said before and says now.

    `changes` maps "name", "email_seen_by" (of the person) and "task", "phone", "phone_seen_by" (of the seat) to both.
    """

    __tablename__ = "correction"

    id: Mapped[intpk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id", ondelete="CASCADE"), index=True)
    changes: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None]
    created_at: Mapped[created]

    user: Mapped[User] = relationship()
    seat: Mapped[Seat | None] = relationship()
