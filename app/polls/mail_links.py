"""The page behind the button of a poll's mail: all dates, without signing in, until it is closed."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.mail_links import person_of
from app.database import db
from app.polls import answering
from app.polls.forms import AnswerForm, said
from app.polls.models import Poll
from app.polls.rights import demand_part
from app.registry import MailLink, mail_actions


def init_app() -> None:
    """Say what our link does."""
    mail_actions["poll"] = _answer


def _answer(link: MailLink) -> ResponseReturnValue:
    user, poll = person_of(link), db.session.scalar(Poll.of_thread(link.argument)) or abort(404)
    demand_part(user, poll)
    # The token in the address is the proof.
    form = AnswerForm.of(poll, answering.answers_of(user, poll), csrf=False)
    is_saved = poll.is_running and answering.submitted(form, user, poll)
    if request.method == "POST" and is_saved:
        db.session.commit()
    return render_template("polls/mail_answer.html", link=link, poll=poll, form=form, is_saved=is_saved, said=said)
