"""Mail over a relay that takes its time, and how soon after a post with a file its mails are there."""

from __future__ import annotations

import time

from benchmarks import baselines, mailing
from benchmarks.machine import wait_for
from benchmarks.portal import NETWORKS, Portal
from benchmarks.posts import Poster
from benchmarks.report import Figure
from benchmarks.sinks import SLOW, has_compiler, sink

_NETWORK = "zweitausend"
#: Connections -> mails a second over a relay with a millisecond a round trip and five a mail.
_GOALS = {4: 500, 16: 1000}
_FIRST, _LAST = 0.3, 1.5  # seconds after the answer to the post
_ROUNDS = 3


def measure(portal: Portal) -> list[Figure]:
    """Return the speed over a slow relay with few and many connections, and when 500 have a mail with 200 KB."""
    if not has_compiler():
        return []  # nothing else can be slow by the millisecond, or say when a mail came
    return [*(_slowly(portal, *goal) for goal in _GOALS.items()), *_soon(portal)]


def _slowly(portal: Portal, connections: int, goal: int) -> Figure:
    number = NETWORKS[_NETWORK]
    with sink(portal, *SLOW) as server, portal.worker(MAIL_CONNECTIONS=str(connections)) as worker:
        mailing.settle_down(worker)
        mail_id = mailing.post(portal, _NETWORK, 0)
        ready, addresses = mailing.ready_bytes(portal, mail_id), mailing.addresses_of(portal, number)
        plain = baselines.by_smtplib(server.port, ready, addresses, connections)
        raw = baselines.pipelined(server.port, ready, addresses, connections)
        server.begin()
        cost = mailing.by_worker(portal, worker, mail_id, number)
        _number, first, last = server.counted()
    rate = number / (last - first)
    return Figure(
        f"Langsames Relay, {connections} Verbindungen: Mails je Sekunde",
        f"smtplib {plain.rate:.0f}, roh gebündelt {raw.rate:.0f}, CPU {1000 * cost.cpu:.2f} ms",
        f"{rate:.0f}",
        f">= {goal}",
        met=rate >= goal,
    )


def _soon(portal: Portal) -> list[Figure]:
    firsts: list[float] = []
    lasts: list[float] = []
    number = NETWORKS["fuenfhundert"]
    with sink(portal) as server, portal.web(), portal.worker() as worker:
        mailing.settle_down(worker)
        poster = Poster(portal, portal.sign_in())
        for _ in range(_ROUNDS):
            server.begin()
            poster.post("fuenfhundert", send_now="1")
            answered = time.time()
            wait_for(lambda: server.counted()[0] >= number, "the mails")
            _count, first, last = server.counted()
            firsts.append(first - answered)
            lasts.append(last - answered)
    first, last = sorted(firsts)[_ROUNDS // 2], sorted(lasts)[_ROUNDS // 2]
    return [
        Figure(
            f"Nachricht mit 200 KB an {number}: erste Mail nach der Antwort",
            f"letzte nach {last:.2f} s, Web und Arbeitsprozess auf einem Kern",
            f"{max(first, 0):.2f} s",
            f"<= {_FIRST} s",
            met=first <= _FIRST,
        ),
        Figure("  letzte Mail", "", f"{last:.2f} s", f"<= {_LAST} s", met=last <= _LAST),
    ]
