"""Two buttons for leads beside a date that came by mail: make it a meeting, or discard it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.database import db
from app.meetings.draft_models import MeetingDraft
from app.meetings.proposing import accept
from app.meetings.views import bp
from app.networks.models import Network
from app.networks.scope import leads, leads_only
from app.registry import panels


def init_app() -> None:
    """Register the boxes."""
    panels.add("thread", 15, drafts_of_thread)
    panels.add("meetings", 10, drafts_of_network)


@bp.post("/netze/<network:network>/sitzungen/entwuerfe/<int:id>/uebernehmen")
@leads_only
def accept_draft(network: Network, id: int) -> ResponseReturnValue:
    """Make a meeting of it."""
    draft = _draft(network, id)
    if draft is None:
        return _decided(network)
    is_day = draft.is_day
    meeting = accept(draft)
    db.session.commit()
    if is_day:
        flash(_("Die Sitzung ist eingetragen. Bitte ergänzen Sie die Uhrzeit."), "success")
        return redirect(url_for(".edit", network=network, id=meeting.id))
    flash(_("Die Sitzung ist eingetragen. Eingeladen ist noch niemand."), "success")
    return redirect(url_for(".show", network=network, id=meeting.id))


@bp.post("/netze/<network:network>/sitzungen/entwuerfe/<int:id>/verwerfen")
@leads_only
def discard_draft(network: Network, id: int) -> ResponseReturnValue:
    """Make none of it; the message it came with stays."""
    draft = _draft(network, id)
    if draft is None:
        return _decided(network)
    db.session.delete(draft)
    db.session.commit()
    flash(_("Der Entwurf ist verworfen. Die Nachricht bleibt, wie sie ist."), "success")
    return redirect(url_for(".index", network=network))


def drafts_of_thread(thread: Any, network: Network, **_context: Any) -> str:
    """Show leads what a message's calendar entry could become."""
    return _shown(network, MeetingDraft.of_network(network, thread.id)) if leads(network) else ""


def drafts_of_network(network: Network, **_context: Any) -> str:
    """The same for all messages of the network."""
    return _shown(network, MeetingDraft.of_network(network)) if leads(network) else ""


def _shown(network: Network, query: Any) -> str:
    drafts = db.session.scalars(query).all()
    return render_template("meetings/_drafts.html", network=network, drafts=drafts) if drafts else ""


def _draft(network: Network, id: int) -> MeetingDraft | None:
    query = MeetingDraft.of_network(network).where(MeetingDraft.id == id)
    return db.session.scalar(query.with_for_update(of=MeetingDraft))


def _decided(network: Network) -> ResponseReturnValue:
    flash(_("Über diesen Entwurf ist schon entschieden."), "info")
    return redirect(url_for(".index", network=network))
