"""Where quoted strings and comments stand in a header field (RFC 5322 3.2), because nothing in them is structure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_BEGIN = re.compile(r'["(]')
_REST_OF_QUOTED = re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL)
_IN_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)


class Span(NamedTuple):
    """A quoted string (`sign` is `"`) or a comment (`(`), both with their signs; `end` is None when it never ends."""

    sign: str
    start: int
    end: int | None


def spans(field: str) -> Iterator[Span]:
    """Give every quoted string and comment in their order; of those that never end, the first of each kind only."""
    position = 0
    endless = ""
    while begin := _BEGIN.search(field, position):
        sign, start = begin[0], begin.start()
        position = begin.end()
        if sign in endless:
            continue
        end = _end_of_quoted(field, start) if sign == '"' else _end_of_comment(field, start)
        # Looking again for an end that is not there would take time by the square of the field's length.
        endless += sign if end is None else ""
        position = end or position
        yield Span(sign, start, end)


def blanked(field: str) -> str:
    """Return the field, as long as it was, with `"` for all of a quoted string and spaces for all of a comment.

    A sign that opens what never ends is an ordinary character.
    """
    pieces: list[str] = []
    position = 0
    for sign, start, end in spans(field):
        if end is not None:
            pieces += [field[position:start], (sign if sign == '"' else " ") * (end - start)]
            position = end
    return "".join(pieces) + field[position:]


def _end_of_quoted(field: str, start: int) -> int | None:
    rest = _REST_OF_QUOTED.match(field, start + 1)
    return rest.end() if rest else None


def _end_of_comment(field: str, start: int) -> int | None:
    depth = 0
    for sign in _IN_COMMENT.finditer(field, start):
        depth += {"(": 1, ")": -1}.get(sign[0], 0)
        if not depth:
            return sign.end()
    return None
