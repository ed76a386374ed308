"""What people press under an Anfrage on the website. The same from a mail stands in mail_links.py."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app import queue
from app.database import db
from app.forum.models import ThreadNetwork
from app.networks.models import Network
from app.requests import answering, closing, taking
from app.requests.forms import CloseForm, HintForm
from app.requests.models import Request
from app.requests.rights import part_of

bp = Blueprint("requests", __name__)


@bp.post("/netze/<network:network>/anfragen/<int:id>/uebernehmen")
def take(network: Network, id: int) -> ResponseReturnValue:
    """Take care of it, or help whoever does."""
    is_owner = taking.take(current_user, _request(network, id))
    said = _("Danke! Sie kümmern sich.") if is_owner else _("Danke! Sie helfen mit.")
    return _done(network, id, said)


@bp.post("/netze/<network:network>/anfragen/<int:id>/kann-nicht")
def decline(network: Network, id: int) -> ResponseReturnValue:
    """Say that one cannot help; nobody is told."""
    taking.decline(current_user, _request(network, id))
    return _done(network, id, _("Danke für die Antwort. Wir erinnern Sie an diese Anfrage nicht mehr."))


@bp.post("/netze/<network:network>/anfragen/<int:id>/zurueckgeben")
def give_back(network: Network, id: int) -> ResponseReturnValue:
    """Take care no longer; a lead may say so for the owner."""
    request = _request(network, id)
    part = part_of(current_user, request)
    if not (part.owner or part.helper or part.lead):
        abort(403)
    taking.give_back(current_user, request, is_lead=part.lead)
    if part.helper:
        return _done(network, id, _("Sie helfen nicht mehr mit. Darüber bekommt niemand eine Mail."))
    return _done(network, id, _("Die Anfrage ist zurückgegeben. Wer gefragt hat, weiß Bescheid."))


@bp.route("/netze/<network:network>/anfragen/<int:id>/hinweis", methods=["GET", "POST"])
def hint(network: Network, id: int) -> ResponseReturnValue:
    """Name somebody who could help."""
    request = _request(network, id)
    if not part_of(current_user, request).may_help:
        abort(403)
    form = HintForm()
    if answering.suggested(form, current_user, request):
        return _done(network, id, _("Danke! Ihr Hinweis ist angekommen."))
    return render_template("requests/hint.html", network=network, request_=request, form=form)


@bp.route("/netze/<network:network>/anfragen/<int:id>/erledigt", methods=["GET", "POST"])
def close(network: Network, id: int) -> ResponseReturnValue:
    """Say that it is done, and what came of it."""
    request = _request(network, id)
    if not part_of(current_user, request).may_close:
        abort(403)
    form = CloseForm(success=request.success or "unsaid", outcome=request.outcome)
    if answering.closed(form, current_user, request):
        return _done(network, id, _("Die Anfrage ist erledigt."))
    return render_template("requests/close.html", network=network, request_=request, form=form)


@bp.post("/netze/<network:network>/anfragen/<int:id>/zurueckziehen")
def withdraw(network: Network, id: int) -> ResponseReturnValue:
    """Take the request back: nobody needs to help any more."""
    request = _request(network, id)
    if not part_of(current_user, request).may_withdraw:
        abort(403)
    closing.withdraw(current_user, request)
    return _done(network, id, _("Die Anfrage ist zurückgezogen."))


@bp.post("/netze/<network:network>/anfragen/<int:id>/wieder-oeffnen")
def reopen(network: Network, id: int) -> ResponseReturnValue:
    """Undo the end."""
    request = _request(network, id)
    if not part_of(current_user, request).may_close:
        abort(403)
    closing.reopen(current_user, request)
    return _done(network, id, _("Die Anfrage ist wieder offen."))


def _request(network: Network, id: int) -> Request:
    """Return the request that thread `id` of this network is."""
    joined = Request.of_thread(id).join(ThreadNetwork, ThreadNetwork.thread_id == Request.thread_id)
    request: Request = db.session.scalar(joined.where(ThreadNetwork.network_id == network.id)) or abort(404)
    return request


def _done(network: Network, id: int, said: str) -> ResponseReturnValue:
    db.session.commit()
    queue.wake("outbox")
    flash(said, "success")
    return redirect(url_for("forum.show", network=network, id=id))
