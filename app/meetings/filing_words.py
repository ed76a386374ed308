"""How it is said what a file of a message is: where it is filed, what it may be, what else one may choose."""

from __future__ import annotations

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.meetings.forms import PAPER_NAMES
from app.meetings.models import Meeting, Paper

_QUESTIONS = {
    Paper.INVITATION: _l("Ist das die Einladung zur Sitzung am %(day)s?"),
    Paper.AGENDA: _l("Ist das die Tagesordnung der Sitzung am %(day)s?"),
    Paper.MINUTES: _l("Ist das das Protokoll der Sitzung vom %(day)s?"),
    Paper.ATTACHMENT: _l("Ist das eine Anlage zur Sitzung am %(day)s?"),
    Paper.TEMPLATE: _l("Ist das ein Muster?"),
}
_QUESTIONS_WITHOUT_MEETING = {
    Paper.INVITATION: _l("Ist das eine Einladung, die zu den Unterlagen gehört?"),
    Paper.AGENDA: _l("Ist das eine Tagesordnung, die zu den Unterlagen gehört?"),
    Paper.MINUTES: _l("Ist das ein Protokoll, das zu den Unterlagen gehört?"),
    Paper.ATTACHMENT: _l("Ist das eine Anlage, die zu den Unterlagen gehört?"),
    Paper.TEMPLATE: _l("Ist das ein Muster?"),
}


def place_of(meeting: Meeting | None) -> str:
    """Return where a paper is filed: "Sitzung vom 3. Dezember 2026"."""
    if meeting is None:
        return str(_("Unterlagen ohne Sitzung"))
    return str(_("Sitzung vom %(day)s", day=format_date(meeting.day, "long")))


def question(kind: Paper, meeting: Meeting | None) -> str:
    """Return what somebody is asked who knows what a file is."""
    if meeting is None:
        return str(_QUESTIONS_WITHOUT_MEETING[kind])
    return str(_QUESTIONS[kind]) % {"day": format_date(meeting.day, "long")}


def choice(kind: Paper, meeting: Meeting | None, here: Meeting | None) -> str:
    """Return what stands on the button that files so; the meeting is named where it is another than now."""
    name = str(PAPER_NAMES[kind])
    return name if meeting is here or kind is Paper.TEMPLATE else f"{name}, {place_of(meeting)}"


def value(kind: Paper, meeting_id: int | None) -> str:
    """Return what the button sends: "minutes:12"."""
    return f"{kind.value}:{meeting_id or 0}"


def kind_name(kind: Paper) -> str:
    """Return how this kind of paper is called."""
    return str(PAPER_NAMES[kind])
