"""What a file may be called: as its uploader called it, without anything that leads elsewhere or deceives the eye."""

from __future__ import annotations

import re
import unicodedata

from flask_babel import gettext as _

LONGEST_NAME = 300  # characters, the width of `stored_file.name`
LONGEST_EXTENSION = 20

# Controls, line and paragraph separators, lone surrogates, the private use area, and the marks that turn the
# direction of writing round: with U+202E "Rechnung_fdp.exe" is shown as "Rechnung_exe.pdf".
_DECEIVING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ue000-\uf8ff]"
)


def clean_name(given: str | None) -> str:
    """Return the name without path and deceiving characters, at most 300 characters with its extension kept."""
    last_part = re.split(r"[/\\]", given or "")[-1]
    name = unicodedata.normalize("NFC", _DECEIVING.sub("", last_part)).strip().rstrip(". ")
    return _shortened(name) if name.strip(".") else _("Datei")


def extension(name: str) -> str:
    """Return what stands after the last dot, in lower case and without the dot; "" if there is none."""
    bare = name.rstrip(". ")  # as Windows does: for it "evil.exe. " is evil.exe
    return bare.rpartition(".")[2].strip().lower() if "." in bare else ""


def _shortened(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, tail = name.rpartition(".")
    if not dot or len(tail) > LONGEST_EXTENSION:
        return name[:LONGEST_NAME].rstrip(". ")
    return stem[: LONGEST_NAME - len(tail) - 1] + dot + tail
