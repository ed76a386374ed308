"""The meetings of a network: what is coming, what was, and the pages with which leads keep them up."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption
from wtforms.fields import SelectChoice

from app.database import db
from app.forms import made_id
from app.forum import drafting
from app.forum.listing import mails_of
from app.forum.models import Message
from app.forum.sending import sent_once
from app.meetings import attendance_models  # noqa: F401  # completes `Meeting`
from app.meetings.agenda import hold
from app.meetings.announcing import announce as announce_meeting
from app.meetings.announcing import draft, draft_again, goes_along, occasion, refuse_if_late
from app.meetings.calendar import event_of, token_of
from app.meetings.forms import PAPER_NAMES
from app.meetings.letter_forms import AnnouncementForm
from app.meetings.models import Document, Meeting, Notice, by_year
from app.meetings.reminding import take_back
from app.meetings.resuming import files_apart, taken_back
from app.meetings.searching import sources_of
from app.networks.models import Network
from app.networks.recipients import audience_of
from app.networks.scope import leads, leads_only
from app.registry import panels

bp = Blueprint("meetings", __name__)

_all_it_shows = (
    selectinload(Meeting.documents),
    selectinload(Meeting.notices).joinedload(Notice.message).joinedload(Message.thread),
)


@bp.get("/netze/<network:network>/sitzungen")
def index(network: Network) -> ResponseReturnValue:
    """Show what is coming first, then what was, by year and with its papers."""
    query = Meeting.of_network(network).options(selectinload(Meeting.documents))
    meetings = db.session.scalars(query).all()
    return render_template(
        "meetings/index.html",
        network=network,
        coming=[meeting for meeting in meetings if not meeting.is_past],
        years=by_year([meeting for meeting in meetings if meeting.is_past]),
        paper_names=PAPER_NAMES,
        may_change=leads(network),
        token=token_of(current_user, network),
    )


@bp.get("/sitzungen/<int:id>")
def find(id: int) -> ResponseReturnValue:
    """Lead to a meeting from a calendar, through whichever of its networks the reader belongs to."""
    meeting = db.session.scalar(Meeting.visible_to(current_user).where(Meeting.id == id)) or abort(404)
    mine = set(db.session.scalars(Network.visible_to(current_user)))
    network = next(each for each in [meeting.home, *meeting.networks] if each in mine)
    return redirect(url_for(".show", network=network, id=id))


@bp.get("/netze/<network:network>/sitzungen/<int:id>")
def show(network: Network, id: int) -> ResponseReturnValue:
    """Show date, place, agenda and papers of a meeting."""
    meeting = meeting_of(network, id, *_all_it_shows)
    # A network that joined later cannot read what was written before.
    notices = [notice for notice in meeting.notices if network in notice.message.thread.networks]
    boxes = panels.at("meeting", meeting=meeting, network=network)
    return render_template(
        "meetings/show.html",
        boxes=boxes,
        network=network,
        meeting=meeting,
        notices=notices,
        mails=mails_of([notice.message_id for notice in notices]),
        when=event_of(meeting).when,
        sources=sources_of(meeting.documents, network),
        paper_names=PAPER_NAMES,
        may_change=leads(network) and network is meeting.home,
    )


@bp.post("/netze/<network:network>/sitzungen/<int:id>/absagen")
@leads_only
def cancel(network: Network, id: int) -> ResponseReturnValue:
    """Let a meeting not take place; who was invited is told by a mail of its own."""
    meeting = hold(own_meeting(network, id).id)
    meeting.cancel()
    take_back(meeting)
    db.session.commit()
    flash(_("Die Sitzung ist abgesagt."), "success")
    return redirect(url_for(".show", network=network, id=id))


@bp.post("/netze/<network:network>/sitzungen/<int:id>/absage-zuruecknehmen")
@leads_only
def reinstate(network: Network, id: int) -> ResponseReturnValue:
    """Let a cancelled meeting take place after all."""
    meeting = hold(own_meeting(network, id).id)
    meeting.reinstate()
    db.session.commit()
    flash(_("Die Sitzung findet wieder statt."), "success")
    return redirect(url_for(".show", network=network, id=id))


@bp.route("/netze/<network:network>/sitzungen/<int:id>/einladen", methods=["GET", "POST"])
@leads_only
def announce(network: Network, id: int) -> ResponseReturnValue:
    """Mail the invitation, a change or a cancellation to everybody in the meeting's networks."""
    meeting = own_meeting(network, id)
    kept = taken_back(current_user, meeting)
    if kept and "discard" in request.form:
        drafting.discard(kept)
        db.session.commit()
        return redirect(url_for(".announce", network=network, id=id))
    form = AnnouncementForm(data=draft_again(current_user, meeting, kept) if kept else _suggestion(meeting))
    form.documents.choices = [SelectChoice(each.id, each.title) for each in meeting.documents]
    if not meeting.documents:
        del form.documents
    if form.validate_on_submit() and (message := _announced(form, meeting)):
        return led_to(message)
    refuse_if_late(meeting)
    networks = [each for each in meeting.networks if not each.closed_at]
    return render_template(
        "meetings/announce.html",
        network=network,
        meeting=meeting,
        form=form,
        news=occasion(meeting),
        when=event_of(meeting).when,
        kept=kept,
        files_apart=files_apart(kept, meeting) if kept else [],
        networks=networks,
        audience=audience_of(networks),
        paper_names=PAPER_NAMES,
    )


def meeting_of(network: Network, id: int, *options: ORMOption) -> Meeting:
    query = Meeting.of_network(network).where(Meeting.id == id).options(*options)
    meeting: Meeting = db.session.scalar(query) or abort(404)
    return meeting


def own_meeting(network: Network, id: int) -> Meeting:
    """Return a meeting whose home this network is; the others that take part in it only read it."""
    meeting = meeting_of(network, id)
    if meeting.home_id != network.id:
        abort(403)
    return meeting


def _suggestion(meeting: Meeting) -> dict[str, object]:
    documents: list[Document] = [] if meeting.cancelled_at else meeting.documents
    chosen = [document.id for document in documents if goes_along(document)]
    return draft(current_user, meeting) | {"documents": chosen, "submission": str(uuid.uuid4())}


def _announced(form: AnnouncementForm, meeting: Meeting) -> Message | None:
    draft_id = drafting.own_submission(current_user, meeting.key, form.submission_id())
    # The same words tell something else once the meeting has another date.
    made_as = made_id(draft_id, current_user.id, meeting.key, meeting.sequence, *form.words())
    return sent_once(
        form,
        made_as,
        lambda: announce_meeting(
            current_user,
            meeting,
            subject=form.subject.data or "",
            body=form.body.data or "",
            documents=[each for each in meeting.documents if each.id in form.documents.data],
            submission=made_as,
            draft_id=draft_id,
        ),
    )


def led_to(message: Message) -> ResponseReturnValue:
    audience = audience_of(message.thread.networks)
    flash(_("Ihre Mail geht an %(audience)s.", audience=audience.said), "success")
    return redirect(url_for("forum.show", network=message.thread.home, id=message.thread_id))
