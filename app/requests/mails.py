"""The mails of requests: contacts to those who need them, one short note to the network, calls for help, the end.

They are German, whatever language the person who pressed reads the portal in. A confidential request does not say
its subject, nor what somebody wrote to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, utc_now
from app.forum.subjects import mail_subject
from app.mail import outbox
from app.mail.envelope import address_of, list_headers
from app.mail.models import Mail, Priority
from app.networks.direct import AUDIENCE as DIRECT
from app.networks.models import Network, Participant, Seat
from app.networks.recipients import keys_through
from app.requests.models import Answer, Request

_AUTOMATIC = {"Auto-Submitted": "auto-generated"}


class Contact(NamedTuple):
    """How to reach somebody."""

    name: str
    organisation: str = ""
    phone: str = ""
    email: str = ""

    @property
    def mailbox(self) -> str:
        """Name and address for a Reply-To."""
        return f"{self.name} <{self.email}>" if self.email else ""


def taken(request: Request) -> None:
    """Give who asked and who takes care each other's name, phone and e-mail, and tell the network once."""
    owner = owner_of(request)
    if request.requester:
        _contact(request, "taken", [request.requester], [owner])
    if request.owner:
        _contact(request, "yours", [request.owner], [requester_of(request)])
    if request.told_at is None:
        request.told_at = utc_now()
        _note(request, owner)


def helps(request: Request, helper: Answer) -> None:
    """Give helper, owner and who asked each other's name, phone and e-mail; nobody else hears of it."""
    person = _person(helper.user, helper.seat, helper.organisation)
    _contact(request, "helps", [user for user in (request.requester, request.owner) if user], [person])
    _contact(request, "helping", [helper.user], [requester_of(request), owner_of(request)])


def hint(request: Request, answer: Answer) -> None:
    """Tell who asked whom somebody knows, and ask the one who was named."""
    suggested = _suggested(answer)
    line = "" if request.thread.confidential else answer.line
    said_by = _person(answer.user, answer.seat, answer.organisation)
    if request.requester:
        _contact(request, "hint", [request.requester], [said_by, *suggested.values()], line=line)
    called = [user for user in suggested if user.id not in (request.message.author_id, request.owner_id)]
    if called and answer.participant:
        call(
            request,
            "suggested",
            [user.key for user in called],
            f"{DIRECT}:{answer.participant.network_id}",
            answer.name,
        )


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
    mail = _compose(
        request,
        "request-call",
        audience=audience,
        reply_to=requester_of(request).mailbox,
        case=case,
        by=by,
        requester=requester_of(request),
        message=request.message,
    )
    return outbox.enqueue(mail, to=list(dict.fromkeys(keys)))


def title_of(request: Request) -> str:
    """Return the subject, where it may be said outside the website."""
    return _("Vertrauliche Nachricht") if request.thread.confidential else request.thread.subject


def requester_of(request: Request) -> Contact:
    """How to reach who asked."""
    message = request.message
    if message.author is None:
        return Contact(message.author_name, message.organisation_name)
    seat = db.session.get(Seat, message.seat_id) if message.seat_id else None
    return _person(message.author, seat, message.organisation_name)


def owner_of(request: Request) -> Contact:
    """How to reach who takes care."""
    if request.owner is None:
        return Contact(request.owner_name, request.owner_organisation)
    return _person(request.owner, request.owner_seat, request.owner_organisation)


def suggested_by(answer: Answer) -> list[Contact]:
    """How to reach whom somebody named."""
    return list(_suggested(answer).values())


def _suggested(answer: Answer) -> dict[User, Contact]:
    if answer.participant is None or answer.participant.until is not None:
        return {}
    present = Participant.present_in(answer.participant.network_id).where(Participant.id == answer.participant_id)
    seat = answer.participant.seat
    return {user: _person(user, seat, seat.organisation.name) for _participant, user in db.session.execute(present)}


def _person(user: User, seat: Seat | None, organisation: str) -> Contact:
    return Contact(user.name, organisation, seat.phone if seat else "", user.email)


def _contact(request: Request, case: str, to: Sequence[User], contacts: list[Contact], line: str = "") -> None:
    first = contacts[0]
    mail = _compose(
        request,
        "request-contact",
        audience="person",
        reply_to=first.mailbox,
        case=case,
        contacts=contacts,
        line=line,
        for_owner=to[0].id == request.owner_id,
    )
    outbox.enqueue(mail, to=[user.key for user in to])


def _note(request: Request, owner: Contact) -> None:
    """One short mail to everybody else whom the request reached at once; it may still be waiting itself."""
    networks = [network for network in _home_first(request) if network.closed_at is None]
    apart = [user.key for user in (request.requester, request.owner) if user]
    for index, network in enumerate(networks):
        others = [network, *networks[:index], *networks[index + 1 :]]
        mail = _compose(
            request,
            "request-note",
            audience="networks:" + ",".join(str(each.id) for each in others),
            network=network,
            reply_to=owner.mailbox,
            owner=owner,
            requester=requester_of(request),
        )
        reached = keys_through(network, networks).subquery().columns[0]
        due_at = max(utc_now(), request.message.mails_at)
        outbox.enqueue(mail, to=select(reached).where(reached.not_in(apart)), due_at=due_at)


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
