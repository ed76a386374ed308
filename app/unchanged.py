"""What was read from the database holds as long as nobody commits; the next reader gets it without asking again.

When a mail goes out, many open the same page within minutes. SQLite counts what the others committed
(`PRAGMA data_version`) and each connection what it changed itself (`total_changes`): while both stand still the
database is as it was, and the first commit of anybody ends everything kept. PostgreSQL has no such counter, so there
everything is asked anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection

from app.database import db, is_writing, utc_now

_Question = ParamSpec("_Question")
_Answer = TypeVar("_Answer")

#: Answers a connection keeps at most; when they are more, it begins anew.
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
    """Return what this connection keeps of the database as this transaction sees it; None where nothing is kept."""
    # Who writes reads what is not committed yet, and may never be.
    if is_writing():
        return None
    session = db.session()
    transaction, found = session.info.get(__name__, (None, None))
    if transaction is None or transaction is not session.get_transaction():
        found = _kept_for(session.connection())
        session.info[__name__] = (session.get_transaction(), found)
    kept: _Kept | None = found
    return kept


def _kept_for(connection: Connection) -> _Kept | None:
    if connection.dialect.name != "sqlite":
        return None
    driver: Any = connection.connection.dbapi_connection
    # Asked inside the transaction, so it is the state of the very snapshot that is read.
    [version] = driver.execute("PRAGMA data_version").fetchone()
    state = (version, driver.total_changes, utc_now().replace(second=0, microsecond=0))
    of_state, kept = connection.info.get(__name__, (None, {}))
    if of_state != state or len(kept) >= MOST:
        kept = {}
        connection.info[__name__] = (state, kept)
    found: _Kept = kept
    return found
