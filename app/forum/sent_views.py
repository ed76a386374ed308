"""What can be done with a message that is sent: take it back, let it go at once, take it down."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select

from app import queue
from app.database import db
from app.forum import taking_down, withdrawing
from app.forum.forms import TakeDownForm
from app.forum.models import Message, ThreadNetwork
from app.networks.models import Network
from app.networks.scope import leads
from app.registry import origin_of

bp = Blueprint("sent", __name__)


@bp.post("/netze/<network:network>/nachrichten/<int:id>/zurueckholen/<int:message_id>")
def take_back(network: Network, id: int, message_id: int) -> ResponseReturnValue:
    """Take one's own message back while its mails wait; its text is a draft again."""
    message = _own_message(network, id, message_id)
    is_first, home, origin = message is message.thread.messages[0], message.thread.home, origin_of(message)
    draft = withdrawing.take_back(message, origin)
    db.session.commit()
    flash(_("Die Nachricht ist zurückgeholt. Es ging keine Mail hinaus, und Ihr Text steht wieder hier."), "success")
    if origin:
        return redirect(origin.url)
    if is_first:
        return redirect(url_for("forum.new", network=home, entwurf=draft.id))
    return redirect(url_for("forum.show", network=network, id=id) + "#antworten")


@bp.post("/netze/<network:network>/nachrichten/<int:id>/jetzt-senden/<int:message_id>")
def send_now(network: Network, id: int, message_id: int) -> ResponseReturnValue:
    """Let one's own message go out without waiting any longer."""
    message = _own_message(network, id, message_id)
    withdrawing.send_now(message)
    db.session.commit()
    queue.wake("outbox")
    flash(_("Die Mails gehen jetzt hinaus."), "success")
    return redirect(_page_of(message, network))


@bp.route("/netze/<network:network>/nachrichten/<int:id>/entfernen/<int:message_id>", methods=["GET", "POST"])
def take_down(network: Network, id: int, message_id: int) -> ResponseReturnValue:
    """Ask why, then remove what a sent message said, and ask those who got it to delete it."""
    message = _message(network, id, message_id)
    if not _may_take_down(message):
        abort(403)
    form = TakeDownForm()
    if not form.validate_on_submit():
        return render_template(
            "forum/take_down.html",
            network=network,
            message=message,
            form=form,
            got=len(taking_down.who_got(message)),
            quoting=taking_down.quoting(message),
        )
    asked = taking_down.take_down(message, current_user, form.reason.data or "")
    db.session.commit()
    queue.wake("outbox")
    flash(_said(asked), "success")
    return redirect(_page_of(message, network))


def _said(asked: int) -> str:
    if not asked:
        return str(_("Die Nachricht ist entfernt. Per Mail hatte sie noch niemand."))
    return str(
        ngettext(
            "Die Nachricht ist entfernt. Eine Person hat sie schon und wird gebeten, sie zu löschen.",
            "Die Nachricht ist entfernt. %(num)s Personen haben sie schon und werden gebeten, sie zu löschen.",
            asked,
        )
    )


def _page_of(message: Message, network: Network) -> str:
    return url_for("forum.show", network=network, id=message.thread_id) + f"#nachricht-{message.id}"


def _may_take_down(message: Message) -> bool:
    """Its author, who leads one of its networks, and Verwaltung."""
    return message.author_id == current_user.id or any(leads(network) for network in message.thread.networks)


def _own_message(network: Network, thread_id: int, id: int) -> Message:
    message = _message(network, thread_id, id)
    if message.author_id != current_user.id:
        abort(403)
    return message


def _message(network: Network, thread_id: int, id: int) -> Message:
    of_network = select(ThreadNetwork.thread_id).where(ThreadNetwork.network_id == network.id)
    query = select(Message).filter_by(id=id, thread_id=thread_id).where(Message.thread_id.in_(of_network))
    message: Message = db.session.scalar(query) or abort(404)
    return message
