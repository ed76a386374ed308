"""Several people within the same moment, on both databases."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask
from sqlalchemy import text

from app.database import db


def at_once(app: Flask, table: str, *acts: Callable[[], Any]) -> list[Any]:
    """Do all of this at the same moment and return what each returns; what one of them raises is raised here.

    On PostgreSQL each is held up right before it writes to `table`, or where it waits for another, so that none has
    seen what another did unless it waits for it; they are let go in this order. SQLite lets one after the other begin
    to write by itself.
    """
    with app.app_context(), db.engine.connect() as gate, ThreadPoolExecutor(len(acts)) as threads:
        is_postgresql = db.engine.dialect.name == "postgresql"
        if is_postgresql:
            gate.execute(text(f'LOCK TABLE "{table}" IN SHARE MODE'))
        try:
            answers = []
            for number, act in enumerate(acts, start=1):
                answers.append(threads.submit(act))
                if is_postgresql:
                    _wait_until_all_wait(number)
        finally:
            gate.rollback()
        return [answer.result(timeout=30) for answer in answers]


def _wait_until_all_wait(number: int) -> None:
    for _ in range(1000):
        with db.engine.connect() as watcher:
            if watcher.scalar(text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")) == number:
                return
        time.sleep(0.01)
    raise AssertionError("the requests do not wait for each other")
