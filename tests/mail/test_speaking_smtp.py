"""What the connection insists on: a certificate that holds, a name and password that fit, addresses the server can."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from flask import Flask

from app.mail.models import DeliveryState
from app.mail.outcomes import ServerUnavailable
from app.mail.postman import Postman
from tests.conftest import in_ci
from tests.mail.rude_server import RudeServer
from tests.mailserver import free_port

Post = Callable[..., int]
Delivered = Callable[[], dict[str, tuple[DeliveryState, str]]]


class Keeper:
    def __init__(self) -> None:
        self.recipients: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        self.recipients += envelope.rcpt_tos
        return "250 2.0.0 kept"


def authenticate(server: SMTP, session: Any, envelope: Any, mechanism: str, auth_data: Any) -> AuthResult:
    return AuthResult(success=auth_data.login == b"netz" and auth_data.password == b"geheim", handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for "localhost" that nobody vouches for, and its key."""
    if not shutil.which("openssl") and not in_ci():
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    paths = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-out", str(paths[0]), "-keyout", str(paths[1])]
    subprocess.run(command, check=True, capture_output=True)
    return paths


@pytest.fixture
def secured(app: Flask, certificate: tuple[Path, Path]) -> Iterator[Keeper]:
    """A server that wants STARTTLS and a password; the portal speaks to it."""
    keeper = Keeper()
    controller = Controller(
        keeper, hostname="127.0.0.1", port=free_port(), server_hostname="test.example.org", authenticator=authenticate,
        auth_required=True, tls_context=_context(certificate), require_starttls=True,
    )  # fmt: skip
    controller.start()
    settings = app.extensions["mail"]
    before = dict(vars(settings))
    settings.server, settings.port, settings.use_tls = "localhost", controller.port, True
    settings.username, settings.password = "netz", "geheim"
    yield keeper
    vars(settings).update(before)
    controller.stop()


@pytest.fixture
def encrypted(app: Flask, certificate: tuple[Path, Path]) -> Iterator[RudeServer]:
    """A server that speaks TLS from the first octet on; the portal speaks to it."""
    settings = app.extensions["mail"]
    before = dict(vars(settings))
    with RudeServer(context=_context(certificate)) as server:
        settings.server, settings.port, settings.use_ssl = "localhost", server.port, True
        yield server
    vars(settings).update(before)


def _context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.mark.parametrize("server", ["secured", "encrypted"])
def test_only_a_certificate_that_holds_gets_mail(
    server: str, app: Flask, post: Post, delivered: Delivered, certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    kept = request.getfixturevalue(server)
    post("a@example.org", "b@example.org")
    app.extensions["run_job"].call_local("outbox")
    state, reply = delivered()["a@example.org"]
    assert state is DeliveryState.WAITING
    assert "certificate verify failed" in reply
    assert kept.recipients == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    app.extensions["run_job"].call_local("outbox")
    assert sorted(kept.recipients) == ["a@example.org", "b@example.org"]


def test_a_wrong_password_delays_all_mail_and_says_so(
    secured: Keeper, app: Flask, post: Post, delivered: Delivered, certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    app.extensions["mail"].password = "falsch"
    post("a@example.org")
    app.extensions["run_job"].call_local("outbox")
    state, reply = delivered()["a@example.org"]
    assert state is DeliveryState.WAITING
    assert "535" in reply


def test_a_server_without_starttls_gets_no_mail_in_the_clear(app: Flask, post: Post, rude: RudeServer) -> None:
    app.extensions["mail"].use_tls = True
    try:
        post("a@example.org")
        app.extensions["run_job"].call_local("outbox")
    finally:
        app.extensions["mail"].use_tls = False
    assert rude.kept == []
    assert "mail" not in rude.steps


def test_an_umlaut_before_the_at_needs_a_server_that_can(
    app: Flask, post: Post, rude: RudeServer, delivered: Delivered
) -> None:
    post("jörg@example.org")
    app.extensions["run_job"].call_local("outbox")
    assert delivered()["jörg@example.org"][0] is DeliveryState.FAILED
    rude.extensions = (*rude.extensions, "SMTPUTF8")
    post("jörg@example.org", "anna@example.org")
    app.extensions["run_job"].call_local("outbox")
    assert sorted(rude.recipients) == ["anna@example.org", "jörg@example.org"]
    commands = [command for command in rude.commands if command.startswith(b"MAIL")]
    assert sorted(b"SMTPUTF8" in command for command in commands) == [False, True]


def test_calling_tells_why_the_server_cannot_be_reached(app: Flask) -> None:
    with app.app_context(), RudeServer() as server:
        app.extensions["mail"].port, before = server.port, app.extensions["mail"].port
        server.plan = lambda step, number: "554 5.7.1 not you" if step == "connect" else None
        with Postman(app.extensions["mail"]) as postman, pytest.raises(ServerUnavailable, match=r"554 5\.7\.1 not you"):
            postman.call()
        app.extensions["mail"].port = before


def test_the_size_is_told_beforehand(app: Flask, post: Post, rude: RudeServer) -> None:
    post("a@example.org", body="x" * 10_000)
    app.extensions["run_job"].call_local("outbox")
    (command,) = [command for command in rude.commands if command.startswith(b"MAIL")]
    told = int(command.partition(b"SIZE=")[2])
    assert len(rude.kept[0][1]) <= told <= len(rude.kept[0][1]) + 500
