"""The page behind "Haben Sie das geschrieben?". No sign-in: the link came to that person's own address."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from app import queue
from app.accounts.models import User
from app.database import db
from app.errors import DomainError
from app.inbound.carrying_out import carry_out
from app.inbound.doors import Door, door_for
from app.inbound.routing import goal_of
from app.mail.incoming import Fate, IncomingMail, locked
from app.mail.reading import ReceivedMail, neutralise, read
from app.registry import MailLink


def confirm(link: MailLink) -> ResponseReturnValue:
    """Show what was written in this person's name; their button sends it, the other throws it away."""
    is_pressed = request.method == "POST"
    incoming = locked(link.argument) if is_pressed else db.session.get(IncomingMail, link.argument)
    if incoming is None or incoming.owner_key != link.recipient_key:
        abort(404)
    sentence = ""
    if incoming.fate is Fate.WAITING and is_pressed:
        sentence = _discard(incoming) if "discard" in request.form else _use(incoming, link)
    if incoming.fate is not Fate.WAITING:
        return render_template("inbound/confirmed.html", incoming=incoming)
    mail = read(incoming.octets)
    text = neutralise(mail.text or mail.untrimmed)
    return render_template(
        "inbound/confirm.html", link=link, incoming=incoming, mail=mail, text=text, goes_to=_goal(incoming, mail),
        sentence=sentence,
    )  # fmt: skip


def _use(incoming: IncomingMail, link: MailLink) -> str:
    owner = db.session.get(User, int(link.recipient_key.partition(":")[2])) or abort(404)
    mail = read(incoming.octets)
    try:
        with force_locale("de"):
            carry_out(incoming, mail, _door(incoming, mail), owner)
    except DomainError as refusal:
        db.session.rollback()  # nobody else waits while the page is made
        return str(refusal)
    db.session.commit()
    queue.wake("outbox")
    return ""


def _discard(incoming: IncomingMail) -> str:
    incoming.fate = Fate.DISCARDED
    with force_locale("de"):
        incoming.reason = _("Die Person hat sie nicht geschrieben oder wollte sie nicht senden.")
    db.session.commit()
    return ""


def _goal(incoming: IncomingMail, mail: ReceivedMail) -> str:
    try:
        return goal_of(_door(incoming, mail))
    except DomainError:
        return ""


def _door(incoming: IncomingMail, mail: ReceivedMail) -> Door:
    door = door_for(incoming.recipient, mail)
    if door is None:
        raise DomainError(_("Die Adresse, an die Sie geschrieben haben, gibt es nicht mehr."))
    return door
