"""Settings: nonsense is refused at start, all of it at once, in words."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import config


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "kurz")
    monkeypatch.setenv("PORT", "achtzig")
    monkeypatch.setenv("DATABASE_URL", "mysql://somewhere")
    monkeypatch.setenv("MAIL_ADDRESS_PATTERN", "netz@stadt.example")
    with pytest.raises(config.ConfigurationError) as raised:
        config.from_environment()
    names = [fault.partition(":")[0] for fault in raised.value.faults]
    assert names == ["DATABASE_URL", "MAIL_ADDRESS_PATTERN", "PORT", "SECRET_KEY"]


def test_there_is_no_secret_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with pytest.raises(config.ConfigurationError, match="SECRET_KEY"):
        config.from_environment()


@pytest.mark.parametrize("asked", ["outbox", "--help"])
def test_netz_ends_with_the_exit_code_for_configuration(asked: str) -> None:
    ended = run_netz(asked)
    assert ended.returncode == 78
    assert "SECRET_KEY" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_help_speaks_of_the_portal_alone() -> None:
    said = run_netz("--help", SECRET_KEY="x" * 64, BASE_URL="http://localhost:5000", MAIL_DOMAIN="netz.example.org")
    assert said.returncode == 0, said.stderr
    assert "Startet nur das Web." in said.stdout
    assert "limiter" not in said.stdout
    assert "Flask" not in said.stdout


def run_netz(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env={"PATH": os.environ["PATH"], **settings},
        cwd=config.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
