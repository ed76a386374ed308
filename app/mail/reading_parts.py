"""The parts of a received mail: its texts, its files, its calendar entry, and what cannot be read in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from app.mail import reading_fields as fields
from app.mail import reading_signed as signed
from app.mail import reading_words as words
from app.mail.reading_flowed import unflowed
from app.mail.reading_message import parameters

_DEEPEST = 40  # parts within parts; real mail has five

ENCRYPTED = _l("Diese Mail ist verschlüsselt; das Portal kann sie nicht lesen. Bitte senden Sie sie unverschlüsselt.")
TNEF = _l(
    "Diese Mail besteht aus einer Datei winmail.dat, die nur Outlook lesen kann. "
    "Bitte senden Sie sie noch einmal als HTML oder Nur-Text."
)
UNREADABLE_SIGNED = _l("Diese Mail ist in einer Form signiert (S/MIME), die das Portal nicht lesen kann.")
TOO_DEEP = _l("Diese Mail ist so verschachtelt, dass sie nicht gelesen werden kann.")
TOO_MANY = _l("Diese Mail besteht aus mehr als tausend Teilen. Bitte senden Sie weniger Anhänge.")

_PKCS7 = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
_INLINE_PGP = re.compile(rb"-----BEGIN PGP MESSAGE-----")


class ReceivedFile(NamedTuple):
    """A file of a received mail; `name` is empty if it has none, `inline` says that the text shows it."""

    name: str
    content_type: str
    octets: bytes
    inline: bool


@dataclass
class Texts:
    """One text of a mail as plain text, as HTML, or as both; what it has not is empty."""

    plain: str = ""
    html: str = ""


@dataclass
class Content:
    """What stands in a mail. `refusal` is a German sentence if it cannot be read."""

    texts: list[Texts] = field(default_factory=list)
    files: list[ReceivedFile] = field(default_factory=list)
    calendar: bytes = b""
    refusal: str = ""

    def refuse(self, sentence: Any) -> None:
        """Keep the first reason why this mail cannot be read."""
        self.refusal = self.refusal or str(sentence)


def content_of(message: EmailMessage) -> Content:
    """Return what stands in a message."""
    content = Content()
    _collect(message, content, 0)
    return content


def _collect(part: EmailMessage, content: Content, depth: int) -> None:
    kind = part.get_content_type()
    if depth > _DEEPEST:
        content.refuse(TOO_DEEP)
    elif kind == "multipart/encrypted":
        content.refuse(ENCRYPTED)
    elif kind in _PKCS7:
        _collect_opaque(part, content, depth)
    elif kind == "message/rfc822" or (kind.startswith("message/") and part.is_multipart()):
        _collect_mail(part, content)
    elif kind == "multipart/alternative":
        _collect_alternatives(part, content, depth)
    elif part.is_multipart():
        for child in _children(part):
            _collect(child, content, depth + 1)
    elif kind not in _SIGNATURES:
        _collect_leaf(part, kind, content)


def _children(part: EmailMessage) -> list[EmailMessage]:
    # Asking what is no multipart for its payload would decode it by the charset its sender names.
    return [child for child in part.get_payload() if isinstance(child, EmailMessage)] if part.is_multipart() else []


def _collect_alternatives(part: EmailMessage, content: Content, depth: int) -> None:
    """Take the text of each form; files may hang on any of them (Apple Mail puts them below the HTML)."""
    text = Texts()
    for child in _children(part):
        own = Content()
        _collect(child, own, depth + 1)
        text.plain = text.plain or _joined(form.plain for form in own.texts)
        text.html = text.html or _joined(form.html for form in own.texts)
        content.files.extend(own.files)
        content.calendar = content.calendar or own.calendar
        if own.refusal:
            content.refuse(own.refusal)
    content.texts.append(text)


def _joined(texts: Any) -> str:
    return "\n".join(text for text in texts if text.strip())


def _collect_opaque(part: EmailMessage, content: Content, depth: int) -> None:
    octets = fields.octets_of(part)
    what = parameters(str(part.get("content-type", ""))).get("smime-type", "").lower()
    inner = signed.content(octets)
    if inner:
        _collect(fields.parsed(inner), content, depth + 1)
    else:
        content.refuse(UNREADABLE_SIGNED if what == "signed-data" or signed.is_signed(octets) else ENCRYPTED)


def _collect_mail(part: EmailMessage, content: Content) -> None:
    inner = _children(part)
    octets = inner[0].as_bytes(policy=fields.ATTACHED) if inner else fields.octets_of(part)
    subject = words.field(str(inner[0].get("subject", ""))) if inner else ""
    name = fields.file_name(part) or fields.without_folders(subject[:100]) or "Nachricht"
    name = name if name.lower().endswith(".eml") else f"{name}.eml"
    content.files.append(ReceivedFile(name, "message/rfc822", octets, False))


def _collect_leaf(part: EmailMessage, kind: str, content: Content) -> None:
    name = fields.file_name(part)
    disposition = str(part.get("content-disposition", "")).partition(";")[0].strip().lower()
    if kind in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat":
        content.refuse(TNEF)
    elif kind == "text/calendar" and not content.calendar:
        _take_calendar(part, content, name if disposition == "attachment" else "")
    elif kind in ("text/plain", "text/html") and disposition != "attachment" and not name:
        _take_text(part, kind, content)
    elif octets := fields.octets_of(part):
        inline = disposition != "attachment" and kind.startswith("image/") and bool(part.get("content-id"))
        content.files.append(ReceivedFile(name, kind, octets, inline))


def _take_calendar(part: EmailMessage, content: Content, name: str) -> None:
    content.calendar = fields.octets_of(part)
    if name:
        content.files.append(ReceivedFile(name, "text/calendar", content.calendar, False))


def _take_text(part: EmailMessage, kind: str, content: Content) -> None:
    octets = fields.octets_of(part)
    if kind == "text/plain" and _INLINE_PGP.search(octets[:2000]):
        content.refuse(ENCRYPTED)
        return
    known = parameters(str(part.get("content-type", "")))
    if kind == "text/html":
        content.texts.append(Texts(html=words.markup(octets, known.get("charset", ""))))
        return
    text = words.body(octets, known.get("charset", ""))
    if known.get("format", "").lower() == "flowed":
        text = unflowed(text, known.get("delsp", "").lower() == "yes")
    content.texts.append(Texts(plain=signed.cleartext(text)))
