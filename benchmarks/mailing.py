"""Mail out of the worker: what a mail costs it beside smtplib and the plainest sender, and how that grows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
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
from benchmarks import baselines
from benchmarks.baselines import Cost
from benchmarks.machine import cpu_seconds, wait_for
from benchmarks.portal import NETWORKS, Portal, pdf
from benchmarks.report import Figure
from benchmarks.sinks import Sink, has_compiler, sink

_BODY = "Wer hat am Dienstag einen Raum für uns? Bitte melden.\n" * 9
_ROUNDS = 3


@dataclass(frozen=True)
class _Kind:
    """A mail as it is measured: what is attached, to how many, and the goals a mail."""

    name: str
    attached: int  # octets
    network: str
    milliseconds: float  # of processor time; 0: none was promised
    rate: float  # mails a second
    rounds: int = _ROUNDS


_KINDS = (
    _Kind("Mail", 0, "zweitausend", 1.0, 1000),
    _Kind("Mail mit 200 KB", 200_000, "zweitausend", 1.0, 900),
    _Kind("Mail mit 2 MB", 2_000_000, "fuenfhundert", 0, 250, rounds=2),
)
#: Processor time of a mail to many over that of one to few.
_FLAT = 1.25


def measure(portal: Portal) -> list[Figure]:
    """Return cost and speed of mails to 2000, small and with files, and whether many cost as little as few."""
    figures: list[Figure] = []
    with sink(portal) as server, portal.worker() as worker:
        settle_down(worker)
        for kind in _KINDS:
            figures += _figures_of(portal, server, worker, kind)
        figures.append(_flatness(portal, worker))
    return figures


def _figures_of(portal: Portal, server: Sink, worker: int, kind: _Kind) -> list[Figure]:
    number = NETWORKS[kind.network]
    ours: list[Cost] = []
    plain: list[Cost] = []
    raw: list[Cost] = []
    sink_cpu = 0.0
    # In turns, so that what else the machine does meets all three.
    for _ in range(kind.rounds):
        mail_id = post(portal, kind.network, kind.attached)
        ready = ready_bytes(portal, mail_id)
        addresses = addresses_of(portal, number)
        plain.append(baselines.by_smtplib(server.port, ready, addresses))
        raw.append(baselines.pipelined(server.port, ready, addresses))
        before = server.cpu_seconds()
        ours.append(_by_the_sink(server, partial(by_worker, portal, worker, mail_id, number), number))
        sink_cpu = (server.cpu_seconds() - before) / number
    return list(_told(kind, len(ready), [_middle(costs) for costs in (ours, plain, raw)], sink_cpu))


def _by_the_sink(server: Sink, send: Callable[[], Cost], number: int) -> Cost:
    """Take the speed from the first mail to the last, as those beside it do: how soon the first comes is told apart."""
    if not has_compiler():
        return send()
    server.begin()
    cost = send()
    _number, first, last = server.counted()
    return Cost(cost.cpu, number / (last - first))


def _told(kind: _Kind, size: int, costs: list[Cost], sink_cpu: float) -> list[Figure]:
    ours, plain, raw = costs
    milliseconds = 1000 * ours.cpu
    beside = ", ".join(
        f"{name} {1000 * cost.cpu:.2f} ms" for name, cost in (("smtplib", plain), ("roh gebündelt", raw))
    )
    return [
        Figure(
            f"{kind.name} ({size / 1000:.0f} KB): CPU des Arbeitsprozesses",
            f"{beside}, Gegenstelle {1000 * sink_cpu:.2f} ms",
            f"{milliseconds:.2f} ms",
            f"<= {kind.milliseconds:.0f} ms" if kind.milliseconds else "",
            met=not kind.milliseconds or milliseconds <= kind.milliseconds,
        ),
        Figure(
            "  Mails je Sekunde, mit der Gegenstelle auf einem Kern",
            f"smtplib {plain.rate:.0f}, roh gebündelt {raw.rate:.0f}",
            f"{ours.rate:.0f}",
            f">= {kind.rate:.0f}",
            met=ours.rate >= kind.rate,
        ),
    ]


def _flatness(portal: Portal, worker: int) -> Figure:
    # The few are written to often enough to measure; each mail is prepared anew, as each message is.
    few, many = "hundert", "zehntausend"
    costs: dict[str, list[float]] = {few: [], many: []}
    for network, times in ((few, 20), (many, 1)):
        for _ in range(times):
            mail_id = post(portal, network, 0)
            costs[network].append(by_worker(portal, worker, mail_id, NETWORKS[network]).cpu)
    in_milliseconds = {network: 1000 * sum(found) / len(found) for network, found in costs.items()}
    ratio = in_milliseconds[many] / in_milliseconds[few]
    return Figure(
        "CPU je Mail, 10 000 Empfangende gegen 100",
        f"{in_milliseconds[many]:.2f} zu {in_milliseconds[few]:.2f} ms",
        f"{ratio:.2f}",
        f"<= {_FLAT}",
        met=ratio <= _FLAT,
    )


def _middle(costs: list[Cost]) -> Cost:
    return Cost(median(cost.cpu for cost in costs), median(cost.rate for cost in costs))


def post(portal: Portal, network_slug: str, attached: int) -> int:
    """Write to everyone and return the mail's id; nothing is due before `make_due`."""
    with portal.app.app_context():
        begin_writing()
        network = db.session.scalars(select(Network).filter_by(slug=network_slug)).one()
        author = db.session.scalars(select(User).order_by(User.id).limit(1)).one()
        files = [keeping.keep_bytes(pdf(attached), "Plan.pdf", "draft:bench")] if attached else []
        message = posting.post_message(author, network, subject="Räume gesucht", body=_BODY, files=files)
        mail_id: int = db.session.scalars(select(Mail.id).where(Mail.about == message.key)).one()
        db.session.commit()
        return mail_id


def ready_bytes(portal: Portal, mail_id: int) -> bytes:
    """Return one recipient's copy as a mail program would hand it over: without the doubled dots."""
    with portal.app.app_context():
        begin_reading()
        copy = PreparedMails(portal.app).get(mail_id).copy_for(1, Recipient("person1@example.org", "Person", 1))
    return b"".join(copy.content).replace(b"\r\n..", b"\r\n.")


def addresses_of(portal: Portal, number: int) -> list[str]:
    """Return the addresses of so many people."""
    with portal.app.app_context():
        begin_reading()
        return list(db.session.scalars(select(UserAddress.email).order_by(UserAddress.id).limit(number)))


def by_worker(portal: Portal, worker: int, mail_id: int, number: int) -> Cost:
    """Let the worker send the mail to so many, from being woken until the last is noted as sent."""
    cpu, began = cpu_seconds(worker), time.monotonic()
    make_due(portal, mail_id)
    # Looking costs the same core: seldom at first, then closely.
    time.sleep(number / 10_000)
    wait_for(lambda: not left(portal, mail_id), "the worker", seconds=600)
    return Cost((cpu_seconds(worker) - cpu) / number, number / (time.monotonic() - began))


def make_due(portal: Portal, mail_id: int) -> None:
    """End the undo window of this mail and wake the worker."""
    with portal.app.app_context():
        begin_writing()
        date = select(Mail.date).where(Mail.id == mail_id).scalar_subquery()
        db.session.execute(update(Delivery).where(Delivery.mail_id == mail_id).values(due_at=date))
        db.session.commit()
        queue.wake("outbox")


def left(portal: Portal, mail_id: int) -> int:
    """Return how many still wait for this mail."""
    with portal.app.app_context():
        begin_reading()
        open_states = (DeliveryState.WAITING, DeliveryState.SENDING)
        waiting = select(func.count()).where(Delivery.mail_id == mail_id, Delivery.state.in_(open_states))
        return db.session.scalar(waiting) or 0


def settle_down(worker: int) -> None:
    """Return when the worker has started and rests."""
    used = [0.0, 0.0]

    def rests() -> bool:
        time.sleep(0.5)
        used[:] = [used[1], cpu_seconds(worker)]
        return used[1] > 0.3 and used[1] - used[0] < 0.03

    wait_for(rests, "the worker's start")
