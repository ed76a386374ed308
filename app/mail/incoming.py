"""Mail that came in: what became of it, and its octets for thirty days.

Everything the portal accepted stands here, so that nothing vanishes: what was used, what waits for somebody's button,
and what Verwaltung may look at. The whole text of a message that came by mail stays as long as the message.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, String, and_, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.database import Model, address254, created, db, intpk, key100, name200, text, utc_now
from app.files import keeping
from app.files.models import StoredFile
from app.mail import envelope
from app.mail.answering import TO_ONE
from app.queue import job

KEPT = timedelta(days=30)


class Fate(StrEnum):
    """What became of a mail."""

    USED = "used"
    WAITING = "waiting"  # for the button that its author presses
    HELD = "held"  # for Verwaltung to look at
    ANSWERED = "answered"  # the sender was told why it was not used
    IGNORED = "ignored"  # a machine wrote it
    DISCARDED = "discarded"


class Standing(StrEnum):
    """What we know of a mail's sender."""

    PROVEN = "proven"  # their own reply address, or our mail server vouches for them
    HOLDS_ADDRESS = "holds-address"  # somebody with a reply address that was made for another
    CLAIMED = "claimed"  # an address of somebody we know, and nothing that proves it
    STRANGER = "stranger"


class IncomingMail(Model):
    """A received mail. `fingerprint` is the same for each copy of it, so that one mail is used once."""

    __tablename__ = "incoming_mail"
    # Files and links name a mail by its id, which must not come again.
    __table_args__ = (
        Index(None, "sender", "received_at"),
        Index(None, "fate", "received_at"),
        Index(None, "fate", "size"),
        Index(None, "owner_key", "received_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[intpk]
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256, in hex
    recipient: Mapped[address254]
    sender: Mapped[address254] = mapped_column(default="")  # lower case
    sender_name: Mapped[name200] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(String(998), default="")
    fate: Mapped[Fate] = mapped_column(default=Fate.HELD)
    reason: Mapped[text] = mapped_column(default="")  # one German sentence
    owner_key: Mapped[key100] = mapped_column(default="")  # whose button it waits for ("user:12")
    about: Mapped[key100] = mapped_column(default="", index=True)  # what it became ("message:34")
    untrimmed: Mapped[text] = mapped_column(default="", deferred=True)  # of a message of which something was cut off
    octets: Mapped[bytes] = mapped_column(LargeBinary, default=b"", deferred=True)  # empty after thirty days
    size: Mapped[int] = mapped_column(default=0)  # of the octets, asked for in their place: they may be large
    full_size: Mapped[int] = mapped_column(default=0)  # of the octets it came with
    standing: Mapped[Standing] = mapped_column(default=Standing.CLAIMED)
    likeness: Mapped[str] = mapped_column(String(32), default="")  # the same for mails that say the same
    answered_at: Mapped[datetime | None]
    received_at: Mapped[created]

    @validates("octets")
    def _measured(self, _name: str, octets: bytes) -> bytes:
        self.size = len(octets)
        return octets

    @property
    def key(self) -> str:
        """What names it in the outbox and as the owner of its files."""
        return f"incoming:{self.id}"

    @property
    def is_private(self) -> bool:
        """Whether one person wrote it to one other: then nobody else reads it, Verwaltung neither."""
        local = envelope.local_part_of(self.recipient)
        if (
            local is None
        ):  # the portal's addresses have been changed since: rather hidden from one than shown to another
            return f"{TO_ONE}+" in self.recipient.lower()
        return local.startswith(f"{TO_ONE}+")

    @property
    def is_cut(self) -> bool:
        """Whether only its start was kept."""
        return self.size < self.full_size

    @property
    def is_undecided(self) -> bool:
        """Whether it can still be used or thrown away; what a machine seemed to write may be a person's after all."""
        return self.fate in (Fate.HELD, Fate.WAITING, Fate.IGNORED, Fate.ANSWERED)

    @property
    def title(self) -> str:
        """The subject, for others than its writer; of what one person wrote to another it is theirs, too."""
        return "" if self.is_private else self.subject


def locked(id: int) -> IncomingMail | None:
    """Return a mail to decide about, as it is at this moment; who decides about it, too, waits until this is done."""
    query = (
        select(IncomingMail).where(IncomingMail.id == id).with_for_update().execution_options(populate_existing=True)
    )
    return db.session.scalar(query)


def whole_text_of(about: str) -> str:
    """Return all that stood in the mail which became this thing ("message:34"), or "" if nothing was cut off."""
    return db.session.scalar(select(IncomingMail.untrimmed).where(IncomingMail.about == about)) or ""


def empty(*about: str) -> None:
    """Keep nothing of what stood in the mails which became these things; each is still known if it comes again."""
    db.session.execute(
        update(IncomingMail)
        .where(IncomingMail.about.in_(about))
        .values(subject="", untrimmed="", octets=b"", size=0)
        .execution_options(synchronize_session=False)
    )


@job("incoming", every_night=True)
def forget_old_mail() -> None:
    """Delete mails past their time; of those that became something only the whole text stays."""
    is_old = IncomingMail.received_at < utc_now() - KEPT
    has_text = and_(IncomingMail.about.startswith("message:"), IncomingMail.untrimmed != "")
    files = StoredFile.owned_by(*[f"incoming:{id}" for id in db.session.scalars(select(IncomingMail.id).where(is_old))])
    for file in db.session.scalars(files):
        keeping.drop(file)
    db.session.execute(delete(IncomingMail).where(is_old, ~has_text))
    is_full = or_(IncomingMail.size > 0, IncomingMail.sender != "", IncomingMail.sender_name != "")
    nothing = {"octets": b"", "size": 0, "sender": "", "sender_name": ""}
    db.session.execute(update(IncomingMail).where(is_old, is_full).values(nothing))
    db.session.commit()
