"""The mails of requests: contacts to those who need them, one short note to the network, calls for help, the end.

They are German, whatever language the person who pressed reads the portal in. A confidential request does not say
its subject, nor what somebody wrote to it. Who takes care may change back and forth: each person is told of it as
app/mail/saying.py has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from sqlalchemy import or_, select

from app.accounts.models import User
from app.database import db
from app.forum import taking_down
from app.mail import outbox, saying
from app.mail.models import Mail
from app.networks.direct import AUDIENCE as DIRECT
from app.requests import noting
from app.requests.composing import compose
from app.requests.contacts import Contact, contact_of, owner_of, requester_of, suggested_by
from app.requests.forms import SUCCESS_NAMES
from app.requests.models import Answer, Handover, Request

#: Makes a mail from what it is about.
Write = Callable[[str], Mail]

#: Whom to tell ("user:3"), and with which mail.
Told = Mapping[str, Write]


def taken(request: Request) -> None:
    """Give who asked and who takes care each other's name, phone and e-mail, and tell the network once."""
    told: dict[str, Write] = {}
    if request.requester:
        told |= _contact(request, "taken", request.requester, [owner_of(request, request.requester)])
    if request.owner:
        told |= _contact(request, "yours", request.owner, [requester_of(request, request.owner)])
    _say_how_it_stands(request, f"taken-{request.owner_id}", told)
    noting.taken(request)


def helps(request: Request, helper: Answer) -> None:
    """Give helper, owner and who asked each other's name, phone and e-mail; nobody else hears of it."""
    told: dict[str, Write] = {}
    for user in {user.id: user for user in (request.requester, request.owner) if user}.values():
        person = contact_of(request, helper.user, helper.seat, helper.organisation, user)
        told |= _contact(request, "helps", user, [person])
    them = [requester_of(request, helper.user), owner_of(request, helper.user)]
    told |= _contact(request, "helping", helper.user, them)
    for to, write in told.items():
        saying.say(_helping(request, helper.user_id), f"owner-{request.owner_id}", to, write)


def helps_no_longer(request: Request, user_id: int) -> None:
    """Nobody is told that somebody stopped helping; what waits of it is not so any more."""
    saying.unsay(_helping(request, user_id))


def hint(request: Request, answer: Answer) -> None:
    """Tell who asked whom somebody knows, and ask the one who was named: once, and not who said that they cannot."""
    line = "" if request.thread.confidential else answer.line
    if request.requester:
        said_by = contact_of(request, answer.user, answer.seat, answer.organisation, request.requester)
        suggested = suggested_by(answer, request.requester)
        _send(request, _contact(request, "hint", request.requester, [said_by, *suggested], line=line))
    apart = {request.message.author_id, request.owner_id, *(refusal.user_id for refusal in request.refusals)}
    before = {hint.participant_id for hint in request.hints if hint is not answer}
    called = [
        person.user.key
        for person in suggested_by(answer, answer.user)
        if person.user and person.user.id not in apart and answer.participant_id not in before
    ]
    if called and answer.participant:
        call(request, "suggested", called, f"{DIRECT}:{answer.participant.network_id}", answer.name)


def handed_over(handover: Handover) -> None:
    """Give one person the phone number and address that another had to be asked for."""
    request, seat = handover.request, handover.seat
    organisation = seat.organisation.name if seat else ""
    contact = contact_of(request, handover.user, seat, organisation, handover.to)
    _send(request, _contact(request, "shared", handover.to, [contact]))


def given_back(request: Request, owner: User | None, owner_name: str) -> None:
    """Tell who asked, who helps, and an owner who did not give it back themselves, that it is open again."""
    helpers = [answer.user.key for answer in request.helpers] + ([owner.key] if owner else [])
    told = dict.fromkeys(helpers, partial(_call, request, "given-back", "person", owner_name))
    if request.requester:
        told[request.requester.key] = partial(_call, request, "open-again", "person", owner_name)
    _say_how_it_stands(request, "open", told)


def closed(request: Request, by: User) -> None:
    """Tell who had to do with it, and did not end it themselves, that nothing is left to do, and what came of it."""
    people = {user.id: user for user in (request.requester, request.owner, *(a.user for a in request.helpers)) if user}
    people.pop(by.id, None)
    _hold_back_helpers(request)
    noting.hold_back(request)
    _say_it_is_over(request, by, [user.key for user in people.values()])


def answers_changed(request: Request, by: User) -> None:
    """Let the mails of its end that still wait say what came of it as it is known now; nobody is told a second time."""
    _say_it_is_over(request, by, [key for key in saying.still_to_tell(_standing(request)) if key != by.key])


def reopened(request: Request) -> None:
    """Nobody is told that its end was undone; what waits of that end is not so any more."""
    saying.unsay(_standing(request))


def hold_back(request: Request) -> None:
    """Withdraw what waits to be said of who takes care and who helps."""
    saying.unsay(_standing(request))
    _hold_back_helpers(request)


def redact(request: Request) -> None:
    """Withdraw all that waits about a request whose message is taken down, and let no mail of it say what it said."""
    of_request = or_(Mail.about == request.key, Mail.about.startswith(f"{request.key}:"))
    for about in db.session.scalars(select(Mail.about).where(of_request).distinct()).all():
        taking_down.redact(about, request.message)


def call(request: Request, case: str, keys: Iterable[str], audience: str, by: str = "") -> int:
    """Ask these people by a mail with the three buttons; `case` says why they are asked."""
    return outbox.enqueue(_call(request, case, audience, by, request.key), to=list(dict.fromkeys(keys)))


def _call(request: Request, case: str, audience: str, by: str, about: str) -> Mail:
    requester = requester_of(request)
    return compose(
        request,
        "request-call",
        about,
        audience=audience,
        reply_to="" if case == "open-again" else requester.answers,  # that one goes to the requester
        case=case,
        by=by,
        requester=requester,
        owner=owner_of(request),
        message=request.message,
    )


def _standing(request: Request) -> str:
    return f"{request.key}:stands"


def _helping(request: Request, user_id: int) -> str:
    return f"{request.key}:helps:{user_id}"


def _hold_back_helpers(request: Request) -> None:
    for helper in request.helpers:
        saying.unsay(_helping(request, helper.user_id))


def _say_it_is_over(request: Request, by: User, keys: Iterable[str]) -> None:
    success = SUCCESS_NAMES[request.success] if request.success else ""
    write = partial(compose, request, "request-closed", audience="person", by=by.name, success=success)
    _say_how_it_stands(request, "closed", dict.fromkeys(keys, write))


def _say_how_it_stands(request: Request, state: str, told: Told) -> None:
    """Tell these people; for everybody else what waits is not so any more."""
    saying.unsay(_standing(request), apart=told)
    for to, write in told.items():
        saying.say(_standing(request), state, to, write)


def _send(request: Request, told: Told) -> None:
    for to, write in told.items():
        outbox.enqueue(write(request.key), to=[to])


def _contact(request: Request, case: str, to: User, contacts: list[Contact], line: str = "") -> Told:
    """Ask those for leave who hide something of theirs, and return whom to tell with which mail."""
    for contact in contacts:
        if contact.is_hidden:
            _ask(request, contact, to)
    write = partial(
        compose,
        request,
        "request-contact",
        audience="person",
        reply_to=contacts[0].answers,
        case=case,
        contacts=contacts,
        line=line,
        for_owner=to.id == request.owner_id,
    )
    return {to.key: write}


def _ask(request: Request, contact: Contact, to: User) -> None:
    """Ask somebody who does not show their phone or address whether this person may have it; once for a request."""
    user, seat = contact.user, contact.seat
    if user is None or db.session.scalar(select(Handover.id).filter_by(request_id=request.id, user=user, to=to)):
        return
    handover = Handover(request=request, user=user, seat=seat, to=to)
    db.session.add(handover)
    db.session.flush()
    mail = compose(
        request,
        "request-share",
        request.key,
        audience="person",
        handover=handover,
        phone=seat.phone if seat and not contact.phone else "",
        email=user.email if not contact.email else "",
        to=to,
    )
    outbox.enqueue(mail, to=[user.key])
