"""The mails of proposed points: to who decides, with two buttons, and back to who proposed. They are German."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from app.accounts.models import User
from app.forum.taking_down import SUBJECT
from app.mail import outbox, recalling
from app.mail.models import Priority
from app.meetings.agenda_models import AgendaItem
from app.meetings.calendar import event_of
from app.meetings.rights import in_charge_of, participation_in
from app.networks.direct import AUDIENCE as DIRECT
from app.networks.visibility import answers_to, reply_to, sees


def proposed(item: AgendaItem, due_at: datetime | None = None) -> None:
    """Ask those who look after the meeting whether the point goes on its agenda, at once or from `due_at`."""
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
            outbox.enqueue(mail, to=[key], due_at=due_at)


def decided(item: AgendaItem, by: User) -> None:
    """Tell who proposed a point what became of it, while they take part; the meeting is no business of others."""
    if item.user is None:
        return
    answers = reply_to(by, is_seen=sees(item.user, by, by.email_seen_by))
    with force_locale("de"):
        mail = outbox.compose(
            "agenda-decided",
            audience=_audience(item),
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


def forget(item: AgendaItem) -> None:
    """Send no more of a point whose message went, and let the mails kept of it say no more what it said."""
    outbox.withdraw(item.key)
    with force_locale("de"):
        subject = f"[{item.meeting.home.name}] {SUBJECT}"
        recalling.redact(item.key, subject, _("Diese Nachricht wurde entfernt."))


def _audience(item: AgendaItem) -> str:
    if item.user is None or item.user.is_admin:
        return "person"
    participation = participation_in(item.user, item.meeting)
    return f"{DIRECT}:{participation.network_id if participation else item.meeting.home_id}"
