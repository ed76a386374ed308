"""What a mail asks for, done in the name of somebody: a new message, an answer to all, an answer to one person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.errors import DomainError
from app.files.models import StoredFile
from app.forum import posting, taking_down
from app.forum.forms import BODY_LENGTH
from app.forum.models import Message, Thread
from app.inbound import hiding, mails
from app.inbound.doors import Door, Kind, door_for
from app.inbound.luggage import FilesAreNeeded, Luggage
from app.inbound.within import with_answers_within
from app.mail import removed
from app.mail.incoming import Fate, IncomingMail, locked
from app.mail.reading import ReceivedMail
from app.mail.removed import Removed
from app.meetings import replying
from app.meetings.attending import not_invited
from app.meetings.calendar_reading import read_calendar
from app.meetings.models import Meeting
from app.meetings.proposing import propose
from app.networks.models import Network, Participant

_SUBJECT_LENGTH = 200


def carry_out(incoming: IncomingMail, luggage: Luggage | None, door: Door, author: User, *, note: str = "") -> None:
    """Do what the mail asks for, in the author's name. Raises `DomainError`; nothing of it is done then.

    One of these errors, `keeping.NoRoom`, says that it may be tried again later. Raises `FilesAreNeeded` without its
    luggage: this unit of work has to end then, before somebody looks into the files.

    `note` stands before the text, where somebody passes on what another wrote.
    """
    if luggage is None:
        raise FilesAreNeeded
    known = removed_for(luggage.mail, door)
    mail = removed.without(luggage.mail, known, {})
    is_cut = luggage.leave_out(known) or mail is not luggage.mail
    with db.session.begin_nested():
        if door.kind is Kind.APPOINTMENT and door.reply:
            _answer_invitation(incoming, luggage, mail, meeting_of(door), author)
        elif door.kind is Kind.TO_ONE and door.reply:
            # The letter is its reader's alone; of the mail only stays that it came.
            incoming.octets = b""
            target = db.session.get(User, door.reply.target_id)
            _hand_over(incoming, mail, target, author, luggage.kept(incoming.key))
        else:
            message = _written(incoming, mail, door, author, luggage.kept(incoming.key), note)
            incoming.about = message.key
            whole = hiding.for_networks(mail.untrimmed, mail.text, author, message.thread.networks)
            incoming.untrimmed = _whole(whole, message.body)
            if door.kind is Kind.NETWORK:
                propose(message, luggage.calendar)
        if is_cut:
            incoming.octets = b""  # they hold what was taken down
        incoming.fate, incoming.reason = Fate.USED, ""
        if luggage.refusals:
            mails.refused_files(incoming, author, mail, luggage.refusals)


def removed_for(mail: ReceivedMail, door: Door) -> Removed:
    """Return what was taken down where this mail answers: it must not come back in what it quotes.

    Whoever takes more down there waits until this unit of work ends.
    """
    threads = _threads_of(mail, door)
    if not threads:
        return Removed()
    writer = db.session.scalar(User.by_email(mail.sender)) if mail.sender else None
    return taking_down.removed_in(threads, door.reply.owner_id if door.reply else writer and writer.id)


def held(id: int, mail: ReceivedMail) -> IncomingMail | None:
    """Return a kept mail to decide about, as `incoming.locked()` does.

    Whoever takes a message down holds its thread before the mails that wait in it, and so the order is here.
    """
    recipient = db.session.scalar(select(IncomingMail.recipient).where(IncomingMail.id == id))
    door = door_for(recipient, mail) if recipient else None
    taking_down.hold(_threads_of(mail, door) if door else ())
    return locked(id)


def _threads_of(mail: ReceivedMail, door: Door) -> set[int]:
    """Return the ids of the threads a mail answers, by its address or by the Message-IDs in its head."""
    threads = {door.reply.target_id} if door.reply and door.kind is Kind.TO_ALL else set()
    answered = {*mail.references, mail.in_reply_to} - {""}
    if answered:
        threads.update(db.session.scalars(select(Message.thread_id).where(Message.message_id.in_(answered))))
    return threads


def thread_of(door: Door) -> Thread:
    """Return the thread an answer belongs to. Raises `DomainError` when it is gone."""
    thread = db.session.get(Thread, door.reply.target_id) if door.reply else None
    if thread is None:
        raise DomainError(_("Die Nachricht, auf die Sie antworten, gibt es nicht mehr."))
    return thread


def meeting_of(door: Door) -> Meeting:
    """Return the meeting an answer belongs to. Raises `DomainError` when it is gone."""
    meeting = db.session.get(Meeting, door.reply.target_id) if door.reply else None
    if meeting is None:
        raise DomainError(_("Die Sitzung, zu der Sie antworten, gibt es nicht mehr."))
    return meeting


def networks_of(door: Door) -> Sequence[Network]:
    """Return the networks that read this, in the order of their names; none for what goes to one person."""
    if door.kind is Kind.TO_ALL:
        return thread_of(door).networks
    return db.session.scalars(select(Network).where(Network.slug.in_(door.slugs)).order_by(Network.name)).all()


def _written(
    incoming: IncomingMail, mail: ReceivedMail, door: Door, author: User, files: list[StoredFile], note: str
) -> Message:
    thread = thread_of(door) if door.kind is Kind.TO_ALL else None
    networks = networks_of(door)
    # Within a quote, nothing tells the head a program wrote from a person's own words: only `mail.text` is theirs.
    text = hiding.for_networks(_body(with_answers_within(mail), files), mail.text, author, networks)
    submission = str(uuid.UUID(hex=incoming.fingerprint[:32]))
    if thread:
        return posting.reply(author, thread, body=note + text, files=files, submission=submission, send_now=True)
    home, *others = networks
    return posting.post_message(
        author,
        home,
        subject=_subject(mail),
        body=note + text,
        also_to=others,
        files=files,
        submission=submission,
        send_now=True,
    )


def _answer_invitation(
    incoming: IncomingMail, luggage: Luggage, mail: ReceivedMail, meeting: Meeting, author: User
) -> None:
    """A calendar program's answer is kept; what a person writes goes to who looks after the meeting, like a letter."""
    calendar = read_calendar(luggage.calendar)
    if calendar and (replying.is_answer(calendar) or not mail.text.strip()):
        replying.take_reply(author, meeting, calendar, mail.date)
    elif not mail.text.strip() and luggage.calendar:
        raise DomainError(_("Den Kalendereintrag in Ihrer Mail konnte das Portal nicht lesen."))
    elif sentence := not_invited(author, meeting):
        raise DomainError(sentence)
    else:
        organiser = replying.organiser_of(meeting)
        if organiser is None:
            raise DomainError(_("Für diese Sitzung ist im Augenblick niemand zu erreichen."))
        incoming.octets = b""
        mails.private_answer(incoming, author, organiser, mail, luggage.kept(incoming.key))
    incoming.about = meeting.key


def _hand_over(
    incoming: IncomingMail, mail: ReceivedMail, target: User | None, author: User, files: list[StoredFile]
) -> None:
    if target is None or not target.email:
        raise DomainError(_("Die Person, der Sie antworten, ist nicht mehr im Portal."))
    if not _know_each_other(author, target):
        raise DomainError(_("Sie nehmen an keinem Netz mehr teil, in dem Sie dieser Person schreiben könnten."))
    mails.private_answer(incoming, author, target, mail, files)


def _know_each_other(one: User, other: User) -> bool:
    if one.is_admin or other.is_admin:
        return True
    both = Participant.network_ids_of(one.id).where(Participant.network_id.in_(Participant.network_ids_of(other.id)))
    return db.session.scalar(both.limit(1)) is not None


def _body(mail: ReceivedMail, files: Sequence[StoredFile]) -> str:
    text = mail.text.strip()
    if not text and not files:
        raise DomainError(_("In Ihrer Mail stand kein eigener Text."))
    if len(text) > BODY_LENGTH:
        raise DomainError(_("Der Text ist zu lang. Hängen Sie ihn bitte als Datei an."))
    return text or _("Siehe Anhang.")


def _whole(untrimmed: str, body: str) -> str:
    whole = untrimmed.strip()
    return "" if " ".join(whole.split()) == " ".join(body.split()) else whole


def _subject(mail: ReceivedMail) -> str:
    return mail.subject.strip()[:_SUBJECT_LENGTH] or _("(ohne Betreff)")
