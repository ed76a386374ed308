"""The queue only wakes: it carries names of jobs, never work. What is to be done stands in the database.

A lost or doubled wake-up does no harm, because a job looks for itself what is due and a periodic sweep wakes it again.
huey keeps the wake-ups in SQLite, Redis or PostgreSQL, as `QUEUE_URL` says.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app
from huey import Huey, SqliteHuey, crontab

from app.database import begin_writing, db, utc_now

log = logging.getLogger(__name__)

Job = Callable[[], None]
Item = TypeVar("Item")

#: What failed and was logged, and when; about one and the same failure the log is silent for a while.
_told: dict[str, datetime] = {}
_SILENCE = timedelta(hours=1)

_jobs: dict[str, Job] = {}
_every_minute: set[str] = set()
_every_night: set[str] = set()


def job(name: str, *, every_minute: bool = False, every_night: bool = False) -> Callable[[Job], Job]:
    """Register a function as the job `name`; it runs in the worker, inside an application context.

    With `every_minute` or `every_night` it also runs unasked. Each worker has a clock of its own, so such a job must
    bear that several start it at once: it claims what it works on in the database, or does no harm twice.
    """

    def register(function: Job) -> Job:
        _jobs[name] = function
        if every_minute:
            _every_minute.add(name)
        if every_night:
            _every_night.add(name)
        return function

    return register


def one_by_one(items: Iterable[Item], make: Callable[[Item], object], what: str) -> None:
    """Make and commit each by itself, and wake the outbox; `what` names one in the log ("The reminder of poll").

    One that our code cannot make is logged, the same failure once an hour, and must not stop all others. Call it with
    what was read before: the transaction in which it was found ends here.
    """
    waiting = list(items)
    db.session.remove()
    if not waiting:
        return
    begin_writing()
    for item in waiting:
        if stopping():
            break
        try:
            make(item)
            db.session.commit()
        except Exception as failure:
            if _is_news(f"{what} {item}: {failure!r}"):
                log.exception("%s %s cannot be made", what, item)
            db.session.rollback()
    wake("outbox")


def _is_news(failure: str) -> bool:
    """Whether this was not logged within the hour: who tries again each minute would fill the log with it."""
    now = utc_now()
    for old in [words for words, moment in _told.items() if now - moment >= _SILENCE]:
        del _told[old]
    return _told.setdefault(failure, now) is now


def stopping() -> bool:
    """Whether this worker was asked to end; a job that takes long looks here between two steps."""
    flag = current_app.extensions.get("stop_flag")  # the consumer's, put there by `netz worker`
    return flag is not None and bool(flag.is_set())


def init_app(app: Flask) -> None:
    """Open the queue that `QUEUE_URL` names and teach it its task: run a job by name, when woken or every minute."""
    huey = _open(app.config["QUEUE_URL"])

    @huey.task(name="run_job")  # type: ignore[untyped-decorator]  # huey has no type hints
    def run_job(name: str) -> None:
        with app.app_context():
            begin_writing()
            _jobs[name]()

    @huey.periodic_task(crontab(minute="*"), name="sweep")  # type: ignore[untyped-decorator]  # the same
    def sweep() -> None:
        for name in sorted(_every_minute):
            run_job(name)

    @huey.periodic_task(crontab(minute="17", hour="3"), name="nightly")  # type: ignore[untyped-decorator]  # the same
    def nightly() -> None:
        for name in sorted(_every_night):
            run_job(name)

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


def wake_all() -> None:
    """Let a worker that has just started look at once for what the others left."""
    for name in sorted(_every_minute):
        wake(name)


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
