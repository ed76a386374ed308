"""What a mail server's refusal means: again later or never, and whether the address is to blame or we are."""

from __future__ import annotations

import re
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from app.mail.server import Reply

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\b")
# Servers without enhanced codes (RFC 3463) say it in words.
_ABOUT_US = re.compile(r"spam|block|black|polic|relay|reputation|dnsbl|rbl|spf|dkim|dmarc|content", re.IGNORECASE)
_SIGN_IN_REFUSED = frozenset({454, 530, 534, 535, 538})


class Verdict(Enum):
    """What becomes of a delivery."""

    ACCEPTED = "accepted"
    LATER = "later"
    NEVER = "never"


class Outcome(NamedTuple):
    """What the server said to one copy; `code` is None when no answer came."""

    verdict: Verdict
    code: int | None
    reply: str
    blames_address: bool = False
    #: The trouble is between the server and us; pressing on would make it worse.
    is_trouble: bool = False
    #: When it may be tried again; None: after the usual pause.
    not_before: datetime | None = None
    #: After so many tries that came to this same reply it has failed; 0: only when patience ends.
    most_tries: int = 0


class ServerUnavailable(Exception):
    """The mail server takes nothing from us now, whoever it is for; the message has its words."""


class Refused(Exception):
    """The server answered a step with 4xx or 5xx."""

    def __init__(self, step: str, reply: Reply) -> None:
        super().__init__(reply.text)
        self.step = step
        self.reply = reply


def is_agreement(step: str, reply: Reply) -> bool:
    return reply.code // 100 == (3 if step == "data" else 2)


def sorted_refusal(step: str, reply: Reply) -> Outcome:
    """Say what a refusal means. `step` is "mail", "rcpt", "data" or "content"."""
    enhanced = _ENHANCED.search(reply.text)
    subject = enhanced[2] if enhanced else ""
    if reply.code in _SIGN_IN_REFUSED and (reply.code != 454 or subject == "7"):
        raise ServerUnavailable(reply.text)
    if reply.code < 500 or reply.code == 421:
        is_trouble = reply.code == 421 or step == "mail" or reply.code < 400
        blames = step == "rcpt" and not is_trouble and subject not in ("3", "4", "7")
        return Outcome(Verdict.LATER, reply.code, reply.text, blames_address=blames, is_trouble=is_trouble)
    if reply.code == 503 or (step == "mail" and reply.code != 552 and subject != "3"):
        # What it says before it knows the recipient is about us; a person has to look at our settings.
        return Outcome(Verdict.LATER, reply.code, reply.text, is_trouble=True)
    says_little = subject in ("", "0", "5")  # some write 5.5.0 for a mailbox they do not know
    blames = subject in ("1", "2") or (says_little and step == "rcpt" and not _ABOUT_US.search(reply.text))
    return Outcome(Verdict.NEVER, reply.code, reply.text, blames_address=blames and step != "mail")
