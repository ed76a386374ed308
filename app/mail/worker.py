"""The job "outbox": claim what is due, ask who still wants it and where, hand it over, record what came of it."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading

from flask import Flask, current_app
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from app import queue
from app.database import PASSING_TROUBLE, begin_reading, utc_now
from app.mail import ledger
from app.mail.crashing import CrashingMail
from app.mail.headers import UnusableAddress
from app.mail.ledger import Claimed, Ledger
from app.mail.outcomes import Outcome, ServerUnavailable, Verdict
from app.mail.pace import Moment
from app.mail.postman import Postman
from app.mail.prepared import PreparedMails
from app.mail.stock import Answer, Stock
from app.registry import Recipient

log = logging.getLogger(__name__)

_HIRED_AT_ONCE = 3

_HEARTBEAT = ledger.LEASE.total_seconds() / 4
_TROUBLES = 3  # in a row; then this connection lets the server rest until the next sweep
_CRASHES = 3  # tries after which a delivery is set aside that our own code cannot handle

_turn = threading.Lock()
_wanted = threading.Event()


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
    """One run of the outbox in this process: one connection at first, more where it waits for the server."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.worker = f"{socket.gethostname()[:20]}/{os.getpid()}/{secrets.token_hex(4)}"
        self.mails = PreparedMails(app, self.worker)
        self.stock = Stock(app)
        self.connections = int(app.config["MAIL_CONNECTIONS"])
        self._resting: Ledger | None = None  # of the thread that waits for the others
        self._helpers: list[threading.Thread] = []
        self._hiring = threading.Lock()
        self._over = threading.Event()

    def finish(self) -> None:
        """Return when nothing is due any more, the server takes nothing, or the worker is to end."""
        with ledger.opened(self.app, self.worker) as own:
            if own.has_work():
                if number := own.recover():
                    log.warning("%d deliveries were left behind by a worker that is gone", number)
                self._resting = own
                try:
                    self._send_all()
                finally:
                    self.stock.give_back(own)
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
        opened = ledger.opened(self.app, self.worker, self._resting)
        with self.app.app_context(), opened as own, Postman(mail_settings) as postman:
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
    """What one thread does: mail after mail over its connection."""

    def __init__(self, run: _Run, own: Ledger, postman: Postman) -> None:
        self.run = run
        self.ledger = own
        self.postman = postman
        self.troubles = 0

    def go(self) -> None:
        began = None  # counted from the second mail on, because making octets of the first is work nobody can share
        while self.troubles < _TROUBLES and not queue.stopping() and (taken := self.run.stock.take(self.ledger)):
            if not self._send_one(*taken):
                return
            if began is None:
                began = Moment.now()
            elif began.is_past():
                if self.run.stock.is_ample:
                    self.run.hire(min(began.helpers_wanted(), _HIRED_AT_ONCE))
                began = Moment.now()

    def _send_one(self, delivery: Claimed, answer: Answer) -> bool:
        """Return whether the server takes mail; if not, somebody else may try this one."""
        try:
            outcome = self._hand_over(delivery, answer) if answer else _crashed()
        except ServerUnavailable as error:
            log.warning("The mail server takes nothing: %s", error)
            trouble = _("Der Mailserver nimmt gerade nichts an: %(words)s", words=str(error))
            self.run.stock.put_back(delivery, answer, trouble)
            return False
        self.troubles = self.troubles + 1 if outcome.is_trouble else 0
        self.ledger.settle(delivery, answer.address if answer else "", outcome)
        if outcome.verdict is not Verdict.ACCEPTED:
            log.warning("Delivery %d: %s, %s", delivery.id, outcome.verdict.value, outcome.code)
        return True

    def _hand_over(self, delivery: Claimed, recipient: Recipient) -> Outcome:
        try:
            return self.postman.deliver(self.run.mails.get(delivery.mail_id).copy_for(delivery.id, recipient))
        except ServerUnavailable:
            raise
        except CrashingMail as crashing:
            reply = _("Beim Aufbereiten dieser Mail ist der Arbeitsprozess mehrmals abgestürzt.")
            return Outcome(Verdict.LATER if crashing.until else Verdict.NEVER, None, reply, not_before=crashing.until)
        except UnusableAddress:
            return Outcome(Verdict.NEVER, None, _("Die Adresse ist ungültig."), blames_address=True)
        except OSError as error:
            return Outcome(
                Verdict.LATER, None, _("Ein Anhang ist gerade nicht lesbar: %(error)s", error=error.strerror)
            )
        except PASSING_TROUBLE:
            log.exception("Delivery %d could not be read", delivery.id)
            return Outcome(Verdict.LATER, None, _("Die Datenbank war gerade nicht erreichbar."))
        except Exception:  # a mail our code cannot handle must not stop the rest
            log.exception("Delivery %d cannot be prepared", delivery.id)
            self.postman.hang_up()
            return _crashed()


def _crashed() -> Outcome:
    reply = _("Das Portal konnte diese Mail nicht aufbereiten; das Protokoll des Servers sagt mehr.")
    return Outcome(Verdict.LATER, None, reply, most_tries=_CRASHES)
