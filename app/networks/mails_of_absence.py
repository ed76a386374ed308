"""The mails that tell somebody of an absence: the person, and who stands in for them. They are German."""

from __future__ import annotations

from typing import Any

from flask_babel import force_locale

from app.accounts.models import User
from app.mail import outbox
from app.mail.models import Priority
from app.networks.absence_models import Absence
from app.networks.visibility import answers_to


def away(absence: Absence) -> None:
    """Confirm to somebody that they are away, with a button to be there again."""
    _send("away", absence, absence.user, deputy=absence.deputy)


def deputy(absence: Absence, to: User, case: str) -> None:
    """Tell a deputy that they are asked ("asked"), with a button to decline, or that it is over ("ended")."""
    answers = answers_to([absence.network], absence.user)
    _send("deputy", absence, to, reply_to=answers, can_answer=bool(answers), case=case)


def declined(absence: Absence, by: User) -> None:
    """Tell somebody that their deputy does not stand in, and that the mail comes to them again."""
    _send("deputy-declined", absence, absence.user, by=by.name)


def _send(event: str, absence: Absence, to: User, **context: Any) -> None:
    with force_locale("de"):
        mail = outbox.compose(
            event,
            audience="person",
            about=f"network:{absence.network_id}",
            priority=Priority.PERSONAL,
            from_name=absence.network.name,
            network=absence.network,
            absence=absence,
            recipient=to,
            **context,
        )
    outbox.enqueue(mail, to=[to.key])
