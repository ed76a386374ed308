"""Proposing dates, answering on the website, looking at the answers and ending the poll."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user

from app.database import db
from app.errors import DomainError
from app.forms import made_id
from app.forum import drafting
from app.forum.models import Draft, Message, ThreadNetwork
from app.forum.sending import mail_in_time, sent_once
from app.meetings.clashing import Objections, said_against
from app.meetings.together import networks_of, offer_networks
from app.meetings.views import led_to
from app.networks.models import Network
from app.networks.recipients import audience_of
from app.networks.scope import leads_only
from app.polls import answering, closing
from app.polls.beginning import mark_of, place_of_drafts, propose
from app.polls.forms import CHOICE_NAMES, AnswerForm, ClosingForm, GivingUpForm, ProposalForm, said, values_of
from app.polls.models import Poll
from app.polls.rights import looks_after, takes_part
from app.polls.tally import tally_of

bp = Blueprint("polls", __name__)


@bp.route("/netze/<network:network>/terminumfragen/neu", methods=["GET", "POST"])
@leads_only
def new(network: Network) -> ResponseReturnValue:
    """Propose dates and ask everybody by mail which suit them."""
    if network.closed_at:
        abort(403)
    kept = next(iter(drafting.drafts_at(current_user, place_of_drafts(network))), None)
    form = ProposalForm(data=_values(kept))
    others = offer_networks(form, network)
    wants_more = "more" in request.form
    is_valid = not wants_more and form.validate_on_submit()
    networks = networks_of(form, network, others)
    objections = _objections(form, networks) if is_valid else None
    if objections and not objections.are_open and (message := _proposed(form, networks)):
        return led_to(message)
    return render_template(
        "polls/new.html",
        network=network,
        form=form,
        rows=form.rows(all_of_them=wants_more),
        objections=objections,
        kept=kept,
        audience=audience_of(networks, at_once=True),
    )


@bp.route("/netze/<network:network>/terminumfragen/<int:id>", methods=["GET", "POST"])
def show(network: Network, id: int) -> ResponseReturnValue:
    """Show the dates with one's own answers, and to who looks after it those of all."""
    poll = _poll(network, id)
    form = AnswerForm.of(poll, answering.answers_of(current_user, poll), csrf=True)
    if answering.submitted(form, current_user, poll):
        db.session.commit()
        flash(_("Ihre Antworten sind gespeichert. Sie können sie ändern, bis die Umfrage endet."), "success")
        return redirect(url_for(".show", network=network, id=id))
    return _page(network, poll, answer_form=form)


@bp.post("/netze/<network:network>/terminumfragen/<int:id>/abschliessen")
def close(network: Network, id: int) -> ResponseReturnValue:
    """Make the meeting of one of the dates and invite everybody."""
    poll = _own_poll(network, id)
    form = ClosingForm()
    form.offer(poll)
    chosen = next((each for each in poll.dates if form.validate_on_submit() and each.id == form.date.data), None)
    if chosen is None or not _ended(form, lambda: closing.settle(current_user, poll, chosen)):
        return _page(network, poll, closing_form=form)
    meeting = poll.meeting or abort(409)
    flash(_("Der Termin steht, und die Einladung geht an %(audience)s.", audience=_said(poll)), "success")
    return redirect(url_for("meetings.show", network=poll.thread.home, id=meeting.id))


@bp.post("/netze/<network:network>/terminumfragen/<int:id>/ohne-termin")
def give_up(network: Network, id: int) -> ResponseReturnValue:
    """End it without a date and tell everybody."""
    poll = _own_poll(network, id)
    form = GivingUpForm()
    if not form.validate_on_submit() or not _ended(
        form, lambda: closing.give_up(current_user, poll, form.body.data or "")
    ):
        return _page(network, poll, giving_up_form=form)
    flash(_("Die Terminumfrage ist ohne Termin beendet. Das erfahren %(audience)s.", audience=_said(poll)), "success")
    return redirect(url_for(".show", network=network, id=id))


def _page(
    network: Network,
    poll: Poll,
    *,
    answer_form: AnswerForm | None = None,
    closing_form: ClosingForm | None = None,
    giving_up_form: GivingUpForm | None = None,
) -> ResponseReturnValue:
    tally = tally_of(poll, current_user) if looks_after(current_user, poll) else None
    if closing_form is None:
        closing_form = ClosingForm(formdata=None, data={"date": tally.best.id if tally and tally.best else None})
        closing_form.offer(poll)
    return render_template(
        "polls/show.html",
        network=network,
        poll=poll,
        mark=mark_of(poll),
        tally=tally,
        choice_names=CHOICE_NAMES,
        form=answer_form or AnswerForm.of(poll, answering.answers_of(current_user, poll), csrf=True),
        closing_form=closing_form,
        giving_up_form=giving_up_form
        or GivingUpForm(formdata=None, data={"body": closing.farewell(current_user, poll)}),
        may_answer=not current_user.receives_only and takes_part(current_user, poll),
        said=said,
    )


def _values(kept: Draft | None) -> dict[str, Any]:
    if kept is None:
        with force_locale("de"):
            return {"body": f"{_('Liebe Kolleginnen und Kollegen,')}\n\n{_('welche dieser Termine passen Ihnen?')}\n"}
    values = drafting.values(kept)
    typed = {"title": values.get("subject"), "submission": kept.id} | values_of(values.get("spans", []))
    return {name: values.get(name) for name in ("place", "body", "deadline")} | typed


def _objections(form: ProposalForm, networks: list[Network]) -> Objections:
    against = said_against(networks, form.spans)
    return Objections(
        tuple(f"{said(*span)}: {each}" for span, found in zip(form.spans, against, strict=True) for each in found)
    )


def _proposed(form: ProposalForm, networks: list[Network]) -> Message | None:
    place = place_of_drafts(networks[0])
    draft_id = drafting.own_submission(current_user, place, form.submission_id())
    made_as = made_id(draft_id, current_user.id, place, *form.words())
    return sent_once(
        form,
        made_as,
        lambda: propose(
            current_user,
            networks,
            form.spans,
            title=form.title.data or "",
            place=form.place.data or "",
            body=form.body.data or "",
            deadline=form.deadline.data,
            submission=made_as,
            draft_id=draft_id,
        ),
    )


def _ended(form: ClosingForm | GivingUpForm, end: Callable[[], Message | None]) -> bool:
    """End the poll and commit; a broken rule is said in the form."""
    try:
        message = end()
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        form.form_errors.append(str(error))
        return False
    if message:
        mail_in_time(message)
    return True


def _said(poll: Poll) -> str:
    return audience_of(poll.open_networks).said


def _poll(network: Network, id: int) -> Poll:
    """Return the poll that thread `id` of this network is."""
    joined = Poll.of_thread(id).join(ThreadNetwork, ThreadNetwork.thread_id == Poll.thread_id)
    poll: Poll = db.session.scalar(joined.where(ThreadNetwork.network_id == network.id)) or abort(404)
    return poll


def _own_poll(network: Network, id: int) -> Poll:
    poll = _poll(network, id)
    if not looks_after(current_user, poll):
        abort(403)
    return poll
