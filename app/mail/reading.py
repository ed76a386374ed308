"""Raw octets into what a person wrote: `read()`. Changes nothing, needs no database, raises nothing.

The parts of a mail come from `reading_parts.py`, characters from `reading_words.py`, a text out of HTML from
`reading_html.py`; what the writer answers is cut away in `quoting.py`.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import EmailMessage

from flask_babel import gettext as _

from app.mail import quoting, reading_automatic
from app.mail import reading_fields as fields
from app.mail import reading_parts as parts
from app.mail.bounces import Report, read_report
from app.mail.neutralising import neutralise, neutralise_octets, neutralise_text_octets
from app.mail.quoting_heads import is_answering
from app.mail.reading_fields import Headers, TooManyParts
from app.mail.reading_html import text_of_html
from app.mail.reading_parts import ReceivedFile

__all__ = [
    "ReceivedFile",
    "ReceivedMail",
    "TooManyParts",
    "neutral_file",
    "neutralise",
    "neutralise_octets",
    "read",
]

_log = logging.getLogger(__name__)

_SIGNS_OF_A_MAIL = ("from", "sender", "received", "message-id", "date", "subject", "to", "mime-version", "return-path")


@dataclass(frozen=True)
class ReceivedMail:
    """One received mail, read.

    `kind` is "mail", "automatic", "bounce", "complaint" or "refused", and `reason` the German sentence why it is not
    the first. `text` is what the writer wrote; `untrimmed` all of it, with quotes, signature and footers. `date` is
    in UTC, `sender` in lower case, Message-IDs stand without their brackets. `calendar` is the text/calendar part.
    """

    kind: str
    reason: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    sender: str = ""
    sender_name: str = ""
    subject: str = ""
    date: datetime | None = None
    text: str = ""
    untrimmed: str = ""
    files: tuple[ReceivedFile, ...] = ()
    calendar: bytes = b""
    report: Report | None = None
    headers: Headers = field(default_factory=Headers)

    @property
    def is_answer(self) -> bool:
        """Whether the writer answers a mail, by its head."""
        return bool(self.in_reply_to or self.references) or is_answering(self.subject)

    def neutral(self) -> ReceivedMail:
        """Return the mail as it may be kept: no link and no address of ours in it acts any more. Needs the settings."""
        return replace(
            self,
            subject=neutralise(self.subject),
            text=neutralise(self.text),
            untrimmed=neutralise(self.untrimmed),
            files=tuple(map(neutral_file, self.files)),
            calendar=neutralise_text_octets(self.calendar),
        )


#: As in app/forms.py; of the private use area only our own block, for Outlook keeps its smileys in another.
_UNTYPEABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\ue0ff]")
_TEXTS = frozenset({"txt", "md", "htm", "html", "csv", "ics", "vcf", "rtf", "xml", "json"})


def neutral_file(file: ReceivedFile) -> ReceivedFile:
    """Return a file as it may be kept. Raises `TooManyParts` for an attached mail nobody can take apart in time."""
    # Programs call what they do not know "application/octet-stream"; then the name says what it is.
    ending = file.name.lower().rpartition(".")[2]
    if file.content_type == "message/rfc822" or ending == "eml":
        return file._replace(octets=neutralise_octets(file.octets))
    if file.content_type.startswith("text/") or ending in _TEXTS:
        return file._replace(octets=neutralise_text_octets(file.octets))
    return file


def read(octets: bytes) -> ReceivedMail:
    """Return what stands in a mail; octets that cannot be read give kind "refused" with the reason."""
    octets = _in_lines(octets)
    if fields.is_too_deep(octets):
        return ReceivedMail("refused", str(parts.TOO_DEEP))
    try:
        return _cleaned(_read(octets))
    except fields.TooDeep:
        return ReceivedMail("refused", str(parts.TOO_DEEP))
    except TooManyParts:
        return ReceivedMail("refused", str(parts.TOO_MANY))
    except RecursionError:
        return ReceivedMail("refused", str(parts.TOO_DEEP))
    except Exception:  # noqa: BLE001  # the standard library raises many kinds on damaged mail; the door must go on
        _log.exception("A mail could not be read.")
        return ReceivedMail("refused", _("Diese Mail ist so beschädigt, dass sie nicht gelesen werden kann."))


def _in_lines(octets: bytes) -> bytes:
    """The mail with lines that end with LF, where they end with CR only, as in some old mailboxes."""
    return octets if b"\n" in octets else octets.replace(b"\r", b"\n")


def _cleaned(mail: ReceivedMail) -> ReceivedMail:
    """Nobody types controls, nor the characters our own placeholders are made of: they would act in what we send."""
    return replace(
        mail,
        sender=_UNTYPEABLE.sub("", mail.sender),
        sender_name=_UNTYPEABLE.sub("", mail.sender_name),
        message_id=_UNTYPEABLE.sub("", mail.message_id),
        subject=_UNTYPEABLE.sub("", mail.subject),
        text=_UNTYPEABLE.sub("", mail.text),
        untrimmed=_UNTYPEABLE.sub("", mail.untrimmed),
        files=tuple(file._replace(name=_UNTYPEABLE.sub("", file.name)) for file in mail.files),
    )


def _read(octets: bytes) -> ReceivedMail:
    message = fields.parsed(octets)
    mail = _head(message)
    if not any(mail.headers.get(name) for name in _SIGNS_OF_A_MAIL):
        return replace(mail, kind="refused", reason=_("Das ist keine E-Mail."))
    report = read_report(message)
    if report is not None:
        return replace(mail, kind=report.kind, reason=report.reason, report=report, untrimmed=_words_of(message))
    content = parts.content_of(message)
    untrimmed = _untrimmed(content)
    mail = replace(
        mail,
        text=quoting.trim(untrimmed, mail.subject),
        untrimmed=untrimmed,
        files=tuple(content.files),
        calendar=content.calendar,
    )
    if reason := reading_automatic.reason(mail.headers, mail.sender):
        return replace(mail, kind="automatic", reason=reason)
    return replace(mail, kind="refused", reason=content.refusal) if content.refusal else mail


def _head(message: EmailMessage) -> ReceivedMail:
    headers = fields.headers(message)
    sender = fields.mailbox(message, "from", "sender", "return-path")
    answered = fields.message_ids(headers.get("in-reply-to"))
    identity = fields.message_ids(headers.get("message-id"))
    return ReceivedMail(
        kind="mail",
        message_id=identity[0] if identity else "",
        in_reply_to=answered[0] if answered else "",
        references=fields.message_ids(" ".join(headers.all("references"))),
        sender=sender.address,
        sender_name=sender.name,
        subject=headers.get("subject"),
        date=fields.sent_at(headers.get("date")),
        headers=headers,
    )


def _words_of(message: EmailMessage) -> str:
    return _untrimmed(parts.content_of(message))


def _untrimmed(content: parts.Content) -> str:
    texts = (text.plain if text.plain.strip() else text_of_html(text.html) for text in content.texts)
    return "\n".join(text.rstrip("\n") for text in texts if text.strip())
