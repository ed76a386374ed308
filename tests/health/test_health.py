"""`/gesund` and `netz check`: they say what works, and mean it."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask

from app import __version__, create_app, migrating
from app.cli import PortalGroup
from app.files.storage import open_storage
from tests.browser import Browser
from tests.conftest import Configured
from tests.mailserver import MailServer, free_port
from tests.running import netz, settings_of, wait_until


def a_worker_lives(app: Flask) -> None:
    app.extensions["run_job"].call_local("health")


def test_all_is_well_while_a_worker_lives(app: Flask, anonymous: Browser) -> None:
    a_worker_lives(app)
    answer = anonymous.get("/gesund")
    assert answer.status_code == 200
    assert answer.json == {"healthy": True, "web": True, "database": True, "queue": True, "files": True, "worker": True}


def test_a_silent_worker_is_noticed_within_minutes(app: Flask, anonymous: Browser) -> None:
    a_worker_lives(app)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=4)):
        answer = anonymous.get("/gesund")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["worker"] is False


def test_a_worker_that_was_ended_is_missed_at_once(app: Flask, tmp_path: Path, anonymous: Browser) -> None:
    with netz("worker", settings_of(app), tmp_path / "log") as worker:
        wait_until(lambda: anonymous.get("/gesund").status_code == 200, "a worker lives")
        worker.terminate()
        assert worker.wait(60) == 0
    assert anonymous.get("/gesund").status_code == 503


def test_a_storage_that_is_gone_is_noticed(app: Flask, anonymous: Browser, tmp_path: Path) -> None:
    a_worker_lives(app)
    folder = tmp_path / "uploads"
    kept, app.extensions["storage"] = app.extensions["storage"], open_storage(f"file://{folder}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.touch()
    try:
        answer = anonymous.get("/gesund")
    finally:
        app.extensions["storage"] = kept
    assert answer.status_code == 503


def test_a_storage_without_room_for_a_file_is_noticed(app: Flask, anonymous: Browser, configured: Configured) -> None:
    a_worker_lives(app)
    with configured(UPLOAD_LIMIT=10**18):
        answer = anonymous.get("/gesund")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["files"] is False


def test_who_asks_for_the_health_writes_nothing(app: Flask, anonymous: Browser, uploads: Path) -> None:
    a_worker_lives(app)
    incoming = uploads / "incoming"
    incoming.mkdir(exist_ok=True)
    before = incoming.stat().st_mtime_ns
    assert anonymous.get("/gesund").status_code == 200
    assert incoming.stat().st_mtime_ns == before


def test_netz_check_says_in_words_what_works(app: Flask, smtp: MailServer) -> None:
    a_worker_lives(app)
    outcome = app.test_cli_runner().invoke(args=["check"])
    assert outcome.exit_code == 0, outcome.output
    assert "Die Datenbank antwortet" in outcome.output
    assert "nimmt uns an" in outcome.output
    assert re.search(r"1 Arbeitsprozess läuft \(zuletzt gemeldet vor \d s\)\.", outcome.output)


def test_netz_check_names_a_setting_it_does_not_know(app: Flask, configured: Configured) -> None:
    a_worker_lives(app)
    with configured(MISSPELT={"MAIL_SEVER": "MAIL_SERVER"}):
        outcome = app.test_cli_runner().invoke(args=["check"])
    assert outcome.exit_code == 1
    assert "✗ Die Einstellung MAIL_SEVER kennt das Portal nicht. Meinten Sie MAIL_SERVER?\n" in outcome.output


@pytest.mark.parametrize("command", ["outbox", "web", "worker", "lmtp"])
def test_a_command_without_its_database_says_what_to_do(app: Flask, tmp_path: Path, command: str) -> None:
    elsewhere = create_app({**app.config, **_at(tmp_path / "new.db"), "INBOUND_LMTP": "127.0.0.1:8024"})
    outcome = CliRunner().invoke(PortalGroup(create_app=lambda: elsewhere), [command])
    assert outcome.exit_code == 1
    assert outcome.output == "Error: Die Datenbank ist noch nicht eingerichtet. Führen Sie „netz db upgrade“ aus.\n"


def test_a_database_of_another_version_is_told_from_one_that_is_not_set_up(app: Flask, tmp_path: Path) -> None:
    elsewhere = create_app({**app.config, **_at(tmp_path / "old.db")})
    migrating.upgrade(elsewhere, "0002")
    outcome = CliRunner().invoke(PortalGroup(create_app=lambda: elsewhere), ["outbox"])
    assert outcome.output == "Error: Die Datenbank passt nicht zu diesem Programm. Führen Sie „netz db upgrade“ aus.\n"


def test_netz_check_tells_in_words_of_a_database_and_a_queue_that_are_gone(app: Flask, tmp_path: Path) -> None:
    nowhere = tmp_path / "gone" / "netz.db"
    elsewhere = create_app({**app.config, **_at(nowhere), "QUEUE_URL": f"redis://127.0.0.1:{free_port()}/0"})
    outcome = CliRunner().invoke(PortalGroup(create_app=lambda: elsewhere), ["check"])
    first, second = outcome.output.splitlines()[:2]
    assert first.startswith(
        f"✗ Die Datenbank sqlite:///{nowhere} ist nicht zu erreichen: unable to open database file."
    )
    assert second.startswith("✗ Die Warteschlange ist nicht zu erreichen: ")
    assert "Arbeitsprozess" not in outcome.output, "nobody can know"


def _at(path: Path) -> dict[str, str]:
    return {"DATABASE_URL": f"sqlite:///{path}", "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}"}


def test_netz_tells_its_commands_and_its_version_and_nothing_of_flasks(app: Flask) -> None:
    group = PortalGroup(create_app=lambda: app, name="netz")
    told = CliRunner().invoke(group, ["--help"]).output
    assert "outbox" in told
    assert not {"limiter", "--app", "Flask"} & set(told.split())
    assert CliRunner().invoke(group, ["--version"]).output == f"Virtuelles Netz {__version__}\n"


def test_netz_check_asks_for_the_listener_before_it_waits_for_mail(app: Flask, configured: Configured) -> None:
    with configured(MAIL_IS_READ=True, INBOUND_LMTP=f"127.0.0.1:{free_port()}"):
        outcome = app.test_cli_runner().invoke(args=["check"])
    assert "✗ „netz lmtp“ läuft nicht" in outcome.output
    assert "DKIM" not in outcome.output


def test_netz_check_says_what_to_do_about_a_dead_mail_server(app: Flask) -> None:
    a_worker_lives(app)
    mail = app.extensions["mail"]
    port, mail.port = mail.port, free_port()
    try:
        outcome = app.test_cli_runner().invoke(args=["check"])
    finally:
        mail.port = port
    assert outcome.exit_code == 1
    assert (
        "nicht zu erreichen.\n  Dort nimmt niemand Verbindungen an. Läuft er, und stimmt MAIL_PORT?" in outcome.output
    )
