"""Two answers that take words, given by a form on the website or on the page behind a mail's link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _

from app.accounts.models import User
from app.database import db, unaccented
from app.errors import DomainError
from app.networks import visibility
from app.networks.models import Participant
from app.requests import closing, taking
from app.requests.forms import CloseForm, HintForm, LinkHintForm
from app.requests.models import Request


def suggested(form: HintForm, user: User, request: Request) -> bool:
    """Take the hint of a form that was submitted; what is wrong with it stands in the form then."""
    people = who_could(user, request)
    form.offer([(participant.id, name) for participant, name in people])
    if not form.validate_on_submit():
        return False
    chosen = {participant.id: participant for participant, _name in people}.get(form.participant.data)
    return _passed_on(form, user, request, chosen, form.line.data or "")


def suggested_in_words(form: LinkHintForm, user: User, request: Request) -> bool:
    """The same where nobody may be listed. Whoever is not found by what was typed stands in the line, as typed."""
    if not form.validate_on_submit():
        return False
    try:
        named = who_is(form.participant.data or "", user, request)
    except DomainError as doubt:
        form.participant.errors = [str(doubt)]
        return False
    lines = [form.line.data or ""] if named else [form.participant.data or "", form.line.data or ""]
    return _passed_on(form, user, request, named, "\n".join(filter(None, lines)))


def _passed_on(form: HintForm, user: User, request: Request, named: Participant | None, line: str) -> bool:
    try:
        taking.suggest(user, request, named, line)
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
    found: dict[int, tuple[Participant, str]] = {}
    for participant, person in _others(user, request):
        before = found.get(participant.seat_id)
        name = _("%(one)s und %(other)s", one=before[1], other=person.name) if before else person.name
        found[participant.seat_id] = (participant, name)
    return [(each, f"{name}, {each.seat.organisation.name}") for each, name in found.values()]


def who_is(words: str, user: User, request: Request) -> Participant | None:
    """Return which of those who could help these words name; None: nobody, or the words say it in another way.

    They are a name, a name with the organisation as in "Ada Muster, Musterhaus", or an address. Raises `DomainError`
    where they fit several people, of whom it says no more than was typed.
    """
    said = unaccented(words)
    found: dict[int, Participant] = {}
    for participant, person in _others(user, request):
        names = (person.name, f"{person.name}, {participant.seat.organisation.name}")
        if said and (said in map(unaccented, names) or _is_address_of(said, person, user)):
            found.setdefault(person.id, participant)
    if len(found) > 1:
        raise DomainError(
            _(
                "So heißen mehrere. Bitte schreiben Sie die Organisation dazu, wie in „%(name)s, Name der "
                "Organisation“, oder statt des Namens die E-Mail-Adresse.",
                name=words,
            )
        )
    return next(iter(found.values()), None)


def _is_address_of(said: str, person: User, viewer: User) -> bool:
    """An address that is not shown names nobody: whoever holds the mail could try which one is theirs."""
    is_theirs = said == unaccented(person.email or "")
    return is_theirs and visibility.sees(viewer, person, person.email_seen_by)


def _others(user: User, request: Request) -> Iterator[tuple[Participant, User]]:
    """Each participant with each person who holds their seat; a seat in several networks stands in one of them."""
    networks = [network.id for network in request.thread.networks if network.closed_at is None]
    seen: dict[int, Participant] = {}
    for participant, person in db.session.execute(Participant.present_in(*networks)):
        if person.id in (user.id, request.message.author_id):
            continue
        if seen.setdefault(participant.seat_id, participant) is participant:
            yield participant, person
