"""The mails of this feature; each has its directory in templates/mail/."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.accounts.models import User
from app.mail import outbox
from app.mail.envelope import address_of
from app.mail.models import Mail, Priority
from app.networks.models import Network
from app.networks.visibility import answers_to


def welcome(network: Network, user: User, added_by: User) -> Mail:
    """Tell somebody that they take part from now on: who added them, why, and how to object."""
    answers = answers_to([network], added_by)
    mail = outbox.compose(
        "welcome",
        audience=f"networks:{network.id}",
        about=f"network:{network.id}",
        priority=Priority.PERSONAL,
        from_name=network.name,
        from_address=address_of(network.slug),
        reply_to=answers,
        can_answer=bool(answers),
        network=network,
        recipient=user,
        added_by=added_by,
    )
    outbox.enqueue(mail, to=[user.key])
    return mail


def welcome_all(network: Network, keys: Sequence[str], added_by: User | None) -> Mail:
    """The same to many at once, as one mail that greets nobody by name. `added_by` is None from the command line."""
    answers = answers_to([network], added_by) if added_by else ""
    mail = outbox.compose(
        "welcome",
        audience=f"networks:{network.id}",
        about=f"network:{network.id}",
        from_name=network.name,
        # An answer must never reach everybody; without somebody it could go to, it goes nowhere.
        from_address=address_of(network.slug) if added_by else None,
        reply_to=answers,
        can_answer=bool(answers),
        network=network,
        recipient=None,
        added_by=added_by,
    )
    outbox.enqueue(mail, to=keys)
    return mail


def paused(network: Network, user: User, last_day: date | None = None) -> Mail:
    """Confirm that mail stops, with a button to undo it. Its audience is the person, so that it is not stopped, too.

    `last_day` is when a pause ends by itself.
    """
    mail = outbox.compose(
        "paused",
        audience="person",
        about=f"network:{network.id}",
        priority=Priority.PERSONAL,
        from_name=network.name,
        from_address=address_of(network.slug),
        network=network,
        recipient=user,
        last_day=last_day,
    )
    outbox.enqueue(mail, to=[user.key])
    return mail
