"""What is done to mails after they were laid down: made due, or made to say no more what they said."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from urllib.parse import quote, unquote

from markupsafe import escape
from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update

from app.database import db, utc_now
from app.mail import carrying
from app.mail.models import Delivery, DeliveryState, Mail, MailFile

# Where a mail's HTML names the subject of what it tells: its title and heading, and the links to answer.
_HEADING = re.compile(r"(<(?:title|h1)\b[^>]*>)([^<]*)(?=</(?:title|h1)>)")
_QUOTED = re.compile(r"(<blockquote\b[^>]*>).*(</blockquote>)", re.DOTALL)
_ANSWER = re.compile(r"(\?subject=)([^\"'&<>]*)")


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
    """Return the keys of those to whom a mail about this thing was handed over, or is at this moment.

    Where a deputy has it, that is the deputy.
    """
    handed_over = or_(
        Delivery.state.in_([DeliveryState.SENT, DeliveryState.SENDING]),
        and_(Delivery.state == DeliveryState.DIGEST, ~carrying.is_not_on_its_way()),
    )
    has_it = func.coalesce(Delivery.stood_in_by, Delivery.recipient_key)
    return db.session.scalars(select(has_it).join(Mail).where(Mail.about == about, handed_over).distinct()).all()


def redact(about: str, subject: str, sentence: str) -> None:
    """Put `sentence` in place of what the mails about this thing say, and keep none of their files.

    So it is with the digests that hold their text; those on their way at this moment follow in the night
    (`redact_digests`). Call it after `withdraw()`; the deliveries stay for the Zustellbericht.
    """
    mails = select(Mail.id).where(Mail.about == about)
    db.session.execute(delete(MailFile).where(MailFile.mail_id.in_(mails)).execution_options(synchronize_session=False))
    said = _only(sentence)
    for concerned, values in ((Mail.id.in_(mails), said | {"subject": subject}), (carrying.holds(mails), said)):
        statement = update(Mail).where(concerned).values(**values)
        db.session.execute(statement.execution_options(synchronize_session=False))


def redact_digests(sentence: str) -> None:
    """Put `sentence` in place of what withdrawn digests say that were on their way then, and no more are."""
    on_its_way = exists().where(Delivery.mail_id == Mail.id, Delivery.state == DeliveryState.SENDING)
    said = _only(sentence)
    withdrawn = and_(Mail.event == "digest", Mail.withdrawn_at.is_not(None), Mail.text != said["text"], ~on_its_way)
    statement = update(Mail).where(withdrawn).values(**said)
    db.session.execute(statement.execution_options(synchronize_session=False))


def reword(about: str, old: str, new: str) -> None:
    """Put another subject in place of `old`, which the thread has no more, in the mails about this thing.

    Only where the subject stands (the mail's own, its heading, the links to answer): it may be a word of the text.
    """
    for mail in db.session.scalars(select(Mail).where(Mail.about == about)):
        mail.subject = _ending(mail.subject, old, new)
        mail.text = re.sub(f"^{re.escape(old)}$", lambda _found: new, mail.text, count=1, flags=re.MULTILINE)
        mail.html = _HEADING.sub(lambda found: _between(found, old, new, unescape, escape), mail.html)
        mail.html = _ANSWER.sub(lambda found: _between(found, old, new, unquote, quote), mail.html)


def strike(concerned: ColumnElement[bool], struck: Callable[[str], str]) -> None:
    """Take out of these mails what `struck` takes out of a text; in their HTML, what they quote goes as a whole."""
    for mail in db.session.scalars(select(Mail).where(concerned)):
        text = struck(mail.text)
        if text != mail.text:
            mail.text = text
            mail.html, quotes = _QUOTED.subn(r"\1<p>…</p>\2", mail.html)
            if not quotes:
                mail.html = f"<p>{escape(text)}</p>\n"


def forget(about: str) -> None:
    """Delete the mails about this thing and their deliveries: the thing is gone, and its key may be used again."""
    db.session.execute(delete(Mail).where(Mail.about == about).execution_options(synchronize_session=False))


def _only(sentence: str) -> dict[str, str]:
    return {"text": f"{sentence}\n", "html": f"<p>{escape(sentence)}</p>\n", "calendar": ""}


def _ending(words: str, old: str, new: str) -> str:
    return words.removesuffix(old) + new if words.endswith(old) else words


def _between(found: re.Match[str], old: str, new: str, plain: Callable[[str], str], coded: Callable[[str], str]) -> str:
    said = plain(found[2])
    return f"{found[1]}{coded(_ending(said, old, new))}" if said.endswith(old) else found[0]
