"""Octets as they travel: quoted-printable and base64 (RFC 2045), ready for DATA (RFC 5321 4.5.2)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import BinaryIO

_BASE64_LINE = 57  # octets of content; 76 on the wire (RFC 2045 6.8)
#: Each line of a block is an object for a moment: a block of a megabyte held five while it was encoded.
_BLOCK = _BASE64_LINE * 2048

_BARE_DOT = re.compile(rb"(?m)^\.")


def quoted_printable(text: str) -> bytes:
    """Return text for a part in quoted-printable: CRLF line ends, dots at line starts doubled."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    encoded = binascii.b2a_qp(unified.encode(errors="replace"))
    return _BARE_DOT.sub(b"..", encoded).replace(b"\n", b"\r\n")


def _lines_of_base64(content: bytes) -> bytes:
    lines = range(0, len(content), _BASE64_LINE)
    encoded = [binascii.b2a_base64(content[start : start + _BASE64_LINE], newline=False) for start in lines]
    return b"\r\n".join([*encoded, b""])


def base64_of(content: BinaryIO) -> Iterator[bytes]:
    """Return a file in lines of base64, block by block."""
    rest = b""
    while block := content.read(_BLOCK):
        rest += block
        whole = len(rest) - len(rest) % _BASE64_LINE
        yield _lines_of_base64(rest[:whole])
        rest = rest[whole:]
    yield _lines_of_base64(rest)
