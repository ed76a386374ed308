"""The mails of minutes: a correction to who looks after the meeting, and the question where they are missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import force_locale

from app.mail import answering, outbox
from app.mail.envelope import address_of
from app.mail.models import Priority
from app.meetings.calendar import event_of
from app.meetings.minutes_models import MinutesCorrection
from app.meetings.models import Meeting
from app.meetings.rights import in_charge_of
from app.networks.visibility import answers_to


def corrections(together: Sequence[MinutesCorrection], due_at: datetime) -> None:
    """Tell who looks after the meeting what one person says is wrong in its minutes, from `due_at` on.

    What was dealt with is not told. A mail that still waits with others of these corrections is not sent.
    """
    withdraw(together)
    first = together[0]
    is_open = [each for each in together if each.settled_at is None]
    if not is_open:
        return
    meeting = first.minutes.meeting
    answers = answers_to([meeting.home], first.user) if first.user else ""
    with force_locale("de"):
        for key, audience in in_charge_of(meeting):
            mail = outbox.compose(
                "minutes-correction",
                audience=audience,
                about=first.key,
                priority=Priority.PERSONAL,
                from_name=meeting.home.name,
                reply_to=answers,
                can_answer=bool(answers),
                corrections=is_open,
                by=first,
                meeting=meeting,
                network=meeting.home,
            )
            outbox.enqueue(mail, to=[key], due_at=due_at)


def withdraw(together: Sequence[MinutesCorrection]) -> bool:
    """Stop the mail that tells these corrections; whether it still waited."""
    return outbox.withdraw(together[0].key) > 0


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
