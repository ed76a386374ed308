"""Files on their way in: limits, faults said by name, and nothing left behind."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.datastructures import FileStorage

from app.database import db
from app.errors import DomainError
from app.files import keeping, scan, storage
from app.files.storage import Arrival
from tests import databases
from tests.cast import Cast
from tests.conftest import ClientOf, Configured
from tests.files import samples
from tests.files.conftest import arriving, counts, multipart, stored

Uploading = Callable[..., Any]
MEGABYTE = 1024 * 1024


def test_a_file_arrives_in_the_storage_and_is_hashed_on_the_way(uploading: Uploading, uploads: Path) -> None:
    document = samples.pdf()
    with uploading(("flyer.pdf", document)) as form:
        assert form.validate(), form.errors
        [upload] = form.files.data
        assert isinstance(upload.stream, Arrival)
        assert [path.stat().st_mode & 0o777 for path in arriving(uploads)] == [0o600]
        stored_file = keeping.keep(upload, "probe:1")
        db.session.commit()
        assert (stored_file.name, stored_file.media_type, stored_file.size) == (
            "flyer.pdf",
            "application/pdf",
            len(document),
        )
        with keeping.open_file(stored_file) as content:
            assert content.read() == document
    assert len(stored(uploads)) == 1
    assert arriving(uploads) == []


def test_others_write_while_a_file_is_looked_into(
    cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, free = scan.inspect, []

    def inspect(file: Arrival, name: str) -> str:
        free.append(databases.others_can_write())
        return look(file, name)

    monkeypatch.setattr(scan, "inspect", inspect)
    bob = client_of(cast.bob)
    words, file = {"subject": "Flyer", "body": "Anbei."}, ("flyer.zip", samples.archive(("a.txt", b"x")))
    bob.submit(cast.ost.path("nachrichten", "neu"), words, {"files": [file]}, form="/neu")
    assert free == [True], "once, before the request takes the lock"


def test_a_form_without_files_is_fine(uploading: Uploading) -> None:
    with uploading() as form:
        assert form.validate()
        assert form.files.data == []


def test_a_file_field_left_empty_makes_no_file(app: Flask, uploading: Uploading, uploads: Path) -> None:
    body, content_type = multipart(("", b""))
    with app.test_request_context("/", method="POST", data=body, content_type=content_type):
        assert request.files["files"].filename == ""
        assert arriving(uploads) == []


def test_a_file_over_the_limit_is_named_and_the_others_stay(uploading: Uploading, uploads: Path) -> None:
    large = b"x" * (26 * MEGABYTE)
    with uploading(("klein.txt", b"Guten Tag"), ("riesig.txt", large), ("auch.txt", b"Hallo")) as form:
        assert not form.validate()
        [sentence] = form.files.errors
        assert "„riesig.txt“ ist zu groß" in sentence
        assert "25 MB" in sentence
        assert "klein.txt" not in sentence
        assert [upload.filename for upload in form.files.sound] == ["klein.txt", "auch.txt"]
        assert sum(path.stat().st_size for path in arriving(uploads)) < MEGABYTE


def test_a_file_of_exactly_the_limit_is_taken(uploading: Uploading) -> None:
    with uploading(("genau.txt", b"x" * (25 * MEGABYTE))) as form:
        assert form.validate(), form.errors


def test_an_empty_file_is_refused_with_its_name(uploading: Uploading) -> None:
    with uploading(("leer.pdf", b"")) as form:
        assert not form.validate()
        assert "„leer.pdf“ ist leer" in form.files.errors[0]


def test_eleven_files_are_one_too_many(uploading: Uploading) -> None:
    eleven = [(f"{number}.txt", b"Guten Tag") for number in range(11)]
    with uploading(*eleven[:10]) as form:
        assert form.validate(), form.errors
    with uploading(*eleven) as form:
        assert not form.validate()
        assert "höchstens 10 Dateien" in form.files.errors[0]
        assert len(form.files.sound) == 10


def test_every_wrong_file_is_named_at_the_field(uploading: Uploading) -> None:
    with uploading(("a.exe", samples.PE), ("gut.pdf", samples.pdf()), ("b.html", samples.HTML)) as form:
        assert not form.validate()
        [sentence] = form.files.errors
        assert "a.exe" in sentence
        assert "b.html" in sentence
        assert "gut.pdf" not in sentence


def test_what_a_request_leaves_behind_is_removed_at_its_end(app: Flask, uploading: Uploading, uploads: Path) -> None:
    with uploading(("a.txt", b"Guten Tag")) as form:
        assert form.validate()
        assert len(arriving(uploads)) == 1
    assert arriving(uploads) == []
    assert stored(uploads) == []
    assert counts(app) == (0, 0)


def test_a_request_that_breaks_off_leaves_nothing(app: Flask, uploads: Path) -> None:
    body, content_type = multipart(("a.txt", b"Guten Tag"))
    with app.test_request_context("/", method="POST", data=body[:-15], content_type=content_type):
        assert list(request.files) == []
    assert arriving(uploads) == []


def test_what_a_killed_process_left_is_removed_by_age(app: Flask, uploads: Path) -> None:
    with app.app_context():
        store = storage.current()
        store.remove_abandoned()
        old, young = uploads / "incoming" / "alt", uploads / "incoming" / "jung"
        old.write_bytes(b"x")
        young.write_bytes(b"x")
        two_days_ago = time.time() - 2 * 24 * 3600
        os.utime(old, (two_days_ago, two_days_ago))
        assert store.remove_abandoned() == 1
    assert arriving(uploads) == [young]


def test_the_limit_holds_for_files_that_come_another_way(app: Flask, configured: Configured) -> None:
    with configured(UPLOAD_LIMIT=1000), app.test_request_context():
        with pytest.raises(DomainError, match=r"„anhang\.txt“ ist zu groß"):
            keeping.keep_bytes(b"x" * 1001, "anhang.txt", "probe:1")
        assert keeping.keep_bytes(b"x" * 1000, "anhang.txt", "probe:1").size == 1000
        db.session.rollback()


def test_an_upload_that_lies_in_memory_can_be_kept_too(app: Flask, uploads: Path) -> None:
    with app.test_request_context():
        keeping.keep(FileStorage(BytesIO(b"Guten Tag"), "a.txt"), "probe:1")
        db.session.commit()
    assert len(stored(uploads)) == 1


def test_the_storage_says_whether_it_can_be_written(app: Flask, uploads: Path) -> None:
    with app.app_context():
        assert storage.current().is_writable()
        assert arriving(uploads) == []
        assert not storage.LocalStorage(Path("/proc/no-such-folder")).is_writable()
