"""The sign of life a worker leaves every minute, for the web to see it wherever it runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, key100, utc_now

#: A worker unseen for longer is taken for dead; it writes once a minute.
SILENCE = timedelta(seconds=150)


class Worker(Model):
    """A worker process, named "host:pid"."""

    __tablename__ = "worker"

    name: Mapped[key100] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]

    @classmethod
    def alive(cls) -> Select[Worker]:
        """Those seen lately."""
        return select(cls).where(cls.seen_at > utc_now() - SILENCE)
