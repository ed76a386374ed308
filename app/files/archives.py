"""Archives: ZIP and the office formats built upon it are looked into, all others are refused.

Only the directory and the head of each entry are read; an entry that is itself an archive or an old office document
is unpacked to a temporary file and judged like an upload, within a limit for the upload with all that is inside it.
"""

from __future__ import annotations

import lzma
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import BinaryIO

from app.files import programs
from app.files.names import extension
from app.files.refusal import BOMB, BROKEN, LOCKED, MACROS, OUTSIDE, PROGRAM, SEALED, TOO_DEEP, Refused

MOST_ENTRIES = 5000
MOST_UNPACKED = 1024**3  # octets of all entries as the directory declares them
MOST_EXAMINED = 100 * 1024**2  # octets of entries that are unpacked to be judged
SUSPICIOUS_SIZE = 20 * 1024**2  # octets from which the ratio counts: small things may shrink a lot
SUSPICIOUS_RATIO = 150
DEEPEST = 3
ENTRY_HEAD = 512  # octets
HEADER = 30  # octets before the name and the content of an entry (APPNOTE 4.3.7)

_SEALED_STARTS = re.compile(
    rb"""Rar!\x1a\x07 | 7z\xbc\xaf\x27\x1c | \x1f\x8b[\x08] | BZh[1-9]1AY&SY | \xfd7zXZ\x00 | \x28\xb5\x2f\xfd
    | MSCF\x00\x00\x00\x00 | \x1f\x9d | \x1f\xa0 | \x5d\x00\x00\x80\x00 | \x60\xea[\x1e-\xff]
    | ..-lh[0-7]- | .{7}\*\*ACE\*\*""",
    re.VERBOSE | re.DOTALL,
)
PLAIN = "application/zip"
_OFFICE_FOLDERS = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "visio/": "application/vnd.ms-visio.drawing",
}
_PROGRAM_ENTRIES = re.compile(
    r"META-INF/MANIFEST\.MF|AndroidManifest\.xml|AppxManifest\.xml|install\.rdf|.*\.class", re.IGNORECASE
)

_DAMAGES = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError)

Inspector = Callable[[BinaryIO, str], str]


class Budget:
    """How many octets may still be unpacked to be judged: of one upload, however deep they lie in it."""

    def __init__(self) -> None:
        self._left = MOST_EXAMINED

    def spend(self, octets: int) -> None:
        """Take so much; raises `Refused` when it is too much."""
        self._left -= octets
        if self._left < 0:
            raise Refused(BOMB)


def refuse_sealed(head: bytes) -> None:
    """Raise `Refused` if this is an archive or a disk image we cannot look into."""
    if _SEALED_STARTS.match(head) or head[257:262] == b"ustar" or head[0x8001:0x8006] == b"CD001":
        raise Refused(SEALED)


def has_directory(file: BinaryIO) -> bool:
    """Whether unpackers would take this file for a ZIP archive, whatever it begins with."""
    try:
        return zipfile.is_zipfile(file)
    finally:
        file.seek(0)


def inspect(file: BinaryIO, inspect_inner: Inspector, budget: Budget, depth: int) -> str:
    """Return the media type of a ZIP archive or office document; raises `Refused`."""
    if depth > DEEPEST:
        raise Refused(TOO_DEEP)
    try:
        with zipfile.ZipFile(file) as archive:
            _refuse_bomb(archive, file)
            _refuse_entries(archive)
            media_type = _media_type(archive)
            _refuse_contents(archive, media_type == PLAIN, inspect_inner, budget)
    except _DAMAGES as error:
        raise Refused(BROKEN) from error
    file.seek(0)
    return media_type


def _refuse_bomb(archive: zipfile.ZipFile, file: BinaryIO) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    size = file.seek(0, 2)
    bursts = unpacked > SUSPICIOUS_SIZE and unpacked > SUSPICIOUS_RATIO * size
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or bursts or _overlap(entries):
        raise Refused(BOMB)


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Whether entries share octets: one small kernel stands for many files."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    return any(
        following.header_offset < entry.header_offset + HEADER + entry.compress_size
        for entry, following in pairwise(ordered)
    )


def _refuse_entries(archive: zipfile.ZipFile) -> None:
    for entry in archive.infolist():
        if entry.flag_bits & 0x1:
            raise Refused(LOCKED)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # Office programs use no other; and a few octets of bzip2 or LZMA can keep a processor busy for minutes.
            raise Refused(SEALED)
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or re.match(r"[a-z]:", name, re.IGNORECASE) or ".." in name.split("/"):
            raise Refused(OUTSIDE)
        if _PROGRAM_ENTRIES.fullmatch(name):
            raise Refused(PROGRAM)
        # A macro in Word and Excel, one in LibreOffice; its two lists of modules are there even when empty.
        is_module = re.match(r"(Basic/.+/(?!script-l[bc]\.xml)[^/]+\.xml|Scripts/.*[^/])$", name)
        if name.lower().endswith("vbaproject.bin") or is_module:
            raise Refused(MACROS)


def _media_type(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if "mimetype" in names:
        declared = _head(archive, "mimetype").decode("ascii", "replace").strip()
        if re.fullmatch(r"application/(vnd\.oasis\.opendocument\.[\w.-]{1,60}|epub\+zip)", declared):
            return declared
    if "[Content_Types].xml" in names:
        return next((kind for folder, kind in _OFFICE_FOLDERS.items() if _has_folder(names, folder)), PLAIN)
    return PLAIN


def _has_folder(names: set[str], folder: str) -> bool:
    return any(name.startswith(folder) for name in names)


def _refuse_contents(archive: zipfile.ZipFile, is_plain: bool, inspect_inner: Inspector, budget: Budget) -> None:
    for entry in archive.infolist():
        if entry.is_dir():
            continue
        head = _head(archive, entry)
        programs.refuse_by_content(head)
        kind = extension(entry.filename)
        if kind not in ("htm", "html"):  # a page inside an archive never comes near our own pages
            programs.refuse_by_name(kind)
        if is_plain:  # office documents hold compressed pictures
            refuse_sealed(head)
        if head.startswith((b"PK\x03\x04", programs.COMPOUND)):
            budget.spend(entry.file_size)
            _inspect_entry(archive, entry, inspect_inner)


def _head(archive: zipfile.ZipFile, entry: zipfile.ZipInfo | str) -> bytes:
    with archive.open(entry) as content:
        return content.read(ENTRY_HEAD)


def _inspect_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, inspect_inner: Inspector) -> None:
    with tempfile.TemporaryFile() as unpacked, archive.open(entry) as content:
        while chunk := content.read(64 * 1024):
            unpacked.write(chunk)
        unpacked.flush()
        inspect_inner(unpacked, entry.filename.rpartition("/")[2])
