"""The mails of this feature; each has its directory in templates/mail/."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select

from app.accounts.models import Organisation, User
from app.database import db, utc_now
from app.mail import outbox
from app.mail.envelope import address_of
from app.mail.models import Mail, Priority
from app.networks.correcting import said
from app.networks.correction_models import Correction
from app.networks.models import Holding, Network, Seat
from app.networks.visibility import answers_to, reply_to


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


def corrected(correction: Correction) -> Mail:
    """Tell somebody what was changed of their data from a mail, with a button that takes it back."""
    with force_locale("de"):
        mail = outbox.compose(
            "own-data-changed",
            audience="person",
            about=correction.user.key,
            priority=Priority.PERSONAL,
            from_name=current_app.config["OFFICE_NAME"],
            recipient=correction.user,
            correction=correction,
            changes=said(correction),
            at=correction.created_at,
        )
    outbox.enqueue(mail, to=[correction.user.key])
    return mail


def organisation_wish(author: User, wish: str) -> None:
    """Tell Verwaltung how somebody would write their organisation; an answer goes to them.

    Said again within an hour, also by a double click, it is said already.
    """
    place = f"organisation-wish:{author.id}:"
    about = place + sha256(wish.encode()).hexdigest()[:32]
    db.session.execute(select(User.id).where(User.id == author.id).with_for_update(key_share=True))
    lately = select(Mail.about).where(Mail.about.startswith(place), Mail.created_at > utc_now() - timedelta(hours=1))
    if db.session.scalar(lately.order_by(Mail.id.desc()).limit(1)) == about:
        return
    organisations = select(Organisation.name).join(Seat).join(Holding)
    held = organisations.where(Holding.user_id == author.id, Holding.until.is_(None)).distinct()
    with force_locale("de"):
        mail = outbox.compose(
            "organisation-wish",
            audience="person",
            about=about,
            priority=Priority.PERSONAL,
            from_name=author.name,
            reply_to=reply_to(author, is_seen=True),
            author=author,
            wish=wish,
            organisations=", ".join(db.session.scalars(held)),
            can_answer=bool(author.email),
        )
    admins = db.session.scalars(select(User).where(User.is_admin)).all()
    outbox.enqueue(mail, to=[admin.key for admin in admins])
