"""The mails of proposed points: to who decides, with two buttons, and back to who proposed. They are German."""

from __future__ import annotations

from flask_babel import force_locale

from app.accounts.models import User
from app.mail import outbox
from app.mail.models import Priority
from app.meetings.agenda_models import AgendaItem
from app.meetings.calendar import event_of
from app.meetings.rights import in_charge_of
from app.networks.visibility import answers_to


def proposed(item: AgendaItem) -> None:
    """Ask those who look after the meeting whether the point goes on its agenda."""
    answers = answers_to([item.meeting.home], item.user) if item.user else ""
    with force_locale("de"):
        for key, audience in in_charge_of(item.meeting):
            mail = outbox.compose(
                "agenda-proposed",
                audience=audience,
                about=item.key,
                priority=Priority.PERSONAL,
                from_name=item.meeting.home.name,
                reply_to=answers,
                can_answer=bool(answers),
                item=item,
                meeting=item.meeting,
                network=item.meeting.home,
                when=event_of(item.meeting).when,
            )
            outbox.enqueue(mail, to=[key])


def decided(item: AgendaItem, by: User) -> None:
    """Tell who proposed a point what became of it."""
    if item.user is None:
        return
    answers = answers_to([item.meeting.home], by)
    with force_locale("de"):
        mail = outbox.compose(
            "agenda-decided",
            audience="person",
            about=item.key,
            priority=Priority.PERSONAL,
            from_name=item.meeting.home.name,
            reply_to=answers,
            can_answer=bool(answers),
            item=item,
            by=by.name,
            meeting=item.meeting,
            network=item.meeting.home,
            when=event_of(item.meeting).when,
        )
        outbox.enqueue(mail, to=[item.user.key])
