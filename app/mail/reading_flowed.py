"""Paragraphs that a mail program broke into short lines for sending, put together again (RFC 3676)."""

from __future__ import annotations

import re

_DEPTH = re.compile(">*")


def unflowed(text: str, delete_space: bool = False) -> str:
    """Return the text of a "format=flowed" part with its soft line breaks undone; quotes keep their depth."""
    paragraphs: list[str] = []
    pieces: list[str] = []
    depth = 0
    for line in text.split("\n"):
        quotes, words = _split(line)
        if pieces and quotes != depth:
            paragraphs.append(_paragraph(depth, pieces))
            pieces = []
        depth = quotes
        # The line above a signature ends in a space that means nothing (RFC 3676 4.3).
        soft = words.endswith(" ") and words != "-- "
        if words == "-- " and pieces:
            paragraphs.append(_paragraph(depth, pieces))
            pieces = []
        pieces.append(words[:-1] if soft and delete_space else words)
        if not soft:
            paragraphs.append(_paragraph(depth, pieces))
            pieces = []
    if pieces:
        paragraphs.append(_paragraph(depth, pieces))
    return "\n".join(paragraphs)


def _split(line: str) -> tuple[int, str]:
    found = _DEPTH.match(line)
    depth = len(found[0]) if found else 0
    words = line[depth:]
    return depth, words.removeprefix(" ")


def _paragraph(depth: int, pieces: list[str]) -> str:
    text = "".join(pieces)
    return f"{'>' * depth} {text}".rstrip(" ") if depth and text else ">" * depth + text
