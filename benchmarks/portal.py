"""A portal in a temporary folder with people, messages and files, and its processes."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import insert, select, update

from app import create_app, migrating
from app.accounts.models import User
from app.accounts.sign_in import link_for
from app.database import begin_writing, db, utc_now
from app.demo import load
from app.files import keeping
from app.forum import posting
from app.forum.models import Message, Thread
from app.mail.models import Delivery, DeliveryState
from app.networks.models import Network, Participant
from benchmarks.machine import SERVER_CORE, free_port, is_listening, running, wait_for

#: Participants of the networks there are, by slug.
NETWORKS = {
    "zehn": 10,
    "hundert": 100,
    "zweihundert": 200,
    "fuenfhundert": 500,
    "zweitausend": 2000,
    "zehntausend": 10_000,
}
THREADS = 60
MESSAGES_OF_LONG_THREAD = 20
FILE_SIZE = 200_000  # octets

_TEXT = (
    "Liebe Kolleginnen und Kollegen,\n\nfür unser nächstes Treffen suchen wir **zwei Räume** mit Beamer:\n\n"
    "- einen großen für etwa vierzig Personen\n- einen kleinen daneben\n\n"
    "Mehr dazu steht unter https://www.example.org/treffen. Wer kann helfen?\n\nViele Grüße\nBeratung Nord"
)


@dataclass
class Portal:
    """A portal that is set up and not yet running."""

    folder: Path
    app: Flask
    port: int
    mail_port: int
    long_thread: int = 0
    file: str = field(default="")  # path of a download

    @contextlib.contextmanager
    def web(self) -> Iterator[int]:
        """Run `netz web` and yield its process id."""
        with running([_netz(), "web"], core=SERVER_CORE, log=self.folder / "web.log") as pid:
            wait_for(lambda: is_listening(self.port), "netz web")
            yield pid

    @contextlib.contextmanager
    def worker(self, **settings: str) -> Iterator[int]:
        """Run `netz worker`, with these settings besides, and yield its process id."""
        environment = os.environ | settings
        log = self.folder / "worker.log"
        with running([_netz(), "worker"], core=SERVER_CORE, log=log, environment=environment) as pid:
            yield pid

    def path(self, network: str, *more: str) -> str:
        """Return the path of a page of a network."""
        return "/".join(["/netze", network, *more])

    def sign_in(self) -> str:
        """Sign in the first person, who is in every network, by a link as from a mail; return the cookie."""
        with self.app.app_context():
            begin_writing()
            link = link_for(db.session.scalars(select(User).order_by(User.id).limit(1)).one())
            db.session.commit()
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("POST", urlsplit(link).path)
        answer = connection.getresponse()
        assert answer.status == 302, answer.status  # noqa: S101  # a measurement of the sign-in page would be none
        answer.read()
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        # The first page with a form puts the token against forged requests into the session, for all that follow.
        connection.request("GET", self.path("zehn", "nachrichten"), headers={"Cookie": cookie})
        cookie = connection.getresponse().headers["Set-Cookie"].partition(";")[0]
        connection.close()
        return cookie


def set_up(folder: Path) -> Portal:
    """Make a portal in `folder` with one group of people, of whom the first so many are in each of the networks."""
    port, mail_port = free_port(), free_port()
    os.environ |= {
        "SECRET_KEY": secrets.token_hex(32),
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{folder / 'netz.db'}",
        "QUEUE_URL": f"sqlite:///{folder / 'queue.db'}",
        "STORAGE_URL": f"file://{folder / 'uploads'}",
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(mail_port),
        "MAIL_DOMAIN": "netz.example.org",
        "MAIL_ATTACH_LIMIT_MB": "30",
        "MAIL_UNDO_SECONDS": "300",
    }
    app = create_app()
    migrating.upgrade(app)
    portal = Portal(folder, app, port, mail_port)
    with app.app_context():
        begin_writing()
        _fill(portal)
        db.session.commit()
    return portal


def _fill(portal: Portal) -> None:
    for _rows in load.load(networks=1, participants=max(NETWORKS.values()), messages=0):
        pass
    _make_networks()
    network = db.session.scalars(select(Network).filter_by(slug="zweihundert")).one()
    authors = db.session.scalars(select(User).order_by(User.id).limit(NETWORKS[network.slug])).all()
    for number in range(THREADS):
        thread = _post(authors[number], network, f"Räume gesucht ({number})")
    for number in range(1, MESSAGES_OF_LONG_THREAD):
        posting.reply(authors[number], thread, body=_TEXT, send_now=True)
    portal.long_thread = thread.id
    portal.file = _keep_file(thread)
    # As they look after the worker has run; what it costs is measured elsewhere.
    db.session.execute(update(Delivery).values(state=DeliveryState.SENT, finished_at=utc_now()))


def _make_networks() -> None:
    everyone = db.session.scalars(select(Participant.seat_id).order_by(Participant.id)).all()
    for slug, number in NETWORKS.items():
        network = Network(slug=slug, name=f"Netz mit {number} Teilnehmenden")
        db.session.add(network)
        db.session.flush()
        rows = [{"network_id": network.id, "seat_id": seat, "is_lead": seat == everyone[0]} for seat in everyone]
        db.session.execute(insert(Participant), rows[:number])


def _post(author: User, network: Network, subject: str) -> Thread:
    message = posting.post_message(author, network, subject=subject, body=_TEXT, send_now=True)
    return message.thread


def _keep_file(thread: Thread) -> str:
    first = db.session.scalars(select(Message).filter_by(thread_id=thread.id).order_by(Message.id).limit(1)).one()
    file = keeping.keep_bytes(pdf(FILE_SIZE), "Raumplan.pdf", first.key)
    db.session.flush()
    return f"/dateien/{file.id}/{file.name}"


def pdf(size: int) -> bytes:
    """Return so many octets that pass as a PDF and are like no others."""
    return b"%PDF-1.4\n" + secrets.token_bytes(size - 15) + b"%%EOF\n"


def _netz() -> Path:
    return Path(sys.executable).parent / "netz"
