"""A disk that is full, or a folder that is closed to us: the form says so, and nothing typed is lost."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage

from app.database import writing
from app.errors import DomainError
from app.files import keeping, storage
from tests.cast import Cast
from tests.conftest import ClientOf


@pytest.fixture
def closed_folder(uploads: Path) -> Iterator[None]:
    """Nobody, root neither, can make a file in what is no folder."""
    incoming = uploads / "incoming"
    if incoming.exists():
        incoming.rmdir()
    incoming.write_bytes(b"")
    yield
    incoming.unlink(missing_ok=True)


@contextmanager
def full_disk() -> Iterator[None]:
    """The kernel takes not one octet more into a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("closed_folder")
def test_a_post_with_a_file_says_so_and_keeps_the_text(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.bob).submit(
        cast.ost.path("nachrichten", "neu"),
        {"kind": "message", "subject": "Betreff der bleibt", "body": "Text der bleibt"},
        {"files": [("Hausordnung.txt", b"Bitte leise sein.")]},
    )
    assert "„Hausordnung.txt“ ließ sich nicht speichern" in page.text
    assert "Text der bleibt" in page.text


def test_a_disk_that_is_full_before_the_first_octet_is_told(app: Flask) -> None:
    with app.app_context(), writing():
        upload = FileStorage(BytesIO(b"Bitte leise sein."), "Hausordnung.txt")
        with full_disk():
            arrival = keeping.arrived(upload)
        assert arrival.unstorable
        with pytest.raises(DomainError, match="kein Platz"):
            keeping.keep(upload, "draft:1")
        upload.close()


@pytest.mark.usefixtures("closed_folder")
def test_a_closed_folder_is_told_by_the_check(app: Flask) -> None:
    with app.app_context():
        assert not storage.current().is_writable()
