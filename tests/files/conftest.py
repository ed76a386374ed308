"""Uploads without a feature around them: files that belong to a "probe", which named people may read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import registry
from app.database import db
from app.files import keeping
from app.files.forms import UploadsField
from app.files.models import Blob, StoredFile
from app.forms import PortalForm
from tests.cast import Person
from tests.conftest import Given

Keep = Callable[..., tuple[int, str]]


class UploadForm(PortalForm):
    class Meta(PortalForm.Meta):
        csrf = False

    files = UploadsField("Dateien")


@pytest.fixture
def keep(given: Given) -> Keep:
    """`keep(data, name)` keeps a file for "probe:1" and commits; returns its id and its name."""

    def kept(data: bytes, name: str = "datei.txt", owner: str = "probe:1") -> tuple[int, str]:
        with given():
            stored_file = keeping.keep_bytes(data, name, owner)
            return stored_file.id, stored_file.name

    return kept


@pytest.fixture
def readable(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`readable(cast.bob)` lets Bob, and nobody else, read what belongs to a probe."""

    def let(*people: Person) -> None:
        ids = {person.id for person in people}
        monkeypatch.setitem(registry.readable_by, "probe", lambda owner_id, user: user.id in ids)

    return let


@pytest.fixture
def uploading(app: Flask) -> Callable[..., Any]:
    """`with uploading((name, data), ...) as form:` is inside a request that brought these files."""

    @contextmanager
    def upload(*files: tuple[str, bytes]) -> Iterator[UploadForm]:
        body, content_type = multipart(*files)
        with app.test_request_context("/", method="POST", data=body, content_type=content_type):
            yield UploadForm()

    return upload


def multipart(*files: tuple[str, bytes]) -> tuple[bytes, str]:
    """The body of a form with these files, and its Content-Type (RFC 7578)."""
    parts = [
        f'--limit\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode() + data + b"\r\n"
        for name, data in files
    ]
    return b"".join([*parts, b"--limit--\r\n"]), "multipart/form-data; boundary=limit"


def stored(uploads: Path) -> list[Path]:
    """The files that lie in the storage, those that are still arriving not among them."""
    return sorted(path for path in uploads.glob("??/*") if path.is_file())


def arriving(uploads: Path) -> list[Path]:
    """The files in the storage's incoming folder."""
    return sorted((uploads / "incoming").glob("*"))


def counts(app: Flask) -> tuple[int, int]:
    """How many blobs and how many uses the database knows."""
    with app.app_context():
        return db.session.scalar(select(func.count(Blob.id))) or 0, db.session.scalar(
            select(func.count(StoredFile.id))
        ) or 0
