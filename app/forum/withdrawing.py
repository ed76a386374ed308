"""What an author can still do while a message's mails wait: take it back, or send it at once."""

from __future__ import annotations

import uuid

from flask_babel import gettext as _
from flask_babel import ngettext

from app.database import db, utc_now
from app.errors import DomainError
from app.files import keeping
from app.files.models import StoredFile
from app.forum import extending
from app.forum.models import Draft, Message, Thread
from app.mail import outbox, recalling
from app.mail.models import DeliveryState
from app.registry import Origin


def take_back(message: Message, origin: Origin | None = None) -> Draft:
    """Undo a message before its mails go out; what was written becomes a draft again, files included.

    `origin` is where a first message was written, if not in the forum: its draft belongs there. Raises `DomainError`
    once a mail is on its way, which says how many are, or when somebody has answered; then nothing is undone.
    """
    thread = message.thread
    is_first = thread.messages[0] is message
    if is_first and len(thread.messages) > 1:
        raise DomainError(_("Auf diese Nachricht hat schon jemand geantwortet. Sie lässt sich nicht mehr zurückholen."))
    if message.taken_down_at:
        raise DomainError(_("Diese Nachricht ist schon entfernt."))
    _refuse_if_gone(message, spared=outbox.withdraw(message.key))
    draft = Draft(
        id=str(uuid.uuid4()),
        user_id=message.author_id,
        place=(origin.place if origin else f"network:{thread.home_id}") if is_first else f"thread:{thread.id}",
        fields={"body": message.body} | (_first_fields(thread, origin) if is_first else {}),
    )
    db.session.add(draft)
    extending.end(message)
    recalling.forget(message.key)
    keeping.adopt(db.session.scalars(StoredFile.owned_by(message.key)).all(), draft.key)
    if is_first:
        db.session.delete(thread)
    else:
        thread.messages.remove(message)
        thread.last_message_at = thread.messages[-1].created_at
    return draft


def send_now(message: Message) -> None:
    """Let the mails go out that wait for the end of the time in which the message can be taken back."""
    now = utc_now()
    if message.mails_at > now:
        message.mails_at = now
        recalling.hurry(message.key)


def _refuse_if_gone(message: Message, spared: int) -> None:
    """Ask only after `withdraw()`: it waits for a worker that is claiming, and from then on nobody claims any more."""
    states = outbox.states(message.key)[message.key]
    # What still waits for a digest after `withdraw()` is in one that is being handed over.
    gone = states[DeliveryState.SENDING] + states[DeliveryState.SENT] + states[DeliveryState.DIGEST]
    if gone:
        raise DomainError(
            ngettext(
                "Zu spät zum Zurückholen: Eine von %(all)s Mails ist schon hinaus, die anderen folgen.",
                "Zu spät zum Zurückholen: %(num)s von %(all)s Mails sind schon hinaus, die anderen folgen.",
                gone,
                all=gone + spared,
            )
            + " "
            + _("Mit „Entfernen“ halten Sie auf, was noch wartet, und nehmen Text und Dateien von der Website.")
        )


def _first_fields(thread: Thread, origin: Origin | None) -> dict[str, object]:
    return {
        "subject": thread.subject,
        "kind": thread.kind.value,
        "also_to": [network.slug for network in thread.networks if network.id != thread.home_id],
        "deadline": thread.deadline.isoformat() if thread.deadline else None,
        "confidential": thread.confidential,
        "urgent": thread.urgent,
        **(origin.fields if origin else {}),
    } | extending.typed(thread)
