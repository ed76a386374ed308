"""A message to all: checked, kept and put into the outbox in one unit of work.

Every door leads here, the form on the website as well as (through other floors) an invitation to a meeting.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Select, delete, select

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.files import keeping
from app.files.models import StoredFile
from app.forum import extending, mails
from app.forum.calendar_event import CalendarEvent
from app.forum.models import Draft, Kind, Message, Thread
from app.forum.subjects import bare_subject
from app.mail.envelope import new_message_id
from app.networks.models import Holding, Network, Participant, Posting, Seat


def post_message(
    author: User,
    network: Network,
    *,
    subject: str,
    body: str,
    kind: Kind = Kind.MESSAGE,
    also_to: Sequence[Network] = (),
    files: Sequence[StoredFile] = (),
    submission: str | None = None,
    draft_id: str | None = None,
    deadline: date | None = None,
    confidential: bool = False,
    urgent: bool = False,
    send_now: bool = False,
    event: CalendarEvent | None = None,
    networks_decided: bool = False,
    typed: Mapping[str, Any] | None = None,
    instead: mails.Instead | None = None,
) -> Message:
    """Begin a thread in `network` (and `also_to`) and mail its first message to everyone, each person once.

    An `urgent` request comes at once also to those who get their mail collected.

    The same `submission` twice returns the message already made; the draft `draft_id`, else the one of that id, is done
    with. Raises `DomainError` when the author may not write to one of the networks. With `networks_decided` somebody
    who might has chosen them before, as those of a meeting: whoever may write to `network` then reaches every other
    that is still open. `typed` is for the feature of its kind, `instead` says who gets a mail of their own in place of
    this one.
    """
    if made := made_from(submission, author):
        return made
    networks = list(dict.fromkeys([network, *also_to]))
    seats = [_seat_to_write_from(author, each) for each in ([network] if networks_decided else networks)]
    thread = Thread(
        home=network,
        networks=networks,
        subject=bare_subject(subject),
        kind=kind,
        deadline=deadline if kind in (Kind.REQUEST, Kind.POLL) else None,
        confidential=confidential or kind is Kind.CASE,
        urgent=urgent and kind is Kind.REQUEST,
    )
    db.session.add(thread)
    return _add_message(
        thread,
        author,
        seats[0],
        body,
        files,
        submission,
        draft_id=draft_id,
        send_now=send_now,
        event=event,
        networks_decided=networks_decided,
        typed=typed or {},
        instead=instead,
    )


def reply(
    author: User,
    thread: Thread,
    *,
    body: str,
    files: Sequence[StoredFile] = (),
    submission: str | None = None,
    draft_id: str | None = None,
    send_now: bool = False,
) -> Message:
    """Answer to everyone who reads the thread now; otherwise like `post_message()`."""
    if made := made_from(submission, author):
        return made
    seat = _seat_to_answer_from(author, thread)
    return _add_message(thread, author, seat, body, files, submission, draft_id=draft_id, send_now=send_now)


def _add_message(
    thread: Thread,
    author: User,
    seat: Seat | None,
    body: str,
    files: Sequence[StoredFile],
    submission: str | None,
    *,
    draft_id: str | None,
    send_now: bool,
    event: CalendarEvent | None = None,
    networks_decided: bool = False,
    typed: Mapping[str, Any] | None = None,
    instead: mails.Instead | None = None,
) -> Message:
    now = utc_now()
    message = Message(
        thread=thread,
        submission=submission or str(uuid.uuid4()),
        message_id=new_message_id(),
        author=author,
        seat_id=seat.id if seat else None,
        author_name=author.name,
        organisation_name=seat.organisation.name if seat else current_app.config["OFFICE_NAME"],
        body=body,
        created_at=now,
        mails_at=_mails_at(now, send_now),
    )
    thread.last_message_at = now
    db.session.add(message)
    db.session.flush()
    extending.begin(message, typed)
    keeping.adopt(files, message.key)
    db.session.execute(delete(Draft).where(Draft.id == (draft_id or submission), Draft.user_id == author.id))
    extending.bring(message, files)
    reached = _open_networks(thread) if networks_decided else networks_reached(thread, author)
    mails.message(message, reached, list(files), event, instead)
    return message


def networks_reached(thread: Thread, author: User) -> list[Network]:
    """Return the networks whose participants get the author's message, home first.

    A closed network gets nothing, and one where only leads write to all gets nothing from others, also in a thread
    it shares with networks where everyone may write.
    """
    led = set(db.session.scalars(Participant.network_ids_of(author.id, lead=True)))
    return [
        network
        for network in _open_networks(thread)
        if network.posting is Posting.EVERYONE or author.is_admin or network.id in led
    ]


def _open_networks(thread: Thread) -> list[Network]:
    networks = [thread.home, *(network for network in thread.networks if network.id != thread.home_id)]
    return [network for network in networks if not network.closed_at]


def _mails_at(now: datetime, send_now: bool) -> datetime:
    return now if send_now else now + timedelta(seconds=current_app.config["MAIL_UNDO_SECONDS"])


def made_from(submission: str | None, author: User) -> Message | None:
    """Return the message that this form of this author has already become."""
    if submission is None:
        return None
    return db.session.scalar(select(Message).filter_by(submission=submission, author_id=author.id))


def _seat_to_write_from(author: User, network: Network) -> Seat | None:
    """Return the author's seat in the network (None for Verwaltung without one), or refuse with a sentence."""
    if network.closed_at:
        raise DomainError(
            _("Das Netz „%(name)s“ ist geschlossen. Dort kann niemand mehr schreiben.", name=network.name)
        )
    participant = db.session.scalars(_participations(author, [network])).first()
    if author.receives_only or (participant is None and not author.is_admin):
        raise DomainError(_("Sie können im Netz „%(name)s“ nicht schreiben.", name=network.name))
    is_lead = author.is_admin or (participant is not None and participant.is_lead)
    if network.posting is Posting.LEADS and not is_lead:
        raise DomainError(_("Im Netz „%(name)s“ schreibt nur die Netzleitung an alle.", name=network.name))
    return participant.seat if participant else None


def _seat_to_answer_from(author: User, thread: Thread) -> Seat | None:
    """Return the seat the author answers from: in the thread's home if they are there, else in another network."""
    refusals = []
    for network in [thread.home, *(each for each in thread.networks if each is not thread.home)]:
        try:
            return _seat_to_write_from(author, network)
        except DomainError as refusal:
            refusals.append(refusal)
    raise refusals[0]


def _participations(author: User, networks: Sequence[Network]) -> Select[Participant]:
    return (
        select(Participant)
        .join(Holding, Holding.seat_id == Participant.seat_id)
        .where(
            Holding.user_id == author.id,
            Holding.until.is_(None),
            Participant.until.is_(None),
            Participant.network_id.in_([network.id for network in networks]),
        )
        .order_by(Participant.is_lead.desc(), Participant.id)
    )
