"""A text with Markdown as people write it in a mail of plain text: its lines as they are, without most marks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from markdown_it.token import Token

from app.marks import PRIVATE, parser_of

_SAID_WITH = ("http://", "https://", "mailto:")


@lru_cache(maxsize=200)
def plain(source: str) -> str:
    """Return the text with the words of its HTML: "**fett**" is "fett", "[Plan](https://...)" is "Plan <https://...>".

    Lines, lists and quotes stay as they were typed, and so does what is struck out: without its marks it would hold.
    A paragraph stays as a whole if a mark in it spans lines, or a link in it says more than its words and a whole
    address ("Helfer[innen](m/w/d)"): better a mark seen than a word lost.
    """
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for token in parser_of(source).parse(source):
        if token.type == "inline" and token.map:
            _say(lines, token.map[0], token.content.split("\n"), _said(token.children or []))
    return PRIVATE.sub("", "\n".join(lines))


def _say(lines: list[str], first: int, written: Sequence[str], said: Sequence[str]) -> None:
    """Put what is said in place of what was written, behind the marks of lists and quotes of each line."""
    if len(written) != len(said):
        return
    for at, (before, after) in enumerate(zip(written, said, strict=True), start=first):
        place = lines[at].rfind(before.strip())
        if place >= 0:
            lines[at] = lines[at][:place] + after


def _said(tokens: Sequence[Token]) -> list[str]:
    """Return the lines as they are said, none if a link among them cannot be."""
    lines, links = [""], list[str]()
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            lines.append("")
        elif token.type == "link_open":
            href = "" if token.info == "auto" else str(token.attrs["href"])
            if "title" in token.attrs or (href and not href.lower().startswith(_SAID_WITH)):
                return []
            links.append(href)
        elif token.type == "link_close":
            href = links.pop()
            if href and not lines[-1].endswith(href.removeprefix("mailto:")):
                lines[-1] += f" <{href}>"
        else:
            lines[-1] += token.markup if token.type in ("s_open", "s_close") else token.content
    return lines
