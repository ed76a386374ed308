"""What a file is, judged by its content, and whether we take it.

Refused is what can act on the reader's machine: programs and scripts of any kind, web pages, drawings with scripts,
documents with macros, files that are two things at once, archives that hide such things or burst when unpacked.
A password keeps us from looking into an archive, so archives with one are refused like the formats we cannot open;
PDF and office documents may have one. Everything else is kept, also what we do not know, and is only ever offered
for download (app/files/views.py).

The time this takes does not grow with the file: the head and the tail are read, of archives also their directory
and the head of each entry.
"""

from __future__ import annotations

import re
from typing import BinaryIO

import puremagic
from flask_babel import gettext as _

from app.errors import DomainError
from app.files import archives, markup, programs
from app.files.names import extension
from app.files.refusal import BROKEN_PDF, TWO_THINGS, WEB_PAGE, Refused
from app.files.storage import Arrival

HEAD = 64 * 1024  # octets
TAIL = 64 * 1024 + 22  # an archive's directory ends at most this far from the end of the file
TEXT_SAMPLE = 8 * 1024
UNKNOWN = "application/octet-stream"

_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
)
_TEXTS = {
    "csv": "text/csv",
    "ics": "text/calendar",
    "md": "text/markdown",
    "eml": "message/rfc822",
    "json": "application/json",
    "vcf": "text/vcard",
}
# What has no signature of its own and is told apart by its name: all of these are compound files of Microsoft.
_COMPOUND = {
    "doc": "application/msword",
    "dot": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
    "mpp": "application/vnd.ms-project",
    "pub": "application/vnd.ms-publisher",
    "vsd": "application/vnd.visio",
}


def inspect(file: BinaryIO | Arrival, name: str) -> str:
    """Return the media type of `file`; raises `DomainError` naming the file and why it is refused."""
    try:
        return _inspect(file, name, archives.Budget())
    except Refused as refusal:
        raise DomainError(
            _("„%(name)s“ können wir nicht annehmen. %(reason)s", name=name, reason=refusal.reason)
        ) from refusal


def _inspect(file: BinaryIO, name: str, budget: archives.Budget, depth: int = 0) -> str:
    head, tail = _ends(file)
    programs.refuse_by_name(extension(name))
    programs.refuse_by_content(head)
    archives.refuse_sealed(head)
    if head.startswith(b"PK"):
        return archives.inspect(
            file, lambda inner, inner_name: _inspect(inner, inner_name, budget, depth + 1), budget, depth
        )
    if head.startswith(programs.COMPOUND):
        programs.refuse_macros(file)
        return _COMPOUND.get(extension(name), "application/x-ole-storage")
    media_type = _by_signature(head)
    if media_type:
        _refuse_two_things(media_type, head, tail, file)
        return media_type
    _refuse_late_starts(head, tail, file)
    text = _as_text(head)
    return _guessed(file, name) if text is None else _inspect_text(text, file, name)


def _ends(file: BinaryIO) -> tuple[bytes, bytes]:
    file.seek(0)
    head = file.read(HEAD)
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL))
    tail = file.read(TAIL)
    file.seek(0)
    return head, tail


def _by_signature(head: bytes) -> str | None:
    # White space and a byte order mark before "%PDF-" are a known sin of PDF makers; viewers forgive it.
    bare = head[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if bare.startswith(b"%PDF-"):
        return "application/pdf"
    return next((media_type for signature, media_type in _SIGNATURES if head.startswith(signature)), None)


def _refuse_two_things(media_type: str, head: bytes, tail: bytes, file: BinaryIO) -> None:
    if media_type == "application/rtf":
        return
    # A PDF ends with %%EOF, a picture with its last block; what follows, and the first lines, must not be a page.
    last_part = tail.rpartition(b"%%EOF")[2] if media_type == "application/pdf" else tail
    holds_page = markup.looks_active(head[:4096]) or markup.looks_active(last_part)
    # "GIF89a/*" and the like make a comment of the picture, and a script of the file.
    holds_script = media_type != "application/pdf" and (
        re.match(rb"GIF8[79]a(/\*|=)", head) or (b"/*" in head[2:8] and b"*/" in head)
    )
    if holds_page or holds_script or archives.has_directory(file):
        raise Refused(TWO_THINGS)


def _refuse_late_starts(head: bytes, tail: bytes, file: BinaryIO) -> None:
    """Refuse what readers of PDF or ZIP accept although it begins as something else."""
    if re.search(rb"%PDF-\d", head[:1024]) and b"%%EOF" in tail:
        raise Refused(BROKEN_PDF)
    if archives.has_directory(file):
        raise Refused(TWO_THINGS)


def _as_text(head: bytes) -> str | None:
    """Return the head as text if it is one: UTF-8, UTF-16 with its mark, or the Windows encoding of western Europe."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head):
        return None
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start >= len(head) - 3:  # a letter of several octets was cut in two at the end of the head
            return head[: error.start].decode("utf-8-sig")
    # Text in a one-octet encoding is mostly ASCII all the same; compressed bytes are not.
    sample = head[:TEXT_SAMPLE]
    is_mostly_ascii = sum(octet < 0x80 for octet in sample) > 0.7 * len(sample)
    return head.decode("cp1252", "replace") if is_mostly_ascii else None


def _inspect_text(text: str, file: BinaryIO, name: str) -> str:
    kind = extension(name)
    programs.refuse_script(text)
    is_mail = kind == "eml"  # its HTML part is shown by a mail program, which is used to it
    if not is_mail and markup.is_web_page(text):
        raise Refused(WEB_PAGE)
    if not is_mail and markup.is_xml(text):
        return markup.inspect_xml(file)
    starts = {"BEGIN:VCALENDAR": "text/calendar", "BEGIN:VCARD": "text/vcard"}
    by_start = next((media_type for start, media_type in starts.items() if text.startswith(start)), None)
    return by_start or _TEXTS.get(kind, "text/plain")


def _guessed(file: BinaryIO, name: str) -> str:
    try:
        guesses = puremagic.magic_stream(file, filename=name)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    finally:
        file.seek(0)
    # Below 0.4 it is the name alone that speaks.
    media_type = next((guess.mime_type for guess in guesses if guess.confidence >= 0.4 and guess.mime_type), UNKNOWN)
    if media_type in ("text/html", "application/xhtml+xml", "image/svg+xml"):
        raise Refused(WEB_PAGE)
    return media_type
