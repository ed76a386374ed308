"""What a mail asks for, done in the name of somebody: a new message, an answer to all, an answer to one person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.errors import DomainError
from app.files import keeping
from app.files.models import StoredFile
from app.forum import posting
from app.forum.forms import BODY_LENGTH
from app.forum.models import Message, Thread
from app.inbound import mails
from app.inbound.doors import Door, Kind
from app.mail.incoming import Fate, IncomingMail
from app.mail.reading import ReceivedFile, ReceivedMail
from app.networks.models import Network, Participant

MOST_FILES = 10

_SUBJECT_LENGTH = 200


@dataclass(frozen=True)
class _Luggage:
    """The files of a mail: those that were kept, and a sentence for each that was not."""

    kept: list[StoredFile]
    refusals: list[str]


def carry_out(incoming: IncomingMail, mail: ReceivedMail, door: Door, author: User, *, note: str = "") -> None:
    """Do what the mail asks for, in the author's name. Raises `DomainError`; nothing of it is done then.

    One of these errors, `keeping.NoRoom`, says that it may be tried again later.

    `note` stands before the text, where somebody passes on what another wrote.
    """
    mail = mail.neutral()  # links and addresses made for one person must not stand where others read (row D8)
    with db.session.begin_nested():
        luggage = _unpacked(mail, incoming)
        if door.kind is Kind.TO_ONE and door.reply:
            # The letter is its reader's alone; of the mail only stays that it came.
            incoming.octets = b""
            _hand_over(incoming, mail, db.session.get(User, door.reply.target_id), author, luggage.kept)
        else:
            message = _written(incoming, mail, door, author, luggage.kept, note)
            incoming.about = message.key
            incoming.untrimmed = _whole(mail, message.body)
        incoming.fate, incoming.reason = Fate.USED, ""
        if luggage.refusals:
            mails.refused_files(incoming, author, mail, luggage.refusals)


def thread_of(door: Door) -> Thread:
    """Return the thread an answer belongs to. Raises `DomainError` when it is gone."""
    thread = db.session.get(Thread, door.reply.target_id) if door.reply else None
    if thread is None:
        raise DomainError(_("Die Nachricht, auf die Sie antworten, gibt es nicht mehr."))
    return thread


def networks_of(door: Door) -> Sequence[Network]:
    """Return the networks a new message goes to, in the order of their names."""
    return db.session.scalars(select(Network).where(Network.slug.in_(door.slugs)).order_by(Network.name)).all()


def _written(
    incoming: IncomingMail, mail: ReceivedMail, door: Door, author: User, files: list[StoredFile], note: str
) -> Message:
    body = f"{note}{_body(mail, files)}"
    submission = str(uuid.UUID(hex=incoming.fingerprint[:32]))
    if door.kind is Kind.TO_ALL:
        return posting.reply(author, thread_of(door), body=body, files=files, submission=submission, send_now=True)
    home, *others = networks_of(door)
    return posting.post_message(
        author,
        home,
        subject=_subject(mail),
        body=body,
        also_to=others,
        files=files,
        submission=submission,
        send_now=True,
    )


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


def _unpacked(mail: ReceivedMail, incoming: IncomingMail) -> _Luggage:
    luggage = _Luggage([], [])
    for position, file in enumerate(_files_of(mail)):
        if position >= MOST_FILES:
            luggage.refusals.append(
                _("„%(name)s“: Eine Mail bringt höchstens %(most)s Dateien mit.", name=file.name, most=MOST_FILES)
            )
            continue
        try:
            luggage.kept.append(keeping.keep_bytes(file.octets, file.name, incoming.key, position))
        except keeping.NoRoom:
            raise  # that is no fault of the file: without it the mail must not be used
        except DomainError as refusal:
            luggage.refusals.append(str(refusal))
    return luggage


def _files_of(mail: ReceivedMail) -> list[ReceivedFile]:
    """Return the files of a mail; an appointment that stands in it without a name is one, too."""
    files = list(mail.files)
    if mail.calendar and all(file.octets != mail.calendar for file in files):
        files.append(ReceivedFile("Termin.ics", "text/calendar", mail.calendar, False))
    return files


def _body(mail: ReceivedMail, files: Sequence[StoredFile]) -> str:
    text = mail.text.strip()
    if not text and not files:
        raise DomainError(_("In Ihrer Mail stand kein eigener Text."))
    if len(text) > BODY_LENGTH:
        raise DomainError(_("Der Text ist zu lang. Hängen Sie ihn bitte als Datei an."))
    return text or _("Siehe Anhang.")


def _whole(mail: ReceivedMail, body: str) -> str:
    whole = mail.untrimmed.strip()
    return "" if " ".join(whole.split()) == " ".join(body.split()) else whole


def _subject(mail: ReceivedMail) -> str:
    return mail.subject.strip()[:_SUBJECT_LENGTH] or _("(ohne Betreff)")
