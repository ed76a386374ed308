"""Filing documents: uploads become documents, and a document goes with its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import PurePath

from werkzeug.datastructures import FileStorage

from app.database import db
from app.files import keeping
from app.files.names import clean_name
from app.meetings.models import Document, Meeting, Paper
from app.networks.models import Network


def file_uploads(
    network: Network, uploads: Sequence[FileStorage], *, kind: Paper, title: str, meeting: Meeting | None, dated: date
) -> list[Document]:
    """Make documents of uploads: one of all of them under the title, or one of each under its own name.

    Raises `DomainError` with a sentence naming a file that is refused.
    """
    bundles = [(title, list(uploads))] if title else [(title_of(upload.filename), [upload]) for upload in uploads]
    return [_document(network, name, files, kind, meeting, dated) for name, files in bundles]


def title_of(name: str | None) -> str:
    """Return the title of a paper whose file has this name: "Protokoll 3. Sitzung" of "Protokoll_3._Sitzung.pdf"."""
    stem = PurePath(clean_name(name)).stem
    return " ".join(stem.replace("_", " ").split())[:200]


def drop_document(document: Document) -> None:
    """Delete a document and its files. Messages they were sent with keep theirs."""
    for stored_file in document.files:
        keeping.drop(stored_file)
    db.session.delete(document)


def _document(
    network: Network, title: str, uploads: Sequence[FileStorage], kind: Paper, meeting: Meeting | None, dated: date
) -> Document:
    document = Document(network=network, title=title, kind=kind, dated=dated, meeting=meeting)
    db.session.add(document)
    db.session.flush()
    for position, upload in enumerate(uploads):
        keeping.keep(upload, document.key, position)
    return document
