"""What a file that came with a message is: which kind of paper, of which sitting, and whether that is sure.

Nothing here learns, and every rule is one a person would give: what a name says weighs more than a sentence, minutes
follow their sitting and an agenda comes before it, a flyer is no paper. Doubt asks; only what is sure is filed.
`tests/meetings/filing/` holds files with what should become of them, and `test_guessing.py` prints how many do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath

from app.forum.models import Kind
from app.meetings import guessing_sittings as where
from app.meetings import guessing_words as words
from app.meetings.guessing_days import plain
from app.meetings.guessing_sittings import Evidence, Sitting
from app.meetings.models import Paper

#: From here on a kind is sure, and a sitting is told rather than only near.
SURE_KIND, SURE_SITTING = 5, 3
#: Days after a sitting in which minutes that name none are taken for its own, and before it an agenda.
NEAR = 30
#: Two sittings of different series within so many days are easily mistaken for one another.
APART = 21

_COMES_AFTER, _COMES_BEFORE = (Paper.MINUTES,), (Paper.AGENDA, Paper.INVITATION)
#: What a sitting has one of: where one file is it by its name, the others are not.
_ONE_OF_A_SITTING = {Paper.MINUTES, Paper.AGENDA, Paper.INVITATION}
_BY_KIND_OF_MESSAGE = {Kind.MINUTES: Paper.MINUTES, Kind.INVITATION: Paper.INVITATION}


@dataclass(frozen=True)
class Letter:
    """What is known of the message that files came with.

    `answers` is the id of the sitting its thread tells of. `old` are names and kinds of papers filed before.
    """

    sent: date
    kind: Kind
    subject: str
    body: str
    sittings: Sequence[Sitting]
    answers: int | None = None
    old: Sequence[tuple[str, Paper]] = ()


@dataclass(frozen=True)
class Guess:
    """What a file may be. Without a `kind` it is no paper; it is filed if `sure` and else suggested.

    `kinds` and `sittings` are what else it may be, the likeliest first.
    """

    kind: Paper | None = None
    sitting: Sitting | None = None
    sure: bool = False
    kinds: Sequence[Paper] = ()
    sittings: Sequence[Sitting] = ()


@dataclass
class _File:
    """One file while it is thought about: points for each kind, and those that its own name gives."""

    name: str
    words: str
    named: dict[Paper, int]
    points: dict[Paper, int] = field(default_factory=dict)

    @property
    def claimed(self) -> set[Paper]:
        return {kind for kind, points in self.named.items() if points >= words.STRONG}


def guess(names: Sequence[str], letter: Letter) -> list[Guess]:
    """Return for each file of a letter, by its name, what it may be."""
    files = [_File(name, each := words.words_of_name(name), _kinds_named(name, each, letter)) for name in names]
    return [_guess_one(file, files, letter) for file in files]


def _kinds_named(name: str, own_words: str, letter: Letter) -> dict[Paper, int]:
    named = words.kinds_in_name(own_words)
    habits = words.kinds_by_habit(name, letter.old)
    if habits and not any(points >= words.STRONG for points in named.values()):
        usual = max(habits, key=lambda kind: habits[kind])
        named[usual] = named.get(usual, 0) + words.STRONG
    return named


def _guess_one(file: _File, files: Sequence[_File], letter: Letter) -> Guess:
    taken = _taken(file, files)
    file.points = {kind: points for kind, points in file.named.items() if kind not in taken}
    if not _may_be_paper(file, letter):
        return Guess()
    for kind, points in _kinds_told(file, files, letter).items():
        file.points[kind] = file.points.get(kind, 0) + points
    kinds = sorted(file.points, key=lambda kind: -file.points[kind])
    evidence = _evidence(file, letter)
    if not kinds and letter.answers is not None and not evidence.stray:
        kinds = [Paper.ATTACHMENT]
    return _decide(file, kinds, evidence, letter) if kinds else Guess()


def _may_be_paper(file: _File, letter: Letter) -> bool:
    if letter.kind is Kind.CASE or words.is_never_filed(file.name):
        return False
    if words.says_no_paper(file.words):
        return bool(file.claimed & {Paper.MINUTES, Paper.AGENDA})
    is_seldom_one = words.ending_of(file.name) in words.PICTURES or letter.kind is Kind.REQUEST
    return bool(file.claimed) or not is_seldom_one


def _kinds_told(file: _File, files: Sequence[_File], letter: Letter) -> dict[Paper, int]:
    """What subject, body and kind of the message say of this file; what another file is by its name it is not."""
    others = [each for each in files if each is not file]
    if file.claimed:
        return {}
    taken = _taken(file, files)
    alone = not [each for each in others if not each.claimed and _may_be_paper(each, letter)]
    told: dict[Paper, int] = {}
    for sentence in words.sentences_of(letter.body):
        _tell(told, sentence, file, taken, alone=alone)
    if alone:
        for kind in words.kinds_in_sentence(plain(letter.subject)) - taken:
            told[kind] = max(told.get(kind, 0), 3)
        usual = _BY_KIND_OF_MESSAGE.get(letter.kind)
        if usual and usual not in taken and told:
            told[usual] = told.get(usual, 0) + 2
    return told


def _taken(file: _File, files: Sequence[_File]) -> set[Paper]:
    """What this file is not, because another is it by its name, and this one is not."""
    others = (each.claimed for each in files if each is not file)
    return (set().union(*others) & _ONE_OF_A_SITTING) - file.claimed


def _tell(told: dict[Paper, int], sentence: str, file: _File, taken: set[Paper], *, alone: bool) -> None:
    """Add what a sentence says of the file: more where it says that the file comes with the message."""
    speaks_of_it = any(len(word) > 3 and word in sentence for word in file.words.split())
    if not (alone or speaks_of_it) or (words.says_no_paper(sentence) and not speaks_of_it):
        return
    weight = 5 if words.comes_with_it(sentence) else 2
    kinds = words.kinds_in_sentence(sentence) - taken
    for kind in kinds | (set(file.named) - taken if speaks_of_it else set()):
        told[kind] = max(told.get(kind, 0), weight)


def _evidence(file: _File, letter: Letter) -> Evidence:
    stem = PurePath(file.name).stem
    found = where.in_name(stem, file.words, letter.sittings, letter.sent)
    told = where.in_text(letter.subject, letter.sittings, letter.sent)
    told = told.plus(where.in_text(letter.body, letter.sittings, letter.sent))
    if letter.answers is not None:
        told = told.plus(Evidence({letter.answers: where.EXACT}, stray=False, speaks=True))
    if found.stray:
        return Evidence(found.points, stray=True, speaks=told.speaks)
    return found.plus(Evidence(told.points, stray=told.stray and not told.points, speaks=told.speaks))


def _decide(file: _File, kinds: list[Paper], evidence: Evidence, letter: Letter) -> Guess:
    kind, *other_kinds = kinds
    points = file.points.get(kind, 0)
    lead = points - max((file.points.get(each, 0) for each in other_kinds), default=0)
    kind_is_sure = points >= SURE_KIND and lead > 0
    if kind is Paper.TEMPLATE:
        return Guess(kind, None, kind_is_sure and points >= words.STRONG, other_kinds)
    sittings, sitting_is_sure = _sittings(kind, evidence, letter)
    if not sittings:
        is_asked = kind is Paper.MINUTES and points >= SURE_KIND
        return Guess(kind, None, False, other_kinds) if is_asked else Guess()
    told = evidence.points.get(sittings[0].id, 0)
    if kind in (Paper.ATTACHMENT, Paper.INVITATION) and not told:
        return Guess()
    return Guess(kind, sittings[0], kind_is_sure and sitting_is_sure, other_kinds, sittings[1:])


def _sittings(kind: Paper, evidence: Evidence, letter: Letter) -> tuple[list[Sitting], bool]:
    """Return the sittings in question, the likeliest first, and whether that one is sure."""
    possible = [each for each in letter.sittings if _fits(kind, each, letter, evidence)]
    if not possible or (evidence.stray and not evidence.points):
        return [], False
    ranked = sorted(possible, key=lambda each: (-evidence.points.get(each.id, 0), _distance(each, letter)))
    best = ranked[0]
    told = evidence.points.get(best.id, 0)
    if told >= SURE_SITTING:
        return ranked, not _mistakable(best, ranked, evidence)
    is_near = _distance(best, letter) <= NEAR and len({each.series for each in letter.sittings}) == 1
    return ranked, is_near and kind in (*_COMES_AFTER, *_COMES_BEFORE)


def _fits(kind: Paper, sitting: Sitting, letter: Letter, evidence: Evidence) -> bool:
    if kind in _COMES_AFTER:
        return sitting.day <= letter.sent
    if kind in _COMES_BEFORE:
        return sitting.day >= letter.sent
    return bool(evidence.points.get(sitting.id)) or _distance(sitting, letter) <= NEAR


def _mistakable(best: Sitting, ranked: Sequence[Sitting], evidence: Evidence) -> bool:
    """Whether as much speaks for a sitting of another series at about the same time."""
    told = evidence.points.get(best.id, 0)
    return any(
        evidence.points.get(other.id, 0) >= told - 1
        and other.series != best.series
        and abs((other.day - best.day).days) <= APART
        for other in ranked[1:]
    )


def _distance(sitting: Sitting, letter: Letter) -> int:
    return abs((sitting.day - letter.sent).days)
