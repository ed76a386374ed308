"""The pages on who comes: one's own answer, the list, and what leads note for somebody who called."""

from __future__ import annotations

from io import BytesIO

from flask import abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields import SelectChoice

from app.accounts.models import User
from app.database import db
from app.errors import DomainError
from app.meetings.attendance_forms import COMING_NAMES, AnswerForm, NoteForm
from app.meetings.attendance_listing import Guest, counts_of, guests_of, of_network
from app.meetings.attendance_models import Attendance, Coming
from app.meetings.attending import answer, over, why_not
from app.meetings.calendar import event_of
from app.meetings.models import Meeting
from app.meetings.views import bp, meeting_of, own_meeting
from app.networks.csv_exchange import write_csv
from app.networks.models import Network
from app.networks.scope import leads, leads_only


@bp.route("/netze/<network:network>/sitzungen/<int:id>/antwort", methods=["GET", "POST"])
def answer_invitation(network: Network, id: int) -> ResponseReturnValue:
    """Say whether one comes, how many come along, and what the leads should know."""
    meeting = meeting_of(network, id)
    if sentence := why_not(current_user, meeting):
        raise DomainError(sentence)
    known = db.session.scalar(Attendance.of(meeting.id, current_user.id))
    form = AnswerForm.of(meeting, known)
    if form.validate_on_submit() and form.is_of(meeting):
        _keep(current_user, meeting, form)
        db.session.commit()
        flash(_("Ihre Antwort ist eingetragen."), "success")
        return redirect(url_for(".show", network=network, id=id) + "#wer-kommt")
    return render_template(
        "meetings/answer.html", network=network, meeting=meeting, form=form, known=known, when=event_of(meeting).when
    )


@bp.get("/netze/<network:network>/sitzungen/<int:id>/wer-kommt")
def who_comes(network: Network, id: int) -> ResponseReturnValue:
    """List who comes: all of them to who looks after the meeting, the others only those of this network."""
    meeting = meeting_of(network, id)
    guests = guests_of(meeting)
    is_organiser = _organises(network, meeting)
    return render_template(
        "meetings/who_comes.html",
        network=network,
        meeting=meeting,
        when=event_of(meeting).when,
        counts=counts_of(guests),
        guests=guests if is_organiser else of_network(guests, network),
        coming_names=COMING_NAMES,
        is_organiser=is_organiser,
        is_over=bool(over(meeting)),
    )


@bp.route("/netze/<network:network>/sitzungen/<int:id>/wer-kommt/eintragen", methods=["GET", "POST"])
@leads_only
def note_answer(network: Network, id: int) -> ResponseReturnValue:
    """Note what somebody said on the phone."""
    meeting = own_meeting(network, id)
    if sentence := over(meeting):
        raise DomainError(sentence)
    guests = guests_of(meeting)
    form = NoteForm.of(meeting, None)
    form.person.choices = [SelectChoice(guest.user_id, _said_of(guest)) for guest in guests]
    if form.validate_on_submit() and form.is_of(meeting):
        user = db.session.get(User, form.person.data) or abort(404)
        _keep(user, meeting, form, noted_by=current_user.name)
        db.session.commit()
        flash(_("Die Antwort von %(name)s ist eingetragen.", name=user.name), "success")
        return redirect(url_for(".who_comes", network=network, id=id))
    return render_template("meetings/note_answer.html", network=network, meeting=meeting, form=form)


@bp.get("/netze/<network:network>/sitzungen/<int:id>/wer-kommt/csv")
@leads_only
def who_comes_csv(network: Network, id: int) -> ResponseReturnValue:
    """Hand out the list for a spreadsheet."""
    meeting = own_meeting(network, id)
    columns = (_("Name"), _("Organisation"), _("Antwort"), _("Personen"), _("Bemerkung"))
    data = write_csv((_row(guest) for guest in guests_of(meeting)), columns)
    name = f"wer-kommt-{network.slug}-{meeting.day.isoformat()}.csv"
    return send_file(BytesIO(data), "text/csv; charset=utf-8", as_attachment=True, download_name=name)


def _keep(user: User, meeting: Meeting, form: AnswerForm, noted_by: str = "") -> None:
    answer(
        user,
        meeting,
        form.answer.data,
        number=form.number.data or 1,
        remark=form.remark.data or "",
        noted_by=noted_by,
    )


def _organises(network: Network, meeting: Meeting) -> bool:
    return leads(network) and network is meeting.home


def _said_of(guest: Guest) -> str:
    answered = f" – {COMING_NAMES[guest.coming]}" if guest.coming else ""
    return f"{guest.name}, {guest.organisation}{answered}"


def _row(guest: Guest) -> tuple[str, ...]:
    known = guest.attendance if guest.coming else None
    if known is None or guest.coming is None:
        return guest.name, guest.organisation, "", "", ""
    number = str(known.number) if guest.coming is not Coming.NO else ""
    return guest.name, guest.organisation, str(COMING_NAMES[guest.coming]), number, known.remark
