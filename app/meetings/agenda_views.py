"""Proposing points for the agenda, and deciding about them on the page or by the buttons of a mail."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask import request as http
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app import queue
from app.accounts.mail_links import person_of
from app.accounts.models import User
from app.database import db
from app.errors import DomainError
from app.forms import PortalForm, one_line
from app.meetings import agenda
from app.meetings.agenda_models import AgendaItem, ItemState
from app.meetings.calendar import event_of
from app.meetings.rights import looks_after
from app.meetings.views import bp, meeting_of, own_meeting
from app.networks.models import Network
from app.networks.scope import leads_only
from app.registry import MailLink, mail_actions


class PointForm(PortalForm):
    """A point somebody proposes."""

    text = StringField(
        _l("Ihr Punkt"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Bitte schreiben Sie, worüber gesprochen werden soll.")),
            Length(max=agenda.LONGEST, message=_l("Bitte kürzen Sie auf höchstens %(max)d Zeichen.")),
        ],
    )


_SAID = {
    ItemState.PROPOSED: _l("Danke! Die Netzleitung entscheidet, Sie bekommen Bescheid."),
    ItemState.ACCEPTED: _l("Ihr Punkt steht auf der Tagesordnung."),
    ItemState.DECLINED: _l("Über diesen Punkt ist schon entschieden."),
}


def init_app() -> None:
    """Say what our links in mails do."""
    mail_actions["agenda-accept"] = _accept_by_mail
    mail_actions["agenda-decline"] = _decline_by_mail


@bp.route("/netze/<network:network>/sitzungen/<int:id>/punkt-vorschlagen", methods=["GET", "POST"])
def propose_point(network: Network, id: int) -> ResponseReturnValue:
    """Propose a point for the agenda of a meeting that has not begun."""
    meeting = meeting_of(network, id)
    agenda.refuse_if_over(meeting)
    form = PointForm()
    if form.validate_on_submit():
        try:
            item = agenda.propose(current_user, meeting, form.text.data or "")
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            queue.wake("outbox")
            flash(_SAID[item.state], "success")
            return redirect(_page_of(network, id))
    return render_template(
        "meetings/propose.html", network=network, meeting=meeting, form=form, when=event_of(meeting).when
    )


@bp.post("/netze/<network:network>/sitzungen/<int:id>/punkte/<int:item_id>/aufnehmen")
@leads_only
def accept_point(network: Network, id: int, item_id: int) -> ResponseReturnValue:
    """Put a proposed point on the agenda."""
    agenda.accept(_item(network, id, item_id), current_user)
    db.session.commit()
    queue.wake("outbox")
    flash(_("Der Punkt steht auf der Tagesordnung."), "success")
    return redirect(_page_of(network, id))


@bp.post("/netze/<network:network>/sitzungen/<int:id>/punkte/<int:item_id>/ablehnen")
@leads_only
def decline_point(network: Network, id: int, item_id: int) -> ResponseReturnValue:
    """Leave a proposed point out."""
    agenda.decline(_item(network, id, item_id), current_user)
    db.session.commit()
    queue.wake("outbox")
    flash(_("Der Punkt kommt nicht auf die Tagesordnung."), "success")
    return redirect(_page_of(network, id))


def _item(network: Network, meeting_id: int, id: int) -> AgendaItem:
    meeting = own_meeting(network, meeting_id)
    item: AgendaItem = db.session.scalar(select(AgendaItem).filter_by(id=id, meeting_id=meeting.id)) or abort(404)
    return item


def _page_of(network: Network, meeting_id: int) -> str:
    return url_for(".show", network=network, id=meeting_id) + "#punkte"


def _accept_by_mail(link: MailLink) -> ResponseReturnValue:
    return _decide_by_mail(link, "accept")


def _decline_by_mail(link: MailLink) -> ResponseReturnValue:
    return _decide_by_mail(link, "decline")


def _decide_by_mail(link: MailLink, action: str) -> ResponseReturnValue:
    user, item = _who_and_which(link)
    if http.method == "POST":
        agenda.accept(item, user) if action == "accept" else agenda.decline(item, user)
        db.session.commit()
        queue.wake("outbox")
    return render_template(
        "meetings/mail_point.html",
        link=link,
        action=action,
        item=item,
        meeting=item.meeting,
        when=event_of(item.meeting).when,
    )


def _who_and_which(link: MailLink) -> tuple[User, AgendaItem]:
    user, item = person_of(link), db.session.get(AgendaItem, link.argument) or abort(404)
    if not looks_after(user, item.meeting):
        raise DomainError(_("Über die Tagesordnung entscheidet die Netzleitung."))
    if item.meeting.home.closed_at and not user.is_admin:
        raise DomainError(_("Dieses Netz ist geschlossen. Sie können alles lesen, aber nichts mehr ändern."))
    return user, item
