"""What was acknowledged survives a power cut, and the test would notice if it did not.

The web process runs as in production; only what it synced is there afterwards (tests/powercut.c). These are about
SQLite and the storage; PostgreSQL answers for itself.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from flask import Flask

from tests.cast import Cast
from tests.powercut import Site, compiled
from tests.running import some_post

POSTS = 10


@pytest.fixture
def site(app: Flask, database_kind: str, cast: Cast, tmp_path: Path) -> Site:
    if database_kind != "sqlite":
        pytest.skip("PostgreSQL answers for what it acknowledges")
    return Site(app, cast, compiled(tmp_path), tmp_path)


def write(site: Site, deaf: str) -> None:
    """Let Bob sign in and post, and lose power right after the last acknowledgement."""
    disk = site.disk()
    with site.web(disk.environment(deaf)):
        bob = site.posters[0]
        bob.sign_in()
        for number in range(POSTS):
            site.acknowledged.append(bob.post(some_post(str(number))))


def test_what_was_acknowledged_survives_a_power_cut(site: Site, tmp_path: Path) -> None:
    write(site, deaf="")
    for seed in range(5):
        assert site.lost_on(site.cut(tmp_path / f"by-chance-{seed}", Random(seed))) == [], seed
    site.root = site.cut(tmp_path / "left")
    with site.web():
        for post in site.acknowledged:
            page = site.posters[0].read(post.thread).decode()
            assert post.subject in page
            links = [part.partition('"')[0] for part in page.split('href="') if part.startswith("/dateien/")]
            contents = {link.rpartition("/")[2]: site.posters[0].read(link) for link in links}
            assert contents == post.files
    assert site.lost_on(site.root) == []


@pytest.mark.parametrize("deaf", ["-wal", "/uploads"])
def test_what_was_not_synced_is_noticed(deaf: str, site: Site, tmp_path: Path) -> None:
    write(site, deaf)
    assert site.lost_on(site.root) == []
    assert len(site.lost_on(site.cut(tmp_path / "left"))) >= POSTS
