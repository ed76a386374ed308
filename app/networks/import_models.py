"""A participant list that was uploaded: first a preview, then done, and for a day it can be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Select, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, created, intpk, utc_now
from app.networks.csv_exchange import Problem, Sheet
from app.networks.joining import Entry
from app.networks.models import Network

#: So long what was uploaded is kept: to be confirmed, and afterwards to be taken back.
KEPT = timedelta(hours=24)


class ListImport(Model):
    """What one uploaded file says, and once it is done what has to be known to undo it.

    `lines` are [row, e-mail, name, organisation, task, phone], `problems` [row, sentence], `ignored` headings of
    columns the portal has no place for. `done` is what app/networks/importing.py has done; empty until then.
    """

    __tablename__ = "list_import"

    id: Mapped[intpk]
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    file_name: Mapped[str] = mapped_column(String(300))
    removes: Mapped[bool] = mapped_column(default=False)  # who is not in the list leaves
    lines: Mapped[list[list[Any]]] = mapped_column(JSON)
    problems: Mapped[list[list[Any]]] = mapped_column(JSON)
    ignored: Mapped[list[str]] = mapped_column(JSON, default=list)
    done: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[created]
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    network: Mapped[Network] = relationship(lazy="joined", innerjoin=True)
    user: Mapped[User | None] = relationship()

    @classmethod
    def of_sheet(cls, sheet: Sheet, **columns: Any) -> ListImport:
        """Return a row that keeps what a file says."""
        return cls(
            lines=[
                [number, entry.email, entry.name, entry.organisation, entry.task, entry.phone]
                for number, entry in sheet.entries.items()
            ],
            problems=[[problem.line, problem.sentence] for problem in sheet.problems],
            ignored=sheet.ignored,
            **columns,
        )

    @classmethod
    def undoable_in(cls, network: Network) -> Select[ListImport]:
        """What was read into this network and can still be taken back, the newest first."""
        query = select(cls).where(cls.network_id == network.id, cls.undone_at.is_(None))
        return query.where(cls.applied_at > utc_now() - KEPT).order_by(cls.applied_at.desc(), cls.id.desc())

    @classmethod
    def outdated(cls) -> ColumnElement[bool]:
        """Uploaded a day ago and not confirmed, or confirmed and too late to be taken back: other people's data."""
        long_ago = utc_now() - KEPT
        return or_(cls.applied_at.is_(None) & (cls.created_at < long_ago), cls.applied_at < long_ago)

    @property
    def sheet(self) -> Sheet:
        """What the file said."""
        return Sheet(
            {line[0]: Entry(*line[1:]) for line in self.lines}, [Problem(*each) for each in self.problems], self.ignored
        )

    @property
    def undoable_until(self) -> datetime | None:
        """Until when it can be taken back; None when that is over, or nothing was done or it was taken back already."""
        if self.applied_at is None or self.undone_at or utc_now() > self.applied_at + KEPT:
            return None
        return self.applied_at + KEPT
