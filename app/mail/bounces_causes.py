"""What a mail server means by its words: the tables of causes, phrases and codes (RFC 3463, RFC 5321).

An enhanced status code says more than a basic one, and a basic one more than a phrase; but servers write "5.0.0" or
"550" for anything, so a clear phrase tells the cause wherever a code leaves it open. Doubt means temporary.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from app.mail.bounces_phrases import FINAL, OF_THE_ADDRESS, PASSING, TABLE, Cause


class Finding(NamedTuple):
    """What became of a mail, as far as the server's words tell."""

    permanent: bool
    cause: Cause
    status: str  # RFC 3463, or ""
    words: str
    is_given_back: bool = False  # its fields say that this mail has failed

    @property
    def is_over(self) -> bool:
        """Whether whoever says this tries no more; the address may take the next mail all the same."""
        return self.permanent or (self.is_given_back and self.cause is not Cause.DELAYED) or self.cause in _TRIES_ENDED

    @property
    def blames_address(self) -> bool:
        """Whether it says something of the address, and not of us, of the mail or of the way."""
        return self.cause in OF_THE_ADDRESS


#: In a report, not in an answer to us: it was tried, and nothing says that it is tried again.
_TRIES_ENDED = frozenset({Cause.FULL, Cause.EXPIRED})

# RFC 3463 and what the large providers made of it; without its class.
_BY_SUBJECT = {
    "1": Cause.UNKNOWN,
    "2": Cause.DISABLED,
    "3": Cause.SYSTEM,
    "4": Cause.NETWORK,
    "6": Cause.CONTENT,
    "7": Cause.POLICY,
}
_BY_DETAIL = {
    "1.2": Cause.NO_DOMAIN,
    "1.6": Cause.MOVED,
    "1.7": Cause.POLICY,
    "1.8": Cause.POLICY,
    "1.9": Cause.POLICY,
    "1.10": Cause.UNKNOWN,
    "2.0": Cause.UNSAID,
    "2.2": Cause.FULL,
    "2.3": Cause.TOO_LARGE,
    "2.4": Cause.ROUTING,
    "3.4": Cause.TOO_LARGE,
    "4.1": Cause.NETWORK,
    "4.4": Cause.NO_DOMAIN,
    "4.6": Cause.ROUTING,
    "4.7": Cause.EXPIRED,
    "4.14": Cause.ROUTING,
    "4.310": Cause.NO_DOMAIN,
}
_BY_CODE = {552: Cause.FULL, 551: Cause.MOVED, 556: Cause.NO_DOMAIN, 521: Cause.POLICY}

# Subjects of RFC 3463 that name the cause beyond doubt; a phrase beside them is often about something else.
_CLEAR = frozenset({"1.1", "1.2", "1.6", "1.8", "1.10", "2.2", "3.4", "4.6", "4.7", "4.310"})

_KNOWN_BETTER = frozenset({Cause.FULL, Cause.CONTENT, Cause.EXPIRED, Cause.MOVED, Cause.TOO_LARGE})

_FOR_GOOD = re.compile(
    r"permanent(?:ly)? (?:fatal )?(?:delivery )?(?:error|failure|fail|reject)|failed permanently|given up"
    r"|dauerhaft|endg(?:ü|ue)ltig|permanente|permanent erreur|erreur permanente",
    re.IGNORECASE,
)
# What a virus scanner adds to any mail that passes it tells of no refusal.
_BANNER = re.compile(
    r"(?<![*_])[*_]{3,}+ ?this (?:e-?mail|message) has (?:come|been)[^*]{1,600}[*_]{3,}"
    r"|this (?:e-?mail|message) (?:has been|was) scanned (?:for|by)[^.]{1,200}[.]?",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"https?://\S{1,500}|[^\s<>@]{1,64}@[^\s<>@]{1,255}|\b(?:[a-z0-9_-]{1,63}\.){1,8}[a-z]{2,10}\b(?!\.)"
)
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d]|\.\d)")
_PROGRAM_VERSION = re.compile(r"(?:exim|version|postfix|sendmail|/|\bv)\s?$", re.IGNORECASE)
_CODE = re.compile(r"(?:^|[\s:;(\[<>'\"#,=/])([245]\d\d)(?=[\s:;,)\]\-'\"#]|$)")
_BASIC = frozenset(
    {421, 422, 431, 432, 441, 442, 446, 447, 449, 450, 451, 452, 454, 455, 458, 459}
    | {500, 501, 502, 503, 504, 510, 511, 512, 513, 515, 517, 520, 521, 522, 523, 525, 530, 531, 533, 534, 535, 538}
    | {540, 541, 542, 543, 545, 546, 547, 550, 551, 552, 553, 554, 555, 556, 557, 571, 572, 577}
)


def finding(words: str, status: str = "", *, is_delay: bool = False) -> Finding:
    """Say what a server's words mean; `status` is the field of that name in a delivery report, if there was one."""
    words = flat(words)
    said = statuses(words)
    code = _basic_code(words)
    best = _most_telling([status, *said])
    cause = Cause.DELAYED if is_delay else _cause(words, best, code)
    classes = {one[0] for one in (status, *said) if one}
    if code and (not best or best.endswith((".0.0", ".5.0"))):
        classes.add(str(code)[0])
    if not classes and _FOR_GOOD.search(words):
        classes = {"5"}
    return Finding(_is_permanent(cause, classes), cause, best, words)


def statuses(words: str) -> list[str]:
    """Return the enhanced status codes in these words, in their order; versions of programs are none."""
    return [
        found[0]
        for found in _STATUS.finditer(words)
        if found[1] != "2" and not _PROGRAM_VERSION.search(words[max(0, found.start() - 10) : found.start()])
    ]


def says_cause(words: str) -> bool:
    """Whether these words hold a code or a phrase of a refusal."""
    words = flat(words)
    return bool(statuses(words) or _basic_code(words) or _said_cause(words))


def flat(words: str) -> str:
    """Return the words with one space for each gap, and no longer than anybody reads."""
    return " ".join(words[:20_000].replace("\0", "").split())[:4_000]


def _cause(words: str, status: str, code: int | None) -> Cause:
    detail = status.partition(".")[2]
    if detail in _CLEAR and (by_status := _BY_DETAIL.get(detail, Cause.UNKNOWN)):
        said = _said_cause(words)
        # "5.1.1" beside a full mailbox or a block list is a server that knows no better code.
        return said if said in _KNOWN_BETTER else by_status
    said = _said_cause(words)
    # A connection "refused" beside a code of policy is no trouble of the network.
    if said and not (said is Cause.NETWORK and detail[:2] in ("1.", "2.", "6.", "7.")):
        return said
    by_number = _BY_DETAIL.get(detail) or _BY_SUBJECT.get(detail.partition(".")[0])
    return by_number or (_BY_CODE.get(code) if code else None) or Cause.UNSAID


def _said_cause(words: str) -> Cause | None:
    # Names of hosts and pages hold words too: "spam.example.org", "/postmaster/resources".
    words = _NAMES.sub(" ", _BANNER.sub(" ", words))
    return next((entry.cause for entry in TABLE if entry.pattern.search(words)), None)


def _is_permanent(cause: Cause, classes: set[str]) -> bool:
    if cause in PASSING or "4" in classes:
        return False
    return "5" in classes or cause in FINAL


def _most_telling(found: list[str]) -> str:
    """Prefer what is said precisely: "5.0.0" and "5.5.0" stand for anything."""
    known = [one for one in found if one]
    precise = [one for one in known if not one.endswith(".0.0") and one.split(".")[1] not in ("0", "5")]
    return (precise or known or [""])[0]


def _basic_code(words: str) -> int | None:
    codes = [int(found) for found in _CODE.findall(words)]
    return next((code for code in codes if code in _BASIC), None)
