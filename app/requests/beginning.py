"""What the forum asks of this feature: a request begins with its thread, says how far it is, goes with its thread."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select

from app.database import db, read, utc_now
from app.errors import DomainError
from app.forum.extending import Feature, Mark
from app.forum.models import Message, Thread
from app.requests import mails, noting
from app.requests.models import Request, State
from app.requests.patience import start_of_reminding

#: How a state is called, and the kind of its badge.
STATES = {
    State.OPEN: (_l("offen"), "warning"),
    State.TAKEN: (_l("übernommen"), "info"),
    State.DONE: (_l("erledigt"), "success"),
    State.WITHDRAWN: (_l("zurückgezogen"), "info"),
}

_states = select(Request.thread_id, Request.state).where(Request.thread_id.in_(bindparam("ids", expanding=True)))


def feature() -> Feature:
    """Return what the forum calls for threads of kind request."""
    return Feature(begin=_begin, typed=_typed, marks=_marks)


def mark_of(state: State) -> Mark:
    """Return the word for a state and the kind of its badge."""
    word, badge = STATES[state]
    return Mark(str(word), badge)


def _begin(message: Message, typed: Mapping[str, Any]) -> None:
    facts = {name: typed.get(f"internship_{name}") or "" for name in ("field", "ages", "place")}
    days = {name: typed.get(f"internship_{name}") for name in ("starts_on", "ends_on")}
    request = Request(
        thread=message.thread, message=message, remind_at=start_of_reminding(utc_now()), **facts, **_as_days(days)
    )
    db.session.add(request)
    db.session.flush()


def _as_days(days: Mapping[str, str | None]) -> dict[str, date | None]:
    return {name: date.fromisoformat(day) if day else None for name, day in days.items()}


def _typed(thread: Thread) -> dict[str, Any]:
    request = db.session.scalar(Request.of_thread(thread.id))
    if request is None:
        return {}
    if request.taken_at or request.answers:
        raise DomainError(_("Auf diese Anfrage hat schon jemand reagiert. Sie lässt sich nicht mehr zurückholen."))
    days = [("starts_on", request.starts_on), ("ends_on", request.ends_on)]
    words = {"field": request.field, "ages": request.ages, "place": request.place}
    facts = words | {name: day.isoformat() for name, day in days if day}
    return {f"internship_{name}": value for name, value in facts.items()}


def _marks(thread_ids: Collection[int]) -> dict[int, Mark]:
    rows = read(_states, {"ids": list(thread_ids)}).all()
    return {thread_id: mark_of(State(state)) for thread_id, state in rows}


def going(message: Message) -> None:
    """End a request whose message is taken down: nobody reads any more what it asks for, and what waits repeats it."""
    request = db.session.scalar(select(Request).where(Request.message_id == message.id))
    if request:
        request.field = request.ages = request.place = ""
        if request.is_running:
            request.state, request.closed_at = State.WITHDRAWN, utc_now()
        mails.hold_back(request)
        mails.redact(request)


def notes(keys: Collection[str]) -> dict[str, tuple[Message, str | None]]:
    """Return what a digest says of these notes ("request:5:taken"), each as it is now; nothing of what is not so.

    None: somebody gave the request back less than an hour ago, and the network is told neither the one nor the other.
    """
    ids = {int(key.split(":")[1]) for key in keys}
    found = {request.id: request for request in db.session.scalars(select(Request).where(Request.id.in_(ids)))}
    said = {}
    for key in keys:
        request = found.get(int(key.split(":")[1]))
        if request and (sentence := _said(request, noting.is_of_leaving(key))) != "":
            said[key] = (request.message, sentence)
    return said


def _said(request: Request, of_leaving: bool) -> str | None:
    is_open = request.state is State.OPEN
    if of_leaving:
        return _("Um diese Anfrage kümmert sich jetzt niemand mehr. Wer kann helfen?") if is_open else ""
    if not request.owner_name:
        return None if is_open and request.left_at else ""
    who = ", ".join(filter(None, (request.owner_name, request.owner_organisation)))
    if request.is_running:
        return _("%(name)s kümmert sich. Sie müssen nichts mehr tun.", name=who)
    return _("%(name)s hat sich gekümmert.", name=who)
