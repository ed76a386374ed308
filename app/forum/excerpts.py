"""The first words of a message, for a list."""

from __future__ import annotations

import re
from functools import lru_cache

LENGTH = 300

# What Markdown needs and a reader of two lines does not: emphasis, and the marks of quotes and lists.
_MARKS = re.compile(r"\*\*|__|~~|`|^[ \t]*(?:>|[-*+][ \t]|\d{1,3}[.)][ \t])[ \t]*", re.MULTILINE)

_EMPHASIS = re.compile(r"(?<!\w)([*_])(\S|\S[^*_\n]*\S)\1(?!\w)")  # not the star of "Schüler*innen"


@lru_cache(maxsize=2000)
def excerpt(body: str) -> str:
    """Return the beginning of a message in one line, without marks; `body` holds `LENGTH` + 1 characters at most."""
    line = " ".join(_EMPHASIS.sub(r"\2", _MARKS.sub("", body)).split())
    return line if len(line) <= LENGTH else line[:LENGTH].rsplit(" ", 1)[0] + " …"
