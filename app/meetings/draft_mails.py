"""The mail that tells who looks after a network of a date that came by mail. It is German."""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import gettext as _

from app.forum.models import Message
from app.forum.taking_down import SUBJECT
from app.mail import outbox, recalling
from app.mail.models import Priority
from app.meetings.draft_models import MeetingDraft, key_of
from app.meetings.rights import in_charge_at
from app.networks.visibility import answers_to


def proposed(draft: MeetingDraft) -> None:
    """Tell those who look after the network's meetings that a date waits for them; it has an id."""
    message, network = draft.message, draft.message.thread.home
    answers = answers_to([network], message.author) if message.author else ""
    with force_locale("de"):
        for key, audience in in_charge_at(network.id):
            is_own = message.author is not None and message.author.key == key
            mail = outbox.compose(
                "meeting-draft",
                audience=audience,
                about=draft.key,
                priority=Priority.PERSONAL,
                from_name=network.name,
                reply_to="" if is_own else answers,
                can_answer=bool(answers) and not is_own,
                is_own=is_own,
                draft=draft,
                message=message,
                network=network,
            )
            outbox.enqueue(mail, to=[key], due_at=message.mails_at)


def forget(message: Message) -> None:
    """Send no more of the date that came with this message, and let the mails kept of it say no more what it was."""
    key = key_of(message.id)
    outbox.withdraw(key)
    with force_locale("de"):
        subject = f"[{message.thread.home.name}] {SUBJECT}"
        recalling.redact(key, subject, _("Diese Nachricht wurde entfernt."))
