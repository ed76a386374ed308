"""The lines that part a mail from the one it answers or forwards ("-----Ursprüngliche Nachricht-----")."""

from __future__ import annotations

import re

from app.mail.quoting_marks import WROTE

_DASHED_WROTE = re.compile(rf"-{{2,}} ?(?:on )?[^-].{{0,200}}(?:{WROTE}).{{0,200}}-{{2,}}$", re.IGNORECASE)
_GROUPWISE = re.compile(r">>>\s{0,3}\S.{0,200}\d.{0,80}>>>$")

_ORIGINAL = (
    "original message|original mail|original email|originalmail|reply message|replied message|"
    "original appointment|ursprünglicher termin|ursprüngliche mitteilung|rendez-vous d'origine|cita original|"
    "antwort nachricht|ursprüngliche nachricht|ursprungliche nachricht|ursprüngliche e-mail|ursprüngliche mail|"
    "originalnachricht|"
    "original-nachricht|original nachricht|"
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
_PROCESSED = re.compile(r"[*\[]{0,3}original message processed by david", re.IGNORECASE)
_NOTES = re.compile(r".{0,80}---\d{1,2}[./]\d{1,2}[./]\d{2,4}[ ,]{1,2}\d{1,2}:\d{2}.{0,10}---")
_REPLY_ABOVE = re.compile(
    r"\W{0,6}(?:bitte )?(?:antworten sie )?(?:oberhalb|über) (?:von )?dieser (?:zeile|linie)\b.{0,40}$|"
    r"\W{0,6}(?:please )?(?:type |write |bitte )?(?:your )?(?:reply|antwort|antworten sie|antworten)\b.{0,30}"
    r"(?:above|oberhalb|über) .{0,30}(?:line|zeile)\b.{0,40}$",
    re.IGNORECASE,
)


def separator(line: str) -> bool:
    """Whether below this line stands the mail that is answered, whatever follows."""
    return bool(
        _SEPARATOR.match(line)
        or _GROUPWISE.match(line)
        or _DASHED_WROTE.match(line)
        or _REPLY_ABOVE.match(line)
        or _PROCESSED.match(line)
        or _NOTES.match(line)
    )


def bare_separator(line: str) -> bool:
    """Whether the line names an original message without dashes; to be believed before a block of headers."""
    return bool(_BARE_SEPARATOR.match(line))


def forward(line: str) -> bool:
    """Whether below this line stands a forwarded mail."""
    return bool(_FORWARD_DASHED.match(line) or _FORWARD_BARE.match(line))


def rule(line: str) -> bool:
    """Whether the line is drawn: of underscores, dashes, equal signs or stars only."""
    return len(line) >= 4 and line[0] in "_-–—=*" and len(set(line)) == 1
