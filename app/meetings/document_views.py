"""The papers of a network: one page that lists them all by year, and the forms with which leads keep them up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from wtforms.fields import SelectChoice

from app.database import db, utc_now
from app.meetings import minutes
from app.meetings.filing import drop_document, file_uploads
from app.meetings.forms import PAPER_NAMES, DocumentForm, UploadForm
from app.meetings.models import Document, Meeting, Paper, by_year
from app.meetings.searching import Search, last_minutes, sources_of
from app.meetings.views import bp
from app.networks.models import Network
from app.networks.scope import leads, leads_only
from app.templating import berlin

NO_MEETING = 0


@bp.get("/netze/<network:network>/unterlagen")
def documents(network: Network) -> ResponseReturnValue:
    """Show all papers by year, the samples apart, or those that are looked for."""
    search = Search.of(request.args)
    papers = db.session.scalars(Document.of_network(network)).all()
    found = search.among(papers)
    return render_template(
        "meetings/documents.html",
        network=network,
        search=search,
        has_papers=bool(papers),
        all_years=sorted({paper.day.year for paper in papers if paper.kind is not Paper.TEMPLATE}, reverse=True),
        last_minutes=None if search else last_minutes(papers),
        years=by_year([paper for paper in found if paper.kind is not Paper.TEMPLATE]),
        templates=sorted((paper for paper in found if paper.kind is Paper.TEMPLATE), key=lambda paper: paper.title),
        sources=sources_of(found, network),
        paper_names=PAPER_NAMES,
        may_change=leads(network),
    )


@bp.route("/netze/<network:network>/unterlagen/neu", methods=["GET", "POST"])
@leads_only
def new_document(network: Network) -> ResponseReturnValue:
    """File a paper that belongs to no meeting, or to one that is chosen in the form."""
    return _upload(network, None)


@bp.route("/netze/<network:network>/sitzungen/<int:id>/unterlagen/neu", methods=["GET", "POST"])
@leads_only
def new_meeting_document(network: Network, id: int) -> ResponseReturnValue:
    """File a paper of this meeting."""
    return _upload(network, next((each for each in _own_meetings(network) if each.id == id), None) or abort(404))


@bp.route("/netze/<network:network>/unterlagen/<int:id>", methods=["GET", "POST"])
@leads_only
def edit_document(network: Network, id: int) -> ResponseReturnValue:
    """Change title, kind, meeting or date of a paper."""
    document = _document(network, id)
    meetings = _own_meetings(network)
    form = DocumentForm(data=_values(document))
    _offer(form, meetings)
    if not form.validate_on_submit():
        return render_template("meetings/document.html", network=network, form=form, document=document)
    document.title, document.kind, document.dated = form.title.data or "", form.kind.data, form.dated.data
    document.meeting = _chosen(form, meetings)
    db.session.commit()
    flash(_("Die Änderungen sind gespeichert."), "success")
    return redirect(_page_of(network, document.meeting))


@bp.post("/netze/<network:network>/unterlagen/<int:id>/loeschen")
@leads_only
def delete_document(network: Network, id: int) -> ResponseReturnValue:
    """Delete a paper and its files."""
    document = _document(network, id)
    meeting, title = document.meeting, document.title
    minutes.refuse_to_delete(document)
    drop_document(document)
    db.session.commit()
    flash(_("„%(title)s“ ist gelöscht.", title=title), "success")
    return redirect(_page_of(network, meeting))


def _upload(network: Network, meeting: Meeting | None) -> ResponseReturnValue:
    meetings = _own_meetings(network)
    form = UploadForm(data=_asked_for(meeting))
    _offer(form, meetings)
    if form.validate_on_submit():
        filed = _file(network, form, meetings, form.files.data)
        return redirect(_page_of(network, filed[0].meeting))
    if set(form.errors) == {"files"} and form.files.sound:
        # What is sound is kept; the form comes again for what is not.
        _file(network, form, meetings, form.files.sound)
    return render_template("meetings/upload.html", network=network, form=form, meeting=meeting)


def _file(
    network: Network, form: UploadForm, meetings: Sequence[Meeting], uploads: Sequence[FileStorage]
) -> list[Document]:
    filed = file_uploads(
        network,
        uploads,
        kind=form.kind.data,
        title=form.title.data or "",
        meeting=_chosen(form, meetings),
        dated=form.dated.data,
    )
    db.session.commit()
    names = ", ".join(_("„%(title)s“", title=document.title) for document in filed)
    flash(ngettext("%(names)s ist abgelegt.", "%(names)s sind abgelegt.", len(filed), names=names), "success")
    return filed


def _offer(form: DocumentForm, meetings: Sequence[Meeting]) -> None:
    form.kind.choices = [SelectChoice(kind, name) for kind, name in PAPER_NAMES.items()]
    form.meeting.choices = [SelectChoice(NO_MEETING, _("zu keiner Sitzung"))] + [
        SelectChoice(each.id, f"{each.title} ({format_date(each.day, 'long')})") for each in meetings
    ]


def _chosen(form: DocumentForm, meetings: Sequence[Meeting]) -> Meeting | None:
    if form.kind.data is Paper.TEMPLATE:
        return None
    return next((each for each in meetings if each.id == form.meeting.data), None)


def _values(document: Document) -> dict[str, Any]:
    return {
        "title": document.title,
        "kind": document.kind,
        "meeting": document.meeting_id or NO_MEETING,
        "dated": document.dated,
    }


def _asked_for(meeting: Meeting | None) -> dict[str, Any]:
    """What a link to the form asks for (?art=minutes), else what fits the meeting."""
    usual = Paper.MINUTES if meeting and meeting.is_past else Paper.ATTACHMENT
    asked = request.args.get("art", "")
    return {
        "kind": Paper(asked) if asked in set(Paper) else usual,
        "meeting": meeting.id if meeting else NO_MEETING,
        "dated": meeting.day if meeting else berlin(utc_now()).date(),
    }


def _own_meetings(network: Network) -> Sequence[Meeting]:
    """The meetings whose home the network is, the last first."""
    query = Meeting.of_network(network).where(Meeting.home_id == network.id)
    return db.session.scalars(query.order_by(None).order_by(Meeting.starts_at.desc(), Meeting.id.desc())).all()


def _document(network: Network, id: int) -> Document:
    """Return a paper of this network; those of its co-networks' meetings it only reads."""
    document: Document = db.session.scalar(Document.of_network(network).where(Document.id == id)) or abort(404)
    if document.network_id != network.id:
        abort(403)
    return document


def _page_of(network: Network, meeting: Meeting | None) -> str:
    if meeting is None:
        return url_for(".documents", network=network)
    return url_for(".show", network=network, id=meeting.id)
