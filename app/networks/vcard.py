"""A participant for somebody's address book.

vCard 3.0 (RFC 2426), because Outlook reads no 4.0. Outlook also takes text for Windows-1252 unless a line says
otherwise, so a line with more than ASCII says it; other programs pass over that.
"""

from __future__ import annotations

from typing import Any

_LINE = 75  # octets, the line end not counted (RFC 2426 2.6)


def vcard(row: Any, category: str) -> bytes:
    """Return the card of one row of `Participant.listed_in()`, in UTF-8 with CRLF. `category` says where one met."""
    given, _space, family = row.name.rpartition(" ")
    properties = [
        ("VERSION", "3.0"),
        ("FN", _escaped(row.name)),
        ("N", f"{_escaped(family)};{_escaped(given)};;;"),
        ("ORG", _escaped(row.organisation)),
        ("TITLE", _escaped(row.task) if _is_short(row.task) else ""),
        ("NOTE", "" if _is_short(row.task) else _escaped(row.task)),
        ("TEL;TYPE=WORK,VOICE", _escaped(row.phone)),
        ("EMAIL;TYPE=INTERNET,PREF", _escaped(row.email or "")),
        ("URL", "".join(row.website.split())),
        ("CATEGORIES", _escaped(category)),
    ]
    lines = [_line(name, value) for name, value in properties if value]
    return b"".join([b"BEGIN:VCARD\r\n", *lines, b"END:VCARD\r\n"])


def _is_short(task: str) -> bool:
    return "\n" not in task and len(task) <= 100


def _escaped(text: str) -> str:
    """RFC 2426 4: a backslash before what has a meaning of its own."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(text.splitlines())


def _line(name: str, value: str) -> bytes:
    charset = "" if value.isascii() else ";CHARSET=UTF-8"
    rest = f"{name}{charset}:{value}".encode("utf-8", "replace")
    line = b""
    limit = _LINE
    while len(rest) > limit:
        end = limit
        while rest[end] & 0xC0 == 0x80:  # not in the middle of a character
            end -= 1
        line += rest[:end] + b"\r\n "
        rest = rest[end:]
        limit = _LINE - 1  # the blank a continuation begins with counts
    return line + rest + b"\r\n"
