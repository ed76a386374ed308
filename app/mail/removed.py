"""Text that was taken down, known again where it comes back: in what an answer quotes, and in its octets.

The text itself is gone. What stays are digests of every five words in a row, made with the portal's own key: nobody
reads a name out of them, and a quote is known however a mail program wrapped its lines.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from itertools import groupby
from typing import NamedTuple

from flask_babel import gettext as _

from app.mail import envelope
from app.mail.plain import plain
from app.mail.reading import ReceivedFile, ReceivedMail, TooManyParts, read

_RUN = 5  # words
_MOST_WORDS = 100_000  # of a mail that are looked at; one that has more is left out
_MOST_IN_ALL = 500_000  # of all that hang on one mail
_DEEPEST = 10  # mails within mails that are looked at; what holds more is left out
_WORD = re.compile(r"\w+")
_CLOSING = re.compile(
    r"\W*(?:mit )?(?:freundlich|viel|best|herzlich|lieb|schön|sonnig)\w* (?:gr[uü](?:ß|ss)|dank)", re.IGNORECASE
)
_GREETING = frozenset(
    _WORD.findall(
        "hallo hi moin servus grüß gott guten morgen tag abend sehr geehrte werte liebe lieben ihr damen und herren "
        "kolleginnen kollegen innen an alle allerseits zusammen team"
    )
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
    start: int  # its words, counted through the text
    end: int
    own: list[str]  # its digest as a whole, if it is too short for a run


class Digested(NamedTuple):
    """A text and its digests. They take time to make; to look for removed text among them takes none."""

    lines: list[_Line]
    runs: list[str]  # of every five words in a row
    is_whole: bool  # whether all of the text was looked at


_UNREAD = Digested([], [], is_whole=False)

#: The attached mails of a mail, each with its own text and those of the mails in it.
Attached = Mapping[ReceivedFile, list[Digested]]


def digests(text: str, shortest: int = 10) -> str:
    """Return what to keep of a text that is taken down: its digests, parted by spaces.

    It is known as it was typed and as mails say it ("_Herr_", "Herr"), which is what answers quote. A line too short
    for a run counts if it has so many letters. What everybody writes at the start and end of a mail says nothing of
    anyone, and does not count.
    """
    found: set[str] = set()
    words: list[str] = []
    for line in f"{text}\n{plain(text)}".splitlines():
        own = _WORD.findall(line.lower())
        if _CLOSING.match(line) or (own and _GREETING.issuperset(own)):
            found.update(_of_runs(words))
            words = []
            continue
        found.update(_of_line(own, shortest))
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
    looked_at = digested(text)
    judged = zip(looked_at.lines, _gone(looked_at, removed), strict=True)
    for is_quoted, block in groupby(judged, key=lambda pair: pair[0].is_quoted):
        lines = list(block)
        all_go = is_quoted and any(is_gone for _line, is_gone in lines)
        for line, is_gone in lines:
            if not (all_go or is_gone):
                kept.append(line.text)
            elif not kept or kept[-1] != sentence:
                kept.append(sentence)
    return "\n".join(kept)


def without(mail: ReceivedMail, removed: Removed, attached: Attached) -> ReceivedMail:
    """Return a mail without removed text, and without attached mails that hold it; the same object when none does."""
    untrimmed = struck_out(mail.untrimmed, removed)
    left_out = {file: texts for file, texts in attached.items() if holds(texts, removed)}
    if untrimmed == mail.untrimmed and not left_out:
        return mail
    told = "\n\n".join(["", *dict.fromkeys(_in_place_of(texts) for texts in left_out.values())])
    files = tuple(file for file in mail.files if file not in left_out)
    return replace(mail, text=struck_out(mail.text, removed) + told, untrimmed=untrimmed + told, files=files)


def _in_place_of(texts: list[Digested]) -> str:
    if is_unread(texts):
        return _("[Angehängte Mail, zu umfangreich für die Suche nach entferntem Text]")
    return _("[Angehängte Mail mit entferntem Text]")


def attached_to(mail: ReceivedMail) -> Attached:
    """Read the attached mails of a mail, which may take seconds; what was removed is looked for later."""
    attached: dict[ReceivedFile, list[Digested]] = {}
    left = _MOST_IN_ALL
    for file in mail.files:
        if is_mail(file.name):
            attached[file] = digested_mail(file.octets, min(left, _MOST_WORDS))
            left -= sum(len(text.runs) for text in attached[file])
    return attached


def is_mail(name: str) -> bool:
    """Whether a file of this name is a mail, and may hold what was removed."""
    return name.lower().endswith(".eml")


def digested_mail(octets: bytes, most_words: int = _MOST_WORDS) -> list[Digested]:
    """Make the digests of a mail's text and of those of the mails that hang on it, at any depth."""
    texts: list[Digested] = []
    try:
        for text in _texts_of(octets):
            texts.append(digested(text, most_words - sum(len(each.runs) for each in texts)))
    except TooManyParts:
        texts.append(_UNREAD)
    return texts


def holds(texts: list[Digested], removed: Removed) -> bool:
    """Whether one of these texts holds removed text. What nobody looked at may hold it."""
    if not (removed.anywhere or removed.quoted):
        return False
    return is_unread(texts) or any(any(_gone(text, removed)) for text in texts)


def is_unread(texts: list[Digested]) -> bool:
    """Whether they were too long, or mails within mails too deep, for all of them to be looked at."""
    return not all(text.is_whole for text in texts)


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


def digested(text: str, most_words: int = _MOST_WORDS) -> Digested:
    """Make the digests of a text, as far as so many words reach."""
    words: list[str] = []
    looked_at: list[_Line] = []
    lines = text.split("\n")
    for line in lines:
        own = _WORD.findall(line.lower())
        if own and len(words) + len(own) > most_words:
            break
        is_quoted = line.lstrip().startswith((">", "|"))
        looked_at.append(_Line(line, is_quoted, len(words), len(words) + len(own), _of_line(own)))
        words += own
    return Digested(looked_at, list(_of_runs(words)), is_whole=len(looked_at) == len(lines))


def _texts_of(octets: bytes, depth: int = 1) -> Iterator[str]:
    if depth > _DEEPEST:
        raise TooManyParts
    mail = read(octets)
    yield mail.untrimmed
    for file in mail.files:
        if is_mail(file.name):
            yield from _texts_of(file.octets, depth + 1)


def _gone(text: Digested, removed: Removed) -> list[bool]:
    """Say of each line whether it is of a removed text."""
    everything = removed.anywhere | removed.quoted
    anywhere, quoted = _covered(text, removed.anywhere), _covered(text, everything)
    gone = []
    for line in text.lines:
        covered, known = (quoted, everything) if line.is_quoted else (anywhere, removed.anywhere)
        is_known = not known.isdisjoint(line.own)
        is_covered = line.end > line.start and sum(covered[line.start : line.end]) >= _GONE * (line.end - line.start)
        gone.append(is_known or is_covered)
    return gone


def _covered(text: Digested, known: frozenset[str]) -> bytearray:
    """Say of each word whether it stands in a run that is known."""
    covered = bytearray(text.lines[-1].end if text.lines else 0)
    for start, digest in enumerate(text.runs):
        if digest in known:
            covered[start : start + _RUN] = b"\1" * _RUN
    return covered


def _of_runs(words: list[str]) -> Iterator[str]:
    return (_digest(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1))


def _of_line(words: list[str], shortest: int = 10) -> list[str]:
    """A line too short for a run is known as a whole."""
    is_telling = 2 <= len(words) < _RUN and sum(map(len, words)) >= shortest
    return [_digest(["", *words])] if is_telling else []


def _digest(words: list[str]) -> str:
    said = " ".join(words).encode(errors="replace")
    return hashlib.blake2b(said, key=envelope.signing_key(), person=b"removed", digest_size=5).hexdigest()
