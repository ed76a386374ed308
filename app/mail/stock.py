"""What a run of the outbox has claimed and not yet handed over, shared by its connections.

One claim and one question to the registry serve all connections, however many there are; and at the end none sits on
mail that the others could hand over.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from threading import Lock

from flask import Flask
from flask_babel import gettext as _

from app import registry
from app.database import PASSING_TROUBLE, utc_now
from app.mail.ledger import Claimed, Ledger
from app.mail.sparing import spared
from app.mail.standing_in import settled
from app.registry import Recipient, Refusal

log = logging.getLogger(__name__)

# A stock is small and short-lived: somebody waits for a sign-in mail, and what the registry said grows old.
_FIRST = 10
_LARGEST = 200
_SECONDS = 0.2
_OLDEST = 2.0  # seconds, however slow the server is; then what was not tried is given back
_LEAP = 2.0  # seconds; clocks that are only kept right differ by less

#: Who gets a delivery; None: our own code failed to say.
Answer = Recipient | None


class Stock:
    """Deliveries that are claimed, each with the answer who gets it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = Lock()
        self._waiting: deque[tuple[Claimed, Answer]] = deque()
        self._size = _FIRST
        self._taken = 0  # since it was filled
        self._filled_at = time.monotonic()
        self._lead = _lead_of_wall_clock()
        # Nothing was due any more; the others need not look once more, because what comes now wakes the outbox.
        self._is_over = False
        #: Whether there was as much to claim as was asked for, so that there is probably more.
        self.is_ample = False
        self._trouble = ""

    def take(self, own: Ledger) -> tuple[Claimed, Answer] | None:
        """Return the next delivery; None when nothing is due."""
        with self._lock:
            if self._is_old():
                self._give_back(own)
            if not self._waiting:
                self._fill(own)
            if not self._waiting:
                return None
            self._taken += 1
            self._trouble = ""
            return self._waiting.popleft()

    def put_back(self, delivery: Claimed, answer: Answer, trouble: str) -> None:
        """Let another connection hand it over, as the next one. If none does, the Zustellbericht tells this trouble."""
        with self._lock:
            self._trouble = trouble
            self._waiting.appendleft((delivery, answer))

    def give_back(self, own: Ledger) -> None:
        """Let what is left wait in the outbox again."""
        with self._lock:
            self._give_back(own, self._trouble)

    def _give_back(self, own: Ledger, reason: str = "") -> None:
        own.release([delivery for delivery, _answer in self._waiting], reason)
        self._waiting.clear()

    def _is_old(self) -> bool:
        # Claims run out by the wall clock: when it leapt, others have taken over what lies here.
        has_leapt = _lead_of_wall_clock() - self._lead > _LEAP
        return has_leapt or time.monotonic() - self._filled_at > _OLDEST

    def _fill(self, own: Ledger) -> None:
        self._size = self._fitting()
        self._lead = _lead_of_wall_clock()
        while not self._waiting and not self._is_over:
            batch = own.claim(self._size)
            self.is_ample = len(batch) == self._size
            self._is_over = not batch
            try:
                self._waiting.extend(self._answered(own, batch))
            except Exception:
                own.release(batch)
                raise
        self._taken, self._filled_at = 0, time.monotonic()

    def _fitting(self) -> int:
        """Return how many are handed over in a fifth of a second, by how it went since the last time."""
        passed = max(time.monotonic() - self._filled_at, 0.001)
        return min(max(_FIRST, int(self._taken * _SECONDS / passed)), 2 * self._size, _LARGEST)

    def _answered(self, own: Ledger, batch: list[Claimed]) -> list[tuple[Claimed, Answer]]:
        """Ask who still wants it and where; who does not is noted as cancelled."""
        audiences = own.audiences_of({delivery.mail_id for delivery in batch})
        groups: dict[str, list[Claimed]] = defaultdict(list)
        for delivery in batch:
            groups[audiences[delivery.mail_id]].append(delivery)
        answers: dict[int, Recipient | Refusal | None] = {}
        for audience, deliveries in groups.items():
            found = self._ask(audience, [delivery.recipient_key for delivery in deliveries])
            answers |= {delivery.id: found[delivery.recipient_key] for delivery in deliveries}
        dropped, theirs = settled(own, batch, answers)
        answers |= theirs
        batch = [delivery for delivery in batch if delivery not in dropped]
        answers |= spared(own, batch, answers)
        pairs = [(delivery, answers[delivery.id]) for delivery in batch]
        own.cancel({delivery: answer.reason for delivery, answer in pairs if isinstance(answer, Refusal)})
        return [(delivery, answer) for delivery, answer in pairs if not isinstance(answer, Refusal)]

    def _ask(self, audience: str, keys: Sequence[str]) -> dict[str, Recipient | Refusal | None]:
        # A context of its own: its session, and with it the transaction, ends before SMTP is spoken.
        with self._app.app_context():
            try:
                answers = registry.recipients_now[audience.partition(":")[0]](audience, keys)
            except PASSING_TROUBLE:
                raise
            except Exception:  # one audience our code cannot handle must not stop all other mail
                log.exception("Nobody could say who is in %s", audience)
                return dict.fromkeys(keys)
            unknown = Refusal(_("nicht mehr dabei"))
            return {key: answers.get(key, unknown) for key in keys}


def _lead_of_wall_clock() -> float:
    """Return its seconds ahead of the clock that never leaps, and that stands while the machine sleeps."""
    return utc_now().timestamp() - time.monotonic()
