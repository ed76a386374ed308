"""The page behind "Haben Sie das geschrieben?". No sign-in: the link came to that person's own address."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from app import queue
from app.accounts.mail_links import person_of
from app.accounts.models import User
from app.database import begin_reading, db
from app.errors import DomainError
from app.forum.posting import networks_reached
from app.inbound import room
from app.inbound.carrying_out import carry_out, held, networks_of, thread_of
from app.inbound.doors import Door, Kind, door_for
from app.inbound.luggage import opened
from app.inbound.routing import goal_of
from app.mail.incoming import Fate, IncomingMail, locked
from app.mail.reading import ReceivedMail, neutralise, read
from app.networks.recipients import audience_of
from app.registry import MailLink


def confirm(link: MailLink) -> ResponseReturnValue:
    """Show what was written in this person's name; their button sends it, the other throws it away."""
    sentence = ""
    if request.method == "POST":
        sentence = _discarded(link) if "discard" in request.form else _used(link)
        begin_reading()  # nobody else waits while the page is made
    incoming = _theirs(db.session.get(IncomingMail, link.argument), link)
    if incoming.fate is not Fate.WAITING:
        return render_template("inbound/confirmed.html", incoming=incoming)
    mail = read(incoming.octets)
    text = neutralise(mail.text or mail.untrimmed)
    return render_template(
        "inbound/confirm.html", link=link, incoming=incoming, mail=mail, text=text, sentence=sentence,
        goes_to=_goal(incoming, mail, person_of(link)),
    )  # fmt: skip


def _used(link: MailLink) -> str:
    """Send what was written; return why it could not be sent."""
    _theirs(db.session.get(IncomingMail, link.argument), link)
    try:
        with force_locale("de"), opened(link.argument) as (mail, luggage):
            incoming = _theirs(held(link.argument, mail), link)
            if incoming.fate is Fate.WAITING:
                carry_out(incoming, luggage, _door(incoming, mail), person_of(link))
            db.session.commit()
    except DomainError as refusal:
        db.session.rollback()
        return str(refusal)
    queue.wake("outbox")
    return ""


def _discarded(link: MailLink) -> str:
    incoming = _theirs(locked(link.argument), link)
    if incoming.fate is Fate.WAITING:
        incoming.fate = Fate.DISCARDED
        room.keep_start(incoming, room.LEAST)
        with force_locale("de"):
            incoming.reason = _("Die Person hat sie nicht geschrieben oder wollte sie nicht senden.")
    db.session.commit()
    return ""


def _theirs(incoming: IncomingMail | None, link: MailLink) -> IncomingMail:
    return incoming if incoming and incoming.owner_key == link.recipient_key else abort(404)


def _goal(incoming: IncomingMail, mail: ReceivedMail, author: User) -> str:
    try:
        door = _door(incoming, mail)
        goal = goal_of(door)
        is_answer = door.kind is Kind.TO_ALL
        networks = networks_reached(thread_of(door), author) if is_answer else networks_of(door)
    except DomainError:
        return ""
    return f"{goal}: {audience_of(networks).said}" if networks else goal


def _door(incoming: IncomingMail, mail: ReceivedMail) -> Door:
    door = door_for(incoming.recipient, mail)
    if door is None:
        raise DomainError(_("Die Adresse, an die Sie geschrieben haben, gibt es nicht mehr."))
    return door
