"""What lists of threads and messages show, read in a handful of queries however long the list is."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.accounts.models import initials_of
from app.database import db
from app.files.models import StoredFile
from app.forum.models import Kind, Message, Thread, ThreadNetwork
from app.mail import outbox
from app.mail.models import DeliveryState
from app.networks.models import Network

#: How many deliveries are in which state.
Mails = dict[DeliveryState, int]

PAGE_SIZE = 50
EXCERPT_LENGTH = 300


@dataclass
class ThreadRow:
    """One entry of the list: the thread and its first message."""

    id: int
    subject: str
    kind: Kind
    deadline: date | None
    confidential: bool
    message_id: int
    author_name: str
    organisation_name: str
    excerpt: str
    created_at: datetime
    last_message_at: datetime
    replies: int
    mails: Mails
    files: list[StoredFile] = field(default_factory=list)

    @property
    def initials(self) -> str:
        """Of the author."""
        return initials_of(self.author_name)


@dataclass
class MessageRow:
    """One message of a thread with its files and what became of its mails."""

    message: Message
    files: list[StoredFile]
    mails: Mails


def page_of_threads(network: Network, page: int) -> tuple[list[ThreadRow], bool]:
    """Return the `page`-th (from 1) fifty threads of the network and whether there are more."""
    later = aliased(Message)
    counted = (
        select(later.thread_id, func.min(later.id).label("first_id"), (func.count() - 1).label("replies"))
        .group_by(later.thread_id)
        .subquery()
    )
    query = (
        select(
            Thread.id,
            Thread.subject,
            Thread.kind,
            Thread.deadline,
            Thread.confidential,
            Message.id.label("message_id"),
            Message.author_name,
            Message.organisation_name,
            func.substr(Message.body, 1, EXCERPT_LENGTH + 1).label("body"),
            Message.created_at,
            Thread.last_message_at,
            counted.c.replies,
        )
        .join(ThreadNetwork, ThreadNetwork.thread_id == Thread.id)
        .join(counted, counted.c.thread_id == Thread.id)
        .join(Message, Message.id == counted.c.first_id)
        .where(ThreadNetwork.network_id == network.id)
        .order_by(Thread.last_message_at.desc(), Thread.id.desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    )
    rows = db.session.execute(query).all()
    return _with_files_and_mails(rows[:PAGE_SIZE]), len(rows) > PAGE_SIZE


def messages_of(thread: Thread) -> list[MessageRow]:
    """Return the messages of a thread in the order they were written."""
    messages = db.session.scalars(select(Message).filter_by(thread_id=thread.id).order_by(Message.id)).all()
    keys = [message.key for message in messages]
    files, mails = _files_of(keys), outbox.states(*keys)
    return [MessageRow(message, files[message.key], mails[message.key]) for message in messages]


def _with_files_and_mails(rows: Sequence[Any]) -> list[ThreadRow]:
    keys = [f"message:{row.message_id}" for row in rows]
    files, mails = _files_of(keys), outbox.states(*keys)
    return [
        ThreadRow(
            row.id,
            row.subject,
            row.kind,
            row.deadline,
            row.confidential,
            row.message_id,
            row.author_name,
            row.organisation_name,
            _excerpt(row.body),
            row.created_at,
            row.last_message_at,
            row.replies,
            mails[key],
            files[key],
        )
        for key, row in zip(keys, rows, strict=True)
    ]


def _files_of(keys: Iterable[str]) -> dict[str, list[StoredFile]]:
    files: dict[str, list[StoredFile]] = defaultdict(list)
    for file in db.session.scalars(StoredFile.owned_by(*keys)):
        files[file.owner].append(file)
    return files


# What Markdown needs and a reader of two lines does not: emphasis, quote and list marks.
_MARKS = re.compile(r"\*\*|__|~~|`|^\s*(?:>\s?|[-*+]\s+|\d+[.)]\s+)+", re.MULTILINE)


def _excerpt(body: str) -> str:
    line = " ".join(_MARKS.sub("", body).split())
    return line if len(line) <= EXCERPT_LENGTH else line[:EXCERPT_LENGTH].rsplit(" ", 1)[0] + " …"
