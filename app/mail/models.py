"""The outbox: one `Mail` for what is equal for all, one `Delivery` for each recipient, one `Attempt` for each try.

This floor knows keys ("user:12") and addresses, never people: who stands behind a key is asked through the registry
at the moment of sending, so that whoever was removed in between gets nothing.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model, address254, created, intpk, key100, name200, utc_now
from app.database import text as long_text


class Priority(IntEnum):
    """Which mail goes first: who waits in front of a sign-in page must not stand behind two thousand flyers."""

    SIGN_IN = 0
    PERSONAL = 3
    BULK = 6


class DeliveryState(StrEnum):
    """wartet, wird übergeben, übergeben, unzustellbar, abgebrochen; wartet auf die Zusammenfassung.

    What waits for a digest goes out in another mail (`Delivery.carried_by_id`); the outbox itself never sends it.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DIGEST = "digest"


#: Written out, because SQLite uses a partial index only where the query says the same words.
NOT_SENT = sql("state <> 'sent'")

#: The same of the mails that workers died of (app/mail/crashing.py).
SET_ASIDE = sql("crashes >= 3")


class Mail(Model):
    """One rendered mail. Date and Message-ID are fixed here, so that a repeated delivery is recognisably the same.

    `text` and `html` may hold placeholders for links of the recipient's own (app/mail/envelope.py).
    `audience` is "kind:ids" (`registry.recipients_now`); `about` names the thing it tells of ("message:34").
    """

    __tablename__ = "mail"
    __table_args__ = (
        # The number beside it, because a row is long: it holds the whole text.
        Index("ix_mail_about", "about", "laid_down"),
        # Nearly always there is none, and a page asks.
        Index("ix_mail_set_aside", "id", sqlite_where=SET_ASIDE, postgresql_where=SET_ASIDE),
    )

    id: Mapped[intpk]
    event: Mapped[key100]  # the directory of its templates: templates/mail/<event>/
    audience: Mapped[str] = mapped_column(String(1000))  # a message may go to many networks at once
    about: Mapped[key100] = mapped_column(default="")
    priority: Mapped[int] = mapped_column(default=Priority.BULK)
    message_id: Mapped[address254]  # RFC 5322 3.6.4, without the angle brackets
    date: Mapped[datetime] = mapped_column(default=utc_now)
    from_name: Mapped[name200] = mapped_column(default="")
    from_address: Mapped[address254]
    reply_to: Mapped[str] = mapped_column(String(500), default="")  # a whole mailbox: "Name <address>"
    subject: Mapped[str] = mapped_column(String(998))
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # further ones, equal for all recipients
    text: Mapped[long_text]
    html: Mapped[long_text]
    calendar: Mapped[long_text] = mapped_column(default="")  # an iCalendar object (RFC 5545) or nothing
    laid_down: Mapped[int] = mapped_column(default=0)  # its deliveries, whatever their state
    withdrawn_at: Mapped[datetime | None]  # what comes back from a failed try after this is not tried again
    created_at: Mapped[created]
    preparing: Mapped[str] = mapped_column(String(40), default="")  # the worker that makes octets of it at this moment
    crashes: Mapped[int] = mapped_column(default=0)  # workers that died doing so, one after another
    rests_until: Mapped[datetime | None]  # set aside, it is tried once more then

    files: Mapped[list[MailFile]] = relationship(order_by="MailFile.position", cascade="all, delete-orphan")
    deliveries: Mapped[list[Delivery]] = relationship(back_populates="mail", cascade="all, delete-orphan")


class MailFile(Model):
    """A file attached to a mail; larger ones stand in its text as links and have no row here."""

    __tablename__ = "mail_file"
    __table_args__ = (UniqueConstraint("mail_id", "position"),)

    id: Mapped[intpk]
    mail_id: Mapped[int] = mapped_column(ForeignKey("mail.id", ondelete="CASCADE"))
    stored_file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]


class Delivery(Model):
    """One mail to one recipient, and what became of it."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("mail_id", "recipient_key"),
        Index("ix_delivery_queue", "state", "priority", "due_at", "id"),
        Index(None, "recipient_key"),
        # The states of fifty mails to hundreds are told by the few that are not sent (`Mail.laid_down` says how many).
        Index("ix_delivery_unsent", "mail_id", "state", sqlite_where=NOT_SENT, postgresql_where=NOT_SENT),
        # Only few are carried by another; the index holds no others.
        Index(
            "ix_delivery_carried_by_id",
            "carried_by_id",
            sqlite_where=sql("carried_by_id IS NOT NULL"),
            postgresql_where=sql("carried_by_id IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[intpk]
    mail_id: Mapped[int] = mapped_column(ForeignKey("mail.id", ondelete="CASCADE"))
    recipient_key: Mapped[str] = mapped_column(String(300))  # an address (254) and the word before it
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.WAITING)
    priority: Mapped[int]  # the mail's, repeated so that claiming reads one table
    due_at: Mapped[datetime]
    claimed_by: Mapped[str] = mapped_column(String(40), default="")
    claimed_until: Mapped[datetime | None]
    attempts_made: Mapped[int] = mapped_column(default=0)
    address: Mapped[address254] = mapped_column(default="")  # where it went, as resolved at the last try
    reply: Mapped[long_text] = mapped_column(default="")  # the server's last words, or why it was not sent
    finished_at: Mapped[datetime | None]
    # The delivery of the digest that holds this mail's text; what becomes of that one became of this one. No foreign
    # key: the digest may be forgotten first, and SQLite would look for its parts whenever a delivery is deleted.
    carried_by_id: Mapped[int | None]
    # None if nobody ever stood in; else the key of the deputy who gets it or has the mail already, or the recipient's
    # own where it has become theirs after all. Whose a link is stands in the link: earlier copies may be another's.
    stood_in_by: Mapped[key100 | None]
    reported_at: Mapped[datetime | None]  # when a server's report of it first came back (app/mail/bounces.py)

    mail: Mapped[Mail] = relationship(back_populates="deliveries")


class Attempt(Model):
    """One try to hand a delivery over, with the server's raw words. `code` is None when no answer came.

    With `asked_by` it is no try, but says who ("user:3") asked for the mail to be sent once more.
    """

    __tablename__ = "attempt"

    id: Mapped[intpk]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"), index=True)
    at: Mapped[created]
    code: Mapped[int | None]
    reply: Mapped[long_text] = mapped_column(default="")
    asked_by: Mapped[key100 | None]


class Address(Model):
    """How healthy an address is. Keyed by the address itself: it is unhealthy whoever uses it."""

    __tablename__ = "address"

    id: Mapped[intpk]
    email: Mapped[address254] = mapped_column(unique=True)  # lower case
    permanent_failures: Mapped[int] = mapped_column(default=0)
    transient_failures: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime | None]
    reply: Mapped[long_text] = mapped_column(default="")
