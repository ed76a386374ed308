"""Reports written for people only: recognised by who writes and what is said, in German and other languages."""

from __future__ import annotations

import re
from typing import NamedTuple

from app.mail.bounces_causes import Finding, finding, flat, says_cause
from app.mail.bounces_parts import Fields, Parts, addresses_in, fields_of

_DAEMON = re.compile(
    r"mailer[-_]?daemon|post[-_]?master|mail[- ]?daemon|mail delivery|delivery (?:sub)?system|mail system"
    r"|mail administrator"
    r"|microsoft exchange|systemadministrator|system administrator|mailmaster|maildelivery|mailsystem|internet mail"
    r"|microsoft outlook|bounce|mail-?er|mmdf|mdaemon|double-bounce|mta",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|unzustellbar|deliver\w{0,12} (?:status|fail|problem|report|notif|error|delayed|has)|returned mail"
    r"|failure notice"
    r"|mail(?:ing)? (?:delivery|status|system|error)|non-?deliver|(?:could )?not (?:be )?(?:deliver|zugestellt)"
    r"|rejected"
    r"|(?:message|mail|e-mail) (?:status|return|bounce|reject|not deliver|fail|delay)|return(?:ed|ing) (?:to sender"
    r"|message|mail)"
    r"|warning: (?:could|message)|delivery|bounced|nicht zustellbar|zustellung|zustellfehler|nicht (?:zugestellt"
    r"|(?:ü|ue)bermittelt)"
    r"|fehler(?:hafte)? (?:bei|(?:ü|ue)bermittlung|zustellung)|konnte nicht|r(?:ü|ue)ckl(?:ä|ae)ufer|unable to"
    r"|error|can.?t|user unknown"
    r"|non remis|(?:é|e)chec|non (?:distribu|d(?:é|e)livr)|no se (?:puede|pudo|ha podido)|devuelt|rechazad"
    r"|mancat[ao]|non (?:consegn|recapit)"
    r"|onbestelbaar|niet (?:afgeleverd|bezorgd)|n(?:ã|a)o (?:entreg|foi poss)|falha|devolvid|配信|エラー|戻",
    re.IGNORECASE,
)
_SURELY = re.compile(
    r"undeliver|unzustellbar|returned mail|failure notice|delivery (?:fail|status notif)|mail delivery failed"
    r"|non-?delivery|nicht zugestellt|zustellung fehlgeschlagen|nicht zustellbar|mail system error|failed mail"
    r"|mail failure"
    r"|onbestelbaar|non remis|no se puede entregar|mancato recapito|delivery (?:notification|problem|error|report)",
    re.IGNORECASE,
)
_INTRODUCTION = re.compile(
    r"(?:could|can) ?(?:not|n't) be (?:delivered|sent|reached|processed|forwarded)|(?:was|were|is|has|have)(?: not"
    r"|n't) (?:been )?"
    r"(?:able to )?(?:be )?(?:deliver|reach|sent)|not delivered|undeliver|unable to deliver|failed permanently"
    r"|permanent(?:ly)? (?:fatal )?error"
    r"|delivery (?:to the following|has failed|failed|failure|error|attempt|problem)|did not reach"
    r"|returned (?:to you|to sender|mail|message|because)"
    r"|rejected|bounced|non-?deliverable|problem delivering|this is the (?:mail system|qmail-send|postfix"
    r"|mail transfer)"
    r"|created automatically by|transcript of session|nicht (?:zugestellt|zustellbar|erreicht|ausgeliefert|(?:ü"
    r"|ue)bermittelt)|unzustellbar"
    r"|nicht (?:alle )?empf(?:ä|ae)nger|n'a pas pu|pas pu (?:ê|e)tre|no (?:se )?(?:pudo|puede|ha sido)|non (?:è"
    r"|e') stato|impossibile"
    r"|kon niet|niet (?:worden )?(?:afgeleverd|bezorgd)|n(?:ã|a)o (?:p(?:ô|o)de|foi)|配信できません|届きません"
    r"|无法(?:发送|送达|投递)|退信|не может быть доставлено|не удалось доставить|nie dostarczono",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"out[- ]of[- ](?:the[- ])?office|abwesen|vacation|auto(?:matic)?[- ]?(?:reply|response|respond|antwort)"
    r"|automatische antwort"
    r"|urlaub|absence|fuera de (?:la )?oficina|afwezig|away from|please confirm|verify your|confirm your|challenge",
    re.IGNORECASE,
)
# A line that tells of somebody else: the sender, whom to ask, the mail's number.
_OF_OTHERS = re.compile(
    r"^\W{0,4}(?:from|reply-to|sender|von|de|date|message-?id|references|cc|mail from|to|an|subject|betreff)[ \t]*:"
    r"|mail from:|contact|kontakt|wenden|assist|questions|postmaster|support|please (?:send|write|mail|forward|try)"
    r"|e-?mail us|mailto:|message-?id|if you|try (?:e-?mail|sending|to)",
    re.IGNORECASE,
)
# What follows it are those it failed for.
_LIST_BEGINS = re.compile(
    r"(?:following|these|these are the|folgende[nr]?|diese[nr]?|all)\b[^\n:]{0,60}(?:recipient|address|empf|adress"
    r"|user|person)"
    r"|not delivered to|did not reach|nicht erreicht|failed recipients|failed addresses|nicht zugestellt werden",
    re.IGNORECASE,
)
_ADDRESS = r"(?:(?:rfc822;|smtp:)[ \t]*)?([^\s<>()\[\]\",;:']{1,64}@[^\s<>()\[\]\",;:']{3,200})"
_NAMED = (
    re.compile(
        rf"^[ \t>*\"'<\[(-]{{0,12}}{_ADDRESS}(?=[>\"')\]]{{0,3}}[ \t]*(?:$|[:;,.(\[<\"-]|on |am |[ \t]{{2}}|[A-Z\d]))",
        re.MULTILINE,
    ),
    re.compile(
        r"(?:rcpt to|final-recipient|original-recipient|recipient|generated from|empf(?:ä|ae)nger|user|userid"
        r"|user name|error-for|address"
        rf"|adresse|(?<!addressed )\bto|\ban|\bfor|f(?:ü|ue)r)\b[ \t]*[:=]?[ \t\n]{{0,3}}[\"'<\[(]{{0,3}}{_ADDRESS}",
        re.IGNORECASE,
    ),
)
_FROM_WHOM = re.compile(r"\b(?:from|by|von|via)[ \t\n:<]{1,4}\S{1,300}", re.IGNORECASE)


class Prose(NamedTuple):
    """What a report in words says."""

    addresses: list[str]
    finding: Finding


def read(parts: Parts) -> Prose | None:
    """Return what a report without fields for programs says; None when it is no report."""
    failed = addresses_in(parts.headers.get("x-failed-recipients", ""))
    if not failed and not _may_be_report(parts):
        return None  # nobody's words are searched whose head says nothing of a report
    if not failed and not _is_report(parts, parts.told):
        return None
    return Prose(failed or _failed_in(parts.told), finding(parts.told, is_delay=False))


def head_given_back(parts: Parts) -> Fields:
    """The headers of the mail given back where they stand in the text, below the server's words; empty if none do."""
    below = fields_of(parts.text[len(parts.told) :][:20_000])
    return next((fields for fields in below[:3] if "to" in fields and "from" in fields), {})


def _may_be_report(parts: Parts) -> bool:
    """Whether the head allows what `_is_report` asks of the words."""
    subject = parts.headers.get("subject", "")
    is_marked = parts.content_type == "multipart/report" or bool(parts.blocks)
    is_named = bool(_SURELY.search(subject) or _SUBJECT.search(subject))
    return is_marked or is_named or _is_from_daemon(parts) or _is_from_nobody(parts)


def _is_from_daemon(parts: Parts) -> bool:
    return bool(_DAEMON.search(f"{parts.headers.get('from', '')} {parts.headers.get('sender', '')}"))


def _is_from_nobody(parts: Parts) -> bool:
    return parts.headers.get("return-path", "?").strip() in ("<>", "")


def _is_report(parts: Parts, text: str) -> bool:
    subject = parts.headers.get("subject", "")
    is_daemon = _is_from_daemon(parts)
    if _is_answer(parts, subject) and not is_daemon:
        return False
    if parts.content_type == "multipart/report" or parts.blocks:
        return True
    tells = bool(_INTRODUCTION.search(flat(text)))
    explains = says_cause(text)
    if _SURELY.search(subject) and (is_daemon or tells or explains):
        return True
    if is_daemon or _is_from_nobody(parts):
        return tells or (explains and bool(_SUBJECT.search(subject)))
    return tells and explains and bool(_SUBJECT.search(subject))


def _is_answer(parts: Parts, subject: str) -> bool:
    headers = parts.headers
    if _ANSWER.search(subject) or "x-autoreply" in headers or "x-autorespond" in headers:
        return True
    return headers.get("precedence", "").lower() == "auto_reply"


def _failed_in(text: str) -> list[str]:
    """The addresses this text names as failed: those lines begin with, those it labels, or the only one there is."""
    begins = _LIST_BEGINS.search(text)
    for passage in (text[begins.end() :] if begins else "", text):
        kept = "\n".join(line for line in passage.split("\n") if not _OF_OTHERS.search(line))
        for pattern in _NAMED:
            named = [address for found in pattern.findall(kept) for address in addresses_in(found)]
            if named:
                return list(dict.fromkeys(named))
    rest = addresses_in(_FROM_WHOM.sub(" ", kept))
    return rest if len(rest) == 1 else []
