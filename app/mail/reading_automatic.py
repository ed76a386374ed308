"""Whether a person wrote a mail, or a program: vacation replies, newsletters, notices (RFC 3834, and what is done).

Only what is certain counts. `X-Auto-Response-Suppress` says that no automatic answer is wanted, not that this is one:
Exchange and many a portal put it on what people write. `List-Id` and `Precedence: list` stand on people's mail that
came through a mailing list, which Gmail and office programs write into; so they count only beside an address for
leaving and no sign of an answer.
"""

from __future__ import annotations

import re

from flask_babel import gettext as _

from app.mail.reading_fields import Headers

_NOT_AUTOMATIC = frozenset({"", "no"})
_BULK = frozenset({"bulk", "junk", "auto_reply", "auto-reply"})
_ROBOTS = re.compile(
    r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|keine-?antwort|nicht-?antworten|mdaemon)(?:[+.=-].*)?@",
    re.IGNORECASE,
)
_ANSWERING_FIELDS = ("x-autorespond", "x-autoresponder", "x-autoreply-from", "x-mail-autoreply")
_VACATION = re.compile(
    r"\s*(?:abwesenheits(?:notiz|nachricht|meldung|assistent|benachrichtigung|info(?:rmation)?)|"
    r"abwesend(?:heit)?\s*:|automatische (?:antwort|abwesenheits\w*|e-?mail-?antwort|rückmeldung|benachrichtigung)|"
    r"automatic reply|auto-?reply|autoreply|auto(?:matic|matische)? ?response|autoresponse|auto:|"
    r"out of (?:the )?office\b|out-of-office|ooo:|vacation (?:reply|response|message)|urlaubs(?:notiz|nachricht|"
    r"meldung)|"
    r"ich bin (?:derzeit|zur zeit|momentan)? ?(?:nicht im büro|im urlaub|abwesend|außer haus)|"
    r"réponse automatique|absence du bureau|automatisch antwoord|automatische afwezigheid|respuesta automática|"
    r"risposta automatica|resposta automática|automatiskt svar|autosvar|automatisk svar|automaattinen vastaus|"
    r"automatyczna odpowiedź|odpowiedź automatyczna|automatická odpověď|automatikus válasz|автоответ)",
    re.IGNORECASE,
)


def reason(headers: Headers, sender: str) -> str:
    """Return why this is no person's mail, as a German sentence; empty if a person wrote it."""
    if _says_it_is_an_answer(headers):
        return _("Das ist eine automatische Antwort, etwa eine Abwesenheitsnotiz.")
    if _says_it_is_automatic(headers) or _is_from_a_robot(headers, sender):
        return _("Diese Mail hat ein Programm geschrieben, kein Mensch.")
    if _is_newsletter(headers):
        return _("Das ist ein Rundbrief, keine Mail an das Netz.")
    return ""


def _says_it_is_an_answer(headers: Headers) -> bool:
    submitted = _word(headers.get("auto-submitted"))
    answered = submitted.startswith("auto-replied") or _VACATION.match(headers.get("subject"))
    answering = any(headers.get(name) for name in _ANSWERING_FIELDS)
    return bool(answered or answering) or _is_set(headers.get("x-autoreply")) or _precedence(headers).startswith("auto")


def _says_it_is_automatic(headers: Headers) -> bool:
    # A report is a program's (RFC 6522), also that a mail was opened, which says so nowhere else.
    if _word(headers.get("content-type")) == "multipart/report":
        return True
    return _word(headers.get("auto-submitted")) not in _NOT_AUTOMATIC


def _is_from_a_robot(headers: Headers, sender: str) -> bool:
    empty = any(path.strip() == "<>" for path in headers.all("return-path"))
    return empty or bool(_ROBOTS.match(sender))


def _is_newsletter(headers: Headers) -> bool:
    if _precedence(headers) in _BULK and not _answers(headers):
        return True
    return bool(headers.get("list-unsubscribe")) and not _answers(headers)


def _answers(headers: Headers) -> bool:
    return bool(headers.get("in-reply-to") or headers.get("references"))


def _precedence(headers: Headers) -> str:
    return _word(headers.get("precedence"))


def _is_set(value: str) -> bool:
    return _word(value) not in ("", "no", "false", "0")


def _word(value: str) -> str:
    return value.partition(";")[0].partition("(")[0].strip().lower()
