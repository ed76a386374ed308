"""A demo that runs is left alone by whoever starts another one, or would begin anew."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import config
from app.demo import settings
from tests.mailserver import free_port


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The database of a demo that somebody has worked with."""
    monkeypatch.setattr(config, "INSTANCE", tmp_path)
    monkeypatch.setattr(settings, "FOLDER", tmp_path / "demo")
    monkeypatch.setenv("PORT", str(free_port()))
    database = tmp_path / "demo" / "netz.db"
    database.parent.mkdir()
    database.write_text("was getan wurde")
    yield database
    while settings._held:
        settings._held.pop().close()


def test_it_begins_anew_only_when_asked_to(kept: Path) -> None:
    settings.begin(reset=False)
    assert kept.exists()
    settings._held.pop().close()
    settings.begin(reset=True)
    assert not kept.exists()


def test_nothing_is_removed_while_a_demo_runs(kept: Path) -> None:
    settings.begin(reset=False)
    with pytest.raises(click.ClickException, match="läuft schon"):
        settings.begin(reset=True)
    assert kept.exists()


def test_nothing_is_removed_while_something_listens_on_the_port(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("PORT", str(other.getsockname()[1]))
        with pytest.raises(click.ClickException, match="schon belegt"):
            settings.begin(reset=True)
    assert kept.exists()
