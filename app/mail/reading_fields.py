"""The head of a received mail: its fields as text, its addresses, the names of its files. Nothing in here raises."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.parser import FeedParser
from email.policy import EmailPolicy, compat32
from email.utils import parsedate_to_datetime
from typing import NamedTuple, cast

from app.mail import reading_words as words
from app.mail.bounces_parts import tamed
from app.mail.reading_message import Lenient, ReceivedPart, parameters
from app.mail.reading_spans import blanked

_ADDRESS = re.compile(r"<\s*([^<>\s]{1,320})\s*>|([^\s<>()\",;:]{1,64}@[^\s<>()\",;:]{1,255})")
_IN_NO_ADDRESS = re.compile(r"[\s<>]")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,300})>")
_UNQUOTED = re.compile(r"\\(.)")
_IS_PATH = re.compile(r"[A-Za-z]:[/\\]|[/\\~]|\.\.?[/\\]")
_PATH = re.compile(r".*[/\\]", re.DOTALL)


class Mailbox(NamedTuple):
    """One person's address in a field, lower case, and the name beside it."""

    name: str
    address: str


class Headers(tuple[tuple[str, str], ...]):
    """The fields of a mail in their order, as text."""

    __slots__ = ()

    def all(self, name: str) -> list[str]:
        """Return every field of this name; the case of the name does not matter."""
        name = name.lower()
        return [value for key, value in self if key.lower() == name]

    def get(self, name: str, default: str = "") -> str:
        """Return the first field of this name."""
        found = self.all(name)
        return found[0] if found else default


def headers(message: Message) -> Headers:
    """Return the fields of a message, at most a thousand of them."""
    raw = list(message.raw_items())[:1000]
    return Headers((name, _read(name)(str(value))) for name, value in raw)


def _read(name: str) -> Callable[[str], str]:
    # An encoded word in what a server quotes from the mail must not turn into marks of the field's grammar.
    return words.unfolded if name.lower() == "authentication-results" else words.field


def mailbox(message: Message, *names: str) -> Mailbox:
    """Return the first address in the first of these fields that has one."""
    for name in names:
        for key, raw in message.raw_items():
            if key.lower() == name and (found := _first_mailbox(words.unfolded(str(raw)))).address:
                return found
    return Mailbox("", "")


def _first_mailbox(field: str) -> Mailbox:
    field = field[:2000]
    found = _first_address(blanked(field))
    if found is None:
        return Mailbox("", "")
    start, end = found.span(found.lastindex or 0)
    address = field[start:end].strip("'\".,;").lower()
    before = words.decoded_words(field[: found.start()]).strip()
    after = re.match(r"\s*\(([^()]*)\)", field[found.end() :])
    name = _UNQUOTED.sub(r"\1", before.strip('" ')) or (words.decoded_words(after[1]).strip() if after else "")
    return Mailbox(words.one_line(name).strip("'\""), "" if _IN_NO_ADDRESS.search(address) else address)


def _first_address(plain: str) -> re.Match[str] | None:
    """The last bracketed address before a comma that follows an address, else the first without brackets.

    A name is what its writer likes, another's address too; so none before the brackets is the sender's, and a comma
    in a name ("Bau, Anna <a@example.org>") ends nothing.
    """
    found: re.Match[str] | None = None
    for match in _ADDRESS.finditer(plain):
        if "@" not in match[0]:
            continue
        if found and re.search(r"[,;]", plain[found.end() : match.start()]):
            break
        if match[1] or found is None:
            found = match
    return found


def message_ids(field: str) -> tuple[str, ...]:
    """Return the Message-IDs in a field without their brackets, the last hundred."""
    found = _MESSAGE_ID.findall(field) or [word for word in field.split() if "@" in word]
    return tuple(found[-100:])


def sent_at(field: str) -> datetime | None:
    """Return a Date field as a time in UTC."""
    try:
        moment = parsedate_to_datetime(field[:200])
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def file_name(part: EmailMessage) -> str:
    """Return the name a part gives itself, without folders and controls; empty if it has none."""
    for field, key in (("content-disposition", "filename"), ("content-type", "name")):
        name = parameters(str(part.get(field, ""))).get(key, "")
        name = " ".join(re.sub("[\x00-\x1f\x7f]", " ", name).split())
        if name := without_folders(name):
            return name[-150:]
    return ""


def without_folders(name: str) -> str:
    """A path of the sender's computer goes; a slash in a title ("Protokoll 3/2026") becomes a dash."""
    if _IS_PATH.match(name):
        name = _PATH.sub("", name)
    return name.replace("/", "-").replace("\\", "-").strip(" .\"'")


#: How an attached mail is written out again: as it came.
ATTACHED = compat32.clone(linesep="\r\n")

_RECEIVED = Lenient(utf8=True)
_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
_REPORT = re.compile(rb"delivery-status", re.IGNORECASE)
_MOST_PARTS = 1000
_DEEPEST, _DEEP_ENOUGH = 100, 12  # parts within parts; real mail has five, a mail attached to one some more
_MOST_COMPARED = 10_000_000
_PIECE = 64 * 1024
_MOST_REPORTS = 900  # recipients in one delivery report; each of them is a part
_MOST_COMPARISONS = 40_000_000


class TooManyParts(Exception):
    """Raised for a mail of so many parts that it is none a person wrote."""


class TooDeep(TooManyParts):
    """Raised for parts within parts that would take long to tell apart."""


def parsed(octets: bytes) -> EmailMessage:
    """Return the message these octets are; blank lines and a mark before its head are no end of it.

    Raises `TooManyParts` before they take time and memory.
    """
    octets = octets.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    text = tamed(octets).decode("ascii", "surrogateescape")
    made = itertools.count()
    # Each line is compared with the boundaries of every level above it.
    deepest = min(_DEEPEST, max(_DEEP_ENOUGH, _MOST_COMPARED // (text.count("\n") + 1)))

    def part(policy: EmailPolicy = _RECEIVED) -> EmailMessage:
        if next(made) > _MOST_PARTS:
            raise TooManyParts
        if len(parser._msgstack) > deepest:  # type: ignore[attr-defined]  # noqa: SLF001  # said nowhere else
            raise TooDeep
        return ReceivedPart(policy)

    parser: FeedParser = FeedParser(policy=_RECEIVED)
    parser._factory = part  # type: ignore[attr-defined]  # noqa: SLF001  # it is asked before it knows the parser
    for start in range(0, len(text), _PIECE):  # a mail to be refused is not read to its end
        parser.feed(text[start : start + _PIECE])
    return cast(EmailMessage, parser.close())


def is_too_deep(octets: bytes) -> bool:
    """Whether taking the parts apart would take much longer than reading the octets.

    The standard library compares each line with the boundaries of every level above it, and makes a part of each
    paragraph of a delivery report, at a cost that grows with their square.
    """
    if _has_many_reports(octets):
        return True
    boundaries = len(_BOUNDARY.findall(octets))
    return boundaries > 100 and boundaries * octets.count(b"\n") > _MOST_COMPARISONS


def octets_of(part: Message) -> bytes:
    """Return the decoded octets of a part that holds no parts."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _has_many_reports(octets: bytes) -> bool:
    for begin in itertools.islice(_REPORT.finditer(octets), 20):
        end = octets.find(b"\n--", begin.end())
        report = octets[begin.end() : end if end >= 0 else None].replace(b"\r", b"")
        if report.count(b"\n\n") > _MOST_REPORTS:
            return True
    return False
