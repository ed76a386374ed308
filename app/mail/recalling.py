"""What is done to mails after they were laid down: made due, or made to say no more what they said."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import escape
from sqlalchemy import and_, delete, or_, select, update

from app.database import db, utc_now
from app.mail import carrying
from app.mail.models import Delivery, DeliveryState, Mail, MailFile


def hurry(about: str) -> None:
    """Make what waits of the mails about this thing due now; what is tried again keeps its pause."""
    mails = select(Mail.id).where(Mail.about == about)
    db.session.execute(
        update(Delivery)
        .where(Delivery.mail_id.in_(mails), Delivery.state == DeliveryState.WAITING, Delivery.attempts_made == 0)
        .values(due_at=utc_now())
        .execution_options(synchronize_session=False)
    )


def who_got(about: str) -> Sequence[str]:
    """Return the keys of those to whom a mail about this thing was handed over, or is at this moment."""
    handed_over = or_(
        Delivery.state.in_([DeliveryState.SENT, DeliveryState.SENDING]),
        and_(Delivery.state == DeliveryState.DIGEST, ~carrying.is_not_on_its_way()),
    )
    keys = select(Delivery.recipient_key).join(Mail).where(Mail.about == about, handed_over).distinct()
    return db.session.scalars(keys.order_by(Delivery.recipient_key)).all()


def redact(about: str, subject: str, sentence: str) -> None:
    """Put `sentence` in place of what the mails about this thing say, and keep none of their files.

    So it is with the digests that hold their text, but for those on their way at this moment. Call it after
    `withdraw()`; the deliveries stay for the Zustellbericht.
    """
    mails = select(Mail.id).where(Mail.about == about)
    db.session.execute(delete(MailFile).where(MailFile.mail_id.in_(mails)).execution_options(synchronize_session=False))
    said = {"text": f"{sentence}\n", "html": f"<p>{escape(sentence)}</p>\n", "calendar": ""}
    for concerned, values in ((Mail.id.in_(mails), said | {"subject": subject}), (carrying.holds(mails), said)):
        statement = update(Mail).where(concerned).values(**values)
        db.session.execute(statement.execution_options(synchronize_session=False))


def reword(about: str, old: str, new: str) -> None:
    """Put other words in place of `old` in what the mails about this thing say: the subject a thread has no more."""
    for mail in db.session.scalars(select(Mail).where(Mail.about == about)):
        mail.subject = mail.subject.replace(old, new)
        mail.text = mail.text.replace(old, new)
        mail.html = mail.html.replace(str(escape(old)), new).replace(old, new)


def forget(about: str) -> None:
    """Delete the mails about this thing and their deliveries: the thing is gone, and its key may be used again."""
    db.session.execute(delete(Mail).where(Mail.about == about).execution_options(synchronize_session=False))
