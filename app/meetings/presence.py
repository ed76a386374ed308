"""Who was at a meeting: as they had said at first, then as was ticked when the minutes were written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.database import db
from app.meetings.attendance_models import Attendance, Coming
from app.meetings.models import Meeting
from app.networks.models import Participant


@dataclass(frozen=True)
class Person:
    """Somebody who takes part in the meeting's networks, or answered its invitation."""

    user_id: int
    name: str
    organisation: str
    seat_id: int | None
    answer: Coming | None
    was_there: bool | None
    joined_later: bool = False  # and had nothing to do with that meeting

    @property
    def said(self) -> str:
        """Name and organisation."""
        return f"{self.name}, {self.organisation}" if self.organisation else self.name


@dataclass(frozen=True)
class Presence:
    """Who was there, who had said that they cannot come, and who else took part then and was not there; by name."""

    there: list[Person]
    excused: list[Person]
    missing: list[Person]

    @property
    def absent(self) -> list[Person]:
        """Those who were not there."""
        return self.excused + self.missing


def invited(meeting: Meeting) -> list[Person]:
    """Return everybody who could be there, by name; mailboxes that only receive are no people."""
    answers = {each.user_id: each for each in db.session.scalars(select(Attendance).filter_by(meeting_id=meeting.id))}
    networks = [network.id for network in meeting.networks]
    present = db.session.execute(Participant.present_in(*networks).where(User.receives_only.is_(False)))
    people: dict[int, Person] = {}
    took_part = set()
    for participant, user in present:
        people.setdefault(
            user.id,
            _person(user.id, user.name, participant.seat.organisation.name, participant.seat_id, answers.get(user.id)),
        )
        if user.id in answers or participant.since <= meeting.starts_at:
            took_part.add(user.id)
    people = {id: replace(person, joined_later=id not in took_part) for id, person in people.items()}
    for user_id, answer in answers.items():
        if user_id is not None and user_id not in people:
            people[user_id] = _person(user_id, answer.name, answer.organisation, answer.seat_id, answer)
    return sorted(people.values(), key=lambda person: person.name.casefold())


def presence_at(meeting: Meeting) -> Presence:
    """Return who was there, as far as it was noted."""
    people = [person for person in invited(meeting) if person.was_there or not person.joined_later]
    return Presence(
        there=[person for person in people if person.was_there],
        excused=[person for person in people if not person.was_there and person.answer is Coming.NO],
        missing=[person for person in people if not person.was_there and person.answer is not Coming.NO],
    )


def suggested(people: list[Person]) -> list[int]:
    """Return the ids of those to tick at first: who was noted as there, else who had said yes."""
    is_noted = any(person.was_there is not None for person in people)
    return [person.user_id for person in people if (person.was_there if is_noted else person.answer is Coming.YES)]


def note(meeting: Meeting, people: list[Person], there: Collection[int], shown: Collection[int]) -> None:
    """Keep who of these people was there, by the ids that are ticked and those that were when the page was shown.

    Once it is noted, only what was changed on the page counts: another lead may have ticked somebody meanwhile.
    """
    answers = {each.user_id: each for each in db.session.scalars(select(Attendance).filter_by(meeting_id=meeting.id))}
    is_noted = any(answer.was_there is not None for answer in answers.values())
    for person in people:
        is_there = person.user_id in there
        if is_noted and is_there == (person.user_id in shown):
            continue
        if answer := answers.get(person.user_id):
            answer.was_there = is_there
        elif is_there:
            _row_of(person, meeting).was_there = True


def _row_of(person: Person, meeting: Meeting) -> Attendance:
    """Return a row for somebody who had none; they, or another lead, may add it at the same moment."""
    made = Attendance(
        meeting_id=meeting.id,
        user_id=person.user_id,
        seat_id=person.seat_id,
        name=person.name,
        organisation=person.organisation,
        answer=None,
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        return db.session.scalars(Attendance.of(meeting.id, person.user_id)).one()
    return made


def _person(user_id: int, name: str, organisation: str, seat_id: int | None, answer: Attendance | None) -> Person:
    return Person(
        user_id, name, organisation, seat_id, answer.stands if answer else None, answer.was_there if answer else None
    )
