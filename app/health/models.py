"""The sign of life a worker leaves every minute, for the web to see it wherever it runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, db, key100, utc_now

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


def sign_of_life(name: str) -> None:
    """Note that this worker lives, and forget the dead ones."""
    db.session.execute(delete(Worker).where(Worker.seen_at < utc_now() - 10 * SILENCE))
    db.session.merge(Worker(name=name, seen_at=utc_now()))
