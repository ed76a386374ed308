"""What the links in our mails do to the flow of mail: its rhythm, a pause, having it again. No sign-in needed."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from app import queue
from app.accounts.models import User
from app.database import db
from app.mail import envelope
from app.networks import mails, wish_forms, wishes
from app.networks.models import Network
from app.registry import MailLink


def settings(link: MailLink) -> ResponseReturnValue:
    """Show how the mail of each network comes, and change it. What stops mail is confirmed by a last one."""
    user = _who(link)
    form, change = None, None
    if request.method == "POST":
        form, change = wish_forms.submitted(user, csrf=False)
        if change and change.stops_mail:
            mails.paused(change.network, user, change.last_day)
        db.session.commit()
        queue.wake("outbox")
    return render_template(
        "networks/mail_settings.html",
        link=link,
        wishes=wish_forms.wishes_of(user, csrf=False, submitted=None if change else form),
        change=change,
        form=form,
        own_data_token=envelope.seal(envelope.signing_key(), "own-data", link.delivery_id),
    )


def pause(link: MailLink) -> ResponseReturnValue:
    """RFC 8058: a POST pauses the network at once and sends one confirmation; a GET only shows the button."""
    user, network = _who(link), _which(link)
    if request.method == "POST" and wishes.pause(user.id, network.id):
        mails.paused(network, user)
        db.session.commit()
        queue.wake("outbox")
    is_paused = wishes.is_paused(user.id, network.id)
    return render_template("networks/mail_pause.html", link=link, about=network, is_paused=is_paused)


def resume(link: MailLink) -> ResponseReturnValue:
    """Have the mail again, from the confirmation that it stopped."""
    user, network = _who(link), _which(link)
    if request.method == "POST":
        wishes.have_mail_again(user.id, network.id)
        db.session.commit()
    is_stopped = not wishes.has_mail(user.id, network.id)
    return render_template("networks/mail_resume.html", link=link, about=network, is_paused=is_stopped)


def _who(link: MailLink) -> User:
    kind, _, user_id = link.recipient_key.partition(":")
    return (db.session.get(User, int(user_id)) if kind == "user" else None) or abort(404)


def _which(link: MailLink) -> Network:
    return db.session.get(Network, link.argument) or abort(404)
