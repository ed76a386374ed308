"""What was signed, without judging the signature: the mail within S/MIME's (RFC 5652 SignedData), and OpenPGP's text.

Enough of BER is read to reach the content: tags of one octet, lengths of both kinds, and octet strings in pieces, as
signing programs write them. The structure is ContentInfo { OID, [0] SignedData { version, digests,
EncapsulatedContentInfo { OID, [0] OCTET STRING } ... } }.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_OBJECT, _OCTETS, _CONSTRUCTED_OCTETS, _SEQUENCE, _CONTENT = 0x06, 0x04, 0x24, 0x30, 0xA0
_DEEPEST = 12
_ARMOUR_HEADERS = re.compile(r"(?:[A-Za-z]{1,20}:[^\n]{0,200}\n){0,9}\n?")


class _Malformed(Exception):
    pass


class _Value(NamedTuple):
    tag: int
    start: int
    end: int  # of the content
    after: int


def cleartext(text: str) -> str:
    """Return a text without the armour of an OpenPGP signature (RFC 9580 7), the signed words as they were typed."""
    before, begin, rest = text.partition("-----BEGIN PGP SIGNED MESSAGE-----\n")
    words, middle, rest = rest.partition("\n-----BEGIN PGP SIGNATURE-----\n")
    _, end, after = rest.partition("-----END PGP SIGNATURE-----")
    if not (begin and middle and end):
        return text
    words = _ARMOUR_HEADERS.sub("", words, count=1)
    return before + re.sub(r"^- ", "", words, flags=re.MULTILINE) + after


def is_signed(octets: bytes) -> bool:
    """Whether these octets are signed data, readable or not."""
    return _SIGNED_DATA in octets[:40]


def content(octets: bytes) -> bytes:
    """Return the signed octets; empty if there are none or the structure is damaged."""
    try:
        info = list(_children(octets, _value(octets, 0, len(octets), 0)))
        if info[0].tag != _OBJECT or octets[info[0].start : info[0].end] != _SIGNED_DATA:
            return b""
        data = next(_children(octets, info[1]))
        encapsulated = next(value for value in _children(octets, data) if value.tag == _SEQUENCE)
        held = next(value for value in _children(octets, encapsulated) if value.tag == _CONTENT)
        return b"".join(_pieces(octets, next(_children(octets, held))))
    except (_Malformed, IndexError, StopIteration):
        return b""


def _pieces(octets: bytes, value: _Value) -> Iterator[bytes]:
    if value.tag == _OCTETS:
        yield octets[value.start : value.end]
    elif value.tag == _CONSTRUCTED_OCTETS:
        for child in _children(octets, value):
            if child.tag == _OCTETS:
                yield octets[child.start : child.end]


def _children(octets: bytes, parent: _Value) -> Iterator[_Value]:
    position = parent.start
    while position < parent.end:
        child = _value(octets, position, parent.end, 0)
        yield child
        position = child.after


def _value(octets: bytes, position: int, limit: int, depth: int) -> _Value:
    """Read one value. A length that is not told is found by reading to its end mark."""
    if depth > _DEEPEST or position + 2 > limit:
        raise _Malformed
    tag, length = octets[position], octets[position + 1]
    start = position + 2
    if length == 0x80:
        end = start
        while octets[end : end + 2] != b"\0\0":
            end = _value(octets, end, limit, depth + 1).after
        return _Value(tag, start, end, end + 2)
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(octets[start : start + size], "big")
        start += size
    if start + length > limit:
        raise _Malformed
    return _Value(tag, start, start + length, start + length)
