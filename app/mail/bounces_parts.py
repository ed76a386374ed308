"""Taking a report apart: its words, its fields for programs (RFC 3464), the mail it gives back. Never an exception.

Reports come from programs older than the standards; so nothing is asked of a parsed header, and every octet of a text
may be wrong.
"""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from functools import cached_property
from typing import Any

from app.mail.bounces_ends import end_of_words
from app.mail.bounces_pages import as_text

AnyMessage = Message  # of any policy

_PARTS_LIMIT = 200
_BLOCKS_LIMIT = 100
_ENCODING = "content-transfer-encoding"
_TEXT_LIMIT = 60_000  # characters; a report says what it has to say at its beginning
_REPORT_TYPES = ("message/delivery-status", "message/global-delivery-status", "text/x-delivery-status")
_RETURNED_TYPES = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
    "text/rfc822",
    "message/partial",
)

ADDRESS = re.compile(
    r"[^\s<>()\[\],;:\"'`=&@\\|]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9_-]{0,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9@])"
)
_STATUS_TYPE = re.compile(
    rb"^(content-type:\s{0,9})message/(?:global-)?delivery-status\b", re.IGNORECASE | re.MULTILINE
)

Fields = dict[str, str]


@dataclass(frozen=True)
class Parts:
    """A report taken apart."""

    headers: Fields  # of the report itself; names in lower case
    content_type: str  # of the whole: "multipart/report"
    report_type: str  # its parameter "report-type", lower case
    texts: tuple[str, ...]
    pages: tuple[str, ...]  # HTML
    blocks: list[Fields]  # delivery-status: of the message, then of each recipient
    feedback: Fields  # of message/feedback-report (RFC 5965)
    returned: Fields  # headers of the mail given back

    @cached_property
    def text(self) -> str:
        """What a person is to read; made only when asked for, because most heads already tell that it is no report."""
        read = "\n".join(text for text in self.texts if text.strip()) or "\n".join(map(as_text, self.pages))
        return read[:_TEXT_LIMIT]

    @cached_property
    def told(self) -> str:
        """The words of the server, without the mail given back."""
        return self.text[: end_of_words(self.text)]


def take_apart(message: AnyMessage) -> Parts:
    """Return the parts of a report; whatever is missing or broken is empty."""
    texts: list[str] = []
    pages: list[str] = []
    blocks: list[Fields] = []
    feedback: Fields = {}
    returned: Fields = {}
    for part in _outer_parts(message):
        kind = _content_type(part)
        if kind in _REPORT_TYPES:
            blocks += fields_of(_raw_text(part))
        elif kind == "message/feedback-report":
            feedback = _merged(fields_of(_raw_text(part)))
        elif kind in _RETURNED_TYPES:
            returned = returned or _headers_within(part)
        elif kind == "text/html":
            pages.append(_text_of(part))
        elif kind.startswith("text/") or not kind:
            texts.append(_text_of(part))
    if not (blocks or feedback) and (inner := _report_within(message)):
        return take_apart(inner)
    return Parts(
        headers=headers_of(message),
        content_type=_content_type(message),
        report_type=_parameter(message, "report-type"),
        texts=tuple(texts),
        pages=tuple(pages),
        blocks=[block for block in blocks if block],
        feedback=feedback,
        returned=returned,
    )


def tamed(octets: bytes) -> bytes:
    """Return the mail with the fields of its reports as plain text; call it before parsing what strangers send.

    Python's parser makes a message of each block of a delivery-status, in time by the square of their number: 400 KB
    of empty lines take it half a minute.
    """
    return _STATUS_TYPE.sub(rb"\1text/x-delivery-status", octets)


def headers_of(message: AnyMessage) -> Fields:
    """Return the headers, decoded, by their names in lower case; the first of each name counts."""
    found: Fields = {}
    for name, value in _raw_items(message):
        found.setdefault(name.lower(), _decoded(str(value)))
    return found


def fields_of(text: str) -> list[Fields]:
    """Return the fields of each block of lines "Name: value"; blocks stand apart by empty lines."""
    blocks: list[Fields] = []
    for block in re.split(r"\n[ \t]*\n", _in_lines(text).strip("\n"), maxsplit=200):
        fields: Fields = {}
        for line in re.sub(r"\n[ \t]+", " ", block).split("\n"):
            name, colon, value = line.partition(":")
            if colon and re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{1,60}", name.strip()):
                fields.setdefault(name.strip().lower(), value.strip())
        blocks.append(fields)
    return blocks


def addresses_in(text: str) -> list[str]:
    """Return the addresses in a text, in their order, lower case, each once."""
    found = (address.group().strip(".'").lower() for address in ADDRESS.finditer(text[:_TEXT_LIMIT].replace("\0", "")))
    return list(dict.fromkeys(address for address in found if ".." not in address and not address.startswith("@")))


def _report_within(message: AnyMessage) -> AnyMessage | None:
    """A report that some gateway wrapped up whole."""
    for part in _outer_parts(message):
        payload: Any = part.get_payload()
        if isinstance(payload, list) and payload and _content_type(payload[0]) == "multipart/report":
            return payload[0]
    return None


def _outer_parts(message: AnyMessage) -> Iterator[AnyMessage]:
    """The leaves of the report; not what lies within the mail it gives back."""
    waiting: list[AnyMessage] = [message]
    for _ in range(_PARTS_LIMIT):
        if not waiting:
            return
        part = waiting.pop(0)
        payload: Any = part.get_payload()
        if isinstance(payload, list) and _content_type(part).startswith("multipart/"):
            waiting[:0] = [inner for inner in payload if isinstance(inner, Message)]
        else:
            yield part


def _content_type(part: AnyMessage) -> str:
    try:
        return part.get_content_type().lower()
    except Exception:  # noqa: BLE001  # the parser of headers fails on some octets, in many ways
        return ""


def _parameter(part: AnyMessage, name: str) -> str:
    raw = next((str(value) for key, value in _raw_items(part) if key.lower() == "content-type"), "")
    found = re.search(rf"\b{name}\s*=\s*\"?([^\s\";]+)", raw[:2000], re.IGNORECASE)
    return found[1].lower() if found else ""


def _raw_items(part: AnyMessage) -> list[tuple[str, str]]:
    # Asking for one header by its name would parse it, and that fails on some octets.
    return list(part.raw_items())


def _headers_within(part: AnyMessage) -> Fields:
    payload: Any = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return headers_of(payload[0])
    return fields_of(_text_of(part))[0]


def _raw_text(part: AnyMessage) -> str:
    """The text of a part of fields; Python has parsed message/* into messages, whose headers are the fields."""
    payload: Any = part.get_payload()
    if not isinstance(payload, list):
        return _text_of(part)
    written = "\n\n".join(_written(block) for block in payload[:_BLOCKS_LIMIT] if isinstance(block, Message))
    encoding = next((str(value).strip().lower() for name, value in _raw_items(part) if name.lower() == _ENCODING), "")
    if encoding == "base64":  # Python does not decode what it takes for messages
        with suppress(ValueError):
            return base64.b64decode(written).decode("utf-8", "replace")
    return quopri.decodestring(written.encode()).decode("utf-8", "replace") if "quoted" in encoding else written


def _written(block: AnyMessage) -> str:
    lines = [f"{name}: {_decoded(str(value))}" for name, value in _raw_items(block)]
    body: Any = block.get_payload()
    # After a line that is no field, all that follows stands in the body.
    rest = body[:_TEXT_LIMIT] if isinstance(body, str) else ""
    return "\n".join(lines) + (f"\n\n{rest}" if rest.strip() else "")


def _text_of(part: AnyMessage) -> str:
    octets: Any = None
    with suppress(Exception):
        octets = part.get_payload(decode=True)
    if not isinstance(octets, bytes):
        payload: Any = part.get_payload()
        return _in_lines(payload[:_TEXT_LIMIT]) if isinstance(payload, str) else ""
    octets = octets[: 4 * _TEXT_LIMIT]
    for charset in (_parameter(part, "charset"), "utf-8"):
        with suppress(LookupError, ValueError):
            return _in_lines(octets.decode(charset))
    return _in_lines(octets.decode("latin-1"))


def _in_lines(text: str) -> str:
    """The text with its lines ended as we know it; who does not see them end takes the wrong address for a line's."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(value: str) -> str:
    value = " ".join(value[:10_000].encode("utf-8", "replace").decode("utf-8", "replace").split())
    if "=?" not in value:
        return value
    with suppress(HeaderParseError, LookupError, ValueError, AssertionError):
        return str(make_header(decode_header(value)))
    return value


def _merged(blocks: list[Fields]) -> Fields:
    merged: Fields = {}
    for block in blocks:
        for name, value in block.items():
            merged.setdefault(name, value)
    return merged
