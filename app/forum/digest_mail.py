"""What a digest says: the messages by network and thread, with author, time, text, files and ways to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.files.models import StoredFile
from app.forum import mails
from app.forum.models import Digest, Kind, Message, Thread
from app.forum.subjects import KIND_NAMES
from app.mail import envelope, outbox
from app.mail.models import Mail
from app.networks.models import Network, Rhythm
from app.networks.readers import readers_said

#: The audience of a digest is "digest:<its id>": who may have it depends on each message it holds.
AUDIENCE = "digest"

#: A mail program clips what is longer than about 100 KB (Gmail does), so a long message ends in a link. The room is
#: shared evenly: of few messages nearly everything is there, of a hundred the beginning of each.
TEXT_LIMIT = 4000
TEXTS_LIMIT = 40_000
SHORTEST_TEXT = 300


class Part(NamedTuple):
    """A message of a digest: the delivery that waited for it, and the network and the rhythm it comes by.

    With a `note` it is no message, but what a feature says of the thread that `message` began. `ready_at` is when it
    could have gone out by itself.
    """

    delivery_id: int
    message: Message
    network_id: int
    rhythm: Rhythm
    ready_at: datetime
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """One message as the digest shows it."""

    message: Message
    text: str
    is_cut: bool
    linked: list[tuple[StoredFile, str]]
    note: str = ""


@dataclass(frozen=True)
class Topic:
    """The messages of one thread."""

    anchor: str
    thread: Thread
    title: str
    entries: list[Entry]
    answers: dict[str, Any] | None
    readers: str


@dataclass(frozen=True)
class Section:
    """The topics of one network."""

    network: Network
    topics: list[Topic]


def digest(user: User, digest: Digest, parts: Sequence[Part]) -> Mail:
    """Put a digest of these messages into the outbox, for this person only."""
    with force_locale("de"):
        sections = _sections(parts)
        mail = outbox.compose(
            "digest",
            audience=f"{AUDIENCE}:{digest.id}",
            about=f"{AUDIENCE}:{digest.id}",
            from_name=_sender(sections),
            recipient=user,
            digest=digest,
            sections=sections,
            number=len(parts),
        )
        outbox.enqueue(mail, to=[user.key])
    return mail


def _sender(sections: Sequence[Section]) -> str:
    return sections[0].network.name if len(sections) == 1 else str(current_app.config["CITY_NAME"])


def _sections(parts: Sequence[Part]) -> list[Section]:
    ids = {part.network_id for part in parts}
    networks = db.session.scalars(select(Network).where(Network.id.in_(ids))).all()
    limit = max(SHORTEST_TEXT, min(TEXT_LIMIT, TEXTS_LIMIT // len(parts)))
    files = _files(parts)
    return [
        Section(network, _topics(network, [part for part in parts if part.network_id == network.id], files, limit))
        for network in sorted(networks, key=lambda network: network.name.casefold())
    ]


def _topics(network: Network, parts: Sequence[Part], files: dict[str, list[StoredFile]], limit: int) -> list[Topic]:
    by_thread = groupby(sorted(parts, key=_place), key=lambda part: part.message.thread)
    return [_topic(thread, network, list(group), files, limit) for thread, group in by_thread]


def _place(part: Part) -> tuple[int, int]:
    return part.message.thread_id, part.message.id


def _topic(
    thread: Thread, network: Network, parts: Sequence[Part], files: dict[str, list[StoredFile]], limit: int
) -> Topic:
    # A copy is of one network each; should a thread come by two, its anchors must differ.
    return Topic(
        anchor=f"thema-{network.id}-{thread.id}",
        thread=thread,
        title=_title(thread),
        entries=[_entry(part, files.get(part.message.key, []), limit) for part in parts],
        answers=None if thread.confidential else mails.answers_to(parts[-1].message, network),
        readers=readers_said(thread.networks, confidential=thread.confidential),
    )


def _title(thread: Thread) -> str:
    if thread.confidential:
        return _("Vertrauliche Nachricht")
    return thread.subject if thread.kind is Kind.MESSAGE else f"{KIND_NAMES[thread.kind]}: {thread.subject}"


def _entry(part: Part, files: Sequence[StoredFile], limit: int) -> Entry:
    message = part.message
    if part.note:
        return Entry(message, "", False, [], part.note)
    if message.thread.confidential:
        return Entry(message, "", False, [])
    text = message.body if len(message.body) <= limit else message.body[:limit].rsplit(maxsplit=1)[0] + " …"
    # A link for each file and none attached: a pile of them below ten messages would not say what belongs where.
    # It is signed for the message's own delivery, so that it ends when the message is taken down or the person leaves.
    key = envelope.signing_key()
    prefix = envelope.link_prefix()
    linked = [(file, prefix + envelope.seal(key, "file", part.delivery_id, file.id, deputy=0)) for file in files]
    return Entry(message, text, text is not message.body, linked)


def _files(parts: Sequence[Part]) -> dict[str, list[StoredFile]]:
    owned = db.session.scalars(StoredFile.owned_by(*(part.message.key for part in parts)))
    return {owner: list(files) for owner, files in groupby(owned, key=lambda file: file.owner)}
