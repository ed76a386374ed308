"""The demo's minutes, one in each of their states, what was proposed for the next meeting, and a Muster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sqlalchemy import select

from app.accounts.models import User
from app.database import db, utc_now
from app.demo.days import working_day
from app.forum.models import Message
from app.meetings import agenda, correcting, minutes, minutes_letter, presence
from app.meetings.minutes_models import Minutes
from app.meetings.models import Meeting
from app.meetings.planning_models import MeetingTemplate
from app.networks.models import Network
from app.templating import BERLIN

_MUSTER = {
    "name": "Netzwerktreffen",
    "title": "{nummer}. Netzwerktreffen",
    "starts": time(14),
    "ends": time(16),
    "place": "Begegnungszentrum Nord, Saal",
    "agenda": "1. Begrüßung\n2. Neues aus den Organisationen\n3. Freie Plätze und offene Anfragen\n4. Verschiedenes",
    "letter": "Guten Tag,\n\nam {datum}, {uhrzeit}, treffen wir uns: {ort}.\n\n{tagesordnung}\n\nHerzliche Grüße",
}
_TEXT = {
    "Runder Tisch Sprachkurse": (
        "**1. Freie Plätze**\n\nIm B1-Kurs am Abend sind noch vier Plätze frei.\n\n"
        "Beschluss: Die Volkshochschule meldet freie Plätze jeden Montag im Forum.\n\n"
        "**2. Prüfungstermine**\n\nAufgabe: Rita Falk fragt die Prüfungszentren an."
    ),
    "Fallwerkstatt im Frühjahr": (
        "**1. Rückblick**\n\nVon zwölf Fällen sind neun gelöst.\n\n"
        "Beschluss: Die Fallwerkstatt tagt alle zwei Monate.\n\nAufgabe: Dirk Wessels bucht die Räume."
    ),
    "Fallwerkstatt im Sommer": (
        "**1. Übergänge**\n\nDie Wege vom Sprachkurs in den Betrieb sind zu lang.\n\n"
        "Beschluss: Jede Organisation nennt eine Ansprechperson.\n\n"
        "Aufgabe: Nadja Petrov sammelt die Namen bis Monatsende."
    ),
}


def fill(networks: dict[str, Network], people: dict[str, User]) -> Iterator[tuple[Message, datetime]]:
    """Make them; yields each message that was mailed and the moment to set it back to."""
    db.session.add(MeetingTemplate(network_id=networks["ausbildung"].id, **_MUSTER))
    _propose(people)
    dirk = people["dirk.wessels"]
    _written(networks["sprache"], "Runder Tisch Sprachkurse", 4)
    first = _written(networks["arbeit"], "Fallwerkstatt im Frühjahr", 48)
    yield _sent(first, dirk), utc_now() - timedelta(days=46)
    second = _written(networks["arbeit"], "Fallwerkstatt im Sommer", 7)
    yield _sent(second, dirk), utc_now() - timedelta(days=5)
    minutes.approve(first, dirk, second.meeting)
    correcting.correct(people["greta.sommer"], second, "Unter Punkt 1 fehlt: Die Betriebe wollen vorher ein Praktikum.")


def _propose(people: dict[str, User]) -> None:
    coming = select(Meeting).where(Meeting.title == "8. Netzwerktreffen", Meeting.starts_at > utc_now())
    meeting = db.session.scalars(coming).one()
    agenda.propose(people["thomas.lange"], meeting, "Praktikumswoche im Mai: Wer macht mit?")
    accepted = agenda.propose(people["miriam.schuetz"], meeting, "Neue Sprechzeiten der Beratung")
    agenda.accept(accepted, people["aylin.kaya"])


def _written(network: Network, title: str, days_ago: int) -> Minutes:
    day = working_day(-days_ago)
    begins = datetime.combine(day, time(10), BERLIN)
    meeting = Meeting(
        home=network,
        networks=[network],
        title=title,
        starts_at=begins,
        ends_at=begins + timedelta(hours=2),
        place="Jobcenter, Besprechungsraum 3",
        agenda="1. Rückblick\n2. Verschiedenes",
    )
    db.session.add(meeting)
    db.session.flush()
    written = minutes.begin(meeting)
    written.text = _TEXT[title]
    invited = presence.invited(meeting)
    presence.note(meeting, invited, {person.user_id for person in invited[::2]}, shown=())
    db.session.flush()
    return written


def _sent(written: Minutes, lead: User) -> Message:
    words = minutes_letter.letter(written, lead)
    submission = f"demo-minutes-{written.id}"
    return minutes.send(lead, written, **words, corrections_until=minutes_letter.usual_end(), submission=submission)
