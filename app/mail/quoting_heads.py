"""The fields of a quoted mail's head ("Von: ...", "Gesendet: ..."), and what the subject of an answer begins with."""

from __future__ import annotations

import re

from app.mail.quoting_marks import CLOCK, LONGEST_MARK
from app.mail.quoting_separators import separator

_FORWARDING = re.compile(
    r"\s*(?:fwd?|wg|weitergeleitet|tr|rv|enc|vs|vb|vl|doorst|i|pd|továbbítás|转发)\s*:", re.IGNORECASE
)
_ANSWERING = re.compile(
    r"\s*(?:re|aw|antw(?:ort)?|sv|odp|res|ref|rif|回复|答复|vá|vs|ynt|ha)(?:\[\d+\]|\(\d+\))?\s*[:：]", re.IGNORECASE
)
_DAY = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2}\b")
_LABELS = {
    "from": "von|from|de|da|van|från|fra|od|lähettäjä|feladó|от|kimden|από|desde|remitente|expéditeur|absender|发件人|"
    "寄件者|差出人|보낸 사람",
    "date": "gesendet|gesendet am|datum|date|sent|sent on|envoyé|envoyé le|enviado|enviado el|enviado em|inviato|"
    "data|fecha|verzonden|verschickt|"
    "verzonden op|skickat|skickat den|sendt|dato|wysłano|wysłane|odesláno|dátum|lähetetty|päivämäärä|дата|отправлено|"
    "gönderildi|tarih|sendt den|küldve|发送时间|发送日期|日期|日時|送信日時|보낸 날짜|timestamp|date/time",
    "to": "an|to|à|a|para|per|aan|till|til|do|komu|címzett|vastaanottaja|кому|kime|προς|收件人|宛先|받는 사람|pour",
    "cc": "cc|kopie|kopi|kopia|copie|copie à|copia|bcc|cci|blindkopie|dw|копия|bilgi|másolatot kap|抄送",
    "subject": "betreff|betrifft|subject|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|předmět|tárgy|"
    "aihe|тема|konu|θέμα|subiect|predmet|re|主题|主旨|件名|제목|sujet",
    "other": "priorität|wichtigkeit|importance|priority|antwort an|reply-to|anlagen|anhänge|attachments|pièces jointes|"
    "organisation|organization|newsgroups",
}
_LABEL_KIND = {label: kind for kind, labels in _LABELS.items() for label in labels.split("|")}
_NO_SENDER = re.compile(r"[*_]{0,2}\s{0,3}\d{1,2}(?:[:.]\d|\s?(?:uhr|h|am|pm)\b)", re.IGNORECASE)
_IN_LINE = re.compile(r"(?:^|(?<=[\s–—_*-]))([^\W\d_]{2,12})[*]{0,2}[:：](?=\s)")
_HEADER = re.compile(r"[*_>|\s]{0,6}([^\W\d_][^:：*_\n]{0,24}?)[*_]{0,2}\s{0,2}[:：][*_]{0,2}(?:\s|$|(?=\S))")


def is_forwarding(subject: str) -> bool:
    """Whether the subject begins like a forwarded mail's."""
    return bool(_FORWARDING.match(subject))


def is_answering(subject: str) -> bool:
    """Whether the subject begins like an answer's."""
    return bool(_ANSWERING.match(subject))


def full_date(line: str) -> bool:
    """Whether the line gives a day with its year, and a time of day."""
    return bool(CLOCK.search(line) and _DAY.search(line))


def header(line: str) -> str:
    """Return which field of a quoted mail's head this line is ("from", "date", "to", ...), or nothing."""
    if len(line) > LONGEST_MARK * 4:
        return ""
    found = _HEADER.match(line)
    kind = _LABEL_KIND.get(found[1].strip().lower(), "") if found else ""
    # "Von: 10 Uhr" says when something begins, not who wrote.
    return "" if found and kind == "from" and _NO_SENDER.match(line, found.end()) else kind


def in_one_line(line: str) -> bool:
    """Whether all of a quoted mail's head stands in this line, as it does where a program lost the breaks."""
    line = line[:LONGEST_MARK]
    found = list(_IN_LINE.finditer(line)) if line.count(":") > 2 else []
    if not found:
        return False
    kinds = {kind for label in found if (kind := _LABEL_KIND.get(label[1].lower()))}
    before = line[: found[0].start()].strip()
    begins = {"from", "date"} <= kinds and bool(kinds & {"to", "subject"})
    return begins and says_who_or_when(line) and (separator(before) if before else len(kinds) > 3)


def says_who_or_when(line: str) -> bool:
    """Whether the line holds an address or a time of day, as a mail's head does and a list of people's own seldom."""
    return "@" in line or bool(CLOCK.search(line))
