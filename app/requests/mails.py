"""The mails of requests: contacts to those who need them, one short note to the network, calls for help, the end.

They are German, whatever language the person who pressed reads the portal in. A confidential request does not say
its subject, nor what somebody wrote to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.accounts.models import User
from app.database import db, utc_now
from app.forum.subjects import mail_subject
from app.mail import outbox
from app.mail.envelope import address_of, list_headers, new_message_id
from app.mail.models import Mail, Priority
from app.networks.direct import AUDIENCE as DIRECT
from app.networks.models import Network
from app.networks.recipients import keys_through
from app.networks.rhythm import HOLD_REASONS, next_moment
from app.requests.contacts import Contact, contact_of, owner_of, requester_of, suggested_by
from app.requests.models import Answer, Handover, Request

_AUTOMATIC = {"Auto-Submitted": "auto-generated"}


def taken(request: Request) -> None:
    """Give who asked and who takes care each other's name, phone and e-mail, and tell the network once."""
    if request.requester:
        _contact(request, "taken", request.requester, [owner_of(request, request.requester)])
    if request.owner:
        _contact(request, "yours", request.owner, [requester_of(request, request.owner)])
    if request.told_at is None:
        request.told_at = utc_now()
        _note(request)


def helps(request: Request, helper: Answer) -> None:
    """Give helper, owner and who asked each other's name, phone and e-mail; nobody else hears of it."""
    for user in {user.id: user for user in (request.requester, request.owner) if user}.values():
        person = contact_of(request, helper.user, helper.seat, helper.organisation, user)
        _contact(request, "helps", user, [person])
    them = [requester_of(request, helper.user), owner_of(request, helper.user)]
    _contact(request, "helping", helper.user, them)


def hint(request: Request, answer: Answer) -> None:
    """Tell who asked whom somebody knows, and ask the one who was named."""
    line = "" if request.thread.confidential else answer.line
    if request.requester:
        said_by = contact_of(request, answer.user, answer.seat, answer.organisation, request.requester)
        suggested = suggested_by(answer, request.requester)
        _contact(request, "hint", request.requester, [said_by, *suggested], line=line)
    called = [
        person.user.key
        for person in suggested_by(answer, answer.user)
        if person.user and person.user.id not in (request.message.author_id, request.owner_id)
    ]
    if called and answer.participant:
        call(request, "suggested", called, f"{DIRECT}:{answer.participant.network_id}", answer.name)


def handed_over(handover: Handover) -> None:
    """Give one person the phone number and address that another had to be asked for."""
    request, seat = handover.request, handover.seat
    organisation = seat.organisation.name if seat else ""
    _contact(request, "shared", handover.to, [contact_of(request, handover.user, seat, organisation, handover.to)])


def given_back(request: Request, owner: User | None, owner_name: str) -> None:
    """Tell who asked, who helps, and an owner who did not give it back themselves, that it is open again."""
    asked = [request.requester.key] if request.requester else []
    if asked:
        call(request, "open-again", asked, "person", owner_name)
    helpers = [answer.user.key for answer in request.helpers] + ([owner.key] if owner else [])
    if helpers:
        call(request, "given-back", helpers, "person", owner_name)


def closed(request: Request, by: User) -> None:
    """Tell who had to do with it, and did not end it themselves, that nothing is left to do."""
    people = {user.id: user for user in (request.requester, request.owner, *(a.user for a in request.helpers)) if user}
    people.pop(by.id, None)
    if people:
        mail = _compose(request, "request-closed", audience="person", by=by.name)
        outbox.enqueue(mail, to=[user.key for user in people.values()])


def call(request: Request, case: str, keys: Iterable[str], audience: str, by: str = "") -> int:
    """Ask these people by a mail with the three buttons; `case` says why they are asked."""
    requester = requester_of(request)
    mail = _compose(
        request,
        "request-call",
        audience=audience,
        reply_to=requester.answers,
        case=case,
        by=by,
        requester=requester,
        message=request.message,
    )
    return outbox.enqueue(mail, to=list(dict.fromkeys(keys)))


def title_of(request: Request) -> str:
    """Return the subject, where it may be said outside the website."""
    return _("Vertrauliche Nachricht") if request.thread.confidential else request.thread.subject


def _contact(request: Request, case: str, to: User, contacts: list[Contact], line: str = "") -> None:
    mail = _compose(
        request,
        "request-contact",
        audience="person",
        reply_to=contacts[0].answers,
        case=case,
        contacts=contacts,
        line=line,
        for_owner=to.id == request.owner_id,
    )
    outbox.enqueue(mail, to=[to.key])
    for contact in contacts:
        if contact.is_hidden:
            _ask(request, contact, to)


def _ask(request: Request, contact: Contact, to: User) -> None:
    """Ask somebody who does not show their phone or address whether this person may have it; once for a request."""
    user, seat = contact.user, contact.seat
    if user is None or db.session.scalar(select(Handover.id).filter_by(request_id=request.id, user=user, to=to)):
        return
    handover = Handover(request=request, user=user, seat=seat, to=to)
    db.session.add(handover)
    db.session.flush()
    mail = _compose(
        request,
        "request-share",
        audience="person",
        handover=handover,
        phone=seat.phone if seat and not contact.phone else "",
        email=user.email if not contact.email else "",
        to=to,
    )
    outbox.enqueue(mail, to=[user.key])


def _note(request: Request) -> None:
    """One short mail to everybody else whom the request reached; in a digest it is a line."""
    networks = [network for network in _home_first(request) if network.closed_at is None]
    apart = [user.key for user in (request.requester, request.owner) if user]
    message_id = new_message_id()  # of all copies, so that a deputy gets one
    for index, network in enumerate(networks):
        others = [network, *networks[:index], *networks[index + 1 :]]
        owner = owner_of(request, networks=[network])
        mail = _compose(
            request,
            "request-note",
            audience="networks:" + ",".join(str(each.id) for each in others),
            network=network,
            message_id=message_id,
            reply_to=owner.answers,
            owner=owner,
            requester=requester_of(request),
        )
        due_at = max(utc_now(), request.message.mails_at)
        outbox.enqueue(mail, to=_apart_from(apart, keys_through(network, networks)), due_at=due_at)
        for rhythm, reason in HOLD_REASONS.items():
            collecting = _apart_from(apart, keys_through(network, networks, (rhythm,)))
            outbox.hold(mail, collecting, due_at=next_moment(rhythm, due_at), reason=reason)


def _apart_from(keys: Sequence[str], reached: Select[str]) -> Select[str]:
    key = reached.subquery().columns[0]
    return select(key).where(key.not_in(keys))


def _compose(
    request: Request, event: str, *, audience: str, network: Network | None = None, reply_to: str = "", **context: Any
) -> Mail:
    network, to_all = network or request.thread.home, network is not None
    thread = request.thread
    first = f"<{request.message.message_id}>"
    headers = {"In-Reply-To": first, "References": first}
    with force_locale("de"):
        return outbox.compose(
            event,
            audience=audience,
            about=request.key,
            priority=Priority.BULK if to_all else Priority.PERSONAL,
            from_name=network.name,
            # An answer that goes past Reply-To must not reach everybody.
            from_address=address_of(network.slug) if to_all else None,
            reply_to=reply_to,
            can_answer=bool(reply_to),
            # The portal's own words although they go to all (RFC 3834 5).
            headers=headers | _AUTOMATIC | (list_headers(network.slug, network.name) if to_all else {}),
            mail_subject=mail_subject(request.message, network.name, is_reply=True),
            title=title_of(request),
            thread=thread,
            network=network,
            **context,
        )


def _home_first(request: Request) -> list[Network]:
    home = request.thread.home
    return [home, *(network for network in request.thread.networks if network is not home)]
