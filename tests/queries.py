"""How often a page asks the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from app.database import db


@contextmanager
def asked(app: Flask) -> Iterator[list[str]]:
    """`with asked(app) as statements:` collects every statement the database is given meanwhile."""
    with app.app_context():
        engine = db.engine
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
