"""Comparing a list that was read with who takes part: who would come, change and go.

What a person confirms is exactly what they were shown: `Plan.digest` changes with whatever happened in between.
An empty cell leaves what the portal knows; so a list without phone numbers does not wipe them out.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User, UserAddress, email_key
from app.database import by_name, db
from app.networks.csv_exchange import Problem, Sheet, tidy
from app.networks.joining import Entry
from app.networks.models import Network, Participant

#: What a list can change of somebody who takes part already.
FIELDS = ("name", "organisation", "task", "phone")


@dataclass(frozen=True)
class Present:
    """Somebody who takes part now, as the list shows them."""

    participant_id: int
    seat_id: int
    user_id: int
    entry: Entry


@dataclass(frozen=True)
class Addition:
    """A line that brings somebody in; `user_id` and `known_as` are of a person the portal knows already."""

    line: int
    entry: Entry
    user_id: int | None = None
    known_as: str = ""
    namesake: str = ""  # address of somebody of this name who takes part already: perhaps the same person

    @property
    def renames(self) -> bool:
        """The list knows another name of this person than the portal."""
        return bool(self.known_as) and not _is_same("name", self.entry.name, self.known_as)


@dataclass(frozen=True)
class Change:
    """A line that corrects what the list says; `differences` maps a field to (old, new)."""

    line: int
    present: Present
    differences: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Plan:
    """What an import would do. `removed` leaves; `missing` is not in the file either, but stays."""

    added: list[Addition] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    removed: list[Present] = field(default_factory=list)
    missing: list[Present] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Nothing to do."""
        return not (self.added or self.changed or self.removed)

    @property
    def counts(self) -> dict[str, int]:
        """How many lines do what."""
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "removed": len(self.removed),
            "unchanged": self.unchanged,
            "problems": len(self.problems),
        }

    @property
    def digest(self) -> str:
        """A short text that is the same only for the same additions, changes and removals."""
        steps = [
            [[each.user_id, each.known_as, vars(each.entry)] for each in self.added],
            [[each.present.participant_id, each.present.user_id, each.differences] for each in self.changed],
            sorted(each.participant_id for each in self.removed),
        ]
        return hashlib.sha256(json.dumps(steps).encode()).hexdigest()[:32]


def folded(name: str) -> str:
    """Return the form in which two spellings of a name are equal, of a person's or an organisation's."""
    return " ".join(tidy(name).split()).casefold()


def plan_import(network: Network, sheet: Sheet, *, removes: bool) -> Plan:
    """Compare the sheet with who takes part in the network now. Changes nothing."""
    present = _present_in(network)
    places, holders = _places_of(present), Counter(each.seat_id for each in present)
    people = _people()
    lines, problems = _by_person(sheet, people, places)
    problems = sorted([*sheet.problems, *problems], key=lambda problem: problem.line)
    added, changed, kept = [], [], {}
    for person, entries in lines.items():
        pairs, left = _paired(entries, places.get(person, []), holders)
        for line, here in pairs:
            kept[here.participant_id] = line
            if differences := _differences(entries[line], here.entry):
                changed.append(Change(line, here, differences))
        added += [_addition(line, entries[line], person, people) for line in left]
    absent = [each for each in present if each.participant_id not in kept]
    # While lines are unreadable nobody knows who is missing: a mistyped address must not put somebody out.
    goes = removes and not problems
    return Plan(
        added=_with_namesakes(sorted(added, key=lambda each: each.line), absent),
        changed=sorted(changed, key=lambda each: each.line),
        removed=absent if goes else [],
        missing=[] if goes else absent,
        unchanged=len(sheet.entries) - len(added) - len(changed) - (len(problems) - len(sheet.problems)),
        problems=problems,
    )


def _present_in(network: Network) -> list[Present]:
    listed = Participant.listed_in(network.id, hidden_too=True).add_columns(Participant.seat_id)
    query = listed.order_by(by_name(User.name), Participant.id)
    return [
        Present(
            row.id, row.seat_id, row.user_id, Entry(row.email or "", row.name, row.organisation, row.task, row.phone)
        )
        for row in db.session.execute(query)
    ]


def _places_of(present: list[Present]) -> dict[int | str, list[Present]]:
    places: dict[int | str, list[Present]] = defaultdict(list)
    for each in present:
        places[each.user_id].append(each)
    return places


def _people() -> dict[str, tuple[int, str]]:
    rows = db.session.execute(
        select(UserAddress.email_key, User.id, User.name).join(User, User.id == UserAddress.user_id)
    )
    return {key: (user_id, name) for key, user_id, name in rows}


def _by_person(
    sheet: Sheet, people: dict[str, tuple[int, str]], places: dict[int | str, list[Present]]
) -> tuple[dict[int | str, dict[int, Entry]], list[Problem]]:
    """Sort the lines by the person they mean, by id or by the key of a new address; tell doubled lines apart."""
    lines: dict[int | str, dict[int, Entry]] = defaultdict(dict)
    problems = []
    for number, given in sheet.entries.items():
        key = email_key(given.email)
        person, known_as = people.get(key, (key, ""))
        entry = _completed(given, known_as, places.get(person, []))
        if sentence := _gap(entry) or _contradiction(entry, lines[person]):
            problems.append(Problem(number, sentence))
        else:
            lines[person][number] = entry
    return lines, problems


def _completed(entry: Entry, known_as: str, mine: list[Present]) -> Entry:
    """Fill in what the portal knows; of several organisations nobody knows which one an empty cell means."""
    known = mine[0].entry.organisation if len(mine) == 1 else ""
    return replace(entry, name=entry.name or known_as, organisation=entry.organisation or known)


def _gap(entry: Entry) -> str:
    if not entry.name:
        return _("Bei %(email)s fehlt der Name.", email=entry.email)
    if not entry.organisation:
        return _("Bei %(email)s fehlt die Organisation.", email=entry.email)
    return ""


def _contradiction(entry: Entry, others: dict[int, Entry]) -> str:
    for number, other in others.items():
        if folded(other.organisation) == folded(entry.organisation):
            return _(
                "%(email)s steht für „%(organisation)s“ schon in Zeile %(line)s.",
                email=entry.email,
                organisation=entry.organisation,
                line=number,
            )
        if tidy(other.name) != tidy(entry.name):
            return _(
                "%(email)s heißt in Zeile %(line)s anders: „%(name)s“.", email=entry.email, line=number, name=other.name
            )
    return ""


def _paired(
    entries: dict[int, Entry], mine: list[Present], holders: Counter[int]
) -> tuple[list[tuple[int, Present]], list[int]]:
    """Match a person's lines with their places in the network; return the pairs and the lines that are left."""
    places = {folded(each.entry.organisation): each for each in reversed(mine)}
    pairs = [
        (line, places.pop(folded(entry.organisation)))
        for line, entry in entries.items()
        if folded(entry.organisation) in places
    ]
    matched = {line for line, _here in pairs}
    left = [line for line in entries if line not in matched]
    over = list(places.values())
    if len(left) == len(over) == 1 and holders[over[0].seat_id] == 1:
        # One place and one line: the person works for somebody else now.
        return [*pairs, (left[0], over[0])], []
    return pairs, left


def _differences(entry: Entry, here: Entry) -> dict[str, tuple[str, str]]:
    return {
        key: (getattr(here, key), getattr(entry, key))
        for key in FIELDS
        if getattr(entry, key) and not _is_same(key, getattr(entry, key), getattr(here, key))
    }


def _is_same(key: str, new: str, old: str) -> bool:
    if key == "organisation":
        return folded(new) == folded(old)
    return tidy(new) == tidy(old) if key == "task" else tidy(new).split() == tidy(old).split()


def _addition(line: int, entry: Entry, person: int | str, people: dict[str, tuple[int, str]]) -> Addition:
    if isinstance(person, str):
        return Addition(line, entry)
    known_as = people[email_key(entry.email)][1]
    return Addition(line, entry, person, known_as)


def _with_namesakes(added: list[Addition], absent: list[Present]) -> list[Addition]:
    addresses = {folded(each.entry.name): each.entry.email for each in absent}
    return [replace(each, namesake=addresses.get(folded(each.entry.name), "")) for each in added]
