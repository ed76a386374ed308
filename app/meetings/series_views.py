"""The pages of a series: repeating a meeting, and what changes in one and those that follow it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import ValidationError
from wtforms.fields import SelectChoice

from app.database import db
from app.errors import DomainError
from app.holidays import free_day
from app.meetings import series
from app.meetings.clashing import Objections, Span, said_against
from app.meetings.models import Meeting
from app.meetings.series_forms import FollowingForm, RepeatForm, day_said
from app.meetings.views import bp, own_meeting
from app.networks.models import Network
from app.networks.scope import leads_only
from app.templating import clock


@bp.route("/netze/<network:network>/sitzungen/<int:id>/wiederholen", methods=["GET", "POST"])
@leads_only
def repeat(network: Network, id: int) -> ResponseReturnValue:
    """Repeat a meeting by a rule: first show its dates, then enter those that stay ticked."""
    meeting = own_meeting(network, id)
    form = RepeatForm.of(meeting, series.series_of(meeting))
    if form.is_submitted():
        form.dates.choices = [
            SelectChoice(day, day) for day in request.form.getlist("dates")
        ]  # which of them count, `chosen` says
    is_valid = form.validate_on_submit()
    chosen = form.chosen() if is_valid else []
    if chosen and "enter" in request.form:
        entered = series.enter(meeting, form.repeat.data, form.every.data or 1, chosen)
        db.session.commit()
        flash(_entered(len(entered)), "success")
        return redirect(url_for(".show", network=network, id=id) + "#serie")
    days = _offered(meeting, form.days) if is_valid else {}
    form.offer(days)
    if "enter" not in request.form:
        form.dates.data = [day.isoformat() for day in days if not free_day(day)]
    elif is_valid:
        form.form_errors.append(_("Bitte kreuzen Sie mindestens einen Termin an."))
    return render_template("meetings/repeat.html", network=network, meeting=meeting, form=form, days=days)


@bp.route("/netze/<network:network>/sitzungen/<int:id>/folgende", methods=["GET", "POST"])
@leads_only
def change_following(network: Network, id: int) -> ResponseReturnValue:
    """Change a meeting and those that follow it: first show what that makes of their dates, then do it."""
    meeting = own_meeting(network, id)
    if request.method == "POST":
        series.hold_all(meeting)
    meetings = _following(meeting)
    form = FollowingForm.of(meeting)
    preview = None
    if form.validate_on_submit():
        change = series.Change.of(
            meeting, form.title.data or "", form.place.data or "", Span(form.starts_at, form.ends_at)
        )
        preview = _preview(form, meetings, change)
        if preview and not preview.are_open:
            for each in meetings:
                change.apply(each)
            db.session.commit()
            flash(
                ngettext("%(num)s Sitzung ist geändert.", "%(num)s Sitzungen sind geändert.", len(meetings)), "success"
            )
            return redirect(url_for(".show", network=network, id=id) + "#serie")
    return render_template(
        "meetings/following.html", network=network, meeting=meeting, meetings=meetings, form=form, preview=preview
    )


@bp.post("/netze/<network:network>/sitzungen/<int:id>/folgende/absagen")
@leads_only
def cancel_following(network: Network, id: int) -> ResponseReturnValue:
    """Let a meeting and those that follow it not take place; who was invited is told by mails of their own."""
    meeting = own_meeting(network, id)
    series.hold_all(meeting)
    meetings = _following(meeting)
    series.cancel(meetings)
    db.session.commit()
    flash(ngettext("%(num)s Sitzung ist abgesagt.", "%(num)s Sitzungen sind abgesagt.", len(meetings)), "success")
    return redirect(url_for(".show", network=network, id=id) + "#serie")


def _following(meeting: Meeting) -> Sequence[Meeting]:
    meetings = series.following(meeting)
    if meeting not in meetings:
        raise DomainError(_("Diese Sitzung ist schon vorbei oder abgesagt."))
    return meetings


def _offered(meeting: Meeting, days: Sequence[date]) -> dict[date, list[str]]:
    """Return the days on which the series has no meeting yet, each with what speaks against it."""
    taken = series.days_taken(meeting)
    new = [day for day in days if day not in taken]
    against = said_against(meeting.networks, [series.span_on(meeting, day) for day in new], apart_from=[meeting.id])
    return dict(zip(new, against, strict=True))


def _entered(number: int) -> str:
    if not number:
        return str(_("Diese Sitzungen stehen schon in der Serie."))
    return ngettext(
        "%(num)s Sitzung ist eingetragen. Eingeladen ist dazu noch niemand.",
        "%(num)s Sitzungen sind eingetragen. Eingeladen ist dazu noch niemand.",
        number,
    )


def _preview(form: FollowingForm, meetings: Sequence[Meeting], change: series.Change) -> Objections | None:
    """Return what the change makes of each meeting, in a sentence; what cannot be is said in the form."""
    try:
        spans = [change.span_of(each) for each in meetings]
    except ValidationError as error:
        form.form_errors.append(str(error))
        return None
    if change.span is None:
        against: list[list[str]] = [[] for _each in meetings]
    else:
        against = said_against(meetings[0].networks, spans, apart_from=[each.id for each in meetings])
    return Objections(
        tuple(" ".join([_line(each, span), *found]) for each, span, found in zip(meetings, spans, against, strict=True))
    )


def _line(meeting: Meeting, span: Span) -> str:
    start, end = clock(span.starts_at), clock(span.ends_at)
    words = {"old": day_said(meeting.day), "new": day_said(span.day), "start": start, "end": end}
    if span.day == meeting.day:
        return str(_("%(old)s, %(start)s–%(end)s Uhr.", **words))
    return str(_("%(new)s, %(start)s–%(end)s Uhr, statt %(old)s.", **words))
