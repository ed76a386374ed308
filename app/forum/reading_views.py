"""A mail's link to a message on the website: who is signed in is there at once, all others by one more mail."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from app import queue
from app.accounts import devices, limits
from app.accounts.models import User
from app.accounts.sign_in import request_link
from app.database import db
from app.forum.models import Thread, ThreadNetwork
from app.networks.models import Network
from app.registry import MailLink


def read(link: MailLink) -> ResponseReturnValue:
    """The mail action "read"; `link.argument` is the id of the thread.

    The link itself opens nothing, because mails are forwarded: its button sends a link that signs in to the address
    of the person this mail was for, without their having to type it.
    """
    kind, _, user_id = link.recipient_key.partition(":")
    user = db.session.get(User, int(user_id)) if kind == "user" else None
    network = _network_of(user, link.argument) if user else None
    if user is None or network is None:
        return render_template("forum/mail_gone.html"), 404
    page = url_for("forum.show", network=network, id=link.argument)
    if current_user.is_authenticated and current_user.id == user.id:
        return redirect(page)
    state = _sent(user, page) if request.method == "POST" and not user.receives_only else ""
    is_confidential = db.session.get_one(Thread, link.argument).confidential
    answer = render_template(
        "forum/mail_read.html", link=link, person=user, state=state, is_confidential=is_confidential
    )
    return answer, 429 if state == "busy" else 200


def _sent(user: User, page: str) -> str:
    if not limits.may_have_link(user.email):
        return "busy"
    request_link(user.email, page, devices.device_name(request.user_agent.string))
    db.session.commit()
    queue.wake("outbox")
    return "sent"


def _network_of(user: User, thread_id: int) -> Network | None:
    """Return a network of the thread in which this person may read it now."""
    of_thread = select(ThreadNetwork.network_id).where(ThreadNetwork.thread_id == thread_id)
    visible = Network.visible_to(user).where(Network.id.in_(of_thread))
    home = select(Thread.home_id).where(Thread.id == thread_id).scalar_subquery()
    return db.session.scalars(visible.order_by(None).order_by(Network.id != home, Network.id)).first()
