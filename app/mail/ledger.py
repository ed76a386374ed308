"""What the worker reads and writes about deliveries: claims and outcomes, each a short transaction of its own.

Everything here is Core SQL, because it runs once for every mail. No transaction is open when a method returns.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

from flask import Flask
from flask_babel import ngettext
from sqlalchemy import Connection, update

from app.database import PASSING_TROUBLE, UTCDateTime, utc_now, writing
from app.mail import copies, crashing, health, statements
from app.mail.connections import engine_of
from app.mail.models import Delivery, DeliveryState
from app.mail.outcomes import Outcome, Verdict
from app.mail.turns import Row, Turn

#: How long a claim holds without being renewed; what a killed worker held goes out again after it.
LEASE = timedelta(seconds=60)

#: Minutes until the next try, after the first, second, ... failed one; the last goes on.
PAUSES = (1, 5, 15, 60, 60, 120, 240)

_WAITS = (0.2, 1.0, 5.0)  # seconds between tries of a transaction the database could not take

Result = TypeVar("Result")


class Claimed(NamedTuple):
    """A delivery this worker holds."""

    id: int
    mail_id: int
    recipient_key: str
    attempts_made: int
    priority: int
    due_at: datetime
    stood_in_by: str | None


class Ledger:
    """One worker thread's connection to the outbox."""

    def __init__(
        self, connection: Connection, recording: Connection, worker: str, turn: Turn, give_up_days: int
    ) -> None:
        self.connection = connection
        self._recording = recording
        self._worker = worker
        self._turn = turn
        self._give_up_days = give_up_days  # after the first failed try
        self._audiences: dict[int, str] = {}
        is_sqlite = connection.dialect.name == "sqlite"
        # PostgreSQL's driver begins a transaction by itself.
        self._begin = ("BEGIN IMMEDIATE",) if is_sqlite else ()
        self._accepted = statements.ACCEPTED_ON_SQLITE if is_sqlite else statements.ACCEPTED
        self._as_stored = UTCDateTime().bind_processor(connection.dialect) or (lambda moment: moment)

    def claim(self, limit: int) -> list[Claimed]:
        """Claim up to `limit` due deliveries, the most urgent first, in one statement."""
        now = utc_now()
        values = {"worker": self._worker, "until": now + LEASE, "now": now, "limit": limit}
        rows = self._write(lambda connection: connection.execute(statements.CLAIM, values).all())
        return sorted(
            (Claimed(*row) for row in rows), key=lambda claimed: (claimed.priority, claimed.due_at, claimed.id)
        )

    def audiences_of(self, mail_ids: set[int]) -> dict[int, str]:
        """Return the audience of each of these mails; it never changes, so it is asked once."""
        unknown = {"ids": sorted(mail_ids - set(self._audiences))}
        if unknown["ids"]:
            found = self._read(lambda connection: connection.execute(statements.AUDIENCES, unknown).all())
            self._audiences.update(dict(found))
        return {mail_id: self._audiences[mail_id] for mail_id in mail_ids}

    def silent(self, emails: Sequence[str]) -> set[str]:
        """Return which of these addresses, in lower case, are silent (app/mail/health.py)."""
        if not emails:
            return set()
        values = {"emails": emails, "forgotten": utc_now() - health.RECOVERY}
        return set(self._read(lambda connection: connection.scalars(statements.SILENT, values).all()))

    def drop_copy(self, delivery: Claimed, values: dict[str, Any]) -> bool:
        """End a delivery whose "deputy" gets the mail by another one (app/mail/copies.py); False: there is no other."""
        copy = values | {"mail": delivery.mail_id}
        return self._write(lambda connection: copies.drop(connection, self._worker, delivery.id, copy))

    def note_deputies(self, rows: list[dict[str, Any]]) -> None:
        """Note the "key" of who gets a "delivery" where somebody stands in, or did (`Delivery.stood_in_by`)."""
        if rows:
            self._write(lambda connection: connection.execute(copies.NOTE, rows))

    def renew(self) -> None:
        """Hold what this worker claimed for another while."""
        values = {"worker": self._worker, "until": utc_now() + LEASE}
        self._write(lambda connection: connection.execute(statements.RENEW, values))

    def release(self, claimed: Sequence[Claimed], reply: str = "") -> None:
        """Give back what was not tried; `reply` tells the Zustellbericht why."""
        if not claimed:
            return
        statement = statements.mine(self._worker).where(Delivery.id.in_([delivery.id for delivery in claimed]))
        values = statements.back_in_line() | ({"reply": reply} if reply else {})
        self._write(lambda connection: connection.execute(statement.values(values)))

    def recover(self) -> int:
        """Give back what a worker held that is gone; return how many deliveries that was."""
        # Nearly always there is none, and looking takes nobody's lock.
        if not self._read(lambda connection: connection.execute(statements.ANY_GONE, {"now": utc_now()}).first()):
            return 0
        self._write(crashing.count)
        gone = update(Delivery).where(Delivery.state == DeliveryState.SENDING, Delivery.claimed_until < utc_now())
        recovered = self._write(lambda connection: connection.execute(gone.values(statements.back_in_line())))
        return int(recovered.rowcount)

    def begin_preparing(self, mail_id: int) -> None:
        """Note that this worker makes octets of a mail. Raises `CrashingMail` when others died of it."""
        self._write(lambda connection: crashing.begin(connection, mail_id, self._worker))

    def end_preparing(self, mail_id: int) -> None:
        """Note that it lived through that, with or without an error."""
        self._write(lambda connection: crashing.end(connection, mail_id))

    def cancel(self, reasons: Mapping[Claimed, str]) -> None:
        """Note that these are not sent after all, each with its reason."""
        common = {"now": utc_now(), "worker": self._worker}
        audiences = self.audiences_of({delivery.mail_id for delivery in reasons})
        together: list[dict[str, Any]] = []
        by_mail: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for delivery, reason in reasons.items():
            has_deputies = audiences[delivery.mail_id].startswith(copies.HAS_DEPUTIES)
            rows = by_mail[delivery.mail_id] if has_deputies else together
            rows.append(common | {"delivery": delivery.id, "reply": reason})
        if together:
            self._write(lambda connection: statements.cancel(connection, together))
        # Whoever held several mails could wait in a circle with a page that changes one after the other.
        for rows in by_mail.values():
            self._write(partial(statements.cancel_copies, rows=rows))

    def settle(self, delivery: Claimed, address: str, outcome: Outcome) -> None:
        """Record what came of a try; committed when this returns."""
        if outcome.verdict is Verdict.ACCEPTED and self._quickly_accepted(delivery, address, outcome):
            return
        self._write(lambda connection: self._settle(connection, delivery, address, outcome))

    def next_moment(self) -> datetime | None:
        """Return when the next delivery is due or the next claim runs out; None when nothing waits."""
        moment: datetime | None = self._read(lambda connection: connection.scalar(statements.NEXT_MOMENT))
        return moment

    def has_work(self) -> bool:
        """Whether something is due or was left behind. Only reads, so that looking takes nobody's lock."""
        now = {"now": utc_now()}
        return self._read(lambda connection: connection.execute(statements.ANY_WORK, now).first()) is not None

    def _settle(self, connection: Connection, delivery: Claimed, address: str, outcome: Outcome) -> None:
        now = utc_now()
        connection.execute(
            statements.ATTEMPT, {"delivery_id": delivery.id, "at": now, "code": outcome.code, "reply": outcome.reply}
        )
        values = {"delivery": delivery.id, "address": address, "reply": outcome.reply, "now": now}
        held = values | {"worker": self._worker}
        if outcome.verdict is Verdict.ACCEPTED:
            connection.execute(statements.SENT, values)
        elif outcome.verdict is Verdict.NEVER or statements.is_last(connection, delivery.id, outcome):
            statements.fail(connection, held, outcome)
        elif statements.first_try(connection, delivery.id) < now - timedelta(days=self._give_up_days):
            given_up = ngettext(
                "nach einem Tag aufgegeben; zuletzt: %(reply)s",
                "nach %(num)s Tagen aufgegeben; zuletzt: %(reply)s",
                self._give_up_days,
                reply=outcome.reply,
            )
            statements.fail(connection, held | {"reply": given_up}, outcome)
        else:
            pause = timedelta(minutes=PAUSES[min(delivery.attempts_made, len(PAUSES) - 1)])
            due_at = outcome.not_before or now + pause
            again = statements.back_in_line() | {"due_at": due_at, "address": address, "reply": outcome.reply}
            again["attempts_made"] = Delivery.attempts_made + 1
            connection.execute(statements.mine(self._worker).where(Delivery.id == delivery.id).values(again))

    def _quickly_accepted(self, delivery: Claimed, address: str, outcome: Outcome) -> bool:
        """Record what nearly every try comes to, past SQLAlchemy; it costs more than the rest of the work on a mail."""
        now = self._as_stored(utc_now())
        values = {"id": delivery.id, "now": now, "code": outcome.code, "reply": outcome.reply, "address": address}
        return self._turn.record(values, self._record_accepted)

    def _record_accepted(self, rows: Sequence[Row]) -> bool:
        driver: Any = self._recording.connection.dbapi_connection
        try:
            with closing(driver.cursor()) as cursor:
                for statement in self._begin:
                    cursor.execute(statement)
                for statement in self._accepted:
                    cursor.executemany(statement, rows)
                driver.commit()
        except self._recording.dialect.loaded_dbapi.Error:
            # The longer way tries again, over a new connection if need be.
            self._recording.invalidate()
            return False
        return True

    def _read(self, work: Callable[[Connection], Result]) -> Result:
        with self.connection.begin():
            return work(self.connection)

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        for wait in _WAITS:
            try:
                return self._write_once(work)
            except PASSING_TROUBLE:
                # An outcome that is not recorded would be a mail sent twice.
                time.sleep(wait)
        return self._write_once(work)

    def _write_once(self, work: Callable[[Connection], Result]) -> Result:
        with self._turn, writing(), self.connection.begin():
            return work(self.connection)


_one_at_a_time = Turn()


@contextmanager
def opened(app: Flask, worker: str, resting: Ledger | None = None) -> Iterator[Ledger]:
    """Yield a ledger on a connection of its own.

    On SQLite it records what was accepted over the connection of one that rests meanwhile, with all who are given that
    one: a connection forgets what it has read as soon as another writes, and would read it anew for each mail.
    """
    engine = engine_of(app)
    is_sqlite = engine.dialect.name == "sqlite"
    # Connections to PostgreSQL write side by side.
    turn = _one_at_a_time if is_sqlite else Turn()
    with engine.connect() as connection:
        recording = resting.connection if resting and is_sqlite else connection
        yield Ledger(connection, recording, worker, turn, app.config["MAIL_GIVE_UP_DAYS"])
