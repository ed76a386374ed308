"""The demo's meetings with their papers: a year of them, and the next ones."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from io import BytesIO
from uuid import uuid4

from werkzeug.datastructures import FileStorage

from app.accounts.models import User
from app.database import db, utc_now
from app.demo.days import working_day
from app.demo.papers import pdf
from app.forum.models import Message
from app.meetings.announcing import announce, draft
from app.meetings.attendance_models import Coming
from app.meetings.attending import answer
from app.meetings.filing import file_uploads
from app.meetings.models import Meeting, Paper
from app.networks.models import Network, Participant
from app.templating import BERLIN

_AGENDA = "1. Begrüßung\n2. Neues aus den Organisationen\n3. Freie Plätze und offene Anfragen\n4. Verschiedenes"
_MINUTES = [
    "Anwesend: 21 Teilnehmende aus 12 Organisationen.",
    "Beschluss: Die Liste freier Praktikumsplätze wird jeden Monat verschickt.",
    "Aufgabe: Das Berufskolleg lädt zum Tag der offenen Werkstatt ein.",
]
_PLEDGE = [
    "Die Stadt Musterhausen und die unten genannte Organisation arbeiten im Netz zusammen.",
    "Die Organisation trägt bei: Räume, Zeit, Plätze (bitte angeben).",
    "Ort, Datum, Unterschriften",
]

#: in days from today
_PAST = (-330, -270, -215, -160, -110, -60, -9)
_COMING = {
    "ausbildung": ("8. Netzwerktreffen", 12, "Begegnungszentrum Nord, Saal"),
    "sprache": ("Runder Tisch Sprachkurse", 19, "Volkshochschule, Raum 204"),
    "arbeit": ("Fallwerkstatt", 26, "Jobcenter, Besprechungsraum 3"),
}


_ANSWERS: tuple[tuple[Coming | None, int, str], ...] = (
    (Coming.YES, 1, ""),
    (Coming.YES, 2, "Bringe unsere neue Kollegin mit."),
    (None, 1, ""),
    (Coming.MAYBE, 1, "Hängt von der Vertretung ab."),
    (Coming.YES, 1, ""),
    (Coming.NO, 1, "Elternabend"),
)


def fill(networks: dict[str, Network]) -> None:
    """Make the meetings and their papers."""
    for number, days in enumerate(_PAST, start=1):
        meeting = _meeting(networks["ausbildung"], f"{number}. Netzwerktreffen", days, "Begegnungszentrum Nord, Saal")
        _paper(meeting, Paper.INVITATION, f"Einladung {number}. Sitzung", ["Herzliche Einladung zum Treffen.", _AGENDA])
        _paper(meeting, Paper.AGENDA, f"Tagesordnung {number}. Sitzung", [_AGENDA])
        if number < len(_PAST):  # the last ones come with a message, and file themselves
            _paper(meeting, Paper.MINUTES, f"Protokoll {number}. Sitzung", _MINUTES)
    for slug, (title, days, place) in _COMING.items():
        _meeting(networks[slug], title, days, place)
    file_uploads(
        networks["ausbildung"],
        [_upload("Muster Kooperationszusage", _PLEDGE)],
        kind=Paper.TEMPLATE,
        title="Muster Kooperationszusage",
        meeting=None,
        dated=working_day(-18),
    )


def invite(lead: User, network: Network) -> Message:
    """Invite to the network's coming meeting, and let most of those who take part say whether they come."""
    meeting = db.session.scalars(Meeting.of_network(network).where(Meeting.starts_at > utc_now()).limit(1)).one()
    _answer(meeting)
    return announce(lead, meeting, **draft(lead, meeting), documents=[], submission=str(uuid4()))


def _answer(meeting: Meeting) -> None:
    present = db.session.execute(Participant.present_in(meeting.home_id)).all()
    for number, (_participant, user) in enumerate(present):
        coming, people, remark = _ANSWERS[number % len(_ANSWERS)]
        if coming:  # the first say a word about it
            answer(user, meeting, coming, number=people, remark=remark if number < len(_ANSWERS) else "")


def _meeting(network: Network, title: str, days: int, place: str) -> Meeting:
    day = working_day(days)
    begins = datetime.combine(day, time(14), BERLIN)
    ends = begins + timedelta(hours=2)
    meeting = Meeting(
        home=network, networks=[network], title=title, starts_at=begins, ends_at=ends, place=place, agenda=_AGENDA
    )
    db.session.add(meeting)
    db.session.flush()
    return meeting


def _paper(meeting: Meeting, kind: Paper, title: str, paragraphs: list[str]) -> None:
    uploads = [_upload(title, paragraphs)]
    [document] = file_uploads(meeting.home, uploads, kind=kind, title=title, meeting=meeting, dated=meeting.day)
    document.created_at = meeting.ends_at


def _upload(title: str, paragraphs: list[str]) -> FileStorage:
    name = title.replace(".", "").replace(" ", "_") + ".pdf"
    return FileStorage(BytesIO(pdf(title, paragraphs)), name)
