"""Leaving a digest by one click (RFC 8058): it pauses the networks whose messages it held. No sign-in needed."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app import queue
from app.accounts.mail_links import person_of
from app.database import by_name, db
from app.mail.models import Delivery, Mail
from app.networks import mails, wishes
from app.networks.models import Network
from app.registry import MailLink, ids_in


def pause_digest(link: MailLink) -> ResponseReturnValue:
    """A POST pauses each of the digest's networks and confirms it once; a GET only shows the button."""
    user = person_of(link)
    networks = _networks_in(link.delivery_id)
    if request.method == "POST":
        for network in [network for network in networks if wishes.pause(user.id, network.id)]:
            mails.paused(network, user)
        db.session.commit()
        queue.wake("outbox")
    is_paused = all(wishes.is_paused(user.id, network.id) for network in networks)
    return render_template("forum/mail_pause_digest.html", link=link, networks=networks, is_paused=is_paused)


def _networks_in(digest_delivery_id: int) -> Sequence[Network]:
    """Return the networks the digest's messages came by: the first of each audience."""
    held = select(Mail.audience).join(Delivery).where(Delivery.carried_by_id == digest_delivery_id)
    ids = {ids_in(audience)[0] for audience in db.session.scalars(held)}
    return db.session.scalars(select(Network).where(Network.id.in_(ids)).order_by(by_name(Network.name))).all()
