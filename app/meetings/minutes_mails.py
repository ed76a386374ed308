"""The mails of minutes: a correction to who looks after the meeting, and the question where they are missing."""

from __future__ import annotations

from flask_babel import force_locale

from app.mail import answering, outbox
from app.mail.envelope import address_of
from app.mail.models import Priority
from app.meetings.calendar import event_of
from app.meetings.minutes_models import MinutesCorrection
from app.meetings.models import Meeting
from app.meetings.rights import in_charge_of
from app.networks.visibility import answers_to


def correction(correction: MinutesCorrection) -> None:
    """Tell who looks after the meeting what somebody says is wrong in its minutes."""
    meeting = correction.minutes.meeting
    answers = answers_to([meeting.home], correction.user) if correction.user else ""
    with force_locale("de"):
        for key, audience in in_charge_of(meeting):
            mail = outbox.compose(
                "minutes-correction",
                audience=audience,
                about=correction.key,
                priority=Priority.PERSONAL,
                from_name=meeting.home.name,
                reply_to=answers,
                can_answer=bool(answers),
                correction=correction,
                meeting=meeting,
                network=meeting.home,
            )
            outbox.enqueue(mail, to=[key])


def missing(meeting: Meeting, to: list[tuple[str, str]], *, again: bool, has_draft: bool) -> None:
    """Ask for the minutes of a meeting; `to` is recipient keys with their audiences."""
    mailbox = address_of(meeting.home.slug) if answering.is_offered() else ""
    with force_locale("de"):
        for key, audience in to:
            mail = outbox.compose(
                "minutes-missing",
                audience=audience,
                about=f"minutes-of:{meeting.id}",
                priority=Priority.PERSONAL,
                from_name=meeting.home.name,
                meeting=meeting,
                network=meeting.home,
                when=event_of(meeting).when,
                again=again,
                has_draft=has_draft,
                mailbox=mailbox,
            )
            outbox.enqueue(mail, to=[key])
