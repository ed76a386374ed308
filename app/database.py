"""The database: naming convention, column types stated once, UTC times, the order of names, how SQLite is opened.

A time is stored and read as an aware UTC `datetime`. On SQLite a unit of work that means to write takes the write
lock when it begins (`writing()`), because a read that turns into a write later fails at once when somebody else
wrote in between.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Executable,
    MetaData,
    String,
    Text,
    TypeDecorator,
    event,
    func,
)
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.orm import registry as Registry  # noqa: N812  # a class with the name of a variable
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

#: What a locked, restarted or busy database raises. It passes, and is no fault of what was asked or of who asked it.
PASSING_TROUBLE = (OperationalError, InterfaceError, PoolTimeoutError)


def utc_now() -> datetime:
    """Return the present moment as an aware UTC datetime."""
    return datetime.now(UTC)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every database; SQLite keeps no zone, so it is added when reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone must not reach the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


intpk = Annotated[int, mapped_column(primary_key=True)]
created = Annotated[datetime, mapped_column(default=utc_now)]
name200 = Annotated[str, mapped_column(String(200))]
address254 = Annotated[str, mapped_column(String(254))]  # RFC 5321 4.5.3.1.3: a path holds at most 256 octets
key100 = Annotated[str, mapped_column(String(100))]
text = Annotated[str, mapped_column(Text)]


_naming = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of every model. Constraints get names, so that a migration can speak of them."""

    registry = Registry(
        metadata=MetaData(naming_convention=_naming),
        type_annotation_map={
            datetime: UTCDateTime,
            StrEnum: Enum(StrEnum, native_enum=False, length=30, values_callable=lambda kind: [e.value for e in kind]),
        },
    )
    metadata = registry.metadata


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def by_name(column: Any) -> ColumnElement[str]:
    """Return what to ORDER BY so that names stand as in a German telephone book, the same on every database."""
    return func.unaccented(column)


def contains(column: Any, words: str) -> ColumnElement[bool]:
    """Whether the text holds these words, whatever their case and accents: "oznur" finds "Öznur"."""
    return func.unaccented(column).contains(unaccented(words), autoescape=True)


def unaccented(name: str) -> str:
    """Return the name in small letters without accents: neither umlauts behind the z, nor Çelik behind Czerny.

    The databases would need a collation for that, which SQLite has none of and not every PostgreSQL.
    """
    if name.isascii():
        return name.lower()
    apart = unicodedata.normalize("NFKD", name.casefold().translate(_UNDIVIDED))
    return "".join(character for character in apart if not unicodedata.combining(character))


#: Letters that Unicode does not take apart into a plain one and its accent.
_UNDIVIDED = str.maketrans("øłđħıŧ", "oldhit")


class _Unaccented(GenericFunction[str]):
    """`unaccented()` in SQL: SQLite calls it, PostgreSQL exchanges the letters of European names one by one."""

    name = "unaccented"
    type = Text()
    inherit_cache = True


@compiles(_Unaccented, "postgresql")
def _exchange_letters(element: _Unaccented, compiler: SQLCompiler, **options: Any) -> str:
    letters = {letter: unaccented(letter) for letter in map(chr, range(0xC0, 0x220))}
    letters = {letter: plain for letter, plain in letters.items() if len(plain) == 1 and plain != letter}
    column = compiler.process(element.clauses, **options)
    exchanged = f"translate(replace({column}, 'ß', 'ss'), '{''.join(letters)}', '{''.join(letters.values())}')"
    return f'(lower({exchanged}) COLLATE "C")'


def read(statement: Executable, values: dict[str, Any]) -> CursorResult[*tuple[Any, ...]]:
    """Return plain columns, past the session, whose bookkeeping takes as long as asking.

    It sees what this transaction wrote, but not what was only added to the session and not flushed yet.
    """
    return db.session.connection().execute(statement, values)


_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextmanager
def writing() -> Iterator[None]:
    """Let transactions that begin inside take SQLite's write lock at once; PostgreSQL needs no such thing."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def begin_writing() -> None:
    """The same as `writing()` for the rest of this context (a request, a task)."""
    _writing.set(True)


def begin_reading() -> None:
    """Undo `begin_writing()`: a server's thread is used again for the next request."""
    _writing.set(False)


def is_writing() -> bool:
    """Whether what begins here means to write."""
    return _writing.get()


@event.listens_for(Engine, "connect")
def _open_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    # The driver must not begin transactions by itself; `_begin_sqlite` does.
    connection.isolation_level = None
    connection.create_function("unaccented", 1, lambda name: name and unaccented(name), deterministic=True)
    connection.execute("PRAGMA busy_timeout = 20000")
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL: what a person was told is done survives a power cut (docs/architecture.md, "Durability").
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Any) -> None:
    if connection.dialect.name != "sqlite":
        return
    if _writing.get():
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        # It takes no lock and cannot fail; past SQLAlchemy, because every page begins with it.
        connection.connection.dbapi_connection.execute("BEGIN")
