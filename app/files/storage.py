"""Where bytes lie: in a folder, under the name of their own content, so that no name a person typed is ever a path.

`ab/cdef...` holds the bytes whose SHA-256 is `abcdef...`; `incoming/` holds what is still arriving. Everything above
calls `incoming put open exists delete hashes is_writable has_room` and never sees a path; a store in another place
(`s3://`) is a second class with these eight, chosen in `open_storage()`.

A power cut loses nothing that `put()` has returned for: the bytes are fsynced, renamed into place, and the folders
that hold the new names are fsynced too.
"""

from __future__ import annotations

import errno
import hashlib
import io
import logging
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app

from app.files.folders import make_folder, modified, sync_folder

log = logging.getLogger(__name__)

#: Seconds after which a file that still arrives is given up; it was left by a process that was killed.
ABANDONED_AFTER = 24 * 3600
#: Octets after which arriving bytes are sent to the disk, so that little is left to wait for at the end.
WRITE_BACK_EVERY = 4 * 1024 * 1024

_SHA256 = re.compile(r"[0-9a-f]{64}")


def init_app(app: Flask) -> None:
    """Open the storage that `STORAGE_URL` names and remove what killed processes left half arrived."""
    storage = open_storage(app.config["STORAGE_URL"])
    storage.remove_abandoned()
    app.extensions["storage"] = storage


def open_storage(url: str) -> LocalStorage:
    """Return the storage at `url`, a `file://` address of a folder; it is made if it is missing."""
    return LocalStorage(Path(unquote(urlsplit(url).path)))


def current() -> LocalStorage:
    """Return the storage of the running application."""
    return cast(LocalStorage, current_app.extensions["storage"])


class LocalStorage:
    """Bytes by their hash in one folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / "incoming"

    def incoming(self, limit: int) -> Arrival:
        """Return an empty file to write at most `limit` octets into. What cannot be stored is noted there."""
        path = self._incoming / secrets.token_hex(16)
        try:
            make_folder(self._incoming, mode=0o700)
            return Arrival(path, limit)
        except OSError:
            # No room for the name alone, or no right to write here: the form shall say so, not an error page.
            log.exception("The storage takes no upload")
            return Arrival(path, limit, unstorable=True)

    def put(self, arrival: Arrival) -> None:
        """Move what arrived to its place. Bytes that are there already stay, and the arrival is discarded.

        Raises `OSError` when the disk has no room for it.
        """
        target = self._path(arrival.sha256)
        if self.exists(arrival.sha256, arrival.size):
            arrival.discard()
        else:
            arrival.settle()
            if arrival.unstorable:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            target.parent.mkdir(mode=0o700, exist_ok=True)
            arrival.path.replace(target)
        # Also where bytes or folder were here already: who made them may have been killed before its own sync.
        sync_folder(target.parent)
        sync_folder(self.root)

    def open(self, sha256: str) -> BinaryIO:
        """Open the bytes for reading. Raises `FileNotFoundError`."""
        return self._path(sha256).open("rb")

    def exists(self, sha256: str, size: int) -> bool:
        """Whether these bytes are here in full (`size` in octets)."""
        try:
            return self._path(sha256).stat().st_size == size
        except FileNotFoundError:
            return False

    def delete(self, sha256: str) -> None:
        """Remove the bytes; nothing happens if they are gone already."""
        self._path(sha256).unlink(missing_ok=True)

    def hashes(self, older_than: float = 0) -> Iterator[str]:
        """Yield the hash of everything kept here for more than `older_than` seconds."""
        before = time.time() - older_than
        for path in self.root.glob("[0-9a-f][0-9a-f]/*"):
            sha256 = path.parent.name + path.name
            if _SHA256.fullmatch(sha256) and modified(path) <= before:
                yield sha256

    def remove_abandoned(self, older_than: float = ABANDONED_AFTER) -> int:
        """Remove arriving files nobody has written to for `older_than` seconds; return how many."""
        make_folder(self._incoming, mode=0o700)
        before = time.time() - older_than
        abandoned = [path for path in self._incoming.iterdir() if modified(path) < before]
        for path in abandoned:
            path.unlink(missing_ok=True)
        return len(abandoned)

    def is_writable(self) -> bool:
        """Whether a file can be written, synced and removed here now."""
        try:
            with self.incoming(limit=1) as probe:
                probe.write(b"x")
                probe.settle()
                return not probe.unstorable
        except OSError:
            return False

    def has_room(self, octets: int) -> bool:
        """Whether so much fits in here and the system lets us write; only asked, nothing is written for it."""
        try:
            volume = os.statvfs(self.root)
        except OSError:
            return False
        may_write = self.root.is_dir() and os.access(self.root, os.W_OK | os.X_OK)
        return may_write and volume.f_bavail * volume.f_frsize >= octets

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise ValueError("the storage knows bytes by their SHA-256 only")
        return self.root / sha256[:2] / sha256[2:]


class Arrival(io.FileIO):
    """A file that is arriving: hashed while it is written, readable afterwards, removed when closed unless put away.

    Past `limit` octets it stops storing, frees what it held and remembers that it was `too_large`; the writer goes
    on undisturbed, because what follows in the same request may be fine.
    """

    def __init__(self, path: Path, limit: int, *, unstorable: bool = False) -> None:
        # "x": the name must not exist yet, so nothing that was planted there is followed or overwritten.
        super().__init__(path, "x+b", opener=_open_nothing if unstorable else _open_private)
        self.path = path
        self.limit = limit
        self.size = 0
        self.too_large = False
        self.unstorable = unstorable  # the disk took no more of it
        # One of both is set by app/files/keeping.py when the content was looked at.
        self.media_type = ""
        self.refusal = ""  # a sentence for a person
        self._hash = hashlib.sha256()
        self._written_back = 0
        self._settled = False

    @property
    def sha256(self) -> str:
        """The hash of what has arrived so far, 64 hexadecimal digits."""
        return self._hash.hexdigest()

    def write(self, chunk: Any, /) -> int:
        """Take the next octets. Always takes all of them, stored or not."""
        length = memoryview(chunk).nbytes
        if self.too_large or self.unstorable:
            return length
        self.size += length
        if self.size > self.limit:
            self.too_large = True
            self.truncate(0)
            return length
        self._hash.update(chunk)
        try:
            self._store(chunk)
        except OSError:
            log.exception("An upload could not be stored")
            self.unstorable = True
            self.truncate(0)
        return length

    def settle(self) -> None:
        """Let what arrived survive a power cut (its name is `put()`'s concern), or note that it is `unstorable`."""
        if self._settled or self.unstorable:
            return
        try:
            os.fsync(self.fileno())
            self._settled = True
        except OSError:  # some file systems find out only now that there is no room
            log.exception("An upload could not be stored")
            self.unstorable = True

    def discard(self) -> None:
        """Remove the arriving file; it can still be read until it is closed."""
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close, and remove what was not put away."""
        if not self.closed:
            with suppress(OSError):  # the folder may be gone or closed to us; the sweep removes what is left
                self.discard()
        super().close()

    def _store(self, chunk: Any) -> None:
        self._write_all(chunk)
        if self.size - self._written_back >= WRITE_BACK_EVERY:
            os.fdatasync(self.fileno())
            self._written_back = self.size

    def _write_all(self, chunk: Any) -> None:
        rest = memoryview(chunk).cast("B")
        while rest:
            rest = rest[super().write(rest) :]


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _open_nothing(path: str, flags: int) -> int:
    return os.open(os.devnull, os.O_RDWR)
