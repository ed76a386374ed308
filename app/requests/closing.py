"""The end of a request: done, with two short answers for the report, or withdrawn; and the way back."""

from __future__ import annotations

from flask_babel import gettext as _

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.requests import mails
from app.requests.models import Request, State, Success
from app.requests.patience import start_of_reminding
from app.requests.rights import part_of
from app.requests.taking import lock


def close(user: User, request: Request, success: Success | None, outcome: str) -> None:
    """Say that the request is done and tell those who had to do with it. Said again it changes the two answers."""
    lock(request)
    if not part_of(user, request).may_close:
        raise DomainError(_("Abschließen kann diese Anfrage nur, wer sie gestellt oder übernommen hat."))
    if request.state is State.WITHDRAWN:
        raise DomainError(_("Diese Anfrage ist schon zurückgezogen."))
    was_running = request.is_running
    request.state, request.success, request.outcome = State.DONE, success, outcome
    if was_running:
        _end(user, request)
    else:
        mails.answers_changed(request, user)


def withdraw(user: User, request: Request) -> None:
    """Take the request back: nobody needs to help any more."""
    lock(request)
    if not part_of(user, request).may_withdraw:
        raise DomainError(_("Zurückziehen kann diese Anfrage nur, wer sie gestellt hat."))
    if request.is_running:
        request.state = State.WITHDRAWN
        _end(user, request)


def reopen(user: User, request: Request) -> None:
    """Undo the end of a request: its owner takes care again, or nobody does."""
    lock(request)
    if not part_of(user, request).may_close:
        raise DomainError(_("Wieder öffnen kann diese Anfrage nur, wer sie gestellt oder übernommen hat."))
    if request.message.taken_down_at:
        raise DomainError(_("Diese Nachricht ist entfernt. Was gesucht wird, kann niemand mehr lesen."))
    if not request.is_running:
        request.state = State.TAKEN if request.owner_id else State.OPEN
        request.closed_at, request.success, request.outcome = None, None, ""
        request.remind_at = start_of_reminding(utc_now())
        request.reminded_at = request.lead_reminded_at = None
        mails.reopened(request)


def _end(user: User, request: Request) -> None:
    request.closed_at = utc_now()
    db.session.flush()  # the subject of the mail says how far the request is, and asks the database
    mails.closed(request, user)
