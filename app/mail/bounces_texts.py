"""The parts of a report as text. Never an exception, and of no more octets than a report has.

No payload is asked for as text: the standard library would decode it by the charset its sender names.
"""

from __future__ import annotations

import base64
import quopri
import re
from contextlib import suppress
from email.message import Message
from typing import Any

from app.mail import reading_words as words

AnyMessage = Message  # of any policy

TEXT_LIMIT = 60_000  # characters; a report says what it has to say at its beginning

_OCTETS_LIMIT = 4 * TEXT_LIMIT  # of one part
_OCTETS_IN_ALL = 1_000_000
_BLOCKS_LIMIT = 100
_FIELDS_LIMIT = 1000
_LONGEST_FIELD = 10_000
_ENCODING = "content-transfer-encoding"


class Texts:
    """Reads the parts of one report, until all that was read is as long as a report gets."""

    def __init__(self) -> None:
        self._left = _OCTETS_IN_ALL

    def text(self, part: AnyMessage) -> str:
        """Return the text of a part; its lines end in a line feed."""
        limit = min(_OCTETS_LIMIT, self._left)
        octets = _octets_of(part) if limit else b""
        if len(octets) > limit:
            # Between two lines, because half a character would make the others look like those of another charset.
            octets = octets[:limit].rpartition(b"\n")[0] or octets[:limit]
        self._left -= len(octets)
        return words.body(octets, parameter(part, "charset"))

    def fields(self, part: AnyMessage) -> str:
        """Return the text of a part of fields; Python has parsed message/* into messages, whose headers they are."""
        if not part.is_multipart():
            return self.text(part)
        written = "\n\n".join(map(self._written, inner_parts(part)[:_BLOCKS_LIMIT]))
        encoding = next((value.strip().lower() for name, value in raw_items(part) if name.lower() == _ENCODING), "")
        if encoding == "base64":  # Python does not decode what it takes for messages
            with suppress(ValueError):
                return words.body(base64.b64decode(written))
        return words.body(quopri.decodestring(written.encode())) if "quoted" in encoding else written

    def _written(self, block: AnyMessage) -> str:
        lines = [f"{name}: {field(value)}" for name, value in raw_items(block)]
        # After a line that is no field, all that follows stands in the body.
        rest = self.text(block)
        return "\n".join(lines) + (f"\n\n{rest}" if rest.strip() else "")


def content_type(part: AnyMessage) -> str:
    """Return "text/plain" or what else it is, lower case; empty if its head cannot be read."""
    try:
        return part.get_content_type().lower()
    except Exception:  # noqa: BLE001  # the parser of headers fails on some octets, in many ways
        return ""


def parameter(part: AnyMessage, name: str) -> str:
    """Return a parameter of its type, lower case; empty if it has none."""
    raw = next((value for key, value in raw_items(part) if key.lower() == "content-type"), "")
    found = re.search(rf"\b{name}\s*=\s*\"?([^\s\";]+)", raw[:2000], re.IGNORECASE)
    return found[1].lower() if found else ""


def raw_items(part: AnyMessage) -> list[tuple[str, str]]:
    """Return the fields of a part as they came, at most a thousand."""
    # Asking for one header by its name would parse it, and that fails on some octets.
    return [(name, str(value)) for name, value in list(part.raw_items())[:_FIELDS_LIMIT]]


def inner_parts(part: AnyMessage) -> list[AnyMessage]:
    """Return the parts within a part, none of a leaf."""
    payload: Any = part.get_payload() if part.is_multipart() else []
    return [inner for inner in payload if isinstance(inner, Message)]


def field(raw: str) -> str:
    """Return a field on one line, its encoded words decoded."""
    return words.one_line(words.field(raw[:_LONGEST_FIELD]))


def _octets_of(part: AnyMessage) -> bytes:
    octets: Any = None
    with suppress(Exception):
        octets = part.get_payload(decode=True)
    return octets if isinstance(octets, bytes) else b""
