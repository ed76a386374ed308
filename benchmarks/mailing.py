"""Mail out of the worker: processor time of a mail beside smtplib's, and the memory that large attachments take."""

from __future__ import annotations

import contextlib
import os
import shutil
import smtplib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from sqlalchemy import func, select, update

from app import queue
from app.accounts.models import User, UserAddress
from app.database import begin_reading, begin_writing, db
from app.files import keeping
from app.forum import posting
from app.mail.models import Delivery, DeliveryState, Mail
from app.mail.prepared import PreparedMails
from app.networks.models import Network
from app.registry import Recipient
from benchmarks.machine import SERVER_CORE, cpu_seconds, is_listening, peak_memory, running, wait_for
from benchmarks.portal import NETWORKS, Portal, pdf
from benchmarks.report import Figure

MILLISECONDS_GOAL = 2.0  # of processor time a mail
MEGABYTES_GOAL = 200

_NETWORK = "zweitausend"
_MAILS = NETWORKS[_NETWORK]
_ROUNDS = 2
_BODY = "Wer hat am Dienstag einen Raum für uns? Bitte melden.\n" * 9
_ATTACHED = 200_000  # octets
_LARGE = 20_000_000  # octets
#: Handing 20 MB to all 2000 takes minutes and teaches nothing that the first hundreds do not; `--full` waits for it.
_MEMORY_SECONDS = 30


def measure(portal: Portal) -> list[Figure]:
    """Return what a mail costs the worker, small and with a file, and what smtplib needs for the same octets."""
    ours: dict[int, list[float]] = {0: [], _ATTACHED: []}
    plain: dict[int, list[float]] = {0: [], _ATTACHED: []}
    sizes: dict[int, int] = {}
    with _sink(portal), portal.worker() as worker:
        _settle_down(worker)
        for _ in range(_ROUNDS):
            for attached, costs in ours.items():
                mail_id = _post(portal, attached)
                ready = _ready_bytes(portal, mail_id)
                sizes[attached] = len(ready)
                plain[attached].append(_by_smtplib(portal, ready))
                costs.append(_by_worker(portal, worker, mail_id))
    return [
        _cost("Mail", ours[0], plain[0], sizes[0]),
        _cost("Mail mit 200 KB Anhang", ours[_ATTACHED], plain[_ATTACHED], sizes[_ATTACHED]),
    ]


def measure_memory(portal: Portal) -> list[Figure]:
    """Return the most memory that the worker takes for mails with 20 MB attached."""
    with _sink(portal), portal.worker() as worker:
        _settle_down(worker)
        mail_id = _post(portal, _LARGE)
        _make_due(portal, mail_id)
        until = time.monotonic() + (3600 if "--full" in sys.argv else _MEMORY_SECONDS)
        while _left(portal, mail_id) and time.monotonic() < until:
            time.sleep(0.5)
        done = _MAILS - _left(portal, mail_id)
        megabytes = peak_memory(worker) / 1e6
    with portal.app.app_context():
        begin_writing()
        waiting = update(Delivery).where(Delivery.mail_id == mail_id, Delivery.state != DeliveryState.SENT)
        db.session.execute(waiting.values(state=DeliveryState.CANCELLED))
        db.session.commit()
    return [
        Figure(
            f"Arbeitsprozess, 20 MB Anhang an {_MAILS}: Speicher",
            f"nach {done} Mails",
            f"{megabytes:.0f} MB",
            f"< {MEGABYTES_GOAL} MB",
            met=megabytes < MEGABYTES_GOAL and done > 0,
        )
    ]


def _cost(name: str, ours: list[float], plain: list[float], size: int) -> Figure:
    milliseconds, theirs = 1000 * median(ours), 1000 * median(plain)
    return Figure(
        f"{name} ({size / 1000:.0f} KB): CPU des Arbeitsprozesses",
        f"smtplib {theirs:.2f} ms, das {milliseconds / theirs:.1f}-Fache",
        f"{milliseconds:.2f} ms",
        f"<= {MILLISECONDS_GOAL:.0f} ms",
        met=milliseconds <= MILLISECONDS_GOAL,
    )


@contextlib.contextmanager
def _sink(portal: Portal) -> Iterator[None]:
    """A mail server that takes everything and keeps nothing: Postfix's, or one of a few lines."""
    found = shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin:/usr/lib/postfix/sbin")
    address = f"127.0.0.1:{portal.mail_port}"
    own = [sys.executable, str(Path(__file__).parent / "sink.py"), str(portal.mail_port)]
    command = [found, "-c", address, "1000"] if found else own
    if found and os.geteuid() == 0:
        command[1:1] = ["-u", "nobody"]
    with running(command, core=SERVER_CORE, log=portal.folder / "sink.log"):
        wait_for(lambda: is_listening(portal.mail_port), "the mail server")
        yield


def _post(portal: Portal, attached: int) -> int:
    """Write to everyone and return the mail's id; nothing is due before `_make_due`."""
    with portal.app.app_context():
        begin_writing()
        network = db.session.scalars(select(Network).filter_by(slug=_NETWORK)).one()
        author = db.session.scalars(select(User).order_by(User.id).limit(1)).one()
        files = [keeping.keep_bytes(pdf(attached), "Plan.pdf", "draft:bench")] if attached else []
        message = posting.post_message(author, network, subject="Räume gesucht", body=_BODY, files=files)
        mail_id: int = db.session.scalars(select(Mail.id).where(Mail.about == message.key)).one()
        db.session.commit()
        return mail_id


def _ready_bytes(portal: Portal, mail_id: int) -> bytes:
    with portal.app.app_context():
        begin_reading()
        copy = PreparedMails(portal.app).get(mail_id).copy_for(1, Recipient("person1@example.org", "Person"))
    return b"".join(copy.content).replace(b"\r\n..", b"\r\n.")


def _by_smtplib(portal: Portal, ready: bytes) -> float:
    """Return the processor seconds for each of 2000 mails, sent as plainly as the standard library can."""
    with portal.app.app_context():
        begin_reading()
        addresses = db.session.scalars(select(UserAddress.email).limit(_MAILS)).all()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {SERVER_CORE})
    try:
        with smtplib.SMTP("127.0.0.1", portal.mail_port) as server:
            before = time.process_time()
            for address in addresses:
                server.sendmail("noreply@netz.example.org", [address], ready)
            return (time.process_time() - before) / len(addresses)
    finally:
        os.sched_setaffinity(0, cores)


def _by_worker(portal: Portal, worker: int, mail_id: int) -> float:
    """Return the processor seconds for each of 2000 mails, from being woken until the last is noted as sent."""
    before = cpu_seconds(worker)
    _make_due(portal, mail_id)
    wait_for(lambda: not _left(portal, mail_id), "the worker", seconds=300)
    return (cpu_seconds(worker) - before) / _MAILS


def _make_due(portal: Portal, mail_id: int) -> None:
    with portal.app.app_context():
        begin_writing()
        date = select(Mail.date).where(Mail.id == mail_id).scalar_subquery()
        db.session.execute(update(Delivery).where(Delivery.mail_id == mail_id).values(due_at=date))
        db.session.commit()
        queue.wake("outbox")


def _left(portal: Portal, mail_id: int) -> int:
    with portal.app.app_context():
        begin_reading()
        open_states = (DeliveryState.WAITING, DeliveryState.SENDING)
        left = select(func.count()).where(Delivery.mail_id == mail_id, Delivery.state.in_(open_states))
        return db.session.scalar(left) or 0


def _settle_down(worker: int) -> None:
    """Return when the worker has started and rests."""
    used = [0.0, 0.0]

    def rests() -> bool:
        time.sleep(0.5)
        used[:] = [used[1], cpu_seconds(worker)]
        return used[1] > 0.3 and used[1] - used[0] < 0.03

    wait_for(rests, "the worker's start")
