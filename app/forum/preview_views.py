"""Before a message goes out: who gets it, who can read it, what is attached, and the mail as it will look."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.database import db, utc_now
from app.files.attaching import split
from app.files.models import StoredFile
from app.forum import drafting, mails
from app.forum.models import Draft, Kind, Message, Thread
from app.forum.subjects import bare_subject
from app.mail import envelope
from app.networks.models import Network, Participant
from app.networks.readers import reach_of, readers_said
from app.networks.scope import chosen, may_post, other_networks

bp = Blueprint("preview", __name__)

#: The mail is shown in a frame in which nothing runs and no link leads anywhere; its styles stand in its elements. Its
#: origin stays ours, so that the page around it can ask how high it is.
_FRAMED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-same-origin"

_OWN_LINK = re.compile("\ue000[^\ue001]*\ue001")
#: Only a deputy's copy says something there.
_STANDING_IN = re.compile(f"\ue000{envelope.STANDING_IN}:[01]\ue001")


@bp.get("/netze/<network:network>/nachrichten/empfaenger")
def recipients(network: Network) -> ResponseReturnValue:
    """Say who gets a message to this network and those of `?also_to=`, name by name, of this `?kind=`."""
    if not may_post(network):
        abort(403)
    return _recipients(network, [network, *chosen(other_networks(network), request.args.getlist("also_to"))])


@bp.get("/netze/<network:network>/nachrichten/<int:id>/empfaenger")
def recipients_of_answer(network: Network, id: int) -> ResponseReturnValue:
    """Say who gets an answer in this thread."""
    thread = db.session.scalar(Thread.of_network(network).where(Thread.id == id)) or abort(404)
    networks = [thread.home, *(each for each in thread.networks if each.id != thread.home_id)]
    return _recipients(network, [each for each in networks if may_post(each)], thread)


@bp.get("/netze/<network:network>/nachrichten/vorschau/<uuid:id>")
def show(network: Network, id: uuid.UUID) -> ResponseReturnValue:
    """Show a draft as it will reach people, with the buttons to send it or to go on writing."""
    draft, networks, files = _draft(network, id)
    message = _message_of(draft, networks)
    subject, text, _html = mails.preview(message, network, files)
    return render_template(
        "forum/preview.html",
        network=network,
        draft=draft,
        networks=networks,
        subject=subject,
        sender=f"{message.author_name} ({network.name})",
        text=_OWN_LINK.sub("…", _STANDING_IN.sub("", text)),
        luggage=split(files),
        confidential=message.thread.confidential,
        reach=reach_of(networks, at_once=mails.ignores_digests(message)),
        readers=readers_said(networks, confidential=message.thread.confidential),
    )


@bp.get("/netze/<network:network>/nachrichten/vorschau/<uuid:id>/mail")
def mail(network: Network, id: uuid.UUID) -> ResponseReturnValue:
    """The HTML of the mail itself, for the frame on that page, and to be read alone where the frame has no room."""
    draft, networks, files = _draft(network, id)
    _subject, _text, html = mails.preview(_message_of(draft, networks), network, files)
    response = Response(_OWN_LINK.sub("#", _STANDING_IN.sub("", html)), mimetype="text/html")
    response.headers["Content-Security-Policy"] = _FRAMED
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _recipients(network: Network, networks: list[Network], thread: Thread | None = None) -> ResponseReturnValue:
    confidential = thread.confidential if thread else "confidential" in request.args
    at_once = not thread and mails.begins_at_once(request.args.get("kind", ""), urgent="urgent" in request.args)
    back = url_for("forum.show", network=network, id=thread.id) if thread else url_for("forum.new", network=network)
    return render_template(
        "forum/recipients.html",
        network=network,
        reach=reach_of(networks, at_once=at_once, known=_visible()),
        readers=readers_said(thread.networks if thread else networks, confidential=confidential),
        back=back,
    )


def _visible() -> Sequence[int]:
    """The ids of the networks whose participants this person knows; a thread's answers go to others, too."""
    return db.session.scalars(Network.visible_to(current_user).with_only_columns(Network.id).order_by(None)).all()


def _draft(network: Network, id: uuid.UUID) -> tuple[Draft, list[Network], list[StoredFile]]:
    if not may_post(network):
        abort(403)
    draft = drafting.open_draft(current_user, f"network:{network.id}", str(id)) or abort(404)
    also_to = chosen(other_networks(network), draft.fields.get("also_to") or [])
    return draft, [network, *also_to], drafting.files_of(draft.id)


def _message_of(draft: Draft, networks: list[Network]) -> Message:
    """Return what the draft would become; it is in no session, so nothing of it is ever written."""
    fields = drafting.values(draft)
    kind = Kind(fields.get("kind") or Kind.MESSAGE)
    thread = Thread(
        id=0,
        home_id=networks[0].id,
        subject=bare_subject(fields.get("subject") or ""),
        kind=kind,
        deadline=fields.get("deadline") if kind is Kind.REQUEST else None,
        confidential=bool(fields.get("confidential")) or kind is Kind.CASE,
        urgent=bool(fields.get("urgent")) and kind is Kind.REQUEST,
    )
    thread.networks = networks
    present = Participant.of_user(current_user.id).where(Participant.network_id == networks[0].id).order_by(None)
    participant = db.session.scalars(present.order_by(Participant.is_lead.desc(), Participant.id)).first()
    message = Message(
        thread_id=0,
        author=current_user._get_current_object(),  # noqa: SLF001  # the person behind the proxy, for the mapper
        author_name=current_user.name,
        seat_id=participant.seat_id if participant else None,
        organisation_name=participant.seat.organisation.name if participant else current_app.config["OFFICE_NAME"],
        body=fields.get("body") or "",
        created_at=utc_now(),
        mails_at=utc_now(),
    )
    message.thread = thread
    return message
