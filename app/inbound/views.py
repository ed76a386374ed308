"""What came in: Verwaltung looks at what was not used; participants see the whole of a message that came by mail."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import func, select

from app import queue
from app.access import admin_only
from app.database import db
from app.errors import DomainError
from app.forum.models import Message, ThreadNetwork
from app.inbound import discarding, room
from app.inbound.carrying_out import held
from app.inbound.luggage import opened
from app.inbound.releasing import is_usable, release
from app.mail.incoming import Fate, IncomingMail, whole_text_of
from app.mail.reading import neutralise, read
from app.networks.models import Network

bp = Blueprint("inbound", __name__)

PAGE_SIZE = 50

_ALL = "alle"
_SHOWN = 50_000  # characters
_FIRST_NO_ID = 2**63  # databases count no farther

FATE_NAMES = {
    Fate.HELD: _l("zu prüfen"),
    Fate.WAITING: _l("wartet auf Bestätigung"),
    Fate.ANSWERED: _l("beantwortet"),
    Fate.IGNORED: _l("automatische Mail"),
    Fate.USED: _l("verwendet"),
    Fate.DISCARDED: _l("verworfen"),
}


def number_held() -> int:
    """How many mails wait for Verwaltung to look at them."""
    query = select(func.count(IncomingMail.id)).where(IncomingMail.fate == Fate.HELD, IncomingMail.size > 0)
    return db.session.scalar(query) or 0


@bp.get("/verwaltung/eingang")
@admin_only
def index() -> ResponseReturnValue:
    """List what came in, the newest first; at first only what is to be looked at. With ?alle=1 all are ticked."""
    fate = _known(request.args.get("stand", Fate.HELD.value))
    page = min(max(request.args.get("seite", 1, type=int) or 1, 1), 10_000)
    query = select(IncomingMail).where(IncomingMail.size > 0).order_by(IncomingMail.received_at.desc())
    if fate != _ALL:
        query = query.where(IncomingMail.fate == fate)
    found = db.session.scalars(query.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE + 1)).all()
    return render_template(
        "inbound/index.html",
        rows=found[:PAGE_SIZE],
        has_more=len(found) > PAGE_SIZE,
        page=page,
        fate=fate,
        fates=FATE_NAMES,
        are_chosen="alle" in request.args,
        warning=room.warning() if room.is_full() else "",
    )


@bp.get("/verwaltung/eingang/<int:id>")
@admin_only
def show(id: int) -> ResponseReturnValue:
    """Show a mail as plain text, whatever was in it."""
    incoming = _incoming(id)
    mail = read(incoming.octets)
    return render_template(
        "inbound/show.html",
        incoming=incoming,
        mail=mail,
        recipient=neutralise(incoming.recipient),
        head=neutralise("\n".join(f"{name}: {value}" for name, value in mail.headers))[:_SHOWN],
        text=neutralise(mail.untrimmed or mail.text)[:_SHOWN],
        fates=FATE_NAMES,
        is_usable=is_usable(incoming, mail),
    )


@bp.get("/verwaltung/eingang/<int:id>/quelltext")
@admin_only
def source(id: int) -> ResponseReturnValue:
    """Hand out the mail as it came."""
    incoming = _incoming(id)
    if incoming.is_private:
        abort(403)
    return send_file(BytesIO(incoming.octets), "message/rfc822", as_attachment=True, download_name=f"mail-{id}.eml")


@bp.post("/verwaltung/eingang/<int:id>/freigeben")
@admin_only
def pass_on(id: int) -> ResponseReturnValue:
    """Use the mail after all."""
    try:
        with opened(id) as (mail, luggage):
            release(held(id, mail) or abort(404), luggage, current_user)
            db.session.commit()
    except DomainError as refusal:
        db.session.rollback()
        flash(str(refusal), "danger")
        return redirect(url_for(".show", id=id))
    queue.wake("outbox")
    flash(_("Die Mail ist freigegeben und geht jetzt hinaus."), "success")
    return redirect(url_for(".index"))


@bp.post("/verwaltung/eingang/<int:id>/verwerfen")
@admin_only
def discard(id: int) -> ResponseReturnValue:
    """Take the mail off the list; hardly more than its head stays for the rest of the thirty days."""
    _incoming(id)
    if not discarding.discard([id]):
        raise DomainError(_("Über diese Mail ist schon entschieden."))
    db.session.commit()
    flash(_("Die Mail ist verworfen."), "success")
    return redirect(url_for(".index"))


@bp.post("/verwaltung/eingang/verwerfen")
@admin_only
def discard_chosen() -> ResponseReturnValue:
    """Take all the mails off the list that were ticked (`mail`)."""
    chosen = {id for id in request.form.getlist("mail", type=int) if 0 < id < _FIRST_NO_ID}
    number = discarding.discard(chosen)
    db.session.commit()
    if number:
        flash(ngettext("%(num)s Mail ist verworfen.", "%(num)s Mails sind verworfen.", number), "success")
    if not chosen:
        flash(_("Sie haben keine Mail ausgewählt."), "warning")
    elif not number:
        decided = ngettext(
            "Über diese Mail war schon entschieden.", "Über diese Mails war schon entschieden.", len(chosen)
        )
        flash(decided, "info")
    elif number < len(chosen):
        flash(_("Über die anderen, die Sie ausgewählt haben, war schon entschieden."), "info")
    return redirect(url_for(".index", stand=_known(request.form.get("stand", Fate.HELD.value))))


@bp.get("/netze/<network:network>/nachrichten/<int:id>/ganzer-text/<int:message_id>")
def whole(network: Network, id: int, message_id: int) -> ResponseReturnValue:
    """Show all that stood in the mail a message came from."""
    query = (
        select(Message)
        .join(ThreadNetwork, ThreadNetwork.thread_id == Message.thread_id)
        .where(ThreadNetwork.network_id == network.id, Message.id == message_id, Message.thread_id == id)
    )
    message = db.session.scalar(query) or abort(404)
    text = whole_text_of(message.key) or abort(404)
    return render_template("inbound/whole.html", network=network, message=message, thread=message.thread, text=text)


def _known(fate: str) -> str:
    return fate if fate in set(Fate) else _ALL


def _incoming(id: int) -> IncomingMail:
    return db.session.scalar(select(IncomingMail).where(IncomingMail.id == id, IncomingMail.size > 0)) or abort(404)
