"""The queue only wakes: it carries names of jobs, never work. What is to be done stands in the database.

A lost or doubled wake-up does no harm, because a job looks for itself what is due and a periodic sweep wakes it again.
huey keeps the wake-ups in SQLite, Redis or PostgreSQL, as `QUEUE_URL` says.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, current_app
from huey import Huey, SqliteHuey

from app.database import begin_writing

log = logging.getLogger(__name__)

Job = Callable[[], None]

_jobs: dict[str, Job] = {}


def job(name: str) -> Callable[[Job], Job]:
    """Register a function as the job `name`; it runs in the worker, inside an application context."""

    def register(function: Job) -> Job:
        _jobs[name] = function
        return function

    return register


def init_app(app: Flask) -> None:
    """Open the queue that `QUEUE_URL` names and teach it the one task it has: run a job by name."""
    huey = _open(app.config["QUEUE_URL"])

    @huey.task(name="run_job")  # type: ignore[untyped-decorator]  # huey has no type hints
    def run_job(name: str) -> None:
        with app.app_context():
            begin_writing()
            _jobs[name]()

    app.extensions["queue"] = huey
    app.extensions["run_job"] = run_job


def wake(name: str, delay: float = 0) -> None:
    """Let a worker run the job `name`, in `delay` seconds. Call it after the commit.

    A queue that cannot be reached is logged and nothing else: the sweep of the next minute finds the work.
    """
    run_job = current_app.extensions["run_job"]
    try:
        run_job.schedule((name,), delay=delay) if delay > 0 else run_job(name)
    except Exception:  # each queue has errors of its own; a person's post must not fail for a missing wake-up
        log.exception("The queue could not be woken for %s", name)


def _open(url: str) -> Huey:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey("netz", filename=str(path), results=False, utc=True)
    if parts.scheme == "redis":
        from huey import RedisHuey  # the driver is an extra

        return RedisHuey("netz", url=url, results=False, utc=True)
    from huey import PostgresHuey  # the driver is an extra

    return PostgresHuey("netz", dsn=url, results=False, utc=True)
