"""What one person was sent: "Hat Frau X die Einladung bekommen?".

Of messages to all it tells the subject and leads to the Zustellbericht. Of other mail it tells only what kind it is:
what one person wrote to another is nobody else's business, and a link to sign in has no subject worth telling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, Select, and_, case, cast, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import User, UserAddress
from app.database import by_name, contains, read
from app.deliveries.report import Try, hidden_keys, tries_of, without_words
from app.deliveries.words import Said, said
from app.forum.models import Message, Thread, ThreadNetwork
from app.mail.models import Delivery, DeliveryState, Mail
from app.networks.models import Network

PAGE_SIZE = 50

#: The directory of a mail's templates -> what kind of mail it is.
KINDS = {
    "message": _l("Nachricht"),
    "sign-in": _l("Anmeldelink"),
    "welcome": _l("Begrüßung"),
    "paused": _l("Bestätigung einer Pause"),
    "away": _l("Bestätigung einer Abwesenheit"),
    "deputy": _l("Vertretung einer Person"),
    "deputy-declined": _l("Absage einer Vertretung"),
    "own-data-changed": _l("Änderung der eigenen Angaben"),
    "organisation-wish": _l("Wunsch zum Namen einer Organisation"),
    "direct": _l("Mail von einer Person"),
    "confirm-address": _l("Bestätigung einer Adresse"),
    "account-changed": _l("Änderung am Zugang"),
    "digest": _l("Zusammenfassung"),
    "taken-down": _l("Bitte, eine Nachricht zu löschen"),
    "private-answer": _l("Antwort von einer Person"),
    "incoming-files": _l("Hinweis zu Dateien einer eigenen Mail"),
    "incoming-question": _l("Rückfrage zu einer eigenen Mail"),
    "incoming-refusal": _l("Absage zu einer eigenen Mail"),
    "request-call": _l("Bitte um Hilfe bei einer Anfrage"),
    "request-closed": _l("Ende einer Anfrage"),
    "request-contact": _l("Kontakt zu einer Anfrage"),
    "request-note": _l("Stand einer Anfrage"),
    "agenda-proposed": _l("Vorschlag zur Tagesordnung"),
    "minutes-absent": _l("Beschlüsse und Aufgaben einer Sitzung"),
    "minutes-correction": _l("Korrektur zu einem Protokoll"),
    "meeting-draft": _l("Termin aus einer Mail"),
    "meeting-reminder": _l("Erinnerung an eine Sitzung"),
    "poll-reminder": _l("Erinnerung an eine Terminfindung"),
    "minutes-missing": _l("Bitte um ein Protokoll"),
    "agenda-decided": _l("Antwort auf einen Vorschlag zur Tagesordnung"),
    "request-share": _l("Bitte um Kontaktdaten"),
}
#: What all other mail is.
OTHER = _l("Mail des Portals")

_home = aliased(Network)
# The message a mail tells of; of other things no number is asked for, because theirs is none.
_message_id = case((Mail.about.startswith("message:"), cast(func.substr(Mail.about, len("message:") + 1), Integer)))
_mails = (
    select(
        Delivery.id,
        Mail.event,
        Mail.date,
        Thread.id.label("thread_id"),
        Thread.subject,
        Message.id.label("message_id"),
        _home.slug,
        _home.name.label("network_name"),
        Delivery.state,
        Delivery.address,
        Delivery.stood_in_by,
        Delivery.reply,
        Delivery.due_at,
        Delivery.finished_at,
    )
    .join(Mail, Mail.id == Delivery.mail_id)
    .outerjoin(Message, Message.id == _message_id)
    .outerjoin(Thread, Thread.id == Message.thread_id)
    .outerjoin(_home, _home.id == Thread.home_id)
    # "+ 0" keeps databases from walking through everybody's deliveries in this order; one person's are soon sorted.
    .order_by((Delivery.id + 0).desc())
)


@dataclass(frozen=True)
class PersonMail:
    """One mail to this person; `subject` and what leads to the report are empty for all but messages."""

    delivery_id: int
    kind: str
    subject: str
    slug: str
    network_name: str
    thread_id: int | None
    message_id: int | None
    mailed_at: datetime
    state: DeliveryState
    address: str
    at: datetime | None
    said: Said
    tries: tuple[Try, ...]


def people_found(words: str) -> Select[User]:
    """Those whose name or one of whose addresses holds these words, by name."""
    addresses = select(UserAddress.user_id).where(contains(UserAddress.email, words))
    return select(User).where(or_(contains(User.name, words), User.id.in_(addresses))).order_by(by_name(User.name))


def mails_to(
    people: Sequence[User], page: int, viewer: User, network: Network | None = None
) -> tuple[list[PersonMail], bool]:
    """Return the `page`-th (from 1) fifty mails to these people, the newest first, and whether there are more.

    With a `network`, only its messages: what others wrote to them elsewhere its leads need not know. Of people whose
    address `viewer` may not see, it is left out.
    """
    query = _mails.where(Delivery.recipient_key.in_(_keys_of(people)))
    if network is not None:
        query = query.join(
            ThreadNetwork, and_(ThreadNetwork.thread_id == Thread.id, ThreadNetwork.network_id == network.id)
        )
    rows = read(query.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE + 1), {}).all()
    shown = rows[:PAGE_SIZE]
    tries = tries_of([row.id for row in shown])
    is_hidden = bool(hidden_keys(viewer, [user.key for user in people]))
    return [_mail(row, tries[row.id], network, is_hidden=is_hidden) for row in shown], len(rows) > PAGE_SIZE


def _keys_of(people: Sequence[User]) -> list[str]:
    """What stands for them in the outbox; a mail to sign in is laid down for the address somebody typed."""
    addresses = {f"email:{spelling}" for user in people for each in user.addresses for spelling in _spellings(each)}
    return [*(user.key for user in people), *sorted(addresses)]


def _spellings(address: UserAddress) -> set[str]:
    return {address.email, address.email_key}


def _mail(row: Any, tries: tuple[Try, ...], network: Network | None, *, is_hidden: bool) -> PersonMail:
    told = said(row.state, row.reply, row.due_at)
    is_hidden = is_hidden or (row.stood_in_by is not None and network is not None)
    if is_hidden:
        told, tries = without_words(told, tries, row.address)
    return PersonMail(
        delivery_id=row.id,
        kind=str(KINDS.get(row.event, OTHER)),
        subject=row.subject or "",
        slug=network.slug if network else row.slug or "",
        network_name=row.network_name or "",
        thread_id=row.thread_id,
        message_id=row.message_id,
        mailed_at=row.date,
        state=row.state,
        address="" if is_hidden else row.address,
        at=row.finished_at,
        said=told,
        tries=tries,
    )
