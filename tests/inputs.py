"""What people, programs and attackers type into a field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

#: By name, for test ids. Nothing here may end in a 500, run as a script or break a page.
HOSTILE = {
    "ten thousand characters": "ä" * 10_000,
    "emoji": "👩‍🏭🏳️‍🌈 Flöte 𝔘",
    "right to left": "مرحبا \u202eevil\u202c בדיקה",
    "script": '"><script>alert(1)</script><img src=x onerror=alert(1)>',
    "NUL": "vor\x00nach",
    "line ends": "eins\r\nBcc: alle@example.org\r\n\r\nzwei",
    "placeholders": "100 %s %d {0} ${7*7}",
    "script address": "javascript:alert(document.cookie)",
    "spaces": " \t\u00a0\u200b ",
    "lone surrogate": "halb \ud800 zeichen".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
}


def once_but_for_nul(values: Iterable[Any]) -> list[Any]:
    """Parameters of a test that runs on the first database only, but for those with a NUL: PostgreSQL stores none."""
    return [pytest.param(value, marks=() if r"\x00" in repr(value) else pytest.mark.once) for value in values]
