"""Who comes, as it is shown: to everybody as numbers, by name to people of the same network, to leads with remarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.models import User
from app.database import db, unaccented
from app.meetings.attendance_models import Attendance, Coming
from app.meetings.models import Meeting
from app.networks.models import Network, Participant


@dataclass(frozen=True)
class Counts:
    """How many answered what to the date as it is now; `people` is how many come with those who said yes."""

    yes: int = 0
    people: int = 0
    maybe: int = 0
    no: int = 0
    silent: int = 0  # of those who take part now

    @property
    def answered(self) -> int:
        """How many said anything."""
        return self.yes + self.maybe + self.no


@dataclass(frozen=True)
class Guest:
    """Somebody who takes part, and what they said, if anything."""

    user_id: int | None
    name: str
    organisation: str
    attendance: Attendance | None

    @property
    def coming(self) -> Coming | None:
        """Their answer to the date as it is now."""
        return self.attendance.stands if self.attendance else None


def guests_of(meeting: Meeting) -> list[Guest]:
    """Return everybody who takes part in the meeting's open networks, by name; of a past one also who did then."""
    present = _present([network for network in meeting.networks if network.closed_at is None])
    rows = db.session.scalars(select(Attendance).where(Attendance.meeting_id == meeting.id)).all()
    answered = {row.user_id: row for row in rows if row.user_id in present}
    guests = [Guest(user.id, user.name, organisation, answered.get(user.id)) for user, organisation in present.values()]
    if meeting.is_past:
        gone = [row for row in rows if row.user_id not in present]
        guests += [Guest(row.user_id, row.name, row.organisation, row) for row in gone]
    return sorted(guests, key=lambda guest: (unaccented(guest.name), guest.user_id or 0))


def counts_of(guests: Sequence[Guest]) -> Counts:
    """Count them."""
    by_answer = {coming: [guest for guest in guests if guest.coming is coming] for coming in (*Coming, None)}
    return Counts(
        yes=len(by_answer[Coming.YES]),
        people=sum(guest.attendance.number for guest in by_answer[Coming.YES] if guest.attendance),
        maybe=len(by_answer[Coming.MAYBE]),
        no=len(by_answer[Coming.NO]),
        silent=len(by_answer[None]),
    )


def of_network(guests: Sequence[Guest], network: Network) -> list[Guest]:
    """Return those who take part in this network: people of other networks are not named here."""
    ids = set(_present([network]))
    return [guest for guest in guests if guest.user_id in ids]


def _present(networks: Sequence[Network]) -> dict[int, tuple[User, str]]:
    rows = db.session.execute(Participant.present_in(*(network.id for network in networks)))
    return {user.id: (user, participant.seat.organisation.name) for participant, user in rows}
