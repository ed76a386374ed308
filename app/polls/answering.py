"""Saying which dates suit; the same form from a mail's link and on the website."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.polls.forms import AnswerForm
from app.polls.models import Choice, Poll, Vote
from app.polls.rights import demand_part


def answers_of(user: User, poll: Poll) -> dict[int, Choice]:
    """Return what this person has said, by the id of the date."""
    return {answer.date_id: answer.choice for answer in db.session.scalars(_own(user, poll))}


def submitted(form: AnswerForm, user: User, poll: Poll) -> bool:
    """Take the answers of a form that was submitted; what is wrong with it stands in the form then."""
    if not form.validate_on_submit():
        return False
    try:
        answer(user, poll, form.choices())
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return False
    return True


def answer(user: User, poll: Poll, choices: Mapping[int, Choice]) -> None:
    """Keep what this person says to the dates, instead of what they said before.

    Raises `DomainError` for whoever takes part no longer, and once the poll is closed.
    """
    lock(poll)
    demand_part(user, poll)
    if not poll.is_running:
        raise DomainError(_("Diese Terminumfrage ist abgeschlossen. Antworten zählen nicht mehr."))
    before = {each.date_id: each for each in db.session.scalars(_own(user, poll))}
    for each in poll.dates:
        if each.id not in choices:
            continue
        said = before.get(each.id) or Vote(date_id=each.id, user_id=user.id)
        said.choice, said.answered_at = choices[each.id], utc_now()
        db.session.add(said)
    db.session.flush()


def lock(poll: Poll) -> None:
    """One after the other from here on; what is read is what the last one left."""
    db.session.flush()
    db.session.execute(select(Poll.id).where(Poll.id == poll.id).with_for_update())
    db.session.refresh(poll)


def _own(user: User, poll: Poll) -> Select[Vote]:
    return Vote.to_poll(poll).where(Vote.user_id == user.id)
