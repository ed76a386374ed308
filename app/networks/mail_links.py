"""What the links in our mails do to the flow of mail: pause a network, take the pause back. No sign-in needed."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from app import queue
from app.accounts.models import User
from app.database import db
from app.networks import mails, wishes
from app.networks.models import Network
from app.registry import MailLink


def pause(link: MailLink) -> ResponseReturnValue:
    """RFC 8058: a POST pauses the network at once and sends one confirmation; a GET only shows the button."""
    user, network = _who_and_which(link)
    if request.method == "POST" and wishes.pause(user.id, network.id):
        mails.paused(network, user)
        db.session.commit()
        queue.wake("outbox")
    is_paused = wishes.is_paused(user.id, network.id)
    return render_template("networks/mail_pause.html", link=link, about=network, is_paused=is_paused)


def resume(link: MailLink) -> ResponseReturnValue:
    """Take the pause back, from the confirmation mail."""
    user, network = _who_and_which(link)
    if request.method == "POST":
        wishes.resume(user.id, network.id)
        db.session.commit()
    is_paused = wishes.is_paused(user.id, network.id)
    return render_template("networks/mail_resume.html", link=link, about=network, is_paused=is_paused)


def _who_and_which(link: MailLink) -> tuple[User, Network]:
    kind, _, user_id = link.recipient_key.partition(":")
    user = db.session.get(User, int(user_id)) if kind == "user" else None
    network = db.session.get(Network, link.argument)
    if user is None or network is None:
        abort(404)
    return user, network
