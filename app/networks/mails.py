"""The mails of this feature; each has its directory in templates/mail/."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select

from app import registry
from app.accounts.models import Organisation, User
from app.database import db, utc_now
from app.mail import outbox, saying
from app.mail.envelope import address_of
from app.mail.models import Mail, Priority
from app.networks.correcting import said
from app.networks.correction_models import Correction
from app.networks.models import Holding, Network, Seat
from app.networks.visibility import answers_to, reply_to
from app.networks.wishes import stopped

#: To write a mail takes a hundredth of a second, and an import holds the database meanwhile.
_GREETED_BY_NAME = 100


def welcome(network: Network, user: User, added_by: User) -> Mail:
    """Tell somebody that they take part from now on: who added them, why, and how to object."""
    mail = _welcome(network, user, added_by, priority=Priority.PERSONAL)
    outbox.enqueue(mail, to=[user.key])
    return mail


def welcome_all(network: Network, user_ids: Sequence[int], added_by: User | None) -> None:
    """The same to all who come with a list; so many that it would take seconds are greeted without their name.

    `added_by` is None from the command line: then the office answers, where an address of it is known.
    """
    if len(user_ids) > _GREETED_BY_NAME:
        outbox.enqueue(_welcome(network, None, added_by), to=[f"user:{id}" for id in user_ids])
        return
    for user in db.session.scalars(select(User).where(User.id.in_(user_ids)).order_by(User.id)).all():
        outbox.enqueue(_welcome(network, user, added_by), to=[user.key])


def _welcome(network: Network, user: User | None, added_by: User | None, priority: Priority = Priority.BULK) -> Mail:
    answers = answers_to([network], added_by) if added_by else registry.contacts["email"]()
    return outbox.compose(
        "welcome",
        audience=f"networks:{network.id}",
        about=f"network:{network.id}",
        priority=priority,
        from_name=network.name,
        # An answer must never reach everybody; without somebody it could go to, it goes nowhere.
        from_address=address_of(network.slug) if added_by or answers else None,
        reply_to=answers,
        can_answer=bool(answers),
        network=network,
        recipient=user,
        added_by=added_by,
    )


def paused(network: Network, user: User, last_day: date | None = None) -> None:
    """Confirm that mail stops, with a button to undo it. Its audience is the person, so that it is not stopped, too.

    `last_day` is when a pause ends by itself. Pausing and resuming again and again is confirmed once an hour.
    """

    def write(about: str) -> Mail:
        return outbox.compose(
            "paused",
            audience="person",
            about=about,
            priority=Priority.PERSONAL,
            from_name=network.name,
            from_address=address_of(network.slug),
            network=network,
            recipient=user,
            last_day=last_day,
        )

    saying.say(stopped(user.id, network.id), last_day.isoformat() if last_day else "open", user.key, write)


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
