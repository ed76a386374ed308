"""The lines by which mail programs mark what somebody else wrote, in the languages our participants' programs speak.

Everything here looks at single lines, or at a few lines joined into one; what follows from them is decided in
`quoting.py`. No pattern has two neighbouring repeats of the same characters, and longer lines than a mark can be are
not looked at, so that no mail is slow to read.
"""

from __future__ import annotations

import re

LONGEST_MARK = 400  # characters; a mark joined from several lines included

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"), "")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2009\u3000"), " ")

_WROTE = (
    "wrote|writes|schrieb|schrieben|schreibt|schreef|geschreven|geschrieben|écrit|ecrit|escribió|escribio|escribe|"
    "escreveu|scritto|scrive|skrev|skreiv|kirjoitti|napisał|napisał[(]a[)]|napisała|napisal|napsal|napsal[(]a[)]|"
    "napísal|pisze|"
    "írta|написал|написала|написав|пишет|yazdı|şunu yazdı|scris|έγραψε|rašė|rakstīja|"
    "写道|寫道|のメール|님이 작성"
)
_FIRST_WORD = (
    "on|am|um|at|le|el|il|op|em|den|dne|dnia|w dniu|på|pe|στις|в|vào|lø|"
    "mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun|a|al|в|el día|on date|date|em|na|vom|kl|ma|ti|to|ke|pe|la|su|"
    "在|于"
)
_ADDRESS = r"[^\s<>@()\[\]]{1,64}@[^\s<>@()\[\]]{1,255}"
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")

_BEGINS_WITH_DATE_WORD = re.compile(rf"(?:{_FIRST_WORD})[ ,.]", re.IGNORECASE)
_BEGINS_WITH_DATE = re.compile(r"[(\[]?\d{1,4}[-/. 年]")
_HAS_WROTE = re.compile(rf"(?:^|[ >)\]*\"'_,년日])(?:{_WROTE})(?=$|[\s:：,<*]|[(]a[)])", re.IGNORECASE)
_HAS_ADDRESS = re.compile(rf"[<(\[*]?(?:mailto:)?{_ADDRESS}")
_ENDS = re.compile(r"[:：][ *_]*$|[:：] ?\[?\.\.\.\]?$")
_ENDS_WITH_WROTE = re.compile(rf"(?:{_WROTE})[ *_]*[:：]?[ *_]*$", re.IGNORECASE)
_QUOTING = re.compile(
    rf"(?:quoting|zitat von|zitiere|citando|citat von|citeren) .{{0,120}}{_ADDRESS}.{{0,3}}[:：]$", re.IGNORECASE
)
_DASHED_WROTE = re.compile(rf"-{{2,}} ?(?:on )?[^-].{{0,200}}(?:{_WROTE}).{{0,200}}-{{2,}}$", re.IGNORECASE)
_GROUPWISE = re.compile(r">>>\s{0,3}\S.{0,200}\d.{0,80}>>>$")

_ORIGINAL = (
    "original message|original mail|original email|originalmail|reply message|replied message|"
    "ursprüngliche nachricht|ursprungliche nachricht|ursprüngliche e-mail|ursprüngliche mail|originalnachricht|"
    "original-nachricht|original nachricht|nachricht|"
    "message d'origine|message d’origine|message original|message initial|mensaje original|mensagem original|"
    "messaggio originale|oorspronkelijk bericht|origineel bericht|oprindelig meddelelse|oprindelig besked|"
    "ursprungligt meddelande|originalmeddelande|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna|"
    "oryginalna wiadomość|původní zpráva|původní e-mail|eredeti üzenet|исходное сообщение|пересылаемое сообщение|"
    "orijinal mesaj|mesaj original|αρχικό μήνυμα|原始邮件|原始郵件|邮件原件|元のメッセージ|원본 메시지"
)
_FORWARDED = (
    "forwarded message|forwarded mail|forwarded email|begin forwarded message|"
    "weitergeleitete nachricht|weitergeleitete mail|weitergeleitete e-mail|anfang der weitergeleiteten nachricht|"
    "anfang der weitergeleiteten e-mail|weitergeleitet von .{1,80}|forwarded by .{1,120}|"
    "message transféré|message transmis|courriel transféré|début du message réexpédié|début du message transféré|"
    "mensaje reenviado|inicio del mensaje reenviado|mensagem encaminhada|mensagem reencaminhada|"
    "início da mensagem reencaminhada|início da mensagem encaminhada|messaggio inoltrato|inizio messaggio inoltrato|"
    "doorgestuurd bericht|begin doorgestuurd bericht|videresendt meddelelse|videresendt besked|videresendt melding|"
    "vidarebefordrat meddelande|vidarebefordrat mejl|välitetty viesti|wiadomość przekazana dalej|przekazana wiadomość|"
    "přeposlaná zpráva|továbbított üzenet|пересылаемое сообщение|пересланное сообщение|iletilmiş mesaj|转发的邮件"
)
_BETWEEN_DASHES = r"[-–—_*=# ]{{0,3}}[-–—_=]{{2,60}}[ *]{{0,3}}(?:{0})[ *:]{{0,3}}[-–—_=]{{0,60}}$"
_SEPARATOR = re.compile(_BETWEEN_DASHES.format(_ORIGINAL), re.IGNORECASE)
_BARE_SEPARATOR = re.compile(rf"(?:{_ORIGINAL}):?$", re.IGNORECASE)
_FORWARD_DASHED = re.compile(_BETWEEN_DASHES.format(_FORWARDED), re.IGNORECASE)
_FORWARD_BARE = re.compile(rf"[*]?(?:{_FORWARDED}) ?:[*]?$", re.IGNORECASE)
_REPLY_ABOVE = re.compile(
    r"\W{0,6}(?:please )?(?:type |write |bitte )?(?:your )?(?:reply|antwort|antworten sie|antworten)\b.{0,30}"
    r"(?:above|oberhalb|über) .{0,30}(?:line|zeile)\b.{0,40}$",
    re.IGNORECASE,
)

_LABELS = {
    "from": "von|from|de|da|van|från|fra|od|lähettäjä|feladó|от|kimden|από|desde|remitente|expéditeur|absender|发件人|"
    "寄件者|差出人|보낸 사람",
    "date": "gesendet|gesendet am|datum|date|sent|sent on|envoyé|envoyé le|enviado|enviado el|enviado em|inviato|"
    "data|fecha|verzonden|"
    "verzonden op|skickat|skickat den|sendt|dato|wysłano|wysłane|odesláno|dátum|lähetetty|päivämäärä|дата|отправлено|"
    "gönderildi|tarih|sendt den|küldve|发送时间|发送日期|日期|日時|送信日時|보낸 날짜|timestamp|date/time",
    "to": "an|to|à|a|para|per|aan|till|til|do|komu|címzett|vastaanottaja|кому|kime|προς|收件人|宛先|받는 사람|pour",
    "cc": "cc|kopie|kopi|kopia|copie|copie à|copia|bcc|cci|blindkopie|dw|копия|bilgi|másolatot kap|抄送",
    "subject": "betreff|betrifft|subject|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|předmět|tárgy|aihe|"
    "тема|"
    "konu|θέμα|subiect|predmet|re|主题|主旨|件名|제목|sujet",
    "other": "priorität|wichtigkeit|importance|priority|antwort an|reply-to|anlagen|anhänge|attachments|pièces jointes|"
    "organisation|organization|newsgroups",
}
_LABEL_KIND = {label: kind for kind, labels in _LABELS.items() for label in labels.split("|")}
_HEADER = re.compile(r"[*_>|\s]{0,6}([^\W\d_][^:：*_\n]{0,24}?)[*_]{0,2}\s{0,2}[:：][*_]{0,2}(?:\s|$|(?=\S))")

_DEVICES = (
    "iphone|ipad|ipod|mobil|handy|smartphone|tablet|android|samsung|galaxy|huawei|blackberry|nokia|htc|sony|xperia|"
    "outlook|gmx|web[.]de|t-online|windows|yahoo|mail|proton|mobile|phone|gerät|apple|watch|nexus|pixel|lumia|oneplus|"
    "xiaomi|nine|k-9|app|thunderbird|telekom|tel|pc|laptop|fairphone|spark|zimbra|hotmail|airmail|mailbox|newton|boxer|"
    "motorola|lg|palm|kindle|device|treo|moto|mac|macbook"
)
_SENT = "gesendet|geschickt|gesandt|verschickt|versendet|geschrieben"
_FROM_MY = "(?:diese (?:nachricht|e-?mail|mail) wurde )?(?:von|mit|aus|auf) (?:meinem|meiner|der|dem)? ?"
_FOOTERS = (
    rf"sent (?:from|via|by|using|with|through|on) .{{0,30}}\b(?:{_DEVICES})\b.{{0,80}}",
    "sent from my .{1,40}",
    "sent wirelessly .{0,40}",
    rf"{_FROM_MY}.{{0,40}}\b(?:{_DEVICES})\b.{{0,30}} (?:{_SENT})[.]?",
    rf"(?:unterwegs|mobil|kurz)? ?(?:{_SENT}) (?:von|mit|aus|über|via) .{{0,40}}\b(?:{_DEVICES})\b.{{0,80}}",
    "(?:von unterwegs|mobil) gesendet[.]?",
    "(?:get|holen sie sich|laden sie|hol dir|télécharge[rz]|obtenez|obtener|obter|scarica|download) outlook .{0,100}",
    "outlook (?:für|pour|para|per|voor|for) (?:ios|android|mac).{0,80}",
    "envoyé (?:de(?:puis)?|à partir de|avec) .{1,60}",
    "enviado (?:desde|do|de|a partir|via) .{1,60}",
    "inviato (?:da|dal|con) .{1,60}",
    "verzonden (?:vanaf|via|vanuit|met) .{1,60}",
    "verstuurd vanaf .{1,60}",
    "skicka[td] från .{1,60}",
    "sen(?:d)?t fra .{1,60}",
    "lähetetty .{1,60}(?:sta|stä|ni)",
    "wysłan[eo] z .{1,60}",
    "odesláno z .{1,60}",
    "отправлено (?:с|из|от) .{1,60}",
    "从我的.{1,20}(?:发送|發送)",
    ".{0,20}から送信",
    "나의 .{1,20}에서 보냄",
)
_FOOTER = re.compile(
    rf"[-–—*_<>\[(\s]{{0,6}}(?:{'|'.join(_FOOTERS)})[\s*_<>\])]{{0,6}}(?:<?\(?https?://\S{{1,150}}\)?>?)?[\s.]{{0,3}}$",
    re.IGNORECASE,
)
_FOOTER_LINK = re.compile(
    r"(?:<?\(?https?://(?:aka\.ms|go\.onelink\.me|overview\.mail\.yahoo|mail\.onelink)\S{1,150}\)?>?)$"
)
_LIST_FOOTER = re.compile(
    r"mailing ?list|mailingliste|listinfo|list-?info|unsubscribe|abbestellen|mailman|lists\.", re.IGNORECASE
)


def plain(line: str) -> str:
    """Return a line for looking at: without invisible characters, with ordinary spaces, stripped."""
    return line.translate(_INVISIBLE).translate(_SPACES).strip() if not line.isascii() else line.strip()


def is_quoted(line: str) -> bool:
    """Whether the line begins with the quote sign."""
    return line.startswith(">", 0, 4) or line[:4].lstrip().startswith(">")


def attribution(line: str) -> bool:
    """Whether the line says that somebody wrote at a time, in one of the forms that stand for themselves."""
    if not _ENDS.search(line):
        return False
    if _QUOTING.match(line):
        return True
    if not _TIME.search(line):
        return False
    begins = bool(_BEGINS_WITH_DATE_WORD.match(line) or _BEGINS_WITH_DATE.match(line))
    wrote, address = _HAS_WROTE.search(line), _HAS_ADDRESS.search(line)
    return bool(wrote and (begins or address)) or bool(
        begins and address and line.rstrip(" :：*").endswith((">", ")", "]"))
    )


def loose_attribution(line: str) -> bool:
    """Whether the line may say so: only to be believed where quoted lines follow it."""
    return bool(_ENDS_WITH_WROTE.search(line) or (_HAS_WROTE.search(line) and _ENDS.search(line)))


def separator(line: str) -> bool:
    """Whether below this line stands the mail that is answered, whatever follows."""
    return bool(
        _SEPARATOR.match(line) or _GROUPWISE.match(line) or _DASHED_WROTE.match(line) or _REPLY_ABOVE.match(line)
    )


def bare_separator(line: str) -> bool:
    """Whether the line names an original message without dashes; to be believed before a block of headers."""
    return bool(_BARE_SEPARATOR.match(line))


def forward(line: str) -> bool:
    """Whether below this line stands a forwarded mail."""
    return bool(_FORWARD_DASHED.match(line) or _FORWARD_BARE.match(line))


def header(line: str) -> str:
    """Return which field of a quoted mail's head this line is ("from", "date", "to", ...), or nothing."""
    if len(line) > LONGEST_MARK * 4:
        return ""
    found = _HEADER.match(line)
    return _LABEL_KIND.get(found[1].strip().lower(), "") if found else ""


def footer(line: str) -> bool:
    """Whether a mail program on a phone added this line."""
    return len(line) <= 200 and bool(_FOOTER.match(line) or _FOOTER_LINK.match(line))


def list_footer(line: str) -> bool:
    """Whether the line belongs to what a mailing list adds."""
    return len(line) <= LONGEST_MARK and bool(_LIST_FOOTER.search(line))


def rule(line: str) -> bool:
    """Whether the line is drawn: of underscores, dashes, equal signs or stars only."""
    return len(line) >= 4 and len(set(line)) == 1 and line[0] in "_-–—=*"
