"""The portal asks for help when nobody takes care: first those whose work fits, once; then the leads, once.

A run may be repeated, and several workers may run at once: each reminder is claimed by an UPDATE that asks whether it
was sent, and commits with its mail. What is taken or closed is asked for no more.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app import queue
from app.accounts.models import User
from app.database import begin_reading, db, utc_now
from app.networks.models import Participant
from app.requests import mails, noting
from app.requests.fitting import fitting_people
from app.requests.models import Request, State
from app.requests.patience import is_late, turn_of_lead


@queue.job("requests", every_minute=True)
def remind() -> None:
    """Send the reminders that are due, and tell networks which requests nobody takes care of any more."""
    begin_reading()
    due = db.session.scalars(select(Request.id).where(_is_due())).all()
    left = db.session.scalars(select(Request.id).where(noting.is_left())).all()
    queue.one_by_one(due, _remind, "The reminder of request")
    queue.one_by_one(left, noting.tell_left, "The note on request")


def _is_due() -> ColumnElement[bool]:
    return Request.remind_at.is_not(None) & (Request.remind_at <= utc_now()) & _is_waiting()


def _is_waiting() -> ColumnElement[bool]:
    return (Request.state == State.OPEN) & Request.lead_reminded_at.is_(None)


def _remind(id: int) -> None:
    request = db.session.get_one(Request, id)
    people: list[int] = []
    if request.reminded_at is None and _claim(request, Request.reminded_at):
        people = [] if is_late(request) else _apart_from(request, fitting_people(request))
        if people:
            _call(request, "reminder", people)
            request.remind_at = turn_of_lead(request)
    if request.remind_at and request.remind_at <= utc_now() and _claim(request, Request.lead_reminded_at):
        leads = [] if is_late(request) else _apart_from(request, _leads(request))
        _call(request, "lead", [id for id in leads if id not in people])


def _claim(request: Request, column: InstrumentedAttribute[datetime | None]) -> bool:
    """Whether this run is the one that sends it."""
    claimed = update(Request).where(Request.id == request.id, column.is_(None), _is_due())
    sent = claimed.values({column.key: utc_now()}).returning(Request.id)
    won = db.session.execute(sent.execution_options(synchronize_session=False)).first()
    db.session.refresh(request)
    return won is not None


def _leads(request: Request) -> list[int]:
    """The leads of its networks; without any, Verwaltung."""
    networks = [network.id for network in request.thread.networks if not network.closed_at]
    present = db.session.execute(Participant.present_in(*networks).where(Participant.is_lead)).all()
    return [user.id for _participant, user in present] or list(db.session.scalars(select(User.id).where(User.is_admin)))


def _apart_from(request: Request, people: list[int]) -> list[int]:
    """Without who asked and those who said that they cannot."""
    apart = {request.message.author_id, *(answer.user_id for answer in request.refusals)}
    return [id for id in people if id not in apart]


def _call(request: Request, case: str, people: list[int]) -> None:
    if not people:
        return
    admins = set(db.session.scalars(select(User.id).where(User.is_admin, User.id.in_(people))))
    networks = ",".join(str(network.id) for network in request.thread.networks)
    # Verwaltung need not take part; a pause of everybody else holds here, too.
    for audience, ids in (("person", admins), (f"networks:{networks}", set(people) - admins)):
        if ids:
            mails.call(request, case, [f"user:{id}" for id in sorted(ids)], audience)
