"""The demo's further dates: a meeting of all networks, a series, one still looked for, and one that came by mail."""

from __future__ import annotations

from datetime import datetime, time

from app.accounts.models import User
from app.database import db
from app.demo.days import is_one, working_day
from app.files import keeping
from app.forum.calendar_event import CalendarEvent, calendar
from app.forum.posting import post_message
from app.meetings import proposing, series
from app.meetings.clashing import Span
from app.meetings.models import Meeting
from app.meetings.series_days import days_after
from app.meetings.series_models import Repeat
from app.networks.models import Network, Participant
from app.polls.answering import answer
from app.polls.beginning import propose
from app.polls.models import Choice, Poll
from app.templating import BERLIN

_PROPOSED = (40, 42, 47)  # in days from today
_SAID = (
    (Choice.YES, Choice.YES, Choice.NO),
    (Choice.NO, Choice.YES, Choice.MAYBE),
    (Choice.MAYBE, Choice.YES, Choice.NO),
    (Choice.YES, Choice.NO, Choice.NO),
    (Choice.NO, Choice.MAYBE, Choice.YES),
)


def fill(networks: dict[str, Network], people: dict[str, User]) -> None:
    """Make the meetings, the poll with its first answers, and what a calendar program sent."""
    home = networks["ausbildung"]
    _meeting(home, "Jahrestreffen aller Netze", 75, "Rathaus, Großer Saal", list(networks.values()))
    first = _meeting(networks["sprache"], "Sprechstunde Sprachkurse", 5, "Volkshochschule, Raum 204")
    rest = [day for day in days_after(first.day, Repeat.WEEKS, 4, number=6) if is_one(day)]
    series.enter(first, Repeat.WEEKS, 4, rest)
    _look_for_date(home, people["aylin.kaya"])
    _send_date(home, people["thomas.lange"])


def _look_for_date(network: Network, lead: User) -> None:
    message = propose(
        lead,
        [network],
        [_span(days) for days in _PROPOSED],
        title="Werkstatt: Praktikum gut begleiten",
        place="Berufskolleg am Kanal, Aula",
        body="Liebe Kolleginnen und Kollegen,\n\nwann passt Ihnen ein halber Tag zum Thema Praktikum?",
        deadline=working_day(30),
        submission="demo-terminumfrage",
    )
    message.mails_at = message.created_at
    poll = db.session.scalars(Poll.of_thread(message.thread_id)).one()
    others = (user for _participant, user in db.session.execute(Participant.present_in(network.id)) if user is not lead)
    for user, said in zip(others, _SAID, strict=False):
        answer(user, poll, dict(zip((each.id for each in poll.dates), said, strict=True)))


def _send_date(network: Network, author: User) -> None:
    starts_at, ends_at = _span(54)
    entry = CalendarEvent("demo-infotag", 0, "Infotag Ausbildung", starts_at, ends_at, "Agentur für Arbeit, Saal 1", "")
    invitation = calendar([entry], method="REQUEST").encode()
    message = post_message(
        author,
        network,
        subject="Infotag im Berufsinformationszentrum",
        body="Guten Tag,\n\nwir laden Sie zu unserem Infotag ein. Der Termin hängt an dieser Mail.\n\nThomas Lange",
        files=[keeping.keep_bytes(invitation, "Termin.ics", "draft:demo")],
        send_now=True,
    )
    proposing.propose(message, invitation)


def _meeting(home: Network, title: str, days: int, place: str, networks: list[Network] | None = None) -> Meeting:
    span = _span(days)
    meeting = Meeting(
        home=home, networks=networks or [home], title=title, starts_at=span.starts_at, ends_at=span.ends_at, place=place
    )
    db.session.add(meeting)
    db.session.flush()
    return meeting


def _span(days: int) -> Span:
    day = working_day(days)
    return Span(datetime.combine(day, time(14), BERLIN), datetime.combine(day, time(16), BERLIN))
