"""Own words that a writer put between those of our mail: into a table cell of it, or in red, without any sign.

Nothing in such a mail says which words are whose, so reading takes them for part of the quote. But we know what we
sent: where it goes on just as it had stopped, the words between are the writer's, and none may be lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import select

from app.database import db
from app.forum.models import Message
from app.mail.envelope import PLACEHOLDER
from app.mail.models import Mail
from app.mail.reading import ReceivedMail

_MOST_SENT = 20  # mails that are compared with
_LONGEST = 200_000  # characters of one of them, or of what came in
_KNOWN = 3  # words that are known by their neighbours
_SKIPPED = 3  # words of ours that may be missing where somebody wrote between them
_ADDRESS = re.compile(r"@|https?://", re.IGNORECASE)
_BRACKETED = re.compile(r"<[^<>\s]*>")
_WORD = re.compile(r"[^\W_]+")


def with_answers_within(mail: ReceivedMail) -> ReceivedMail:
    """Return the mail with all of its text, if trimming would lose words that stand within what we sent."""
    if mail.text == mail.untrimmed or not 0 < len(mail.untrimmed) <= _LONGEST:
        return mail
    came, kept = _words(mail.untrimmed), f" {' '.join(_words(mail.text))} "
    for sent in _sent(mail):
        if any(f" {' '.join(own)} " not in kept for own in _between(came, _words(sent))):
            return replace(mail, text=mail.untrimmed)
    return mail


def _sent(mail: ReceivedMail) -> list[str]:
    """The texts of our mails that this one answers, while we keep them."""
    answered = {*mail.references, mail.in_reply_to} - {""}
    if not answered:
        return []
    ids = db.session.scalars(select(Message.id).where(Message.message_id.in_(answered)).limit(_MOST_SENT))
    about = [f"message:{id}" for id in ids]
    texts = db.session.scalars(select(Mail.text).where(Mail.about.in_(about)).limit(_MOST_SENT))
    return [PLACEHOLDER.sub(" ", text[:_LONGEST]) for text in texts]


def _words(text: str) -> list[str]:
    # Programs write addresses anew.
    without_addresses = " ".join(word for word in text.split() if not _ADDRESS.search(word))
    return _WORD.findall(_BRACKETED.sub(" ", without_addresses).lower())


def _between(came: Sequence[str], sent: Sequence[str]) -> Iterator[list[str]]:
    """Yield each run of words that stands between words we sent one after the other, with those before it."""
    places = {tuple(sent[at : at + _KNOWN]): at for at in range(len(sent) - _KNOWN, -1, -1)}
    end = stopped = -1  # behind the last known words: in what came, in what we sent
    for at in range(len(came) - _KNOWN + 1):
        place = places.get(tuple(came[at : at + _KNOWN]))
        if place is None:
            continue
        if 0 <= stopped <= place <= stopped + _SKIPPED and _is_more(came[end:at], sent[stopped:place]):
            yield list(came[max(0, end - 2) : at])
        end, stopped = at + _KNOWN, place + _KNOWN


def _is_more(own: Sequence[str], skipped: Sequence[str]) -> bool:
    """Whether somebody wrote this in place of that; what a program damaged has no more letters than before."""
    return len("".join(own)) > 2 * len("".join(skipped))
