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

WROTE = (
    "wrote|writes|schrieb|schrieben|schreibt|schreef|geschreven|geschrieben|écrit|ecrit|escribió|escribio|escribe|"
    "escreveu|scritto|scrive|skrev|skreiv|kirjoitti|napisał|napisał[(]a[)]|napisała|napisal|napsal|napsal[(]a[)]|"
    "napísal|pisze|"
    "írta|написал|написала|написав|пишет|пише|написа|написао|написао/ла|napisao|napisala|napisao/la|yazdı|şunu yazdı|"
    "scris|έγραψε|rašė|rakstīja|shkroi|viết|كتب|كتبت|كتب/كتبت|تمت كتابة ما يلي بواسطة|نوشت|"
    "写道|寫道|のメール|님이 작성"
)
_FIRST_WORD = (
    "on|am|um|at|le|el|il|op|em|den|dne|dnia|w dniu|på|pe|στις|в|vào|lø|"
    "mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun|a|al|в|el día|on date|date|em|na|vom|kl|ma|ti|to|ke|pe|la|su|"
    "în|vào|më|на|у|في|در|"
    "在|于"
)
_ADDRESS = r"[^\s<>@()\[\]]{1,64}@[^\s<>@()\[\]]{1,255}"
_PARTICLE_NAMES = (
    "a von van de der den del della di da la le el zu zum zur via uhr am pm om h cet cest utc gmt mez mesz bin ibn und "
    "and het volgende heeft hat ha"
)
_PARTICLES = frozenset(_PARTICLE_NAMES.split())
_GLUED = re.compile(r"(.{0,300}?[^\s-])\s{0,3}(?:-{2,3} )?\b((?:On|Am|Le) (?:[^\W\d]{2,10}[.,]{0,2} ){0,2}\d.*)$")
_HINT = re.compile(
    r"[0-9<@:：>]|--|__|[–—=]{2}|message|nachricht|mitteilung|termin|appointment|zeile|line|" + WROTE, re.IGNORECASE
)
_ENDS_SENTENCE = re.compile(r"[^\W\d]{5,}[.]$|[!?]$")
CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?\b")
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")

_OPEN_LINK = re.compile(r"[(<]https?://[^\s()<>]{1,300}$")
_LINK_END = re.compile(r"[^\s()<>]{1,300}[)>]")
_GROUPWISE_END = re.compile(r" (?:in Nachricht|in message|dans le message) ?<[^<>\s]{3,200}>:$", re.IGNORECASE)

_BEGINS_WITH_DATE_WORD = re.compile(rf"(?:{_FIRST_WORD})[ ,.]", re.IGNORECASE)
_BEGINS_WITH_DATE = re.compile(r"[(\[]?\d{1,4}[-/. 年]|[^\W\d]{2,12}[.]?,? (?:[^\W\d]{3,12}[.]? )?\d{1,4}\b")
_HAS_WROTE = re.compile(rf"(?:^|[ >)\]*\"'_,년日\d])(?:{WROTE})(?=$|[\s:：,<*]|[(]a[)])", re.IGNORECASE)
WROTE_WORDS = re.compile(rf"\b(?:{WROTE}|folgendes)\b", re.IGNORECASE)
_CAPITALISED = r"[^\W\d_a-zß-ÿ][\w.'’-]{0,30}"
_NAME_AND_TIME = re.compile(
    rf"(?:[*-] )?{_CAPITALISED}(?: {_CAPITALISED}){{0,3}}(?: <{_ADDRESS}>)?(?: - | [(\[])[^()\[\]]{{0,20}}"
    r"\d{1,4}[./-]\d{1,2}"
    r"[./-]\d{1,4},? \d{1,2}:\d\d(?::\d\d)?(?: [A-Z]{3,4})?[)\]]?:$"
)
_NAME_WROTE = re.compile(
    rf"{_CAPITALISED}(?: {_CAPITALISED}| von| van| de){{1,3}} (?:schrieb am|hat am|wrote on|a écrit le) "
    r"(?:[^\W\d]{2,10}[.,]{1,2} )?\d{1,2}[. ]{1,2}(?:[^\W\d]{3,10}[.]? |\d{1,2}[.])(?:\d\d){1,2}[,.]{0,2}"
    r"(?: um)? \d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: Uhr| [A-Z]{3,4})?(?: geschrieben)? ?:$"
)
_HAS_ADDRESS = re.compile(rf"[<(\[*]?(?:mailto:)?{_ADDRESS}")
_ENDS = re.compile(r"[:：][ *_]*$|[:：] ?\[?\.\.\.\]?$")
_ENDS_WITH_WROTE = re.compile(rf"(?:{WROTE})[ *_]{{0,3}}[:：]?[ *_]{{0,3}}$", re.IGNORECASE)
_NO_SPACE = r"[^\s<>@()\[\]]"
_ADDRESS_WROTE = re.compile(
    rf"{_NO_SPACE}@{_NO_SPACE}{{1,255}}[>)]{{0,2}} ?(?:(?:a|ha|hat) )?(?:{WROTE}) ?[:：]?$", re.IGNORECASE
)
_NAME_ADDRESS_WROTE = re.compile(
    rf"(?:\"?[\w.'’-]{{1,30}}(?:,? [\w.'’()-]{{1,30}}){{0,4}}\"? )?<?{_ADDRESS}>? wrote ?:$", re.IGNORECASE
)
_CLOCK_FIRST = re.compile(
    rf"\d{{1,2}}:\d\d(?: [AP]M)?, [^\d<>@]{{2,12}} \d{{1,2}}, (?:19|20)\d\d, [^<>@]{{0,80}}<?{_ADDRESS}>?:$",
    re.IGNORECASE,
)
_DATE_BY_ADDRESS = re.compile(
    rf"\d{{1,2}}[. ][^\d:]{{0,15}}\d{{0,4}}[^\d:]{{0,5}}\d{{1,2}}:\d\d(?::\d\d)? (?:von|from|by|par|da) {_ADDRESS}:$"
)
_QUOTING = re.compile(
    rf"(?:quoting|zitat von|zitiere|citando|citat von|citeren) .{{0,120}}{_ADDRESS}.{{0,3}}[:：]$", re.IGNORECASE
)


def plain(line: str) -> str:
    """Return a line for looking at: without invisible characters, with ordinary spaces, stripped."""
    return line.translate(_INVISIBLE).translate(_SPACES).strip() if not line.isascii() else line.strip()


def is_quoted(line: str) -> bool:
    """Whether the line begins with the quote sign."""
    return line.startswith(">", 0, 4) or line[:4].lstrip().startswith(">")


def may_begin(line: str) -> bool:
    """Whether any mark can begin in this line: a glance that spares most lines the looks below."""
    return bool(_HINT.search(line))


def may_end(line: str) -> bool:
    """Whether an attribution can end in this line where no quoted lines follow."""
    return line.endswith((":", "：", "*", "_", "]", "."))


def attribution(line: str, quoted_below: bool) -> bool:
    """Whether the line says that somebody wrote at a time.

    Where quoted lines follow, a date with an address or a verb is enough. Where none do, all below would be taken for
    the mail that is answered; so it must be beyond doubt that a program wrote this line.
    """
    line = line.lstrip("- ")
    if _QUOTING.match(line):
        return True
    if not _TIME.search(line):
        return False
    if quoted_below and _NAME_AND_TIME.match(line):
        return True
    begins = bool(_BEGINS_WITH_DATE_WORD.match(line) or _BEGINS_WITH_DATE.match(line))
    return _dated(line, quoted_below) if begins else _named(line)


def continues_link(above: str, line: str) -> bool:
    """Whether the line is the end of a link that was broken in the quoted line above it."""
    return is_quoted(above) and bool(_OPEN_LINK.search(above)) and bool(_LINK_END.fullmatch(line))


def groupwise(line: str) -> bool:
    """Whether GroupWise's line above a quote may begin here (">>> Bob Bau <b@example.org> schrieb am ... in")."""
    return line.startswith(">>> ") and bool(_TIME.search(line)) and bool(_HAS_WROTE.search(line))


def groupwise_end(joined: str) -> bool:
    """Whether it is complete."""
    return bool(_GROUPWISE_END.search(joined))


def _dated(line: str, quoted_below: bool) -> bool:
    """Whether a line that begins like a date is an attribution ("Am 1.2.2026 um 10:00 schrieb Bob:")."""
    wrote, address = bool(_HAS_WROTE.search(line)), bool(_HAS_ADDRESS.search(line))
    if quoted_below:
        return wrote or (address and line.endswith((">", ")", ":", "：")))
    if not _ENDS.search(line):
        return False
    if wrote:
        return address or bool(CLOCK.search(line) and not _has_sentence(line))
    return address and line.rstrip(" :：*").endswith((">", ")", "]"))


def _named(line: str) -> bool:
    """Whether a line that begins with a name is one ("Bob Bau <bob@example.org> schrieb am 1.2.2026 um 10:00:")."""
    wrote, address = _HAS_WROTE.search(line), _HAS_ADDRESS.search(line)
    if wrote and not address:
        return bool(_NAME_WROTE.match(line))
    if not (wrote and address and _ENDS.search(line)):
        return False
    words = line[: min(wrote.start(), address.start())].split()
    small = [word for word in words if word[0].islower() and word.strip(",.") not in _PARTICLES]
    return len(words) < 3 or (len(words) <= 8 and not small and "," not in "".join(words[2:]))


def _has_sentence(line: str) -> bool:
    """Whether there are words that are no name between the time and the end ("schrieb das Amt folgendes an alle:")."""
    rest = WROTE_WORDS.sub(" ", line[[found.end() for found in CLOCK.finditer(line)][-1] :])
    words = [word for word in rest.strip(" :：*,").split() if word.lower().strip(",.:") not in _PARTICLES]
    return len(words) > 8 or any(word[0].islower() for word in words)


def loose_attribution(line: str, wrapped: bool = False) -> bool:
    """Whether the line may say so: only to be believed where quoted lines follow it.

    Of several lines wrapped into one, more is asked: they begin like a date and end with an address and the verb.
    """
    if wrapped:
        return bool(_BEGINS_WITH_DATE_WORD.match(line) and _ADDRESS_WROTE.search(line))
    return " " in line and bool(_ENDS_WITH_WROTE.search(line) or (_HAS_WROTE.search(line) and _ENDS.search(line)))


def lone_attribution(line: str) -> bool:
    """Whether a line says so without its colon, its date or its verb.

    People head what they copied in with such lines too. They are to be believed only where they stand alone and beside
    something else that a program wrote.
    """
    if any(known.match(line) for known in (_NAME_ADDRESS_WROTE, _DATE_BY_ADDRESS, _CLOCK_FIRST)):
        return True
    begins = _BEGINS_WITH_DATE_WORD.match(line) or _BEGINS_WITH_DATE.match(line)
    ends = line.endswith(">") or _ADDRESS_WROTE.search(line)
    if not (begins and ends and CLOCK.search(line) and _HAS_WROTE.search(line) and _HAS_ADDRESS.search(line)):
        return False
    return not _has_sentence(line)


def unglued(line: str) -> tuple[str, str] | None:
    """Return own words and the attribution that a mail program put behind them in one line, if there is one."""
    if len(line) > LONGEST_MARK or is_quoted(line) or not _ENDS_WITH_WROTE.search(line):
        return None
    found = _GLUED.match(line)
    return (found[1], found[2]) if found and attribution(found[2], quoted_below=True) else None


def may_wrap(first: str) -> bool:
    """Whether an attribution that fills several lines may begin with this one."""
    begins = _BEGINS_WITH_DATE_WORD.match(first) or _BEGINS_WITH_DATE.match(first)
    return bool(begins or first.endswith("<") or _HAS_ADDRESS.search(first)) and not _ENDS_SENTENCE.search(first)
