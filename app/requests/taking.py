"""Answering a request: the first who takes it owns it, the next help, others know somebody or cannot.

Of two who press within the same second one becomes the owner: a single UPDATE asks whether there is none yet.
"""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.networks.models import Participant, Seat
from app.requests import mails
from app.requests.models import RUNNING, Answer, AnswerKind, Request, State
from app.requests.patience import start_of_reminding
from app.requests.rights import demand_running, seat_to_help_from

#: Whom one person may name for one request.
MOST_HINTS = 5


def take(user: User, request: Request) -> bool:
    """Let this person take care, or help where somebody does already. Return whether they are the owner now.

    Pressed twice it does nothing more. Raises `DomainError` for whoever may not help, and when it is closed.
    """
    seat = seat_to_help_from(user, request)
    won = _become_owner(user, seat, request)
    lock(request)
    demand_running(request)
    if won:
        _forget(request, user, AnswerKind.HELPS, AnswerKind.CANNOT)
        mails.taken(request)
    elif request.owner_id != user.id and not any(answer.user_id == user.id for answer in request.helpers):
        _forget(request, user, AnswerKind.CANNOT)
        helper = _answer(request, user, seat, AnswerKind.HELPS)
        mails.helps(request, helper)
    return request.owner_id == user.id


def give_back(user: User, request: Request, *, is_lead: bool = False) -> None:
    """Let nobody own it again: who asked and who helps are told, and the days until a reminder are counted anew.

    Whoever only helps stops helping; a lead may take it from its owner. Pressed twice it does nothing more.
    """
    lock(request)
    demand_running(request)
    if _forget(request, user, AnswerKind.HELPS):
        return
    owner = request.owner
    if request.state is not State.TAKEN or not (is_lead or request.owner_id == user.id):
        return
    owner_name = request.owner_name
    request.state = State.OPEN
    request.owner, request.owner_seat, request.owner_name, request.owner_organisation = None, None, "", ""
    request.taken_at = request.reminded_at = request.lead_reminded_at = None
    request.left_at, request.remind_at = utc_now(), start_of_reminding(utc_now())
    mails.given_back(request, owner if owner and owner.id != user.id else None, owner_name)


def suggest(user: User, request: Request, participant: Participant | None, line: str) -> Answer | None:
    """Tell who asked whom this person knows, and ask the one they name. The same said twice is said once.

    After five nothing more is answered, not even what was said before: it would tell which words name somebody.
    """
    seat = seat_to_help_from(user, request)
    lock(request)
    demand_running(request)
    said = [hint for hint in request.hints if hint.user_id == user.id]
    if len(said) >= MOST_HINTS:
        raise DomainError(_("Sie haben zu dieser Anfrage schon fünf Hinweise gegeben. Mehr gehen nicht."))
    known = participant.id if participant else None
    if any(hint.participant_id == known and hint.line == line for hint in said):
        return None
    hint = _answer(request, user, seat, AnswerKind.KNOWS, number=len(said) + 1, participant_id=known, line=line)
    mails.hint(request, hint)
    return hint


def decline(user: User, request: Request) -> None:
    """Note that this person cannot help: nobody is told, and the portal asks them no more."""
    seat = seat_to_help_from(user, request)
    lock(request)
    if not request.is_running or request.owner_id == user.id:
        return
    _forget(request, user, AnswerKind.HELPS)
    if not any(answer.user_id == user.id for answer in request.refusals):
        _answer(request, user, seat, AnswerKind.CANNOT)


def _become_owner(user: User, seat: Seat, request: Request) -> bool:
    first = update(Request).where(Request.id == request.id, Request.owner_id.is_(None), Request.state.in_(RUNNING))
    taken = first.values(
        state=State.TAKEN,
        owner_id=user.id,
        owner_seat_id=seat.id,
        owner_name=user.name,
        owner_organisation=seat.organisation.name,
        taken_at=utc_now(),
        left_at=None,
    )
    won = db.session.execute(taken.returning(Request.id).execution_options(synchronize_session=False))
    return won.first() is not None


def lock(request: Request) -> None:
    """One after the other from here on; what is read is what the last one left."""
    db.session.flush()
    db.session.execute(select(Request.id).where(Request.id == request.id).with_for_update())
    db.session.refresh(request)
    db.session.refresh(request, ["answers"])


def _answer(request: Request, user: User, seat: Seat, kind: AnswerKind, **fields: object) -> Answer:
    answer = Answer(user=user, seat=seat, kind=kind, name=user.name, organisation=seat.organisation.name, **fields)
    request.answers.append(answer)
    db.session.flush()
    return answer


def _forget(request: Request, user: User, *kinds: AnswerKind) -> bool:
    said = [answer for answer in request.answers if answer.user_id == user.id and answer.kind in kinds]
    for answer in said:
        request.answers.remove(answer)
    db.session.flush()
    if AnswerKind.HELPS in kinds:
        mails.helps_no_longer(request, user.id)
    return bool(said)
