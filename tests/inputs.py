"""What people, programs and attackers type into a field."""

from __future__ import annotations

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
