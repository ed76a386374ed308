"""What was read from the database holds as long as nobody commits; the next reader gets it without asking again.

When a mail goes out, many open the same page within minutes. SQLite tells a connection how often the others committed
(`PRAGMA data_version`). One connection of each process does nothing but ask for that number: while it stands still the
database is as it was, and what is asked again needs no transaction at all. PostgreSQL has no such number, so there
everything is asked anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, SessionTransaction

from app.database import db, is_writing, utc_now

_Question = ParamSpec("_Question")
_Answer = TypeVar("_Answer")

#: Answers a process keeps at most; when they are more, it begins anew.
MOST = 300

_Kept = dict[Hashable, Any]


def until_commit(read: Callable[_Question, _Answer]) -> Callable[_Question, _Answer]:
    """Let `read(*arguments)` ask the database once for equal arguments until anything is committed.

    It must ask for nothing but its arguments and the database, and give what nobody changes: plain values, no objects
    of a session, no sentences in a language. What depends on the time may be a minute old.
    """

    @wraps(read)
    def remembering(*arguments: _Question.args, **named: _Question.kwargs) -> _Answer:
        kept = _kept()
        if kept is None:
            return read(*arguments, **named)
        question = (read, arguments, *named.items())
        if question not in kept:
            kept[question] = read(*arguments, **named)
        answer: _Answer = kept[question]
        return answer

    return remembering


def _kept() -> _Kept | None:
    """Return what is kept of the database as this unit of work may see it; None where nothing is kept."""
    # Who writes reads what is not committed yet, and may never be.
    if is_writing():
        return None
    session = db.session()
    if __name__ not in session.info:
        # Commits are counted before the transaction begins: what it reads is then that state or a later one.
        session.info[__name__] = None if session.in_transaction() else _watched(db.engine)
    found: _Kept | None = session.info[__name__]
    return found


@event.listens_for(Session, "after_transaction_end")
def _let_go(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(__name__, None)


def _watched(engine: Engine) -> _Kept | None:
    if engine.dialect.name != "sqlite":
        return None
    if engine not in _watches:
        _watches[engine] = _Watch(engine)
    return _watches[engine].kept()


class _Watch:
    """A connection that looks for commits of others, which are all commits, and what was answered since the last."""

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.raw_connection()
        self._connection.detach()  # it is never given back to the pool
        self._driver: Any = self._connection.dbapi_connection
        self._lock = Lock()  # the driver's connection is shared by the threads of a process
        self._state: tuple[object, ...] = ()
        self._kept: _Kept = {}

    def kept(self) -> _Kept:
        minute = utc_now().replace(second=0, microsecond=0)
        with self._lock:
            state = (*self._driver.execute("PRAGMA data_version").fetchone(), minute)
            if self._state != state or len(self._kept) >= MOST:
                self._state, self._kept = state, {}
            return self._kept

    def close(self) -> None:
        self._connection.close()


_watches: WeakKeyDictionary[Engine, _Watch] = WeakKeyDictionary()


@event.listens_for(Engine, "engine_disposed")
def _stop_watching(engine: Engine) -> None:
    if watch := _watches.pop(engine, None):
        watch.close()
