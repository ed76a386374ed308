"""What a person was told is kept is kept, however the process ends; and size costs no memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import config
from app.database import db
from app.files import keeping
from app.files.models import StoredFile
from tests.files.conftest import counts, stored

pytestmark = pytest.mark.once

MEGABYTE = 1024 * 1024


def test_a_file_survives_a_process_killed_right_after_its_commit(app: Flask, uploads: Path) -> None:
    assert run(app, "killed").returncode == -signal.SIGKILL
    with app.app_context():
        stored_file = db.session.scalars(StoredFile.owned_by("probe:1")).one()
        with keeping.open_file(stored_file) as content:
            assert content.read() == b"Guten Tag"


def test_bytes_of_a_process_killed_before_its_commit_are_swept(
    app: Flask, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(app, "unfinished").returncode == -signal.SIGKILL
    assert counts(app) == (0, 0)
    assert len(stored(uploads)) == 1
    with app.app_context():
        keeping.sweep()
        assert len(stored(uploads)) == 1, "another process may be about to commit"
        monkeypatch.setattr(keeping, "ORPHANED_AFTER", -1)
        keeping.sweep()
    assert stored(uploads) == []


def test_bytes_and_their_names_reach_the_disk_before_the_row(app: Flask) -> None:
    told = json.loads(run(app, "order").stdout)
    assert told == [
        ["fsync", "incoming"],
        ["rename", "incoming", "file"],
        ["fsync", "folder"],
        ["fsync", "root"],
        ["commit"],
    ]


def test_a_large_file_costs_no_memory_on_its_way_in_and_out(app: Flask) -> None:
    size = 200 * MEGABYTE
    done = run(app, "large", str(size), UPLOAD_LIMIT_MB="300")
    figures = json.loads(done.stdout)
    assert figures["received"] == size
    assert figures["python_peak"] < 4
    assert figures["resident_growth"] < 16


def test_no_name_leads_out_of_the_storage(app: Flask) -> None:
    with tempfile.TemporaryDirectory(prefix="netz-hostile-") as folder:
        place = Path(folder)
        canary = place / "canary"
        canary.write_text("unberührt")
        done = run(
            app, "hostile", str(canary),
            DATABASE_URL=f"sqlite:///{place}/netz.db", STORAGE_URL=f"file://{place}/store", QUEUE_URL=f"sqlite:///{place}/q.db",
        )  # fmt: skip
        assert json.loads(done.stdout) == ["canary", "canary", "....x", "passwd", "b", "incoming"]
        assert canary.read_text() == "unberührt"
        inside = [path.relative_to(place).parts for path in place.rglob("*") if path.is_file()]
        outside = {parts[0].split("-")[0] for parts in inside if parts[0] != "store"}
        assert outside <= {"canary", "netz.db", "q.db"}
        assert len([parts for parts in inside if parts[0] == "store"]) == len(["warm.txt"]) + 6


def run(app: Flask, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run tests/files/child.py on the database and the files of the portal under test."""
    environment = {
        **os.environ,
        "SECRET_KEY": app.config["SECRET_KEY"],
        "DATABASE_URL": app.config["DATABASE_URL"],
        "STORAGE_URL": app.config["STORAGE_URL"],
        "QUEUE_URL": app.config["QUEUE_URL"],
        "PYTHONPATH": str(config.ROOT),
        **settings,
    }
    command: list[Any] = [sys.executable, "-m", "tests.files.child", *arguments]
    done = subprocess.run(
        command, env=environment, cwd=config.ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done
