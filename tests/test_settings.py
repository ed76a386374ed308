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


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "", "braucht mindestens 32 zufällige Zeichen; einen Schlüssel gibt: openssl rand -hex 32"),
        ("MAIL_PORT", "achtzig", "braucht eine ganze Zahl."),
        ("MAIL_PORT", "0", "braucht eine Zahl von 1 bis 65535."),
        ("INBOUND_PIPE", "vielleicht", "braucht true oder false."),
        ("DATABASE_URL", "sqlite:///netz.db", "braucht einen absoluten Pfad: sqlite:////var/lib/netz/..."),
        ("STORAGE_URL", "file://uploads", "braucht einen absoluten Pfad: file:///var/lib/netz/..."),
        (
            "NETZ_DEMO",
            "true",
            "zeigt jedem alle Mails und ist nur für die Vorführung; nehmen Sie die Zeile heraus.",
        ),
    ],
)
def test_a_fault_is_told_in_german(monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str) -> None:
    monkeypatch.setenv("SECRET_KEY", "x" * 32)
    monkeypatch.setenv("BASE_URL", "https://netz.stadt.example")
    monkeypatch.setenv(name, value)
    with pytest.raises(config.ConfigurationError) as raised:
        config.from_environment()
    assert raised.value.faults == [f"{name}: {sentence}"]


def test_there_is_no_secret_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with pytest.raises(config.ConfigurationError, match="SECRET_KEY"):
        config.from_environment()


def test_netz_ends_with_the_exit_code_for_configuration() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "app.cli", "outbox"],
        env={"PATH": os.environ["PATH"]},
        cwd=config.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 78
    assert "SECRET_KEY" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_netz_tells_its_commands_in_german_without_any_settings() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "app.cli", "--help"],
        env={"PATH": os.environ["PATH"], "PORT": "achtzig"},
        cwd=config.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert told.returncode == 0, told.stderr
    assert {"outbox", "Aufruf:", "Befehle:", "Optionen:"} <= set(told.stdout.split())
    assert "Show this message" not in told.stdout


def test_a_misspelt_setting_is_named_with_the_one_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x" * 32)
    for name in ("MAIL_SEVER", "DATABSE_URL", "MAIL_COLOUR", "MAILCHECK", "SESSION_MANAGER"):
        monkeypatch.setenv(name, "irgendwas")
    assert config.from_environment()["MISSPELT"] == {
        "DATABSE_URL": "DATABASE_URL",
        "MAIL_COLOUR": "",
        "MAIL_SEVER": "MAIL_SERVER",
    }
