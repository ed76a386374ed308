"""The public pages as Verwaltung wrote them, and what is said about the city: contact, colour, logo."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, address254, intpk, key100, name200, text, utc_now

#: The slugs of the public pages. A page without a row shows its default text (templates/pages/default/).
SLUGS = ("impressum", "datenschutz", "barrierefreiheit", "hilfe", "leichte-sprache")


class Page(Model):
    """A public page that Verwaltung has rewritten; `body` is Markdown."""

    __tablename__ = "page"

    id: Mapped[intpk]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[name200]
    body: Mapped[text]
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class City(Model):
    """What the default texts say about the office, and how the portal looks. There is at most one row."""

    __tablename__ = "city"

    id: Mapped[intpk]
    responsible: Mapped[name200] = mapped_column(default="")  # who answers for the content
    address: Mapped[text] = mapped_column(default="")  # of the office, several lines
    phone: Mapped[key100] = mapped_column(default="")
    email: Mapped[address254] = mapped_column(default="")
    privacy_contact: Mapped[text] = mapped_column(default="")  # how to reach the data protection officer
    accent: Mapped[str] = mapped_column(String(7), default="")  # "#rrggbb"; empty: KERN's blue
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)

    LOGO_OWNER = "city:1"

    @property
    def is_complete(self) -> bool:
        """Whether the default texts can name everything the law asks them to name."""
        return all((self.responsible, self.address, self.email, self.privacy_contact))
