"""The number that titles of meetings begin with: "8. Netzwerktreffen"."""

from __future__ import annotations

import re

_LONGEST = 200  # characters of a title
_LEADING = re.compile(r"^(\d{1,4})\.(?=\s)")


def number_of(title: str) -> int | None:
    """Return the number a title begins with, if it does."""
    found = _LEADING.match(title)
    return int(found[1]) if found else None


def numbered(title: str, number: int | str | None) -> str:
    """Return the title with this number in the place of its own; a title without one, or no number, changes nothing."""
    return _LEADING.sub(f"{number}.", title)[:_LONGEST] if number is not None else title
