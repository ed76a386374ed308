"""What was said so far, for whoever looks after a poll: each present participant counts once, with what they say now.

Leads see the names of people of networks they may enter themselves, and who is away from these; others count without a
name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.networks.absence_models import Absence
from app.networks.absences import away_from
from app.networks.models import Network, Participant
from app.polls.models import Choice, Poll, ProposedDate, Vote


class Said(NamedTuple):
    """Who gave one answer to one date; `names` are those that may be seen."""

    people: int
    names: Sequence[str]


class Row(NamedTuple):
    """A proposed date with what was said to it."""

    date: ProposedDate
    said: dict[Choice, Said]
    is_best: bool


class Absent(NamedTuple):
    """Somebody who is away up to and including a day; `deputy` is empty where there is none that may be seen."""

    name: str
    last_day: date
    deputy: str


class Away(NamedTuple):
    """Who has not answered and is away; `absent` are those that may be seen."""

    people: int
    absent: Sequence[Absent]


class Tally(NamedTuple):
    """All dates in their order, how many have answered, and who has not: those who are there, and those who are not."""

    rows: Sequence[Row]
    answered: int
    missing: Said
    away: Away

    @property
    def best(self) -> ProposedDate | None:
        """The date that suits best, the earlier one of equals; None before anybody has answered."""
        return next((row.date for row in self.rows if row.is_best), None)


def tally_of(poll: Poll, viewer: User) -> Tally:
    """Return the answers to a poll as this person may see them."""
    people = expected(poll)
    answers = [answer for answer in db.session.scalars(Vote.to_poll(poll)) if answer.user_id in people]
    shared = _shared_with(viewer, poll)
    seen = {user.id for _participant, user in db.session.execute(Participant.present_in(*shared))}
    by_date = {each.id: _said(each, answers, people, seen) for each in poll.dates}
    answered = {answer.user_id for answer in answers}
    best = min(poll.dates, key=lambda each: _rank(each, by_date[each.id])) if answered else None
    silent_people = [id for id in people if id not in answered]
    absences = away_from(poll.open_networks)
    away = [id for id in silent_people if id in absences]
    return Tally(
        [Row(each, by_date[each.id], each is best) for each in poll.dates],
        len(answered),
        _named([id for id in silent_people if id not in absences], people, seen),
        Away(len(away), _absent([absences[id] for id in away if id in seen], shared, seen)),
    )


def expected(poll: Poll) -> dict[int, str]:
    """Return who can answer: the present participants of its open networks, by name, without mailboxes."""
    present = db.session.execute(Participant.present_in(*(network.id for network in poll.open_networks)))
    return {user.id: user.name for _participant, user in present if not user.receives_only}


def silent(poll: Poll) -> set[int]:
    """Return who has not answered yet."""
    answered = select(Vote.user_id).join(ProposedDate).where(ProposedDate.poll_id == poll.id)
    return set(expected(poll)) - set(db.session.scalars(answered))


def _shared_with(viewer: User, poll: Poll) -> set[int]:
    """The open networks of the poll that this person may enter."""
    mine = {network.id for network in db.session.scalars(Network.visible_to(viewer))}
    return {network.id for network in poll.open_networks} & mine


def _said(each: ProposedDate, answers: Sequence[Vote], people: dict[int, str], seen: set[int]) -> dict[Choice, Said]:
    here = {answer.user_id: answer.choice for answer in answers if answer.date_id == each.id}
    return {choice: _named([id for id in people if here.get(id) is choice], people, seen) for choice in Choice}


def _named(ids: Sequence[int], people: dict[int, str], seen: set[int]) -> Said:
    return Said(len(ids), [people[id] for id in ids if id in seen])


def _absent(of_each: Sequence[Sequence[Absence]], shared: set[int], seen: set[int]) -> list[Absent]:
    """Where somebody is away from several networks that may be seen, the absence counts that ends first."""
    shown = [next((absence for absence in absences if absence.network_id in shared), None) for absences in of_each]
    return [
        Absent(
            absence.user.name,
            absence.last_day,
            absence.deputy.name if absence.deputy and absence.deputy.id in seen else "",
        )
        for absence in shown
        if absence  # who left that network a moment ago counts only
    ]


def _rank(each: ProposedDate, said: dict[Choice, Said]) -> tuple[int, int, float]:
    """Most can come, then most perhaps; then the earlier one."""
    return -said[Choice.YES].people, -said[Choice.MAYBE].people, each.starts_at.timestamp()
