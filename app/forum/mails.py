"""The mail that carries a message to all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.database import db
from app.files.attaching import Luggage, split
from app.files.models import StoredFile
from app.forum.calendar_event import CalendarEvent
from app.forum.models import Kind, Message
from app.forum.subjects import kind_of, mail_subject
from app.mail import answering, outbox, writing
from app.mail.envelope import address_of, list_headers, personal_link
from app.mail.models import Mail
from app.networks import visibility
from app.networks.models import Holding, Network, Posting, Rhythm, Seat
from app.networks.readers import readers_said
from app.networks.recipients import BY_MAIL, keys_through, skipped_keys
from app.networks.rhythm import HOLD_REASONS, next_moment
from app.registry import panels


@dataclass(frozen=True)
class Instead:
    """Who (ids of users) gets a mail of their own in place of the usual one, and never collected.

    It is written from the templates of `kind` with what the usual one knows and `context`, has the same Message-ID
    and files, and is about the same message: taken back or taken down, it goes with the others.
    """

    kind: str
    people: frozenset[int]
    context: Mapping[str, Any]


def message(
    message: Message,
    networks: Sequence[Network],
    files: Sequence[StoredFile],
    event: CalendarEvent | None,
    instead: Instead | None = None,
) -> None:
    """Put a message into the outbox: one mail for each of `networks`, each person in the first they belong to.

    Whoever collects the mails of these networks gets the message in their next digest, or like everybody else where
    it waits for none. Mails are German, whatever language their sender reads the portal in.
    """
    with force_locale("de"):
        _message(message, networks, files, event, instead)


def _message(
    message: Message,
    networks: Sequence[Network],
    files: Sequence[StoredFile],
    event: CalendarEvent | None,
    instead: Instead | None,
) -> None:
    at_once = ignores_digests(message, event)
    is_reply = message.thread.messages[0] is not message
    luggage = split(files)
    common = _common(message, luggage, event, is_reply=is_reply)
    skipped = skipped_keys(networks)
    own_words = files and not message.thread.confidential and panels.at("mail_own", form="txt", message=message)
    for index, network in enumerate(networks):
        write = partial(_to_network, message, network, networks, luggage.attached, event)
        words = common | _of_network(message, network, is_reply=is_reply)
        to = _others(keys_through(network, networks, BY_MAIL if at_once else (Rhythm.AT_ONCE,)), instead)
        own = to.where(Holding.user_id == message.author_id)
        if own_words and db.session.scalar(own.limit(1)):
            # What only its author is told stands in a mail of its own, not in what all the others get.
            outbox.enqueue(write(words | {"of_author": True}), own, due_at=message.mails_at)
            to = to.where(Holding.user_id != message.author_id)
        mail = write(words)
        outbox.enqueue(mail, to=to, due_at=message.mails_at, skipped=skipped if index == 0 else None)
        for rhythm, reason in HOLD_REASONS.items() if not at_once else ():
            due_at = next_moment(rhythm, message.mails_at)
            held = _others(keys_through(network, networks, (rhythm,)), instead)
            outbox.hold(mail, held, due_at=due_at, reason=reason)
        if instead:
            those = keys_through(network, networks, BY_MAIL).where(Holding.user_id.in_(instead.people))
            if db.session.scalar(those.limit(1)):
                apart = write(words | dict(instead.context), kind=instead.kind)
                outbox.enqueue(apart, those, due_at=message.mails_at)


def _others(keys: Select[str], instead: Instead | None) -> Select[str]:
    """Those of the keys who get the usual mail."""
    return keys.where(Holding.user_id.not_in(instead.people)) if instead else keys


def _to_network(
    message: Message,
    network: Network,
    networks: Sequence[Network],
    attached: Sequence[StoredFile],
    event: CalendarEvent | None,
    words: Mapping[str, Any],
    kind: str = "message",
) -> Mail:
    """Write the mail to those who get the message through this network."""
    is_open = not message.thread.confidential
    first = [network, *(other for other in networks if other is not network)]
    list_of_network = list_headers(network.slug, network.name, is_read=answering.is_offered())
    return outbox.compose(
        kind,
        audience="networks:" + ",".join(str(each.id) for each in first),
        about=message.key,
        message_id=message.message_id,
        from_name=f"{message.author_name} ({network.name})",
        from_address=address_of(network.slug),
        reply_to=_reply_to(message, network),
        headers=list_of_network | _thread_headers(_earlier(message)),
        files=attached if is_open else [],
        calendar=event.ics() if event and is_open else "",
        **words,
    )


def ignores_digests(message: Message, event: CalendarEvent | None = None) -> bool:
    """Whether this goes at once also to those who get their mail collected (row F2).

    So does whatever tells of a date (an invitation, a change, a cancellation) or asks for one, and an urgent request;
    what is answered to them does not.
    """
    thread = message.thread
    is_first = thread.messages[0] is message
    return event is not None or (is_first and begins_at_once(thread.kind, urgent=thread.urgent))


def begins_at_once(kind: str, *, urgent: bool) -> bool:
    """Whether a thread of this kind begins with mail at once to everybody who gets mail; only a request is urgent."""
    return kind in (Kind.INVITATION, Kind.POLL) or (urgent and kind == Kind.REQUEST)


def preview(message: Message, network: Network, files: Sequence[StoredFile]) -> tuple[str, str, str]:
    """Return subject, text and HTML of the mail that the first message of a thread would be; nothing is added."""
    with force_locale("de"):
        context = _common(message, split(files), None, is_reply=False) | _of_network(message, network, is_reply=False)
        return writing.written("message", context)


def _common(message: Message, luggage: Luggage, event: CalendarEvent | None, *, is_reply: bool) -> dict[str, Any]:
    """What the mails to all networks say alike."""
    thread = message.thread
    return {
        "thread": thread,
        "message": message,
        "kind": kind_of(thread, is_reply=is_reply),
        "is_reply": is_reply,
        "luggage": luggage,
        "linked": [(file, personal_link("file", file.id)) for file in luggage.linked],
        "readers": readers_said(thread.networks, confidential=thread.confidential),
        "date": event,
    }


def _of_network(message: Message, network: Network, *, is_reply: bool) -> dict[str, Any]:
    """What the mail to one network says of its own."""
    return {
        "mail_subject": mail_subject(message, network.name, is_reply=is_reply),
        "network": network,
        "phone": visibility.phone_for([network], message.author, _seat(message)),
        "answers": answers_to(message, network),
        "can_answer": bool(_reply_to(message, network)),
    }


def taken_down(message: Message, keys: Sequence[str], by: str) -> None:
    """Ask those who got a message to delete it; what it said stands in no word of this mail.

    It stands beside the message in their mail program, because it names it as what it answers.
    """
    with force_locale("de"):
        mail = outbox.compose(
            "taken-down",
            audience="person",
            about=f"taken-down:{message.id}",
            from_name=message.thread.home.name,
            headers={"In-Reply-To": f"<{message.message_id}>", "References": f"<{message.message_id}>"},
            message=message,
            network=message.thread.home,
            by=by,
        )
    outbox.enqueue(mail, to=keys)


def _earlier(message: Message) -> Sequence[str]:
    """Return the Message-IDs of the thread before this message, the first one first."""
    before = select(Message.message_id).where(Message.thread_id == message.thread_id, Message.id < message.id)
    return db.session.scalars(before.order_by(Message.id)).all()


def _thread_headers(earlier: Sequence[str]) -> dict[str, str]:
    """RFC 5322 3.6.4: In-Reply-To names the message before, References the way from the first one."""
    if not earlier:
        return {}
    # The first and the last ten suffice to find the thread, and keep the header below any server's limit.
    shown = list(dict.fromkeys([earlier[0], *earlier[-10:]]))
    return {"In-Reply-To": f"<{earlier[-1]}>", "References": " ".join(f"<{each}>" for each in shown)}


def _reply_to(message: Message, network: Network) -> str:
    """Where an answer goes by itself: to all, but only to the author of an Anfrage or a confidential text."""
    if message.author is None:
        return ""
    if not answering.is_offered():
        return visibility.answers_to([network], message.author)
    if _is_for_author(message, network):
        return answering.reply_to(_("Nur an %(name)s", name=message.author_name), answering.TO_ONE, message.author.id)
    return answering.reply_to(_("Antwort an alle"), answering.TO_ALL, message.thread_id)


def _seat(message: Message) -> Seat | None:
    return db.session.get(Seat, message.seat_id) if message.seat_id else None


def _is_for_author(message: Message, network: Network) -> bool:
    """Where only leads write to all, most who get the mail could not answer to all."""
    thread = message.thread
    return thread.kind in (Kind.REQUEST, Kind.POLL) or thread.confidential or network.posting is Posting.LEADS


def answers_to(message: Message, network: Network) -> dict[str, Any] | None:
    """Return the two ways to answer by mail (row D7), for the mail's buttons; None when incoming mail is not read."""
    if message.author is None or not answering.is_offered():
        return None
    return {
        "to_all": answering.placeholder(answering.TO_ALL, message.thread_id),
        "to_author": answering.placeholder(answering.TO_ONE, message.author.id),
        "author_first": _is_for_author(message, network),
        "subject": mail_subject(message, network.name, is_reply=True),
    }
