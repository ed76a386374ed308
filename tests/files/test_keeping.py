"""Bytes once, uses by name, and both gone together, whatever happens at the same time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete

from app.database import db, writing
from app.files import attaching, keeping, storage
from app.files.models import Blob, StoredFile
from tests import databases
from tests.conftest import Configured, Given
from tests.files.conftest import Keep, counts, stored


def test_equal_bytes_are_kept_once(app: Flask, keep: Keep, uploads: Path) -> None:
    keep(b"Guten Tag", "a.txt")
    keep(b"Guten Tag", "b.txt", "probe:2")
    assert counts(app) == (1, 2)
    assert len(stored(uploads)) == 1


def test_bytes_go_with_their_last_use(app: Flask, given: Given, keep: Keep, uploads: Path) -> None:
    first, _ = keep(b"Guten Tag", "a.txt")
    second, _ = keep(b"Guten Tag", "b.txt")
    drop(given, first)
    assert counts(app) == (1, 1)
    assert len(stored(uploads)) == 1
    drop(given, second)
    assert counts(app) == (0, 0)
    assert stored(uploads) == []


def test_bytes_stay_until_the_commit(app: Flask, keep: Keep, uploads: Path) -> None:
    file_id, _ = keep(b"Guten Tag")
    with app.app_context(), writing():
        keeping.drop(db.session.get_one(StoredFile, file_id))
        db.session.flush()
        assert len(stored(uploads)) == 1
        db.session.rollback()
        assert len(stored(uploads)) == 1
    assert counts(app) == (1, 1)


@pytest.mark.parametrize("ending", ["rollback", "close"])
def test_a_transaction_that_fails_takes_back_what_it_brought(app: Flask, uploads: Path, ending: str) -> None:
    with app.app_context(), writing():
        keeping.keep_bytes(b"Guten Tag", "a.txt", "probe:1")
        assert len(stored(uploads)) == 1
        getattr(db.session, ending)()
    assert stored(uploads) == []
    assert counts(app) == (0, 0)


def test_a_failed_transaction_leaves_the_bytes_of_others(app: Flask, keep: Keep, uploads: Path) -> None:
    keep(b"Guten Tag")
    with app.app_context(), writing():
        keeping.keep_bytes(b"Guten Tag", "a.txt", "probe:2")
        db.session.rollback()
    assert len(stored(uploads)) == 1
    assert counts(app) == (1, 1)


def test_a_file_dropped_and_kept_again_in_one_go_stays(app: Flask, given: Given, keep: Keep, uploads: Path) -> None:
    file_id, _ = keep(b"Guten Tag")
    with given():
        keeping.drop(db.session.get_one(StoredFile, file_id))
        keeping.keep_bytes(b"Guten Tag", "b.txt", "probe:2")
    assert counts(app) == (1, 1)
    assert len(stored(uploads)) == 1


def test_bytes_the_storage_lost_come_back_with_the_next_upload(app: Flask, keep: Keep, uploads: Path) -> None:
    keep(b"Guten Tag")
    for path in stored(uploads):
        path.write_bytes(b"")  # what a power cut leaves on a careless disk
    file_id, _ = keep(b"Guten Tag")
    with app.app_context(), keeping.open_file(db.session.get_one(StoredFile, file_id)) as content:
        assert content.read() == b"Guten Tag"


def test_many_people_keep_and_drop_the_same_flyer_at_once(app: Flask, uploads: Path) -> None:
    def work(number: int) -> None:
        for turn in range(12):
            with app.app_context(), writing():
                stored_file = keeping.keep_bytes(b"Flyer", f"{number}-{turn}.txt", f"probe:{number}")
                db.session.commit()
                with keeping.open_file(stored_file) as content:
                    assert content.read() == b"Flyer"
                if turn % 3:
                    keeping.drop(stored_file)
                    db.session.commit()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert counts(app) == (1, 24)
    assert len(stored(uploads)) == 1


def test_files_are_handed_over_in_their_order(app: Flask, given: Given, keep: Keep) -> None:
    ids = [keep(str(number).encode(), f"{number}.txt", "draft:7")[0] for number in range(3)]
    with given():
        files = [db.session.get_one(StoredFile, file_id) for file_id in reversed(ids)]
        keeping.adopt(files, "message:3")
    with app.app_context():
        names = [stored_file.name for stored_file in db.session.scalars(StoredFile.owned_by("message:3"))]
        assert db.session.scalars(StoredFile.owned_by("draft:7")).all() == []
    assert names == ["2.txt", "1.txt", "0.txt"]


def test_the_sweep_removes_what_nothing_uses(app: Flask, given: Given, keep: Keep, uploads: Path) -> None:
    keep(b"bleibt", "a.txt")
    gone, _ = keep(b"geht", "b.txt")
    with given():
        db.session.execute(delete(StoredFile).where(StoredFile.id == gone))  # as a cascade does
    orphan = uploads / "ab" / ("c" * 62)
    fresh = uploads / "ab" / ("d" * 62)
    orphan.parent.mkdir(exist_ok=True)
    for path in (orphan, fresh):
        path.write_bytes(b"x")  # its transaction was killed before the commit
    yesterday = time.time() - 24 * 3600
    os.utime(orphan, (yesterday, yesterday))
    with app.app_context():
        keeping.sweep()
    assert counts(app) == (1, 1)
    assert len(stored(uploads)) == 2
    assert fresh in stored(uploads)


def test_others_write_while_the_sweep_walks_over_the_storage(
    app: Flask, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(b"bleibt", "a.txt")
    walk, free = storage.LocalStorage.hashes, []

    def hashes(store: storage.LocalStorage, older_than: float = 0) -> Iterator[str]:
        free.append(databases.others_can_write())
        return walk(store, older_than)

    monkeypatch.setattr(storage.LocalStorage, "hashes", hashes)
    app.extensions["run_job"].call_local("files")
    assert free == [True]


def test_the_storage_takes_no_name_but_a_hash(app: Flask) -> None:
    with app.app_context():
        for name in ("../../etc/passwd", "ab/../../x", "", "A" * 64, "ab" * 32 + "\n"):
            with pytest.raises(ValueError, match="SHA-256"):
                storage.current().open(name)


def test_small_files_travel_in_the_mail_and_large_ones_as_links(app: Flask, configured: Configured) -> None:
    files = [StoredFile(name=name, blob=Blob(size=size)) for name, size in (("a", 40), ("b", 70), ("c", 60), ("d", 1))]
    with configured(MAIL_ATTACH_LIMIT=100), app.app_context():
        luggage = attaching.split(files)
    assert [stored_file.name for stored_file in luggage.attached] == ["a", "c"]
    assert [stored_file.name for stored_file in luggage.linked] == ["b", "d"]


def drop(given: Given, file_id: int) -> None:
    with given():
        keeping.drop(db.session.get_one(StoredFile, file_id))
