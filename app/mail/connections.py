"""The outbox's own connections to the database, apart from those of the pages."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, event

from app.database import db

_KEPT = 4  # connections to PostgreSQL between two runs: looking, sending, preparing, and saying that one is alive


def engine_of(app: Flask) -> Engine:
    """Return the engine of this process, made when it is first asked for."""
    engine: Engine | None = app.extensions.get("outbox_engine")
    if engine is None:
        if db.engine.dialect.name == "sqlite":
            engine = create_engine(db.engine.url, poolclass=NullPool, hide_parameters=True)
            event.listen(engine, "connect", _relax)
        else:
            # A new connection is a new process of the server, which has to read its catalogues first: a run of the
            # outbox begins with those of the last one.
            engine = create_engine(
                db.engine.url, pool_size=_KEPT, max_overflow=-1, pool_pre_ping=True, hide_parameters=True
            )
        app.extensions["outbox_engine"] = engine
    return engine


def _relax(connection: Any, record: Any) -> None:
    # An outcome survives the death of the process; a power cut may repeat a mail but never lose one.
    connection.execute("PRAGMA synchronous = NORMAL")
