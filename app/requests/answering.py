"""Two answers that take words, given by a form on the website or on the page behind a mail's link."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from app.accounts.models import User
from app.database import db
from app.errors import DomainError
from app.networks.models import Participant
from app.requests import closing, taking
from app.requests.forms import CloseForm, HintForm
from app.requests.models import Request


def suggested(form: HintForm, user: User, request: Request) -> bool:
    """Take the hint of a form that was submitted; what is wrong with it stands in the form then."""
    people = who_could(user, request)
    form.offer([(participant.id, name) for participant, name in people])
    if not form.validate_on_submit():
        return False
    chosen = {participant.id: participant for participant, _name in people}.get(form.participant.data)
    try:
        taking.suggest(user, request, chosen, form.line.data or "")
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return False
    return True


def closed(form: CloseForm, user: User, request: Request) -> bool:
    """End the request by a form that was submitted; what is wrong with it stands in the form then."""
    if not form.validate_on_submit():
        return False
    try:
        closing.close(user, request, form.answer(), form.outcome.data or "")
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return False
    return True


def who_could(user: User, request: Request) -> Sequence[tuple[Participant, str]]:
    """Return who takes part in the request's networks, by name, apart from this person and who asked."""
    networks = [network.id for network in request.thread.networks if network.closed_at is None]
    found: dict[int, tuple[Participant, str]] = {}
    for participant, person in db.session.execute(Participant.present_in(*networks)):
        if person.id in (user.id, request.message.author_id):
            continue
        seat = participant.seat
        before = found.get(seat.id)
        if before and before[0] is not participant:
            continue  # the same seat in another of the networks
        name = _("%(one)s und %(other)s", one=before[1], other=person.name) if before else person.name
        found[seat.id] = (participant, name)
    return [(each, f"{name}, {each.seat.organisation.name}") for each, name in found.values()]
