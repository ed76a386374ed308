"""Points for the agenda: proposed on the page or in an answer to the invitation, decided by one click of a lead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select, update

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.forms import clean, one_line
from app.forum.models import Message
from app.meetings import agenda_mails
from app.meetings.agenda_models import AgendaItem, ItemState
from app.meetings.models import Meeting
from app.meetings.rights import looks_after, participation_in

LONGEST = 300  # characters of a point
MOST_OPEN = 10  # points of one person that wait for a decision

_PROPOSED = re.compile(
    r"^[ \t]*(?:[-*•][ \t]+)?(?:TOP|Tagesordnungspunkt)[ \t]*:[ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE
)
_NUMBERED = re.compile(r"^(?P<before>(?:TOP|Punkt)?[ \t]*)(?P<number>\d{1,3})(?P<after>[.):]?[ \t]+)\S", re.IGNORECASE)
#: What begins with a number and is no point: a day ("3. Dezember", "9. 12. 2026") or a time ("16 Uhr").
_MOMENT = re.compile(
    r"\d{1,2}\.?[ \t]*(?:Uhr\b|\d{1,2}\.[ \t]*\d{4}\b|(?:Jan|Feb|Mrz|Apr|Jun|Jul|Aug|Sept?|Okt|Nov|Dez)\."
    r"|(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)(?![\w-]))",
    re.IGNORECASE,
)
#: With this an agenda ends, whatever else comes to it.
_CLOSING = re.compile(r"(?:Verschiedenes|Sonstiges)\b.{0,60}", re.IGNORECASE)
_BELOW = re.compile(r"^([ \t]+|[-*•][ \t]|$)")


def propose(user: User, meeting: Meeting, text: str, message: Message | None = None) -> AgendaItem:
    """Propose a point and tell who looks after the meeting; one of their own is accepted at once.

    The same text again is the same point. Raises `DomainError` with a sentence when it is too late, when the person
    does not take part, or has proposed too much already.
    """
    refuse_if_over(meeting)
    hold(meeting.id)  # so that the same point pressed twice at the same moment finds itself
    participation = participation_in(user, meeting)
    leads = looks_after(user, meeting)
    if user.receives_only or (participation is None and not leads):
        raise DomainError(_("Punkte vorschlagen können die Teilnehmenden der Sitzung."))
    own = AgendaItem.of_meeting(meeting.id).where(AgendaItem.user_id == user.id, AgendaItem.text == text)
    if before := db.session.scalars(own).first():
        return before
    if _waiting(user, meeting) >= MOST_OPEN:
        raise DomainError(_("Sie haben schon zehn Punkte vorgeschlagen, über die noch nicht entschieden ist."))
    item = AgendaItem(
        meeting=meeting,
        user=user,
        message_id=message.id if message else None,
        name=user.name,
        organisation=participation.seat.organisation.name if participation else "",
        text=text,
    )
    db.session.add(item)
    db.session.flush()
    if leads:
        _settle(item, ItemState.ACCEPTED, user)
    else:
        agenda_mails.proposed(item, due_at=message.mails_at if message else None)
    return item


def refuse_if_over(meeting: Meeting) -> None:
    """Raise `DomainError` if a point would come too late."""
    if meeting.cancelled_at:
        raise DomainError(_("Diese Sitzung ist abgesagt."))
    if meeting.starts_at <= utc_now():
        raise DomainError(_("Diese Sitzung hat schon begonnen. Für die Tagesordnung ist es zu spät."))


def accept(item: AgendaItem, by: User) -> bool:
    """Put a point on the agenda and tell who proposed it; returns whether this was the decision."""
    refuse_if_over(item.meeting)
    return _settle(item, ItemState.ACCEPTED, by)


def decline(item: AgendaItem, by: User) -> bool:
    """Leave a point out and tell who proposed it; returns whether this was the decision."""
    return _settle(item, ItemState.DECLINED, by)


def take_from_answer(message: Message) -> None:
    """Propose what an answer to an invitation says in lines that begin with "TOP:" or "Tagesordnungspunkt:"."""
    texts = points_in(message.body)
    meeting = db.session.scalar(Meeting.of_thread(message.thread_id)) if texts else None
    if meeting is None or message.author is None:
        return
    for text in texts:
        try:
            propose(message.author, meeting, text, message)
        except DomainError:
            return  # the answer itself reaches everybody all the same


def forget(message: Message) -> None:
    """Let what was proposed in a message go with it, when it is taken back or removed; so do the words in our mails."""
    for item in db.session.scalars(select(AgendaItem).filter_by(message_id=message.id)).all():
        meeting = hold(item.meeting_id)
        if item.state is ItemState.ACCEPTED:
            meeting.agenda = without_points(meeting.agenda, [item])
        agenda_mails.forget(item)
        db.session.delete(item)


def points_in(body: str) -> list[str]:
    """Return the points a text proposes, each once; quoted lines are somebody else's."""
    found = (one_line(clean(line))[:LONGEST] for line in _PROPOSED.findall(body))
    return list(dict.fromkeys(text for text in found if text))[:MOST_OPEN]


def with_point(agenda: str, text: str) -> str:
    """Return the agenda with one more point, after the last numbered one and in its manner ("3. ", "TOP 3: ").

    "Verschiedenes" stays the last one.
    """
    lines = agenda.rstrip().splitlines()
    points = _points(lines)
    if not points:
        return "\n".join([*lines, "", f"1. {text}"]).strip()
    place, last = points[-1]
    number = int(last["number"])
    if _CLOSING.fullmatch(_without_number(lines[place])):
        lines[place] = _renumbered(lines[place], last, number + 1)
    else:
        number += 1
        place += 1
        while place < len(lines) and _BELOW.match(lines[place]) and any(lines[place:]) and lines[place].strip():
            place += 1
    lines.insert(place, f"{last['before']}{number}{last['after']}{text}")
    return "\n".join(lines)


def hold(meeting_id: int) -> Meeting:
    """Return the meeting as it is now, held until the unit of work ends: whoever changes its points waits here.

    Rows that belong to it may still be added: an answer to the invitation waits for nobody, so none waits in a circle.
    """
    held = select(Meeting).where(Meeting.id == meeting_id).with_for_update(of=Meeting, key_share=True)
    return db.session.scalars(held.execution_options(populate_existing=True)).one()


def without_points(agenda: str, items: Iterable[AgendaItem]) -> str:
    """Return the agenda without the lines that these accepted points put there.

    A line goes only if it says the point and nothing else: another line may well contain the same word. Those that
    followed it take up its number.
    """
    lines = agenda.splitlines()
    for item in items:
        said = _line_of(item)
        places = [place for place, line in enumerate(lines) if _without_number(line) == said]
        if places:
            _close_up(lines, places[-1])
            del lines[places[-1]]
    return "\n".join(lines)


def _close_up(lines: list[str], gone: int) -> None:
    free = None
    for place, found in _points(lines):
        if place == gone:
            free = int(found["number"])
        elif free is not None and int(found["number"]) == free + 1:
            lines[place] = _renumbered(lines[place], found, free)
            free += 1


def _points(lines: Sequence[str]) -> list[tuple[int, re.Match[str]]]:
    """Return the lines that are numbered in the manner of the first; a day, a time or "3 Plätze" is another number."""
    numbered = [
        (place, found)
        for place, line in enumerate(lines)
        if (found := _NUMBERED.match(line)) and not _MOMENT.match(line)
    ]
    return [(place, found) for place, found in numbered if _manner(found) == _manner(numbered[0][1])]


def _manner(found: re.Match[str]) -> tuple[str, str]:
    return found["before"].strip().lower(), found["after"].strip()


def _renumbered(line: str, found: re.Match[str], number: int) -> str:
    return f"{found['before']}{number}{line[found.end('number') :]}"


def _line_of(item: AgendaItem) -> str:
    """Return what stands on the agenda for an accepted point: with its proposer, unless they accepted it themselves."""
    if item.decided_by == item.name:
        return item.text
    with force_locale("de"):
        return str(_("%(text)s (vorgeschlagen von %(name)s)", text=item.text, name=item.name))


def _without_number(line: str) -> str:
    found = _NUMBERED.match(line)
    return (line[found.end("after") :] if found else line).strip()


def _waiting(user: User, meeting: Meeting) -> int:
    own = select(func.count(AgendaItem.id)).filter_by(meeting_id=meeting.id, user_id=user.id)
    return db.session.scalar(own.where(AgendaItem.state == ItemState.PROPOSED)) or 0


def _settle(item: AgendaItem, state: ItemState, by: User) -> bool:
    # The row of the meeting first: two points accepted at once must both stand in its agenda.
    meeting = hold(item.meeting_id)
    claimed = (
        update(AgendaItem)
        .where(AgendaItem.id == item.id, AgendaItem.state == ItemState.PROPOSED)
        .values(state=state, decided_by=by.name, decided_at=utc_now())
        .returning(AgendaItem.id)
        .execution_options(synchronize_session=False)
    )
    won = db.session.execute(claimed).first() is not None
    db.session.refresh(item)
    if not won:
        return False
    if state is ItemState.ACCEPTED:
        meeting.agenda = with_point(meeting.agenda, _line_of(item))
    if item.user_id != by.id:
        agenda_mails.decided(item, by)
    return True
