"""Two buttons for leads beside a date that came by mail: make it a meeting, or discard it; or behind a mail's link."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.mail_links import person_of
from app.database import db
from app.errors import DomainError
from app.meetings.draft_models import MeetingDraft
from app.meetings.proposing import accept
from app.meetings.views import bp
from app.networks.models import Network
from app.networks.scope import leads, leads_only
from app.networks.taking_part import leads_any
from app.registry import MailLink, mail_actions, panels


def init_app() -> None:
    """Register the boxes, and say what our link in mails does."""
    mail_actions["meeting-draft"] = _decide_by_mail
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


def _decide_by_mail(link: MailLink) -> ResponseReturnValue:
    query = select(MeetingDraft).where(MeetingDraft.id == link.argument)
    is_pressed = request.method == "POST"
    draft = db.session.scalar(query.with_for_update(of=MeetingDraft) if is_pressed else query)
    if draft is None:
        return render_template("meetings/mail_draft.html", link=link, draft=None)
    home, is_day = draft.message.thread.home, draft.is_day
    _refuse_others(link, home)
    if not is_pressed:
        return render_template("meetings/mail_draft.html", link=link, draft=draft, home=home)
    meeting = None
    if "discard" in request.form:
        db.session.delete(draft)
    else:
        meeting = accept(draft)
    db.session.commit()
    return render_template("meetings/mail_draft_done.html", home=home, meeting=meeting, is_day=is_day)


def _refuse_others(link: MailLink, network: Network) -> None:
    user = person_of(link)
    if not leads_any(user, [network.id]):
        raise DomainError(_("Über Entwürfe entscheidet die Netzleitung."))
    if network.closed_at and not user.is_admin:
        raise DomainError(_("Dieses Netz ist geschlossen. Sie können alles lesen, aber nichts mehr ändern."))


def _shown(network: Network, query: Any) -> str:
    drafts = db.session.scalars(query).all()
    return render_template("meetings/_drafts.html", network=network, drafts=drafts) if drafts else ""


def _draft(network: Network, id: int) -> MeetingDraft | None:
    query = MeetingDraft.of_network(network).where(MeetingDraft.id == id)
    return db.session.scalar(query.with_for_update(of=MeetingDraft))


def _decided(network: Network) -> ResponseReturnValue:
    flash(_("Über diesen Entwurf ist schon entschieden."), "info")
    return redirect(url_for(".index", network=network))
