"""What lists of threads and messages show, read in a handful of queries however long the list is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, String, bindparam, cast, exists, func, literal, select
from sqlalchemy.orm import aliased

from app.accounts.models import initials_of
from app.database import read
from app.files.models import Blob, StoredFile
from app.forum import excerpts, extending
from app.forum.extending import Mark
from app.forum.models import Kind, Message, Thread, ThreadNetwork
from app.mail import outbox
from app.mail.incoming import IncomingMail
from app.mail.models import DeliveryState
from app.networks import left_out
from app.networks.models import Network
from app.unchanged import until_commit

PAGE_SIZE = 50


# What rows are made of is plain and hashable, so that a page can show equal ones again (templating.parts).


class FileRow(NamedTuple):
    """What a list shows of a stored file; `size` in octets."""

    id: int
    name: str
    size: int


class Mails(NamedTuple):
    """How many deliveries of a message wait or are being handed over, were, never can be, or wait for a digest."""

    waiting: int
    sent: int
    failed: int
    collected: int


class ThreadRow(NamedTuple):
    """One entry of the list: the thread and its first message."""

    id: int
    subject: str
    kind: Kind
    deadline: date | None
    message_id: int
    author_name: str
    organisation_name: str
    excerpt: str
    created_at: datetime
    taken_down_at: datetime | None
    replies: int
    mails: Mails
    files: tuple[FileRow, ...]
    mark: Mark | None

    @property
    def initials(self) -> str:
        """Of the author."""
        return initials_of(self.author_name)


class ThreadHead(NamedTuple):
    """What stands over the messages of a thread; `networks` is how many take part in it."""

    id: int
    subject: str
    kind: Kind
    confidential: bool
    urgent: bool
    deadline: date | None
    networks: int


class MessageRow(NamedTuple):
    """One message of a thread with its files and what became of its mails."""

    id: int
    author_id: int | None
    author_name: str
    organisation_name: str
    body: str
    created_at: datetime
    mails_at: datetime
    has_more: bool
    taken_down_at: datetime | None
    taken_down_by: str
    mails: Mails
    files: tuple[FileRow, ...]

    @property
    def initials(self) -> str:
        """Of the author, as they were called then."""
        return initials_of(self.author_name)


_any, _any_network = aliased(Message), aliased(ThreadNetwork)


# The statements are built once. They read plain columns: a list is no place for objects.
@cache
def _threads(only: str) -> Select[*tuple[Any, ...]]:
    """The threads of a network with their first messages; `only` names a filter of `extending.filters`, or none."""
    in_network = (
        select(Thread.id, Thread.subject, Thread.kind, Thread.deadline, Thread.last_message_at)
        .join(ThreadNetwork, ThreadNetwork.thread_id == Thread.id)
        .where(ThreadNetwork.network_id == bindparam("network_id"))
    )
    if only in extending.filters:
        in_network = in_network.where(Thread.id.in_(extending.filters[only]))
    newest_first = in_network.order_by(Thread.last_message_at.desc(), Thread.id.desc())
    listed = newest_first.offset(bindparam("offset")).limit(bindparam("limit")).subquery()
    # Asked for each listed thread, not for all there are.
    first_id = select(func.min(_any.id)).where(_any.thread_id == listed.c.id).scalar_subquery()
    replies = select(func.count() - 1).where(_any.thread_id == listed.c.id).scalar_subquery()
    return (
        select(
            listed.c.id,
            listed.c.subject,
            listed.c.kind,
            listed.c.deadline,
            Message.id.label("message_id"),
            Message.author_name,
            Message.organisation_name,
            func.substr(Message.body, 1, excerpts.LENGTH + 1).label("body"),
            Message.created_at,
            Message.taken_down_at,
            replies.label("replies"),
        )
        .join(Message, Message.id == first_id)
        .order_by(listed.c.last_message_at.desc(), listed.c.id.desc())
    )


_head = (
    select(
        Thread.id,
        Thread.subject,
        Thread.kind,
        Thread.confidential,
        Thread.urgent,
        Thread.deadline,
        select(func.count()).where(_any_network.thread_id == Thread.id).scalar_subquery(),
    )
    .join(ThreadNetwork, ThreadNetwork.thread_id == Thread.id)
    .where(ThreadNetwork.network_id == bindparam("network_id"), Thread.id == bindparam("id"))
)
_messages = (
    select(
        Message.id,
        Message.author_id,
        Message.author_name,
        Message.organisation_name,
        Message.body,
        Message.created_at,
        Message.mails_at,
        # Of a message that came by mail and was trimmed, the whole is one click away.
        exists()
        .where(IncomingMail.about == literal("message:") + cast(Message.id, String), IncomingMail.untrimmed != "")
        .label("has_more"),
        Message.taken_down_at,
        Message.taken_down_by,
    )
    .where(Message.thread_id == bindparam("thread_id"))
    .order_by(Message.id)
)
_files = (
    select(StoredFile.owner, StoredFile.id, StoredFile.name, Blob.size)
    .join(Blob, Blob.id == StoredFile.blob_id)
    .where(StoredFile.owner.in_(bindparam("owners", expanding=True)))
    .order_by(StoredFile.owner, StoredFile.position, StoredFile.id)
)


def page_of_threads(network: Network, page: int, only: str = "") -> tuple[list[ThreadRow], bool]:
    """Return the `page`-th (from 1) fifty threads of the network, or those a filter lets through, and whether more."""
    threads, has_more = _page_of_threads(network.id, page, only if only in extending.filters else "")
    marks = extending.marks({thread.id: thread.kind for thread in threads})
    return [thread._replace(mark=marks[thread.id]) if thread.id in marks else thread for thread in threads], has_more


@until_commit
def _page_of_threads(network_id: int, page: int, only: str) -> tuple[tuple[ThreadRow, ...], bool]:
    values = {"network_id": network_id, "offset": (page - 1) * PAGE_SIZE, "limit": PAGE_SIZE + 1}
    rows = read(_threads(only), values).all()
    shown = rows[:PAGE_SIZE]
    extras = _files_and_mails(row.message_id for row in shown)
    threads = (
        ThreadRow._make((*row[:7], excerpts.excerpt(row.body), *row[8:], *extras[row.message_id], None))
        for row in shown
    )
    return tuple(threads), len(rows) > PAGE_SIZE


@until_commit
def head_of(network_id: int, thread_id: int) -> ThreadHead | None:
    """Return what stands over this thread, if the network takes part in it."""
    row = read(_head, {"network_id": network_id, "id": thread_id}).first()
    return None if row is None else ThreadHead._make(row)


@until_commit
def messages_of(thread_id: int) -> tuple[MessageRow, ...]:
    """Return the messages of a thread in the order they were written."""
    rows = read(_messages, {"thread_id": thread_id}).all()
    extras = _files_and_mails(row.id for row in rows)
    return tuple(MessageRow._make((*row, *extras[row.id])) for row in rows)


def _files_and_mails(message_ids: Iterable[int]) -> dict[int, tuple[Mails, tuple[FileRow, ...]]]:
    keys = {id: f"message:{id}" for id in message_ids}
    if not keys:
        return {}
    files: dict[str, list[FileRow]] = defaultdict(list)
    for owner, id, name, size in read(_files, {"owners": list(keys.values())}):
        files[owner].append(FileRow(id, name, size))
    mails = mails_of(keys)
    return {id: (mails[id], tuple(files.get(key, ()))) for id, key in keys.items()}


def mails_of(message_ids: Iterable[int]) -> dict[int, Mails]:
    """Return what became of the mails of each of these messages."""
    keys = {id: f"message:{id}" for id in message_ids}
    states = outbox.states(*keys.values()) if keys else {}
    waiting = [key for key, of in states.items() if of[DeliveryState.WAITING] or of[DeliveryState.DIGEST]]
    not_going = left_out.counts(waiting) if waiting else {}
    return {id: _mails(states[key], not_going.get(key, Counter())) for id, key in keys.items()}


def _mails(states: dict[DeliveryState, int], not_going: Counter[DeliveryState]) -> Mails:
    waiting = states[DeliveryState.WAITING] - not_going[DeliveryState.WAITING] + states[DeliveryState.SENDING]
    collected = states[DeliveryState.DIGEST] - not_going[DeliveryState.DIGEST]
    return Mails(waiting, states[DeliveryState.SENT], states[DeliveryState.FAILED], collected)
