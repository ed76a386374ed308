"""The message that received octets become: its fields as text, their parameters read as mail programs write them.

The standard library decodes a parameter with whatever codec the sender names, and takes time by the square of its
length; nothing here does.
"""

from __future__ import annotations

import re
from email.headerregistry import BaseHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

from app.mail import reading_words as words

_PARAMETER = re.compile(
    r""";\s*([\w!#$&.^`|~-]+?)(\*\d{1,3})?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;"\s][^;]*|))""", re.DOTALL
)
_UNQUOTED = re.compile(r"\\(.)")


class FieldText(str):
    """A header field as text, with what `EmailMessage.is_attachment()` asks of one."""

    __slots__ = ()

    @property
    def content_disposition(self) -> str | None:
        """What stands before the first semicolon."""
        return self.partition(";")[0].strip().lower() or None


class Lenient(EmailPolicy):
    """Gives each field as text. The standard library's own reading of fields raises on damaged ones and is slow."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """Return the field on one line; encoded words are decoded where a person reads them."""
        if isinstance(value, BaseHeader):
            return value
        reads = words.unfolded if name.lower().startswith("content-") else words.field
        return FieldText(reads(value))


class ReceivedPart(EmailMessage):
    """A message or a part of one, as it came."""

    def get_boundary(self, failobj: Any = None) -> Any:
        """Return what stands between the parts; the parser asks for it."""
        return parameters(str(self.get("content-type", ""))).get("boundary", "").rstrip() or failobj


def parameters(field: str) -> dict[str, str]:
    """Return the parameters of a Content field by their lower-case names (RFC 2231, or RFC 2047)."""
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for key, number, encoded, quoted, bare in _PARAMETER.findall(field):
        value = _UNQUOTED.sub(r"\1", quoted) if quoted else bare.strip()
        pieces.setdefault(key.lower(), []).append((int(number[1:]) if number else -1, bool(encoded), value))
    return {key: _joined(sorted(found, key=lambda piece: piece[0])) for key, found in pieces.items()}


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    numbered = [piece for piece in pieces if piece[0] >= 0]
    extended = [piece for piece in pieces if piece[0] < 0 and piece[1]]
    chosen = extended[:1] or numbered or pieces[:1]
    if not any(encoded for _, encoded, _ in chosen):
        return words.decoded_words("".join(value for *_, value in chosen))
    charset, _, rest = chosen[0][2].partition("'")
    first = rest.partition("'")[2] if "'" in rest else chosen[0][2]
    text = first + "".join(value for *_, value in chosen[1:])
    return words.parameter(text, charset if "'" in rest else "")
