"""What those who were absent must know: the decisions and tasks, drawn out of the minutes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from app.files import keeping
from app.files.models import StoredFile
from app.mail.plain import plain

_MARKED = re.compile(
    r"(?im)^[ \t]*(?:[-*•+][ \t]+|\d{1,3}[.)][ \t]+)?[*_]{0,3}(Beschluss|Beschluß|Aufgabe)"
    r"[*_]{0,3}[ \t]*:[*_]{0,3}[ \t]*(\S.*)$"
)
#: Files whose text we can read ourselves; for others whoever writes the minutes types the lines.
_TEXTS = (".txt", ".md", ".markdown")
_LARGEST = 1_000_000  # octets
_LONGEST, _MOST = 1000, 50


class Drawn(NamedTuple):
    """What was decided, and who does what."""

    decisions: list[str]
    tasks: list[str]


def drawn_out(text: str, files: Iterable[StoredFile] = ()) -> Drawn:
    """Return what stands in lines that begin with "Beschluss:" or "Aufgabe:", in the text and in files of text."""
    lines = [found for whole in (text, *map(_text_of, files)) for found in _MARKED.findall(whole)]
    cleaned = [(word.lower(), plain(re.sub(r"[*_]{2,}", "", said).strip()[:_LONGEST])) for word, said in lines]
    return Drawn(
        decisions=list(dict.fromkeys(said for word, said in cleaned if word != "aufgabe"))[:_MOST],
        tasks=list(dict.fromkeys(said for word, said in cleaned if word == "aufgabe"))[:_MOST],
    )


def _text_of(file: StoredFile) -> str:
    if not file.name.lower().endswith(_TEXTS) or file.size > _LARGEST:
        return ""
    with suppress(FileNotFoundError), keeping.open_file(file) as opened:
        octets = opened.read(_LARGEST)
        with suppress(UnicodeDecodeError):
            return octets.decode("utf-8-sig")
        return octets.decode("cp1252", errors="replace")
    return ""
