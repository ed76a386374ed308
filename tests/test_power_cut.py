"""What was acknowledged survives a power cut, and the test would notice if it did not.

The web process runs as in production; only what it synced is there afterwards (tests/powercut.py). These are about
SQLite and the storage; PostgreSQL answers for itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy import make_url

from app.accounts.models import User
from app.accounts.sign_in import link_for
from app.database import db
from app.networks.models import Network
from tests import running
from tests.acknowledged import lost
from tests.cast import Cast
from tests.conftest import Given
from tests.factories import make_participants
from tests.mailserver import free_port
from tests.powercut import Disk, compiled
from tests.running import Post, Poster, some_post

POSTS = 10


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("powercut"))


@pytest.fixture
def site(app: Flask, database_kind: str, cast: Cast, given: Given, library: Path, tmp_path: Path) -> Site:
    if database_kind != "sqlite":
        pytest.skip("PostgreSQL answers for what it acknowledges")
    return Site(app, cast, given, library, tmp_path)


class Site:
    """A portal on a disk whose power can be cut, Bob who writes, and what he was told is done."""

    def __init__(self, app: Flask, cast: Cast, given: Given, library: Path, folder: Path) -> None:
        with given():
            further = make_participants(db.session.get_one(Network, cast.ost.id), 20)
            self.recipients = {f"user:{user.id}" for user in further} | {person.key for person in cast.everyone_in_ost}
            self.link = link_for(db.session.get_one(User, cast.bob.id))
        self.folder = folder
        root = folder / "data"
        root.mkdir()
        database = make_url(app.config["DATABASE_URL"]).database
        assert database
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(root / "netz.db")) as target:
            source.backup(target)
        self.environment = running.settings_of(app) | {"PORT": str(free_port()), "MAIL_UNDO_SECONDS": "300"}
        self.poster = Poster(int(self.environment["PORT"]), cast.ost.path())
        self.disk = Disk(library, root, folder / "synced")
        self.acknowledged: list[Post] = []

    @contextmanager
    def web(self, root: Path, deaf: str | None = None) -> Iterator[None]:
        """Run the web process on the data in `root`; its power is cut at the end."""
        # The storage lies in folders that the portal makes itself when it starts.
        places = {
            "DATABASE_URL": f"sqlite:///{root}/netz.db",
            "QUEUE_URL": f"sqlite:///{root}/queue.db",
            "STORAGE_URL": f"file://{storage(root)}",
        }
        noting = {} if deaf is None else self.disk.environment(deaf)
        with running.netz("web", self.environment | places | noting, self.folder / "web.log"):
            yield

    def write(self, deaf: str) -> None:
        """Sign in, post, and lose power right after the last acknowledgement."""
        with self.web(self.disk.root, deaf):
            self.poster.sign_in(self.link)
            for number in range(POSTS):
                post = some_post(str(number))
                self.acknowledged.append(replace(post, thread=self.poster.post(post)))

    def lost_on(self, root: Path) -> list[str]:
        return lost(f"sqlite:///{root}/netz.db", storage(root), self.acknowledged, self.recipients)


def storage(root: Path) -> Path:
    return root / "ablage" / "uploads"


def test_what_was_acknowledged_survives_a_power_cut(site: Site, tmp_path: Path) -> None:
    site.write(deaf="")
    for seed in range(5):
        assert site.lost_on(site.disk.after_the_cut(tmp_path / f"by-chance-{seed}", Random(seed))) == [], seed
    left = site.disk.after_the_cut(tmp_path / "left")
    with site.web(left):
        for post in site.acknowledged:
            page = site.poster.read(post.thread).decode()
            assert post.subject in page
            links = [part.partition('"')[0] for part in page.split('href="') if part.startswith("/dateien/")]
            contents = {link.rpartition("/")[2]: site.poster.read(link) for link in links}
            assert contents == post.files
    assert site.lost_on(left) == []


@pytest.mark.parametrize("deaf", ["-wal", "/uploads"])
def test_what_was_not_synced_is_noticed(deaf: str, site: Site, tmp_path: Path) -> None:
    site.write(deaf)
    assert site.lost_on(site.disk.root) == []
    assert len(site.lost_on(site.disk.after_the_cut(tmp_path / "left"))) >= POSTS
