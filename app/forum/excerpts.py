"""The first words of a message, for a list."""

from __future__ import annotations

import re
from functools import lru_cache

LENGTH = 300

# What Markdown needs and a reader of two lines does not: lines across, emphasis, and the marks of quotes and headings.
_MARKS = re.compile(r"^[ \t]*([-*_])(?:[ \t]*\1){2,}[ \t]*$|\*\*|__|~~|`|^[ \t]*(?:>|#{1,6}[ \t])[ \t]*", re.MULTILINE)

_EMPHASIS = re.compile(r"(?<!\w)([*_])(\S|\S[^*_\n]*\S)\1(?!\w)")  # not the star of "Schüler*innen"

# Items of a list stand apart also in one line. "3. Dezember 2026" is none, wherever its line begins.
_ITEMS = re.compile(r"^[ \t]*(?:(?:[-*+•]|\d{1,3}[.)](?![ \t]\w+ \d{4}))[ \t]+)+", re.MULTILINE)
_NEEDLESS = re.compile(r"^ ?· |(?<=[.:,;!?]) ·(?= )| ·$")


@lru_cache(maxsize=2000)
def excerpt(body: str) -> str:
    """Return the beginning of a message in one line, without marks; `body` holds `LENGTH` + 1 characters at most."""
    bare = _EMPHASIS.sub(r"\2", _ITEMS.sub("· ", _MARKS.sub("", body)))
    line = _NEEDLESS.sub("", " ".join(bare.split()))
    is_whole = len(body) <= LENGTH >= len(line)
    return line if is_whole else line[:LENGTH].rsplit(" ", 1)[0] + " …"
