"""What the portal holds in memory: at rest, and while large attachments go out."""

from __future__ import annotations

import http.client
import sys
import time

from sqlalchemy import update

from app.database import begin_writing, db
from app.mail.models import Delivery, DeliveryState
from benchmarks import mailing
from benchmarks.machine import peak_memory, proportional_memory
from benchmarks.portal import NETWORKS, Portal
from benchmarks.report import Figure
from benchmarks.sinks import sink

_LARGE = 20_000_000  # octets
_LARGE_GOAL = 200  # megabytes in all
_FILE = 5_000_000  # octets
_FILES_GOAL = 3  # of these files, beyond what the worker holds at rest
_IDLE_GOAL = 300  # megabytes
#: Handing such files to all takes minutes and teaches nothing that the first hundreds do not; `--full` waits for it.
_SECONDS = 30


def measure(portal: Portal) -> list[Figure]:
    """Return what web and worker hold at rest, and the most that the worker holds while files go out."""
    return [_idle(portal), _three_files(portal), _large(portal)]


def _idle(portal: Portal) -> Figure:
    with sink(portal), portal.web() as web, portal.worker() as worker:
        mailing.settle_down(worker)
        portal.sign_in()
        connection = http.client.HTTPConnection("127.0.0.1", portal.port)
        connection.request("GET", "/anmelden")
        connection.getresponse().read()
        held = {name: proportional_memory(pid) / 1e6 for name, pid in (("Web", web), ("Arbeitsprozess", worker))}
    megabytes = sum(held.values())
    return Figure(
        "Web und Arbeitsprozess in Ruhe: Speicher",
        ", ".join(f"{name} {size:.0f} MB" for name, size in held.items()),
        f"{megabytes:.0f} MB",
        f"<= {_IDLE_GOAL} MB",
        met=megabytes <= _IDLE_GOAL,
    )


def _three_files(portal: Portal) -> Figure:
    at_rest, peak, done = _peak(portal, "zehntausend", _FILE)
    files = (peak - at_rest) / _FILE
    return Figure(
        "Arbeitsprozess, 5 MB an 10 000: Speicher über dem in Ruhe",
        f"{at_rest / 1e6:.0f} MB in Ruhe, {peak / 1e6:.0f} MB höchstens, nach {done} Mails",
        f"{files:.1f} Dateien",
        f"<= {_FILES_GOAL}",
        met=files <= _FILES_GOAL and done > 0,
    )


def _large(portal: Portal) -> Figure:
    _at_rest, peak, done = _peak(portal, "zweitausend", _LARGE)
    return Figure(
        f"Arbeitsprozess, 20 MB an {NETWORKS['zweitausend']}: Speicher",
        f"nach {done} Mails",
        f"{peak / 1e6:.0f} MB",
        f"< {_LARGE_GOAL} MB",
        met=peak / 1e6 < _LARGE_GOAL and done > 0,
    )


def _peak(portal: Portal, network: str, size: int) -> tuple[int, int, int]:
    """Return the worker's memory after small mails, the most it held for a file of `size`, and how many got it."""
    with sink(portal), portal.worker() as worker:
        mailing.settle_down(worker)
        mailing.by_worker(portal, worker, mailing.post(portal, "zweihundert", 0), NETWORKS["zweihundert"])
        at_rest = peak_memory(worker)
        mail_id = mailing.post(portal, network, size)
        mailing.make_due(portal, mail_id)
        until = time.monotonic() + (3600 if "--full" in sys.argv else _SECONDS)
        while mailing.left(portal, mail_id) and time.monotonic() < until:
            time.sleep(0.5)
        done = NETWORKS[network] - mailing.left(portal, mail_id)
        peak = peak_memory(worker)
    _drop_the_rest(portal, mail_id)
    return at_rest, peak, done


def _drop_the_rest(portal: Portal, mail_id: int) -> None:
    with portal.app.app_context():
        begin_writing()
        waiting = update(Delivery).where(Delivery.mail_id == mail_id, Delivery.state != DeliveryState.SENT)
        db.session.execute(waiting.values(state=DeliveryState.CANCELLED))
        db.session.commit()
