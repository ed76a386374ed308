"""Saying what a file of a message is: on its page, and behind the link in its author's mail."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app.accounts.mail_links import person_of
from app.accounts.models import User
from app.database import db
from app.errors import DomainError
from app.forum.models import Message, Thread
from app.meetings import filing_words as words
from app.meetings.filing_forms import decision
from app.meetings.filing_models import Filing
from app.meetings.filing_rights import locked, meetings_for, network_for
from app.meetings.filing_rows import rows_for
from app.meetings.forms import PAPER_NAMES
from app.meetings.self_filing import decide
from app.meetings.views import bp
from app.networks.models import Network
from app.registry import MailLink

#: The mail action; its argument is the id of the message.
ACTION = "filing"


@bp.route("/netze/<network:network>/nachrichten/<int:id>/ablage/<int:message_id>", methods=["GET", "POST"])
def filing(network: Network, id: int, message_id: int) -> ResponseReturnValue:
    """Show as what the files of a message are filed, and let it be changed."""
    message = _message(network, id, message_id)
    rows = rows_for(current_user, message)
    if not rows:
        abort(403)
    if request.method != "POST":
        return render_template("meetings/filing.html", network=network, message=message, **_offered(message, rows))
    said = _decided(current_user, message)
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("forum.show", network=network, id=id) + f"#nachricht-{message_id}")


def by_mail(link: MailLink) -> ResponseReturnValue:
    """The link in an author's mail; it is theirs alone, and does what their page does."""
    user, message = person_of(link), db.session.get(Message, link.argument)
    if message is None or message.author_id != user.id:
        abort(404)
    if db.session.scalar(Thread.visible_to(user).where(Thread.id == message.thread_id)) is None:
        raise DomainError(_("Sie nehmen an diesem Netz nicht mehr teil, oder es ist geschlossen."))
    said = _decided(user, message) if request.method == "POST" else ""
    if said:
        db.session.commit()
    rows = rows_for(user, message)
    if not rows:
        raise DomainError(_("Zu dieser Nachricht gibt es nichts mehr abzulegen."))
    return render_template(
        "meetings/filing_by_mail.html", link=link, message=message, said=said, **_offered(message, rows, user)
    )


def _offered(message: Message, rows: object, user: User | None = None) -> dict[str, object]:
    meetings = [(each.id, words.place_of(each), each.title) for each in meetings_for(user or current_user, message)]
    return {"rows": rows, "meetings": meetings, "paper_names": PAPER_NAMES}


def _decided(user: User, message: Message) -> str:
    """Do what was pressed, and say what the file is now."""
    message = locked(message)
    made = decision(user, message, request.form)
    network = network_for(user, message, made.meeting)
    filing: Filing = decide(message, made.file, made.kind, made.meeting, network, user)
    if filing.document is None:
        return str(_("„%(name)s“ ist nicht abgelegt.", name=made.file.name))
    return str(
        _(
            "„%(name)s“ ist abgelegt unter %(place)s, %(kind)s.",
            name=made.file.name,
            place=words.place_of(filing.document.meeting),
            kind=words.kind_name(filing.document.kind),
        )
    )


def _message(network: Network, thread_id: int, id: int) -> Message:
    threads = Thread.of_network(network).with_only_columns(Thread.id).order_by(None)
    query = select(Message).filter_by(id=id, thread_id=thread_id).where(Message.thread_id.in_(threads))
    message: Message = db.session.scalar(query) or abort(404)
    return message
