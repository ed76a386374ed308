"""What words say of a file: a paper of this kind, or none that a network files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import PurePath

from app.meetings.guessing_days import MONTHS, plain
from app.meetings.models import Paper


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


STRONG, WEAK = 6, 3

_MADE_UP = r"hausen|stadt|mann|frau|dorf"  # "Musterstadt" is the name of a town
_OWN_VORLAGE = r"(?<!tisch)(?<!beschluss)(?<!sitzungs)vorlage"  # the others are handed out at a sitting

#: Words in the name of a file, in plain letters, and how much they say.
_IN_NAMES: tuple[tuple[Paper, int, str], ...] = (
    (Paper.MINUTES, STRONG, r"\w*protokolle?\b|prot\b|niederschrift\w*|mitschrift\w*|minutes|sitzungsbericht"),
    (Paper.MINUTES, WEAK, r"ergebnisse?\b|ergebnissicherung|notizen|gespraechsnotiz\w*|dokumentation|nachlese"),
    (Paper.AGENDA, STRONG, r"\w*tagesordnung\w*|agenda|to\b|tops?\b(?!\s*\d)|topliste|top liste"),
    (Paper.AGENDA, WEAK, r"themen|themenliste|themensammlung|ablauf|ablaufplan"),
    (Paper.INVITATION, STRONG, r"\w*einladung\w*|invitation"),
    (Paper.ATTACHMENT, STRONG, r"anlagen?\b|anl\b|tischvorlage|beschlussvorlage|sitzungsvorlage|handout"),
    (Paper.ATTACHMENT, STRONG, r"praesentation\w*|presentation|folien\w*|slides|vortrag\w*|beschlussliste|beschluesse"),
    (Paper.ATTACHMENT, STRONG, r"teilnehme\w*liste|teilnahmeliste|anwesenheitsliste|unterschriftenliste"),
    (Paper.ATTACHMENT, WEAK, r"\w*statistik\w*|\w*zahlen\b|konzept\w*|uebersicht\w*|\w*auswertung|\w*liste|antrag"),
    (
        Paper.ATTACHMENT,
        WEAK,
        r"arbeitspapier|thesenpapier|diskussionspapier|entwurf|evaluation|umfrage\w*|bericht|rede",
    ),
    (Paper.TEMPLATE, STRONG, rf"muster(?!{_MADE_UP})\w*|\w*{_OWN_VORLAGE}(?!\s*\d)|vordruck\w*|blanko\w*|template"),
)
#: These say what a file is wherever they stand in its name: "Protokoll Anlage 2", "Muster Protokoll".
_OVERRULING = (Paper.TEMPLATE, Paper.ATTACHMENT)
_OVERRULES = re.compile(rf"\b(?:anlagen?|anl|muster(?!{_MADE_UP})\w*|\w*{_OWN_VORLAGE}(?!\s*\d)|vordruck)\b")

#: What people send to a network that is no paper of it.
_NO_PAPER = re.compile(
    r"\b(?:\w*flyer\w*|\w*plakat\w*|poster|aushang|faltblatt|\w*broschuere\w*|prospekt|\w*katalog|magazin|zeitschrift"
    r"|newsletter\w*|\w*rundbrief|infobrief|elternbrief|\w*lebenslauf\w*|cv|resume|bewerbung\w*|\w*zeugnisse?"
    r"|motivationsschreiben|arbeitsprobe|rechnung\w*|quittung\w*|mahnung|kostenvoranschlag|beleg|\w*ausschreibung\w*"
    r"|stellen\w*|jobangebot\w*|\w*kursprogramm\w*|kursangebot\w*|kursplan|kursuebersicht|\w*anmeld\w*|registration"
    r"|\w*artikel|presse\w*|zeitungs\w*|\w*foto|\w*fotos|\w*bilder?|\w*karte|\w*kalender|\w*fest|tag der offenen tuer"
    r"|fachtag\w*|fachtagung\w*|messe|seminar\w*|workshop\w*|webinar\w*|fortbildung\w*|schulung\w*|konzert|krankmeldung"
    r"|attest|hilfeplan|bescheid\w*|\w*richtlinie|erlass|gesetz\w*|verordnung|jahresbericht|geschaeftsbericht|logo"
    r"|signature?|signatur|banner|datenschutz\w*|agb|impressum|anfahrt\w*|speisekarte|gutschein|spende\w*|petition)\b"
)  # fmt: skip
_ONLY_NAMES_OF_PICTURES = re.compile(r"^(?:img|dsc|pxl|image|screenshot|whatsapp|photo|signal)\b|^\d{8} \d{6}$")

#: What is never a paper, whatever its name: appointments, addresses, signatures, sounds and films.
_NEVER = _set("ics vcf vcs p7s p7m asc sig eml msg dat mp3 m4a wav ogg mp4 mov avi webm css js html htm url lnk")
PICTURES = _set("png jpg jpeg gif bmp webp heic heif svg tif tiff")

#: Words in a subject or a sentence. "Anlage" and "Vorlage" alone only say that something comes with the mail.
_IN_TEXT: tuple[tuple[Paper, str], ...] = (
    (Paper.MINUTES, r"\w*protokolle?s?\b|prot\b|niederschrift|mitschrift|minutes|dokumentation"),
    (Paper.MINUTES, r"ergebnisse (?:unser|vom|des|der)\w*"),
    (Paper.AGENDA, r"tagesordnung\w*|agenda|to\b(?= (?:fuer|der|zur|des))|top liste"),
    (Paper.INVITATION, r"einladung\w*|einladen|laden?\b.{0,80}?\bein\b|invitation"),
    (
        Paper.ATTACHMENT,
        r"anlage \d+|tischvorlage|praesentation\w*|folien|vortrag\w*|slides|\w+liste|beschluesse|handout",
    ),
    (Paper.TEMPLATE, rf"muster(?!{_MADE_UP})\w*|vordruck\w*|(?:die|eine|der) vorlage (?:fuer|zum|zur)|template"),
)
_COMES_WITH_IT = re.compile(
    r"\b(?:anbei|anlage|anhang|angehaengt|haengt|beigefuegt\w*|beiliegend\w*|beilage|fuege|liegt|sind|hier|schicke\w*|sende\w*"
    r"|uebersende\w*|erhalten|bekommt|geht ihnen|attached?|enclosed|siehe|find)\b"
)
_IN_NAMES_FOUND = [(kind, weight, re.compile(rf"\b(?:{words})")) for kind, weight, words in _IN_NAMES]
_IN_TEXT_FOUND = [(kind, re.compile(rf"\b(?:{words})")) for kind, words in _IN_TEXT]
#: Of several marks in a row only the last is looked at: looked for from each on, a page of full stops takes long.
_ENDS = re.compile(r"(?<!\d)(?<!\bprot)[.!?:]\s+|\n+|;\s")
_BETWEEN = re.compile(r"[^a-z0-9]+")
_SEAM = re.compile(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")
_CAMEL = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")


def ending_of(name: str) -> str:
    """Return what stands behind the last dot of a file's name: "pdf"."""
    return PurePath(name).suffix.lower().removeprefix(".")


def words_of_name(name: str) -> str:
    """Return the words of a file's name in plain letters, one blank between two: "nt 12 to"."""
    stem = PurePath(name).stem
    words = plain(_CAMEL.sub(" ", stem) if "_" not in stem and " " not in stem else stem)
    return " ".join(_SEAM.sub(" ", _BETWEEN.sub(" ", words)).split())


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text in plain letters; a full stop behind a number ends none."""
    return [sentence.strip() for sentence in _ENDS.split(plain(text)) if sentence and sentence.strip()]


def is_never_filed(name: str) -> bool:
    """Whether a file of this type is no paper, whatever it is called."""
    return ending_of(name) in _NEVER


def says_no_paper(words: str) -> bool:
    """Whether words name what people send that is no paper: a flyer, a CV, an advertisement."""
    return bool(_NO_PAPER.search(words) or _ONLY_NAMES_OF_PICTURES.search(words))


def kinds_in_name(words: str) -> dict[Paper, int]:
    """Return how much the words of a name speak for each kind. Of several strong ones the first counts."""
    found: dict[Paper, int] = {}
    firsts: list[tuple[int, Paper]] = []
    for kind, weight, pattern in _IN_NAMES_FOUND:
        match = pattern.search(words)
        if match:
            found[kind] = max(found.get(kind, 0), weight)
            if weight == STRONG:
                firsts.append((match.start(), kind))
    if len(firsts) > 1:
        first = _overruling(words, firsts) or min(firsts)[1]
        found |= {kind: WEAK for _at, kind in firsts if kind is not first}
    return found


def kinds_in_sentence(sentence: str) -> set[Paper]:
    """Return the kinds of papers a sentence speaks of."""
    return {kind for kind, pattern in _IN_TEXT_FOUND if pattern.search(sentence)}


def comes_with_it(sentence: str) -> bool:
    """Whether a sentence says that something comes with the mail: "anbei", "im Anhang", "hier"."""
    return bool(_COMES_WITH_IT.search(sentence))


def shape_of(name: str) -> tuple[str, ...]:
    """Return the words of a name without what changes from sitting to sitting, in the order of the alphabet."""
    words = words_of_name(name).split()
    return tuple(sorted(word for word in words if not word.isdigit() and word not in MONTHS))


def kinds_by_habit(name: str, old: Iterable[tuple[str, Paper]]) -> Mapping[Paper, int]:
    """Return how often papers that the network filed before under names of the same shape were of each kind."""
    shape = shape_of(name)
    return Counter(kind for other, kind in old if shape and shape_of(other) == shape)


def _overruling(words: str, firsts: list[tuple[int, Paper]]) -> Paper | None:
    if not _OVERRULES.search(words):
        return None
    return next((kind for kind in _OVERRULING for _at, each in firsts if each is kind), None)
