"""The words of a report written in HTML, in time that grows with its length only."""

from __future__ import annotations

import html
import re

_LIMIT = 240_000  # characters of a page that are looked at

_HIDES = re.compile(r"<(?:(style|script|head|title)\b|!--)", re.IGNORECASE)
_SHOWS_AGAIN = {
    name: re.compile(rf"</{name}\s*>" if name else "-->", re.IGNORECASE)
    for name in ("style", "script", "head", "title", "")
}
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d|hr)\b[^<>]{0,500}>", re.IGNORECASE)
_NO_CHARACTER = re.compile(r"&#[0-9]{20,}+;?")  # Python makes no number of thousands of digits, but an error
_TAG = re.compile(r"<(?![^<>@\s]{1,64}@)[/!a-zA-Z][^<>]{0,2000}>")


def as_text(page: str) -> str:
    """Return the words of an HTML page, a line for each paragraph."""
    page = _visible(page[:_LIMIT])
    return html.unescape(_NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", _TAG.sub(" ", _BREAK.sub("\n", page))))


def _visible(page: str) -> str:
    """Leave out comments and what no browser shows. What is opened and never closed stays."""
    pieces: list[str] = []
    position = 0
    endless: set[str] = set()  # looking for each of their ends again would take time by the square of their number
    for opened in _HIDES.finditer(page):
        name = (opened[1] or "").lower()
        if opened.start() < position or name in endless:
            continue
        closed = _SHOWS_AGAIN[name].search(page, opened.end())
        if closed is None:
            endless.add(name)
            continue
        pieces += [page[position : opened.start()], " "]
        position = closed.end()
    return "".join(pieces) + page[position:]
