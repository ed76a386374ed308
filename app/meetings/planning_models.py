"""The Muster of a network's meetings: what is the same each time, with placeholders for what is not."""

from __future__ import annotations

from datetime import time

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, by_name, created, intpk, name200, text
from app.networks.models import Network


class MeetingTemplate(Model):
    """What a new meeting begins with. Title, agenda and letter may hold placeholders (app/meetings/planning.py)."""

    __tablename__ = "meeting_template"

    id: Mapped[intpk]
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), index=True)
    name: Mapped[name200]
    title: Mapped[name200] = mapped_column(default="")
    starts: Mapped[time | None]
    ends: Mapped[time | None]
    place: Mapped[str] = mapped_column(String(500), default="")
    agenda: Mapped[text] = mapped_column(default="")
    letter: Mapped[text] = mapped_column(default="")
    created_at: Mapped[created]

    @classmethod
    def of_network(cls, network: Network) -> Select[MeetingTemplate]:
        """The Muster of this network, by name."""
        return select(cls).where(cls.network_id == network.id).order_by(by_name(cls.name), cls.id)
