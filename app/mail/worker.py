"""The job "outbox": claim what is due, ask who still wants it and where, hand it over, record what came of it."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections import defaultdict, deque

from flask import Flask, current_app
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from app import queue, registry
from app.database import begin_reading, utc_now
from app.mail import ledger
from app.mail.crashing import CrashingMail
from app.mail.headers import UnusableAddress
from app.mail.ledger import Claimed, Ledger
from app.mail.outcomes import Outcome, ServerUnavailable, Verdict
from app.mail.pace import Moment
from app.mail.postman import Postman
from app.mail.prepared import PreparedMails
from app.mail.sparing import spared
from app.registry import Recipient, Refusal

log = logging.getLogger(__name__)

# A batch is small and short-lived: somebody waits for a sign-in mail, what the registry said grows old, and at the end
# one connection should not sit on mail that the others could hand over.
_FIRST_BATCH = 10
_LARGEST_BATCH = 100
_BATCH_SECONDS = 0.2
_LONGEST_BATCH = 2.0  # seconds, however slow the server is; then what was not tried is given back
_HIRED_AT_ONCE = 3

_HEARTBEAT = ledger.LEASE.total_seconds() / 4
_TROUBLES = 3  # in a row; then this connection lets the server rest until the next sweep
_CRASHES = 3  # tries after which a delivery is set aside that our own code cannot handle

_turn = threading.Lock()
_wanted = threading.Event()

Answer = Recipient | Refusal | None


@queue.job("outbox", every_minute=True)
def work() -> None:
    """Hand over all mail that is due. Woken while it runs, it looks once more before it ends."""
    _wanted.set()
    while _wanted.is_set() and _turn.acquire(blocking=False):
        try:
            _wanted.clear()
            begin_reading()
            _Run(current_app._get_current_object()).finish()  # type: ignore[attr-defined]  # noqa: SLF001  # threads need it
        finally:
            _turn.release()


class _Run:
    """One run of the outbox in this process: one connection at first, more while the batches are full."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.worker = f"{socket.gethostname()[:20]}/{os.getpid()}/{secrets.token_hex(4)}"
        self.mails = PreparedMails(app, self.worker)
        self.connections = int(app.config["MAIL_CONNECTIONS"])
        self._helpers: list[threading.Thread] = []
        self._hiring = threading.Lock()
        self._over = threading.Event()

    def finish(self) -> None:
        """Return when nothing is due any more, the server takes nothing, or the worker is to end."""
        with ledger.opened(self.app, self.worker) as own:
            if own.has_work():
                if number := own.recover():
                    log.warning("%d deliveries were left behind by a worker that is gone", number)
                self._send_all()
            self._wake_again(own)

    def _send_all(self) -> None:
        heart = threading.Thread(target=self._beat, name="outbox heartbeat")
        heart.start()
        try:
            self._send()
        finally:
            for helper in self._helpers:  # may still grow: a helper hires too
                helper.join()
            self._over.set()
            heart.join()

    def _send(self) -> None:
        mail_settings = self.app.extensions["mail"]
        with self.app.app_context(), ledger.opened(self.app, self.worker) as own, Postman(mail_settings) as postman:
            _Round(self, own, postman).go()

    def hire(self, number: int) -> None:
        """Open so many more connections, as far as MAIL_CONNECTIONS allows."""
        with self._hiring:
            for _again in range(min(number, self.connections - 1 - len(self._helpers))):
                helper = threading.Thread(target=self._help, name=f"outbox {len(self._helpers) + 2}")
                self._helpers.append(helper)
                helper.start()

    def _help(self) -> None:
        try:
            self._send()
        except Exception:  # a thread has nobody above it who would log this
            log.exception("A connection of the outbox ended")

    def _beat(self) -> None:
        with ledger.opened(self.app, self.worker) as own:
            while not self._over.wait(_HEARTBEAT):
                try:
                    own.renew()
                except SQLAlchemyError:
                    log.exception("The outbox could not renew its claims")

    def _wake_again(self, own: Ledger) -> None:
        """Be woken when the next delivery is due, if that is before the sweep of the next minute."""
        moment = own.next_moment()
        seconds = (moment - utc_now()).total_seconds() if moment else 0
        planned = self.app.extensions.get("outbox_wakes_at")
        if moment and 0 < seconds < 60 and not (planned and utc_now() < planned <= moment):
            self.app.extensions["outbox_wakes_at"] = moment
            queue.wake("outbox", delay=seconds)


class _Round:
    """What one thread does: batch after batch over its connection."""

    def __init__(self, run: _Run, own: Ledger, postman: Postman) -> None:
        self.run = run
        self.ledger = own
        self.postman = postman
        self.troubles = 0

    def go(self) -> None:
        size = _FIRST_BATCH
        while not queue.stopping() and (batch := self.ledger.claim(size)):
            began = Moment.now()
            if not self._send_batch(batch, began if len(batch) == size else None):
                return
            fitting = len(batch) * _BATCH_SECONDS / (time.monotonic() - began.at)
            size = min(max(_FIRST_BATCH, int(fitting)), 2 * size, _LARGEST_BATCH)

    def _send_batch(self, batch: list[Claimed], alone_since: Moment | None) -> bool:
        """Return whether to go on; what was not tried is given back. `alone_since`: whether help may be hired."""
        waiting = deque(batch)
        reason = ""
        try:
            recipients = self._recipients(batch)
            until = time.monotonic() + _LONGEST_BATCH
            while waiting and time.monotonic() < until and self.troubles < _TROUBLES and not queue.stopping():
                self._send_one(waiting[0], recipients[waiting[0].id])
                waiting.popleft()
                if alone_since and alone_since.is_past():
                    self.run.hire(min(alone_since.helpers_wanted(), _HIRED_AT_ONCE))
                    alone_since = None
        except ServerUnavailable as error:
            reason = _("Der Mailserver nimmt gerade nichts an: %(words)s", words=str(error))
            log.warning("The mail server takes nothing: %s", error)
        finally:
            self.ledger.release(waiting, reason)
        return not reason and self.troubles < _TROUBLES

    def _recipients(self, batch: list[Claimed]) -> dict[int, Answer]:
        """Ask who still wants it and where; who does not is noted as cancelled. None: our own code failed."""
        audiences = self.ledger.audiences_of({delivery.mail_id for delivery in batch})
        groups: dict[str, list[Claimed]] = defaultdict(list)
        for delivery in batch:
            groups[audiences[delivery.mail_id]].append(delivery)
        answers: dict[int, Answer] = {}
        for audience, deliveries in groups.items():
            found = self._ask(audience, [delivery.recipient_key for delivery in deliveries])
            answers |= {delivery.id: found[delivery.recipient_key] for delivery in deliveries}
        answers |= spared(self.ledger, batch, answers)
        self.ledger.cancel({id: one.reason for id, one in answers.items() if isinstance(one, Refusal)})
        return answers

    def _ask(self, audience: str, keys: list[str]) -> dict[str, Answer]:
        # A context of its own: its session, and with it the transaction, ends before SMTP is spoken.
        with self.run.app.app_context():
            try:
                answers = registry.recipients_now[audience.partition(":")[0]](audience, keys)
            except SQLAlchemyError:
                raise
            except Exception:  # one audience our code cannot handle must not stop all other mail
                log.exception("Nobody could say who is in %s", audience)
                return dict.fromkeys(keys)
            unknown = Refusal(_("nicht mehr dabei"))
            return {key: answers.get(key, unknown) for key in keys}

    def _send_one(self, delivery: Claimed, answer: Answer) -> None:
        if isinstance(answer, Refusal):
            return
        address = answer.address if answer else ""
        outcome = self._hand_over(delivery, answer) if answer else _crashed(delivery)
        self.troubles = self.troubles + 1 if outcome.is_trouble else 0
        self.ledger.settle(delivery, address, outcome)
        if outcome.verdict is not Verdict.ACCEPTED:
            log.warning("Delivery %d: %s, %s", delivery.id, outcome.verdict.value, outcome.code)

    def _hand_over(self, delivery: Claimed, recipient: Recipient) -> Outcome:
        try:
            return self.postman.deliver(self.run.mails.get(delivery.mail_id).copy_for(delivery.id, recipient))
        except ServerUnavailable:
            raise
        except CrashingMail:
            return Outcome(
                Verdict.NEVER, None, _("Beim Aufbereiten dieser Mail ist der Arbeitsprozess dreimal abgestürzt.")
            )
        except UnusableAddress:
            return Outcome(Verdict.NEVER, None, _("Die Adresse ist ungültig."), blames_address=True)
        except OSError as error:
            return Outcome(
                Verdict.LATER, None, _("Ein Anhang ist gerade nicht lesbar: %(error)s", error=error.strerror)
            )
        except Exception:  # a mail our code cannot handle must not stop the rest
            log.exception("Delivery %d cannot be prepared", delivery.id)
            self.postman.hang_up()
            return _crashed(delivery)


def _crashed(delivery: Claimed) -> Outcome:
    reply = _("Das Portal konnte diese Mail nicht aufbereiten; das Protokoll des Servers sagt mehr.")
    return Outcome(Verdict.LATER if delivery.attempts_made + 1 < _CRASHES else Verdict.NEVER, None, reply)
