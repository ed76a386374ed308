"""Taking a report apart: its words, its fields for programs (RFC 3464), the mail it gives back. Never an exception.

Reports come from programs older than the standards; so nothing is asked of a parsed header, and every octet of a text
may be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from app.mail.bounces_ends import end_of_words
from app.mail.bounces_pages import as_text
from app.mail.bounces_texts import TEXT_LIMIT, AnyMessage, Texts, content_type, field, inner_parts, parameter, raw_items

_PARTS_LIMIT = 200
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
        return read[:TEXT_LIMIT]

    @cached_property
    def told(self) -> str:
        """The words of the server, without the mail given back."""
        return self.text[: end_of_words(self.text)]


def take_apart(message: AnyMessage) -> Parts:
    """Return the parts of a report; whatever is missing or broken is empty."""
    return _taken_apart(message, Texts())


def _taken_apart(message: AnyMessage, read: Texts) -> Parts:
    texts: list[str] = []
    pages: list[str] = []
    blocks: list[Fields] = []
    feedback: Fields = {}
    returned: Fields = {}
    for part in _outer_parts(message):
        kind = content_type(part)
        if kind in _REPORT_TYPES:
            blocks += fields_of(read.fields(part))
        elif kind == "message/feedback-report":
            feedback = _merged(fields_of(read.fields(part)))
        elif kind in _RETURNED_TYPES:
            returned = returned or _headers_within(part, read)
        elif kind == "text/html":
            pages.append(read.text(part))
        elif kind.startswith("text/") or not kind:
            texts.append(read.text(part))
    if not (blocks or feedback) and (inner := _report_within(message)):
        return _taken_apart(inner, read)
    return Parts(
        headers=headers_of(message),
        content_type=content_type(message),
        report_type=parameter(message, "report-type"),
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
    for name, value in raw_items(message):
        found.setdefault(name.lower(), field(value))
    return found


def fields_of(text: str) -> list[Fields]:
    """Return the fields of each block of lines "Name: value"; blocks stand apart by empty lines."""
    blocks: list[Fields] = []
    for block in re.split(r"\n[ \t]*\n", text.strip("\n"), maxsplit=200):
        fields: Fields = {}
        for line in re.sub(r"\n[ \t]+", " ", block).split("\n"):
            name, colon, value = line.partition(":")
            if colon and re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{1,60}", name.strip()):
                fields.setdefault(name.strip().lower(), value.strip())
        blocks.append(fields)
    return blocks


def addresses_in(text: str) -> list[str]:
    """Return the addresses in a text, in their order, lower case, each once."""
    found = (address.group().strip(".'").lower() for address in ADDRESS.finditer(text[:TEXT_LIMIT].replace("\0", "")))
    return list(dict.fromkeys(address for address in found if ".." not in address and not address.startswith("@")))


def _report_within(message: AnyMessage) -> AnyMessage | None:
    """A report that some gateway wrapped up whole."""
    for part in _outer_parts(message):
        inner = inner_parts(part)
        if inner and content_type(inner[0]) == "multipart/report":
            return inner[0]
    return None


def _outer_parts(message: AnyMessage) -> Iterator[AnyMessage]:
    """The leaves of the report; not what lies within the mail it gives back."""
    waiting: list[AnyMessage] = [message]
    for _ in range(_PARTS_LIMIT):
        if not waiting:
            return
        part = waiting.pop(0)
        if part.is_multipart() and content_type(part).startswith("multipart/"):
            waiting[:0] = inner_parts(part)
        else:
            yield part


def _headers_within(part: AnyMessage, read: Texts) -> Fields:
    inner = inner_parts(part)
    return headers_of(inner[0]) if inner else fields_of(read.text(part))[0]


def _merged(blocks: list[Fields]) -> Fields:
    merged: Fields = {}
    for block in blocks:
        for name, value in block.items():
            merged.setdefault(name, value)
    return merged
