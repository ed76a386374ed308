"""The sentences in which a writer announces answers within the mail below ("meine Antworten unten in Rot").

Only the writer's own answers count: thanks for somebody's answer, or word of an answer given elsewhere, announce
nothing. So the first person is asked for, an imperative, or what is said of no person ("Kommentare inline").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from app.mail.quoting_marks import LONGEST_MARK, is_quoted

_ANSWER = (
    r"(?:antwort|anmerkung|kommentar|ergänzung|änderung|rückmeldung|answer|comment|repl(?:y|ies)|response|remark)"
    r"\w{0,4}\b"
)
_COLOUR = "in (?:rot|roter|blau|blauer|grün|grüner|fett|kursiv|farbig|red|blue|green|bold|italics)"
# "In der Mail vom Montag" is another mail than the one below.
_INSIDE = (
    r"\b(?:unten|im text|in (?:deiner|ihrer|eurer) (?:e-?)?mail|in der (?:e-?)?mail(?! (?:vom|von|an|am|der|des)\b)|"
    rf"dazwischen|inline|in-line|below|in the text|{_COLOUR})\b"
)
_DONE = (
    r"\b(?:beantwortet|geantwortet|kommentiert|ergänzt|eingefügt|eingetragen|antworte|kommentiere|"
    r"(?<=wir )(?:antworten|kommentieren)|answered|commented|replied|added|inserted|"
    r"(?:(?<=\bi )|(?<=\bwe ))(?:answer|comment|reply))\b"
)
_INSIDE_THERE = re.compile(_INSIDE, re.IGNORECASE)
_MY_ANSWER = re.compile(rf"\b(?:mein(?:e[nmr]?)?|unser(?:e[nmr]?)?|my|our) (?:[\w-]{{1,30}} )?{_ANSWER}", re.IGNORECASE)
_I = re.compile(r"\b(?:ich|wir|habe?|i|we)\b", re.IGNORECASE)
_HAVE_ANSWERED = re.compile(_DONE, re.IGNORECASE)
_LINKS = (
    "stehen|steht|sind|ist|findest|finden|findet|du|sie|ihr|sich|direkt|jeweils|gleich|hier|weiter|siehe|s[.]|are|is|"
    "see|directly|please find"
)
_IMPERSONAL = re.compile(
    rf"\b(?:{_COLOUR}|inline)\b.{{0,20}}\bgeantwortet|{_INSIDE}.{{0,20}}\bbeantwortet|\banswered {_INSIDE}|"
    rf"(?:\bsiehe|\bs[.]|\bsee)(?: auch| bitte| die| the)? (?:{_ANSWER}.{{0,40}}{_INSIDE}|"
    rf".{{0,20}}\b(?:inline|{_COLOUR})\b)|"
    rf"(?:^|[,;:–-] )(?:die |the )?{_ANSWER}:?(?: (?:{_LINKS})){{0,3}}:? {_INSIDE}",
    re.IGNORECASE,
)
_BETWEEN_SENTENCES = re.compile(r"(?<=[^\W\d]{3})[.!?]\s{1,3}")


def answers_inside(lines: list[str]) -> bool:
    """Whether the writer announces in these lines, which stand above the mail, that answers stand within it."""
    own = ["" if is_quoted(line) else line for line in lines]
    paragraphs = (" ".join(group) for filled, group in groupby(own, key=bool) if filled)
    return any(_announces(sentence) for text in (*own, *paragraphs) for sentence in _sentences(text))


def _announces(sentence: str) -> bool:
    if len(sentence) > LONGEST_MARK or not _INSIDE_THERE.search(sentence):
        return False
    if _MY_ANSWER.search(sentence) or (_I.search(sentence) and _HAVE_ANSWERED.search(sentence)):
        return True
    return bool(_IMPERSONAL.search(sentence))


def _sentences(text: str) -> Iterator[str]:
    return (sentence.strip() for sentence in _BETWEEN_SENTENCES.split(text))
