"""The minutes of a meeting: written by who looks after it, sent to all, read and corrected by those who take part."""

from __future__ import annotations

import uuid

from flask import abort, flash, redirect, render_template, url_for
from flask import request as http
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from wtforms.fields import SelectChoice

from app import queue
from app.database import db, utc_now
from app.errors import DomainError
from app.files import keeping
from app.files.models import StoredFile
from app.forms import made_id
from app.forum import drafting
from app.forum.models import Message
from app.forum.sending import sent_once
from app.meetings import correcting, minutes, minutes_letter, presence
from app.meetings.calendar import event_of
from app.meetings.drawing_out import drawn_out
from app.meetings.forms import name_of
from app.meetings.minutes_forms import ApprovalForm, CorrectionForm, MinutesForm, SendMinutesForm, approval_form
from app.meetings.minutes_models import Minutes, MinutesCorrection, Stage
from app.meetings.models import Meeting
from app.meetings.views import bp, led_to, meeting_of, own_meeting
from app.networks.models import Network
from app.networks.recipients import audience_of
from app.networks.scope import leads, leads_only


@bp.get("/netze/<network:network>/sitzungen/<int:id>/protokoll")
def show_minutes(network: Network, id: int) -> ResponseReturnValue:
    """Show the minutes; a draft only to who looks after the meeting."""
    meeting, found = _minutes(network, id)
    decides = _looks_after(network, meeting)
    approval = approval_form(meeting) if decides and found.stage is Stage.SENT else None
    return _minutes_page(network, found, decides=decides, approval=approval)


def _minutes_page(
    network: Network, found: Minutes, *, decides: bool, approval: ApprovalForm | None
) -> ResponseReturnValue:
    meeting = found.meeting
    return render_template(
        "meetings/minutes.html",
        network=network,
        meeting=meeting,
        minutes=found,
        present=presence.presence_at(meeting),
        files=db.session.scalars(StoredFile.owned_by(found.key)).all() if found.is_draft else [],
        when=event_of(meeting).when,
        standing=minutes.standing(found),
        decides=decides,
        corrections=[each for each in found.corrections if decides or each.user_id == current_user.id],
        approval=approval,
    )


@bp.route("/netze/<network:network>/sitzungen/<int:id>/protokoll/bearbeiten", methods=["GET", "POST"])
@leads_only
def edit_minutes(network: Network, id: int) -> ResponseReturnValue:
    """Write the minutes, upload them, tick who was there; nobody else sees them yet."""
    meeting = own_meeting(network, id)
    found = minutes.of_meeting(meeting)
    if meeting.starts_at > utc_now():
        raise DomainError(_("Diese Sitzung hat noch nicht stattgefunden."))
    if found and http.method != "POST":
        minutes.refuse_if_approved(found)
    people = presence.invited(meeting)
    text = found.text if found else minutes.first_text(meeting)
    seen = name_of(found.text if found else "")
    there = presence.suggested(people)
    there_seen = " ".join(map(str, there))
    form = MinutesForm(data={"text": text, "text_seen": seen, "there": there, "there_seen": there_seen})
    kept = db.session.scalars(StoredFile.owned_by(found.key)).all() if found else []
    form.there.choices = [SelectChoice(person.user_id, person.said) for person in people]
    form.without.choices = [SelectChoice(file.id, file.name) for file in kept]
    if form.is_submitted():
        found = _kept(form, meeting, people) or found
        if found and not form.errors:
            return _went_on(network, found)
        kept = db.session.scalars(StoredFile.owned_by(found.key)).all() if found else []
        form.without.choices = [SelectChoice(file.id, file.name) for file in kept]
    return render_template(
        "meetings/minutes_edit.html", network=network, meeting=meeting, minutes=found, form=form, kept=kept
    )


@bp.route("/netze/<network:network>/sitzungen/<int:id>/protokoll/versenden", methods=["GET", "POST"])
@leads_only
def send_minutes(network: Network, id: int) -> ResponseReturnValue:
    """Mail the minutes to everybody; who was absent gets decisions and tasks."""
    meeting = own_meeting(network, id)
    found = minutes.of_meeting(meeting) or abort(404)
    form = SendMinutesForm(data=_suggestion(found))
    if form.validate_on_submit() and (message := _sent(form, found)):
        return led_to(message)
    if not found.is_draft and not form.is_submitted():
        return redirect(url_for(".show_minutes", network=network, id=id))
    networks = [each for each in meeting.networks if not each.closed_at]
    return render_template(
        "meetings/minutes_send.html",
        network=network,
        meeting=meeting,
        minutes=found,
        form=form,
        audience=audience_of(networks),
        networks=networks,
        present=presence.presence_at(meeting),
        drawn=drawn_out(found.text, db.session.scalars(StoredFile.owned_by(found.key))),
    )


@bp.post("/netze/<network:network>/sitzungen/<int:id>/protokoll/genehmigen")
@leads_only
def approve_minutes(network: Network, id: int) -> ResponseReturnValue:
    """Say that the minutes hold."""
    meeting = own_meeting(network, id)
    found = minutes.of_meeting(meeting) or abort(404)
    form = approval_form(meeting)
    if found.stage is Stage.SENT and not form.validate():
        # Approved is for good: what was not understood decides nothing.
        return _minutes_page(network, found, decides=True, approval=form)
    at = db.session.get(Meeting, form.meeting.data) if form.meeting.data else None
    minutes.approve(found, current_user, at)
    db.session.commit()
    flash(_("Das Protokoll ist genehmigt."), "success")
    return redirect(url_for(".show_minutes", network=network, id=id))


@bp.route("/netze/<network:network>/sitzungen/<int:id>/protokoll/korrektur", methods=["GET", "POST"])
def correct_minutes(network: Network, id: int) -> ResponseReturnValue:
    """Say what is wrong in the minutes; only who looks after the meeting reads it."""
    meeting, found = _minutes(network, id)
    form = CorrectionForm()
    if form.validate_on_submit():
        try:
            correcting.correct(current_user, found, form.text.data or "")
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            db.session.commit()
            queue.wake("outbox")
            flash(_("Danke! Ihre Korrektur ist bei der Netzleitung."), "success")
            return redirect(url_for(".show_minutes", network=network, id=id))
    elif not found.takes_corrections:
        return redirect(url_for(".show_minutes", network=network, id=id))
    return render_template("meetings/minutes_correct.html", network=network, meeting=meeting, minutes=found, form=form)


@bp.post("/netze/<network:network>/sitzungen/<int:id>/protokoll/korrekturen/<int:correction_id>/erledigt")
@leads_only
def settle_correction(network: Network, id: int, correction_id: int) -> ResponseReturnValue:
    """Note that a correction was dealt with."""
    meeting = own_meeting(network, id)
    of_these = (
        select(MinutesCorrection)
        .join(Minutes)
        .where(Minutes.meeting_id == meeting.id, MinutesCorrection.id == correction_id)
    )
    correcting.settle(db.session.scalar(of_these) or abort(404), current_user)
    db.session.commit()
    return redirect(url_for(".show_minutes", network=network, id=id) + "#korrekturen")


def _minutes(network: Network, id: int) -> tuple[Meeting, Minutes]:
    """Return what this person may read; what is a draft does not exist for others."""
    meeting = meeting_of(network, id)
    found = minutes.of_meeting(meeting) or abort(404)
    if found.is_draft and not _looks_after(network, meeting):
        abort(404)
    return meeting, found


def _looks_after(network: Network, meeting: Meeting) -> bool:
    return network is meeting.home and leads(network)


def _kept(form: MinutesForm, meeting: Meeting, people: list[presence.Person]) -> Minutes | None:
    """Keep what was typed, ticked and uploaded, and commit; of a form with a fault only the files that have none.

    A broken rule is said in the form, and nothing is kept.
    """
    is_right = form.validate()
    try:
        found = minutes.begin(meeting)
    except DomainError as error:
        db.session.rollback()
        form.form_errors.append(str(error))
        return None
    is_right = is_right and form.is_of(found.text)
    kept = db.session.scalars(StoredFile.owned_by(found.key)).all()
    if is_right:
        found.text = form.text.data or ""
        presence.note(meeting, people, form.there.data, form.ticked_before())
        for file in kept:
            if file.id in form.without.data:
                keeping.drop(file)
    for position, upload in enumerate(form.files.sound, start=len(kept)):
        keeping.keep(upload, found.key, position)
    db.session.flush()
    if is_right and not found.is_draft:
        minutes.refresh(found)
    db.session.commit()
    return found


def _went_on(network: Network, found: Minutes) -> ResponseReturnValue:
    if "send" in http.form and found.is_draft:
        return redirect(url_for(".send_minutes", network=network, id=found.meeting_id))
    said = _("Der Entwurf ist gespeichert. Nur die Netzleitung sieht ihn.")
    flash(said if found.is_draft else _("Die Änderungen sind gespeichert."), "success")
    return redirect(url_for(".show_minutes", network=network, id=found.meeting_id))


def _suggestion(found: Minutes) -> dict[str, object]:
    begun = next(iter(drafting.drafts_at(current_user, found.key)), None)
    words = minutes_letter.letter(found, current_user)
    if begun is not None:
        words |= {name: begun.fields[name] for name in ("subject", "body") if begun.fields.get(name)}
        words["body"] = minutes_letter.brought_up_to_date(found, words["body"])
    return words | {"corrections_until": minutes_letter.usual_end(), "submission": str(uuid.uuid4())}


def _sent(form: SendMinutesForm, found: Minutes) -> Message | None:
    draft_id = drafting.own_submission(current_user, found.key, form.submission_id())
    made_as = made_id(draft_id, current_user.id, found.key, *form.words())
    return sent_once(
        form,
        made_as,
        lambda: minutes.send(
            current_user,
            found,
            subject=form.subject.data or "",
            body=form.body.data or "",
            corrections_until=form.corrections_until.data,
            submission=made_as,
        ),
    )
