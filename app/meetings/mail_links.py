"""What the buttons of an invitation do: a page with the answer, which its button keeps. No sign-in needed.

The link says who it was made for. Whether that person still takes part, and which date holds, is asked each time.
"""

from __future__ import annotations

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from app.accounts.mail_links import person_of
from app.accounts.models import User
from app.database import db
from app.meetings.attendance_forms import COMING_NAMES, AnswerForm
from app.meetings.attendance_models import Attendance, Coming
from app.meetings.attending import answer, not_invited, why_not
from app.meetings.calendar import event_of
from app.meetings.models import Meeting
from app.registry import MailLink, mail_actions

#: The action of the link under each button.
ACTIONS = {coming: f"meeting-{coming.value}" for coming in Coming}


def init_app() -> None:
    """Say what our links do."""
    for action in ACTIONS.values():
        mail_actions[action] = _pressed


def _pressed(link: MailLink) -> ResponseReturnValue:
    user, meeting = _who_and_which(link)
    if (sentence := not_invited(user, meeting)) and not user.is_admin:
        # The link outlives the participation; where the meeting is now is for those who take part.
        return render_template("meetings/mail_answer.html", link=link, meeting=None, sentence=sentence)
    sentence = why_not(user, meeting)
    known = db.session.scalar(Attendance.of(meeting.id, user.id))
    form = AnswerForm.of(meeting, known, Coming(link.action.removeprefix("meeting-")), meta={"csrf": False})
    is_kept = False
    if not sentence and form.validate_on_submit() and form.is_of(meeting):
        known = answer(user, meeting, form.answer.data, number=form.number.data or 1, remark=form.remark.data or "")
        db.session.commit()
        is_kept = True
    return render_template(
        "meetings/mail_answer.html",
        link=link,
        meeting=meeting,
        when=event_of(meeting).when,
        form=form,
        known=known,
        is_kept=is_kept,
        sentence=sentence,
        coming_names=COMING_NAMES,
    )


def _who_and_which(link: MailLink) -> tuple[User, Meeting]:
    return person_of(link), db.session.get(Meeting, link.argument) or abort(404)
