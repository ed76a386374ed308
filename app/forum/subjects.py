"""Subjects of mails: one tag, at most one "AW:", however often they went back and forth."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.forum import extending
from app.forum.models import Kind, Message, Thread

#: How a kind is called on pages, in subjects and in mails.
KIND_NAMES = {
    Kind.MESSAGE: _l("Nachricht"),
    Kind.INVITATION: _l("Einladung"),
    Kind.MINUTES: _l("Protokoll"),
    Kind.REQUEST: _l("Anfrage"),
    Kind.INFORMATION: _l("Information"),
    Kind.CASE: _l("Fallbesprechung"),
    Kind.POLL: _l("Terminumfrage"),
}

_PREFIX = re.compile(r"\s*(?:(?:re|aw|antw|antwort|fwd?|wg|tr)(?:\s*\[\d+\])?\s*:|\[[^\]]*\])\s*", re.IGNORECASE)

_ANSWERED = re.compile(r"^(?:\s*(?:re|aw|antw|antwort)(?:\s*\[\d+\])?\s*:)+\s*", re.IGNORECASE)


def bare_subject(subject: str) -> str:
    """Return the subject without reply and forward marks and without a tag in square brackets at its front."""
    position = 0
    while match := _PREFIX.match(subject, position):
        position = match.end()
    return subject[position:].strip() or subject.strip()


def answered_once(subject: str) -> str:
    """Return the subject with one "AW:" in place of all the marks an answer's begins with."""
    return _ANSWERED.sub("AW: ", subject)


def mail_subject(message: Message, network_name: str, *, is_reply: bool) -> str:
    """Return "[Netz] Anfrage: ..." or "AW: [Netz] Anfrage (übernommen): ..."; a confidential one only who wrote."""
    thread = message.thread
    answer = "AW: " if is_reply else ""
    if thread.confidential:
        return f"{answer}[{network_name}] {_('Vertrauliche Nachricht von %(name)s', name=message.author_name)}"
    kind = "" if thread.kind is Kind.MESSAGE else f"{_kind_said(thread, is_reply=is_reply)}: "
    return f"{answer}[{network_name}] {kind}{thread.subject}"


def kind_of(thread: Thread, *, is_reply: bool = False) -> str:
    """Return how the kind of a thread is called where it begins, and in its answers, which are urgent no more."""
    return _("Dringende Anfrage") if thread.urgent and not is_reply else str(KIND_NAMES[thread.kind])


def _kind_said(thread: Thread, *, is_reply: bool) -> str:
    mark = extending.marks({thread.id: thread.kind}).get(thread.id) if is_reply else None
    kind = kind_of(thread, is_reply=is_reply)
    return f"{kind} ({mark.word})" if mark else kind
