"""Whether what the portal acknowledged is there: looked up in its database and its storage, past its own code."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DatabaseError

from tests.running import Post

_MESSAGE = text(
    "SELECT message.id, thread_id FROM message JOIN thread ON thread.id = thread_id WHERE thread.subject = :subject"
)
_FILES = text("SELECT name, sha256 FROM stored_file JOIN blob ON blob.id = blob_id WHERE owner = :key")
_DELIVERIES = text("SELECT recipient_key FROM delivery JOIN mail ON mail.id = mail_id WHERE about = :key")


def lost(database_url: str, storage: Path, posts: Iterable[Post], recipients: set[str]) -> list[str]:
    """Return what is missing of these posts to `recipients` (keys), in words. A database nobody can read lost all."""
    engine = create_engine(database_url)
    posts = list(posts)
    try:
        with engine.connect() as connection:
            return [
                *_damages(connection),
                *(fault for post in posts for fault in _faults(connection, storage, post, recipients)),
            ]
    except DatabaseError as error:
        return [f"{post.subject}: {error.orig}" for post in posts]
    finally:
        engine.dispose()


def halves(database_url: str, recipients: set[str]) -> list[str]:
    """Return what is there only in part: a message without its mails, a mail without its message."""
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            keys = {f"message:{id}" for id in connection.scalars(text("SELECT id FROM message"))}
            abouts = connection.scalars(text("SELECT about FROM mail WHERE about LIKE 'message:%'")).all()
            orphans = [
                f"a mail about {key}, {abouts.count(key)} times"
                for key in abouts
                if abouts.count(key) > 1 or key not in keys
            ]
            return orphans + [
                f"{key} without all its mails"
                for key in sorted(keys)
                if _recipients(connection, key) != sorted(recipients)
            ]
    finally:
        engine.dispose()


def _damages(connection: Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    found = connection.scalars(text("PRAGMA integrity_check")).all()
    foreign = connection.execute(text("PRAGMA foreign_key_check")).all()
    return [str(damage) for damage in found if damage != "ok"] + [f"foreign key: {row}" for row in foreign]


def _faults(connection: Connection, storage: Path, post: Post, recipients: set[str]) -> list[str]:
    found = connection.execute(_MESSAGE, {"subject": post.subject}).all()
    if len(found) != 1:
        return [f"{post.subject}: {len(found)} messages"]
    [(message_id, thread_id)] = found
    key = f"message:{message_id}"
    faults = []
    if not post.thread.endswith(f"/{thread_id}"):
        faults.append(f"{post.subject}: in thread {thread_id}, not in {post.thread}")
    if _recipients(connection, key) != sorted(recipients):
        faults.append(f"{post.subject}: its deliveries are others")
    rows = {row.name: row.sha256 for row in connection.execute(_FILES, {"key": key})}
    expected = {name: sha256(content).hexdigest() for name, content in post.files.items()}
    if rows != expected:
        faults.append(f"{post.subject}: its files are others")
    for name, digest in expected.items():
        path = storage / digest[:2] / digest[2:]
        if not path.exists() or path.read_bytes() != post.files[name]:
            faults.append(f"{post.subject}: the bytes of {name}")
    return faults


def _recipients(connection: Connection, key: str) -> list[str]:
    return sorted(connection.scalars(_DELIVERIES, {"key": key}))
