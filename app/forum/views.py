"""The Nachrichtenforum: the list, a thread, writing to all, answering all."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import bindparam, select

from app.access import signed_in_key
from app.database import db, utc_now
from app.errors import DomainError
from app.extensions import limiter
from app.files.models import StoredFile
from app.forms import made_id
from app.forum import drafting, extending, listing, posting
from app.forum.forms import MessageForm, ReplyForm
from app.forum.mails import begins_at_once
from app.forum.models import Draft, Kind, Message, Thread, ThreadNetwork
from app.forum.sending import sent_once
from app.networks.models import Network
from app.networks.readers import reach_of, reached, readers_said, said
from app.networks.recipients import audience_of
from app.networks.scope import chosen, figure, leads, may_post, other_networks

bp = Blueprint("forum", __name__)

#: Far above what a person writes, far below what a broken script sends to a whole town.
POSTS_PER_HOUR = "60 per hour"

LAST_PAGE = 10_000

# Built once, because every page of a thread asks it.
_one_thread = (
    select(Thread)
    .join(ThreadNetwork, ThreadNetwork.thread_id == Thread.id)
    .where(ThreadNetwork.network_id == bindparam("network_id"), Thread.id == bindparam("id"))
)


@bp.get("/netze/<network:network>/nachrichten")
def index(network: Network) -> ResponseReturnValue:
    """Show the network's threads, the one last written to first."""
    page = min(max(request.args.get("seite", 1, type=int) or 1, 1), LAST_PAGE)
    only = request.args.get("nur", "")
    threads, has_more = listing.page_of_threads(network, page, only)
    return render_template(
        "forum/index.html",
        network=network,
        threads=threads,
        page=page,
        has_more=has_more,
        only=only,
        reached=figure(network, "reached"),
        may_post=may_post(network),
        drafts=drafting.drafts_at(current_user, f"network:{network.id}") if figure(network, "drafts") else (),
    )


@bp.route("/netze/<network:network>/nachrichten/neu", methods=["GET", "POST"])
@limiter.limit(POSTS_PER_HOUR, key_func=signed_in_key, methods=["POST"])
def new(network: Network) -> ResponseReturnValue:
    """Write to everyone in this network, and in others one takes part in."""
    if not may_post(network):
        abort(403)
    place = f"network:{network.id}"
    draft = drafting.open_draft(current_user, place, request.args.get("entwurf"))
    form = MessageForm(data=_asked_for() | drafting.values(draft))
    others = other_networks(network)
    form.offer_networks(others)
    if answer := _submitted(form, network, place, lambda files, made_as: _post(form, network, others, files, made_as)):
        return answer
    networks = [network, *chosen(others, (form.also_to.data or []) if form.also_to else [])]
    return render_template(
        "forum/new.html",
        network=network,
        form=form,
        files=_kept_files(form, draft),
        draft=draft,
        reach=reach_of(networks, at_once=begins_at_once(form.kind.data or "", urgent=bool(form.urgent.data))),
        readers=readers_said(networks, confidential=bool(form.confidential.data)),
        others=others,
    )


@bp.get("/netze/<network:network>/nachrichten/<int:id>")
def show(network: Network, id: int) -> ResponseReturnValue:
    """Show a thread with every message, and the form to answer below."""
    draft = drafting.last_at(current_user, f"thread:{id}")
    form = ReplyForm(data=drafting.values(draft)) if draft else None
    return _thread_page(network, id, form, draft)


@bp.post("/netze/<network:network>/nachrichten/<int:id>/antworten")
@limiter.limit(POSTS_PER_HOUR, key_func=signed_in_key)
def answer(network: Network, id: int) -> ResponseReturnValue:
    """Answer to everyone who reads the thread."""
    thread = _thread(network, id)
    form = ReplyForm()
    sent = _submitted(form, network, f"thread:{thread.id}", lambda files, made_as: _reply(form, thread, files, made_as))
    return sent or _thread_page(network, id, form, None)


@bp.post("/netze/<network:network>/nachrichten/entwurf/<uuid:id>/verwerfen")
def discard_draft(network: Network, id: uuid.UUID) -> ResponseReturnValue:
    """Throw one's own draft away."""
    draft = drafting.open_draft(current_user, f"network:{network.id}", str(id)) or abort(404)
    drafting.discard(draft)
    db.session.commit()
    flash(_("Der Entwurf ist gelöscht."), "success")
    return redirect(url_for("forum.index", network=network))


def _submitted(
    form: ReplyForm, network: Network, place: str, send: Callable[[list[StoredFile], str], Message]
) -> ResponseReturnValue | None:
    """Send what was submitted and lead to it; where something is wrong keep all of it as a draft and return None."""
    form.submission.data = drafting.own_submission(current_user, place, form.submission_id())
    if not form.is_submitted():
        return None
    dropped = sorted(request.form.getlist("drop"))
    made_as = made_id(form.submission.data, current_user.id, place, *form.words(), dropped)
    if made := posting.made_from(made_as, current_user):
        return _led_to(made, network)
    is_valid = form.validate()
    drafting.drop_files(form.submission.data, dropped)
    drafting.keep_uploads(form.files, form.submission.data, drafting.files_of(form.submission.data))
    files = drafting.files_of(form.submission.data)
    if is_valid and not form.files.errors and "preview" in request.form:
        drafting.save(current_user, place, form.submission.data, form.fields())
        db.session.commit()
        return redirect(url_for("preview.show", network=network, id=form.submission.data))
    is_right = is_valid and not form.files.errors
    if is_right and (message := sent_once(form, made_as, lambda: send(files, made_as))):
        return _led_to(message, network)
    drafting.save(current_user, place, form.submission.data, form.fields())
    db.session.commit()
    return None


def _post(
    form: MessageForm, network: Network, others: Sequence[Network], files: list[StoredFile], made_as: str
) -> Message:
    wanted = request.form.getlist("also_to")
    also_to = chosen(others, wanted)
    if len(also_to) < len(wanted):
        raise DomainError(_("An eines der gewählten Netze können Sie nicht schreiben."))
    return posting.post_message(
        current_user,
        network,
        subject=form.subject.data or "",
        body=form.body.data or "",
        kind=form.kind.data,
        also_to=also_to,
        files=files,
        submission=made_as,
        draft_id=form.submission.data,
        deadline=form.deadline.data,
        confidential=form.confidential.data,
        urgent=form.urgent.data,
        send_now=form.send_now.data,
        typed=form.added(),
    )


def _reply(form: ReplyForm, thread: Thread, files: list[StoredFile], made_as: str) -> Message:
    return posting.reply(
        current_user,
        thread,
        body=form.body.data or "",
        files=files,
        submission=made_as,
        draft_id=form.submission.data,
        send_now=form.send_now.data,
    )


def _led_to(message: Message, network: Network) -> ResponseReturnValue:
    """Lead to the message in the network it was written from: its home may be one the author does not belong to."""
    audience = audience_of(posting.networks_reached(message.thread, current_user))
    flash(_("Ihre Nachricht geht an %(audience)s.", audience=audience.said), "success")
    page = url_for("forum.show", network=network, id=message.thread_id)
    # A thread begins with its first message, below what was just said; an answer to many stands far below.
    return redirect(page if message is message.thread.messages[0] else f"{page}#nachricht-{message.id}")


def _thread_page(network: Network, id: int, form: ReplyForm | None, draft: Draft | None) -> ResponseReturnValue:
    thread = listing.head_of(network.id, id) or abort(404)
    networks = [network] if thread.networks == 1 else db.session.scalars(Thread.networks_of(id)).all()
    messages = listing.messages_of(id)
    own_waiting = {message.id for message in messages if _can_be_taken_back(message)}
    settled = next((at for at, message in enumerate(messages) if message.id in own_waiting), len(messages))
    return render_template(
        "forum/thread.html",
        network=network,
        thread=thread,
        networks=networks,
        messages=messages[:settled],
        messages_since=messages[settled:],
        notes=extending.notes(thread, messages, network),
        own_waiting=own_waiting,
        form=form,
        blank_form=ReplyForm,
        files=_kept_files(form, draft) if form else (),
        reached=reached([each for each in networks if may_post(each)]),
        readers=_readers(thread, networks),
        remover=_remover(networks, messages),
        may_post=may_post(network),
    )


def _readers(thread: listing.ThreadHead, networks: Sequence[Network]) -> str:
    if thread.confidential or len(networks) > 1:
        return readers_said(networks, confidential=thread.confidential)
    return said(figure(networks[0], "people"), networks)


def _remover(networks: Sequence[Network], messages: Sequence[listing.MessageRow]) -> int:
    """Whose messages the page offers to remove: a person's id, 0 nobody's, -1 everybody's."""
    if any(leads(network) for network in networks):
        return -1
    id: int = current_user.id
    return id if any(message.author_id == id for message in messages) else 0


def _can_be_taken_back(message: listing.MessageRow) -> bool:
    return message.author_id == current_user.id and message.mails_at > utc_now()


def _kept_files(form: ReplyForm, draft: Draft | None) -> list[StoredFile]:
    if draft is not None and not form.is_submitted():
        form.submission.data = draft.id
    return drafting.files_of(form.submission.data) if form.submission.data else []


def _thread(network: Network, id: int) -> Thread:
    thread: Thread = db.session.scalar(_one_thread, {"network_id": network.id, "id": id}) or abort(404)
    return thread


def _asked_for() -> dict[str, str]:
    """What a link to the form asks for: ?art=request."""
    kind = request.args.get("art", "")
    return {"kind": kind} if kind in set(Kind) - {Kind.POLL} else {}
