"""Every link from a mail ends here: GET shows a page, a POST button acts. The token is the proof; nobody signs in."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.access import public
from app.database import db
from app.extensions import csrf
from app.mail import envelope
from app.mail.envelope import Token
from app.mail.models import Delivery, Mail
from app.registry import MailLink, mail_actions

bp = Blueprint("mail", __name__)


@bp.route("/mail/<token>", methods=["GET", "POST"])
@csrf.exempt  # type: ignore[untyped-decorator]  # Flask-WTF has no type hints
@public
def link(token: str) -> ResponseReturnValue:
    opened = envelope.open_token(envelope.signing_key(), token, mail_actions)
    mail_link = _what_it_may(token, opened) if opened else None
    if mail_link is None:
        return render_template("mail/link_unknown.html"), 404
    return mail_actions[mail_link.action](mail_link)


def _what_it_may(token: str, opened: Token) -> MailLink | None:
    """Return None when the delivery is forgotten by now, or the token does not say whose it is and that is in doubt."""
    # A message that came in a digest was mailed when that was.
    carrier, digest = aliased(Delivery), aliased(Mail)
    query = (
        select(
            Delivery.recipient_key,
            Delivery.stood_in_by,
            Mail.audience,
            Mail.about,
            func.coalesce(digest.date, Mail.date).label("date"),
        )
        .join(Mail, Mail.id == Delivery.mail_id)
        .outerjoin(carrier, carrier.id == Delivery.carried_by_id)
        .outerjoin(digest, digest.id == carrier.mail_id)
        .where(Delivery.id == opened.delivery_id)
    )
    row = db.session.execute(query).one_or_none()
    # Links of older mails do not say whose they are: the person's, if nobody ever stood in.
    if row is None or (opened.deputy is None and row.stood_in_by):
        return None
    deputy = opened.deputy or 0
    return MailLink(
        action=opened.action,
        token=token,
        delivery_id=opened.delivery_id,
        # Whoever got it as a deputy acts for themselves.
        recipient_key=f"user:{deputy}" if deputy else row.recipient_key,
        audience=row.audience,
        about=row.about,
        argument=opened.argument,
        mailed_at=row.date,
        deputy=deputy,
        instead_of=row.recipient_key if deputy else "",
    )
