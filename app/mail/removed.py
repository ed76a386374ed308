"""Text that was taken down, known again where it comes back: in what an answer quotes, and in its octets.

The text itself is gone. What stays are digests of every five words in a row, made with the portal's own key: nobody
reads a name out of them, and a quote is known however a mail program wrapped its lines.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from itertools import groupby
from typing import NamedTuple

from flask_babel import gettext as _

from app.mail import envelope
from app.mail.reading import ReceivedFile, ReceivedMail, read

_RUN = 5  # words
_MOST_WORDS = 100_000  # that are looked at; what is behind them is left out
_WORD = re.compile(r"\w+")
_CLOSING = re.compile(
    r"\W*(?:mit )?(?:freundlich|viel|best|herzlich|lieb|schön|sonnig)\w* (?:gr[uü](?:ß|ss)|dank)", re.IGNORECASE
)
_GONE = 0.6  # of a line's words that are of the removed text
_BLANK = re.compile(rb"\r?\n\r?\n")
_CONTENT = re.compile(rb"(?im)^(?:content-[^:\r\n]*|mime-version):[^\n]*\n(?:[ \t][^\n]*\n)*")


class Removed(NamedTuple):
    """What is known of texts that were taken down. `quoted` counts only in quoted lines: the writer's own texts.

    Who wrote what was removed writes their signature again, and that is no quote.
    """

    anywhere: frozenset[str] = frozenset()
    quoted: frozenset[str] = frozenset()


class _Line(NamedTuple):
    text: str
    is_quoted: bool
    is_gone: bool  # it is of a removed text


def digests(text: str) -> str:
    """Return what to keep of a text that is taken down: its digests, parted by spaces."""
    found: set[str] = set()
    words: list[str] = []
    for line in text.splitlines():
        if _CLOSING.match(line):
            found.update(_of_runs(words))
            words = []
            continue
        own = _WORD.findall(line.lower())
        found.update(_of_line(own))
        words += own
    found.update(_of_runs(words))
    return " ".join(sorted(found))


def struck_out(text: str, removed: Removed) -> str:
    """Return the text without the lines of removed texts; a sentence stands in place of each run of them.

    Of quoted lines that stand together all go: what is left of a quote would be names and greetings.
    """
    if not (removed.anywhere or removed.quoted):
        return text
    kept: list[str] = []
    sentence = _("[Entfernter Text]")
    for is_quoted, block in groupby(_judged(text, removed), key=lambda judged: judged.is_quoted):
        lines = list(block)
        all_go = is_quoted and any(line.is_gone for line in lines)
        for line in lines:
            if not (all_go or line.is_gone):
                kept.append(line.text)
            elif not kept or kept[-1] != sentence:
                kept.append(sentence)
    return "\n".join(kept)


def without(mail: ReceivedMail, removed: Removed) -> ReceivedMail:
    """Return a mail without removed text, and without attached mails that hold it; the same object when none does."""
    untrimmed = struck_out(mail.untrimmed, removed)
    files = tuple(file for file in mail.files if not is_held_by(file.name, file.octets, removed))
    if untrimmed == mail.untrimmed and len(files) == len(mail.files):
        return mail
    left_out = "" if len(files) == len(mail.files) else "\n\n" + _("[Angehängte Mail mit entferntem Text]")
    text = struck_out(mail.text, removed) + left_out
    return replace(mail, text=text, untrimmed=untrimmed + left_out, files=files)


def is_held_by(name: str, octets: bytes, removed: Removed) -> bool:
    """Whether this file is a mail that holds removed text, in itself or in another that hangs on it."""
    if not (removed.anywhere or removed.quoted) or not name.lower().endswith(".eml"):
        return False
    mail = read(octets)
    return without(mail, removed) is not mail


def octets_without(octets: bytes, mail: ReceivedMail) -> bytes:
    """Return the octets of a mail with the text that `without()` gave it, in place of all its texts."""
    blank = _BLANK.search(octets)
    head = _CONTENT.sub(b"", octets[: blank.start()] + b"\r\n" if blank else octets)
    message = EmailMessage(policy=SMTP)
    message.set_content(mail.untrimmed or mail.text)
    for file in mail.files:
        kind, _slash, subtype = _kind_of(file).partition("/")
        message.add_attachment(file.octets, kind, subtype, filename=file.name or "Anhang")
    return head.rstrip(b"\r\n") + b"\r\n" + message.as_bytes()


def _kind_of(file: ReceivedFile) -> str:
    is_leaf = re.fullmatch(r"(?!message/|multipart/)[\w.+-]+/[\w.+-]+", file.content_type)
    return file.content_type if is_leaf else "application/octet-stream"


def _judged(text: str, removed: Removed) -> Iterator[_Line]:
    lines = text.split("\n")
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    for line in lines:
        start = len(words)
        words += _WORD.findall(line.lower())
        spans.append((start, len(words)))
        if len(words) > _MOST_WORDS:
            break
    everything = removed.anywhere | removed.quoted
    anywhere, quoted = _covered(words, removed.anywhere), _covered(words, everything)
    for line, (start, end) in zip(lines, spans, strict=False):
        is_quoted = line.lstrip().startswith((">", "|"))
        covered, known = (quoted, everything) if is_quoted else (anywhere, removed.anywhere)
        is_known = not known.isdisjoint(_of_line(words[start:end]))
        is_covered = end > start and sum(covered[start:end]) >= _GONE * (end - start)
        yield _Line(line, is_quoted, is_known or is_covered)


def _covered(words: list[str], known: frozenset[str]) -> bytearray:
    covered = bytearray(len(words))
    if known:
        for start, digest in enumerate(_of_runs(words)):
            if digest in known:
                covered[start : start + _RUN] = b"\1" * _RUN
    return covered


def _of_runs(words: list[str]) -> Iterator[str]:
    return (_digest(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1))


def _of_line(words: list[str]) -> list[str]:
    """A line too short for a run is known as a whole."""
    is_telling = 2 <= len(words) < _RUN and sum(map(len, words)) >= 10
    return [_digest(["", *words])] if is_telling else []


def _digest(words: list[str]) -> str:
    said = " ".join(words).encode(errors="replace")
    return hashlib.blake2b(said, key=envelope.signing_key(), person=b"removed", digest_size=5).hexdigest()
