"""Keeping files: bytes once, uses by name, and both gone together.

The row of a `Blob` is the lock on its bytes: whoever adds or removes bytes holds that row (SQLite: the write lock),
so a file that is dropped here cannot take bytes away that are being kept there. Bytes are removed after the commit,
never before, and a transaction that fails takes back what it brought.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any, BinaryIO

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete, event, exists, insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction
from werkzeug.datastructures import FileStorage

from app.database import begin_reading, db, writing
from app.errors import DomainError
from app.files import scan, storage
from app.files.models import Blob, StoredFile
from app.files.names import clean_name
from app.files.storage import Arrival
from app.queue import job
from app.templating import filesize

log = logging.getLogger(__name__)

#: Seconds for which bytes without a row are left alone by the sweep.
ORPHANED_AFTER = 3600


class NoRoom(DomainError):
    """The file is one we take, but it cannot be stored at this moment: the same again later may well succeed."""


def keep(upload: FileStorage, owner: str, position: int = 0) -> StoredFile:
    """Keep an uploaded file for `owner` ("message:12"); the upload is used up.

    Raises `DomainError` naming the file when it is refused, and `NoRoom`, which is one, when there is no room for it.
    """
    name = clean_name(upload.filename)
    arrival = arrived(upload)
    media_type = inspect(upload)
    blob = _claim(arrival)
    try:
        storage.current().put(arrival)
    except OSError as error:
        log.exception("An upload could not be stored")
        raise _no_room(name) from error
    arrival.close()
    stored_file = StoredFile(blob=blob, owner=owner, name=name, media_type=media_type, position=position)
    db.session.add(stored_file)
    db.session.flush()
    return stored_file


def keep_bytes(data: bytes, name: str, owner: str, position: int = 0) -> StoredFile:
    """Keep bytes that came another way than by a form (a mail, a report). Raises `DomainError` like `keep()`."""
    upload = made_ready(data, name)
    try:
        return keep(upload, owner, position)
    finally:
        upload.close()


def made_ready(data: bytes, name: str) -> FileStorage:
    """Return bytes as an upload that is looked into and on the disk, so that `keep()` only puts it in its place.

    Asks nothing of the database. Raises `DomainError` like `keep()`; whoever keeps it not, closes it.
    """
    upload = FileStorage(BytesIO(data), name)
    try:
        inspect(upload)
        arrived(upload).settle()
        inspect(upload)  # some file systems find out only now that there is no room
    except BaseException:
        upload.close()
        raise
    return upload


def inspect(upload: FileStorage) -> str:
    """Return the media type of an upload; raises `DomainError` if it is empty, too large or of a dangerous kind."""
    name = clean_name(upload.filename)
    arrival = arrived(upload)
    if arrival.too_large:
        limit = filesize(arrival.limit)
        raise DomainError(
            _("„%(name)s“ ist zu groß. Eine Datei darf höchstens %(limit)s haben.", name=name, limit=limit)
        )
    if arrival.unstorable:
        raise _no_room(name)
    if arrival.size == 0:
        raise DomainError(_("„%(name)s“ ist leer. Bitte wählen Sie die Datei noch einmal aus.", name=name))
    _judge(arrival, name)
    if arrival.refusal:
        raise DomainError(arrival.refusal)
    return arrival.media_type


def _no_room(name: str) -> NoRoom:
    return NoRoom(
        _(
            "„%(name)s“ ließ sich nicht speichern: Auf dem Server ist kein Platz mehr. Bitte sagen Sie der "
            "Verwaltung Bescheid.",
            name=name,
        )
    )


def _judge(arrival: Arrival, name: str) -> None:
    """Let the content be looked at, once in a request, and note on the arrival what was found."""
    if arrival.media_type or arrival.refusal:
        return
    try:
        arrival.media_type = scan.inspect(arrival, name)
    except DomainError as error:
        arrival.refusal = str(error)
    finally:
        arrival.seek(0)  # whoever reads it next begins at the beginning


def arrived(upload: FileStorage) -> Arrival:
    """Return the upload as a file of the incoming folder, copied there if it lies elsewhere."""
    if not isinstance(upload.stream, Arrival):
        arrival = storage.current().incoming(current_app.config["UPLOAD_LIMIT"])
        upload.stream.seek(0)
        shutil.copyfileobj(upload.stream, arrival)
        upload.stream.close()
        upload.stream = arrival
    return upload.stream


def adopt(files: Iterable[StoredFile], owner: str) -> None:
    """Hand files over to another owner: those of a draft to the message it becomes, in the order given."""
    for position, stored_file in enumerate(files):
        stored_file.owner = owner
        stored_file.position = position


def use_again(file: StoredFile, owner: str, position: int) -> StoredFile:
    """Give `owner` the same bytes as a file of its own: each keeps its own when the other goes."""
    again = StoredFile(blob=file.blob, owner=owner, name=file.name, media_type=file.media_type, position=position)
    db.session.add(again)
    return again


def drop(stored_file: StoredFile) -> None:
    """Remove this use of a file. Its bytes go after the commit, if nothing else uses them."""
    _touched(db.session()).add(stored_file.blob.sha256)
    db.session.delete(stored_file)


def open_file(stored_file: StoredFile) -> BinaryIO:
    """Open the bytes for reading. Raises `FileNotFoundError` if the storage lost them."""
    return storage.current().open(stored_file.blob.sha256)


@job("files", every_night=True)
def sweep() -> None:
    """Remove bytes that nothing uses: their uses went by a cascade, or a process was killed before its commit."""
    # A walk over the whole storage takes minutes: nobody waits for SQLite's write lock meanwhile.
    begin_reading()
    store = storage.current()
    store.remove_abandoned()
    kept = set(store.hashes(older_than=ORPHANED_AFTER))
    with db.engine.connect() as connection:
        candidates = set(connection.scalars(select(Blob.sha256).where(~_is_used)))
        candidates |= kept - set(connection.scalars(select(Blob.sha256)))
    for sha256 in candidates:
        _remove_if_unused(sha256)


_is_used = exists().where(StoredFile.blob_id == Blob.id)


def _claim(arrival: Arrival) -> Blob:
    """Return the locked row of these bytes, made if it is missing; somebody else may be making it at this moment."""
    _touched(db.session()).add(arrival.sha256)
    locked = select(Blob).where(Blob.sha256 == arrival.sha256).with_for_update(read=True)
    while True:
        if blob := db.session.scalar(locked):
            return blob
        with suppress(IntegrityError), db.session.begin_nested():
            db.session.add(Blob(sha256=arrival.sha256, size=arrival.size))


def _touched(session: Session) -> set[str]:
    """The hashes whose bytes this transaction may have brought or made needless."""
    hashes: set[str] = session.info.setdefault("touched_bytes", set())
    return hashes


@event.listens_for(Session, "after_transaction_end")
def _tidy(session: Session, transaction: SessionTransaction) -> None:
    """After a commit or a rollback: remove the bytes that were touched and that no row uses."""
    if transaction.parent is not None or not session.info.get("touched_bytes"):
        return
    hashes = session.info.pop("touched_bytes")
    try:
        for sha256 in hashes - _used(hashes):
            _remove_if_unused(sha256)
    except (SQLAlchemyError, OSError):
        # What the person asked for is done; the bytes wait for the sweep.
        log.exception("Bytes that nothing uses could not be removed")


def _used(hashes: Sequence[str] | set[str]) -> set[str]:
    with db.engine.connect() as connection:
        return set(connection.scalars(select(Blob.sha256).where(Blob.sha256.in_(hashes), _is_used)))


def _remove_if_unused(sha256: str) -> None:
    """Remove the bytes and their row, holding the row so that nobody begins to use them meanwhile."""
    with writing(), db.engine.begin() as connection:
        row: Any = connection.scalar(select(Blob.id).where(Blob.sha256 == sha256).with_for_update())
        if row is None:
            try:
                # The row is made to be held; whoever is keeping the same bytes has made it first or waits.
                row = connection.scalar(insert(Blob).values(sha256=sha256, size=0).returning(Blob.id))
            except IntegrityError:
                return
        elif connection.scalar(select(StoredFile.id).where(StoredFile.blob_id == row).limit(1)):
            return
        storage.current().delete(sha256)
        connection.execute(delete(Blob).where(Blob.id == row))
