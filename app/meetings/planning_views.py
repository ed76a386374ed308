"""Entering a meeting, from the last one or a Muster and with its invitation in the same step; and the Muster."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app.database import db
from app.forms import made_id
from app.forum.sending import made_once, mail_in_time
from app.meetings.agenda import hold
from app.meetings.announcing import announce, draft
from app.meetings.forms import ChangedMeetingForm, MeetingForm, NewMeetingForm, TemplateForm
from app.meetings.models import Meeting
from app.meetings.planning import beginning_of_template, complete, last_meeting, suggestion
from app.meetings.planning_models import MeetingTemplate
from app.meetings.reminding import take_back
from app.meetings.together import doubts, networks_of, offer_networks
from app.meetings.views import bp, led_to, own_meeting
from app.networks.models import Network
from app.networks.scope import leads_only


@bp.route("/netze/<network:network>/sitzungen/neu", methods=["GET", "POST"])
@leads_only
def new(network: Network) -> ResponseReturnValue:
    """Enter a meeting that begins as the last one or a Muster; with "invite" its invitation goes out as well."""
    template = _asked_template(network)
    form = NewMeetingForm(data=suggestion(network, template))
    others = offer_networks(form, network)
    objections = doubts(form, network, others)
    if objections and not objections.are_open and (meeting := _entered(form, network, others)):
        if meeting.notices:  # those of an earlier press, too: nobody is told that nobody was invited
            return led_to(meeting.notices[0].message)
        flash(_("Die Sitzung ist eingetragen. Eingeladen ist noch niemand."), "success")
        return redirect(url_for(".show", network=network, id=meeting.id))
    return render_template(
        "meetings/edit.html",
        network=network,
        form=form,
        meeting=None,
        template=template,
        templates=db.session.scalars(MeetingTemplate.of_network(network)).all(),
        last=last_meeting(network),
        objections=objections,
    )


@bp.route("/netze/<network:network>/sitzungen/<int:id>/bearbeiten", methods=["GET", "POST"])
@leads_only
def edit(network: Network, id: int) -> ResponseReturnValue:
    """Change a meeting; who was invited is told by a mail of its own."""
    meeting = own_meeting(network, id)
    form = ChangedMeetingForm.of(meeting)
    others = offer_networks(form, network)
    objections = doubts(form, network, others, meeting)
    if objections is None or objections.are_open or not form.is_of(hold(id)):
        return render_template("meetings/edit.html", network=network, form=form, meeting=meeting, objections=objections)
    _fill(meeting, form, others)
    db.session.commit()
    flash(_("Die Änderungen sind gespeichert."), "success")
    return redirect(url_for(".show", network=network, id=id))


@bp.get("/netze/<network:network>/sitzungen/muster")
@leads_only
def templates(network: Network) -> ResponseReturnValue:
    """List the Muster from which meetings of this network begin."""
    found = db.session.scalars(MeetingTemplate.of_network(network)).all()
    return render_template("meetings/templates.html", network=network, templates=found)


@bp.route("/netze/<network:network>/sitzungen/muster/neu", methods=["GET", "POST"])
@leads_only
def new_template(network: Network) -> ResponseReturnValue:
    """Write a Muster; it begins as the last meeting."""
    form = TemplateForm(data=beginning_of_template(network))
    if not form.validate_on_submit():
        return render_template("meetings/template.html", network=network, form=form, template=None)
    template = MeetingTemplate(network_id=network.id)
    form.populate_obj(template)
    db.session.add(template)
    db.session.commit()
    flash(_("Das Muster ist gespeichert."), "success")
    return redirect(url_for(".templates", network=network))


@bp.route("/netze/<network:network>/sitzungen/muster/<int:id>", methods=["GET", "POST"])
@leads_only
def edit_template(network: Network, id: int) -> ResponseReturnValue:
    """Change a Muster; meetings that were made from it stay as they are."""
    template = _template(network, id)
    form = TemplateForm(obj=template)
    if not form.validate_on_submit():
        return render_template("meetings/template.html", network=network, form=form, template=template)
    form.populate_obj(template)
    db.session.commit()
    flash(_("Die Änderungen sind gespeichert."), "success")
    return redirect(url_for(".templates", network=network))


@bp.post("/netze/<network:network>/sitzungen/muster/<int:id>/loeschen")
@leads_only
def delete_template(network: Network, id: int) -> ResponseReturnValue:
    """Delete a Muster; meetings that were made from it stay."""
    template = _template(network, id)
    db.session.delete(template)
    db.session.commit()
    flash(_("„%(title)s“ ist gelöscht.", title=template.name), "success")
    return redirect(url_for(".templates", network=network))


def _asked_template(network: Network) -> MeetingTemplate | None:
    asked = request.args.get("muster", type=int)
    if asked is None:
        return None
    return _template(network, asked) if abs(asked) < 2**31 else abort(404)


def _template(network: Network, id: int) -> MeetingTemplate:
    query = MeetingTemplate.of_network(network).where(MeetingTemplate.id == id)
    template: MeetingTemplate = db.session.scalar(query) or abort(404)
    return template


def _entered(form: NewMeetingForm, network: Network, others: list[Network]) -> Meeting | None:
    made_as = made_id(form.submission_id(), network.id, *form.words())
    if made := _made_from(made_as, network):
        return made
    meeting = made_once(form, lambda: _made(form, network, others, made_as), lambda: _made_from(made_as, network))
    if meeting and meeting.notices:
        mail_in_time(meeting.notices[0].message)
    return meeting


def _made(form: NewMeetingForm, network: Network, others: list[Network], made_as: str) -> Meeting:
    """Make the meeting, with its invitation if that was asked for."""
    meeting = Meeting(
        home=network, uid=made_as, starts_at=form.starts_at, ends_at=form.ends_at, place=form.place.data or ""
    )
    _fill(meeting, form, others)
    db.session.add(meeting)
    db.session.flush()
    if "invite" in request.form:
        announce(current_user, meeting, **draft(current_user, meeting), documents=[], submission=made_as)
    return meeting


def _made_from(made_as: str, network: Network) -> Meeting | None:
    return db.session.scalar(select(Meeting).filter_by(uid=made_as, home_id=network.id))


def _fill(meeting: Meeting, form: MeetingForm, others: list[Network]) -> None:
    meeting.title = form.title.data or ""
    meeting.agenda = form.agenda.data or ""
    meeting.letter = form.letter.data or ""
    if meeting.move(form.starts_at, form.ends_at, form.place.data or "") and meeting.notices:
        take_back(meeting)
    complete(meeting)
    meeting.networks = networks_of(form, meeting.home, others, meeting)
