"""Taking a sent message down: what it said goes from wherever the portal keeps it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import and_, select

from app.accounts.models import User
from app.audit.recording import record
from app.database import db, utc_now
from app.errors import DomainError
from app.files import keeping
from app.files.models import StoredFile
from app.forum import extending, mails
from app.forum.models import Message, Thread
from app.mail import answering, envelope, incoming, outbox, recalling, removed
from app.mail.incoming import Fate, IncomingMail
from app.mail.models import Mail
from app.mail.reading import read
from app.mail.removed import Digested, Removed

#: In place of the subject of a thread whose first message is gone: client data slips into subjects, too.
SUBJECT = "Entfernte Nachricht"

_HEAD = 64 * 1024  # octets in which the head of a mail ends


def take_down(message: Message, by: User, reason: str) -> int:
    """Remove a message's text, subject and files for good, and ask those who got it by mail to delete it.

    What waits goes to nobody; the mails kept of it, and digests that hold it, say no more what they said. Returns to
    how many the request to delete it goes. Raises `DomainError` if it is removed already.
    """
    hold([message.thread_id])
    # What is known of the thread may be older: an answer came, or somebody else has just removed the message.
    db.session.expire(message.thread)
    db.session.refresh(message)
    if message.taken_down_at:
        raise DomainError(_("Diese Nachricht ist schon entfernt."))
    outbox.withdraw(message.key)  # first: who is to delete it are those who have it then
    keys = who_got(message)
    _redact_mails(message)
    with force_locale("de"):
        _record(message, by, reason, len(keys))
    extending.end(message)
    for file in db.session.scalars(StoredFile.owned_by(message.key)):
        keeping.drop(file)
    message.removed_words = removed.digests(message.body)
    message.body = ""
    with force_locale("de"):
        _cut_undecided(message)
    message.taken_down_at = utc_now()
    message.taken_down_by = by.name
    if _is_first(message):
        message.thread.subject = SUBJECT
    if keys:
        mails.taken_down(message, keys, by.name)
    return len(keys)


def who_got(message: Message) -> Sequence[str]:
    """Return the keys of those who have the message as mail, or get it at this moment."""
    return recalling.who_got(message.key)


def quoting(message: Message) -> Sequence[Message]:
    """Return the later messages of the thread that repeat some of this one, also in a mail that hangs on them.

    They are not touched. A short line in common is no reason to name somebody.
    """
    known = Removed(frozenset(removed.digests(message.body, shortest=20).split()))
    later = select(Message).where(Message.thread_id == message.thread_id, Message.id > message.id).order_by(Message.id)
    return [each for each in db.session.scalars(later) if _repeats(each, known)] if known.anywhere else []


def _repeats(message: Message, known: Removed) -> bool:
    return removed.holds([removed.digested(message.body), *_attached_texts(message)], known)


def _attached_texts(message: Message) -> Iterator[Digested]:
    """Yield what stands in the mails that hang on a message."""
    for file in db.session.scalars(StoredFile.owned_by(message.key)):
        if removed.is_mail(file.name):
            # A file that cannot be read at this moment must not keep anything from being taken down.
            with suppress(OSError), keeping.open_file(file) as content:
                yield from removed.digested_mail(content.read())


def redact(about: str, message: Message) -> None:
    """Let mails about this thing ("poll:7") say only that the message was removed, and let none go that waits."""
    outbox.withdraw(about)
    with force_locale("de"):
        sentence = _("Diese Nachricht wurde entfernt.")
        recalling.redact(about, f"[{message.thread.home.name}] {SUBJECT}", sentence)


def _redact_mails(message: Message) -> None:
    # The whole text of an answer by mail repeats what it answers; of those that came later only their own words stay.
    incoming.empty(*(each.key for each in message.thread.messages if each.id >= message.id))
    redact(message.key, message)
    if _is_first(message):
        for answer in message.thread.messages[1:]:
            recalling.reword(answer.key, message.thread.subject, SUBJECT)


def hold(thread_ids: Collection[int]) -> None:
    """Let whoever takes a message of these threads down, or brings a mail to them, wait until this unit of work ends.

    It is the first thing either locks: what is taken down then comes back in no mail that is kept meanwhile.
    """
    db.session.flush()
    threads = select(Thread.id).where(Thread.id.in_(thread_ids)).order_by(Thread.id)
    db.session.execute(threads.with_for_update(of=Thread, key_share=True)).all()


def removed_in(thread_ids: Collection[int], writer_id: int | None) -> Removed:
    """Return what was taken down in these threads, which are held, to be found again in what this person writes."""
    hold(thread_ids)
    query = select(Message.author_id, Message.removed_words).where(
        Message.thread_id.in_(thread_ids), Message.taken_down_at.is_not(None)
    )
    rows = [(author_id, words.split()) for author_id, words in db.session.execute(query)]
    others = {word for author_id, words in rows for word in words if author_id is None or author_id != writer_id}
    return Removed(frozenset(others), frozenset(word for _author, words in rows for word in words) - others)


def _cut_undecided(message: Message) -> None:
    """Take the text out of mails that wait for a decision, of questions about them, and of private answers.

    Those that became messages are empty already. What hangs on a mail that waits is read here, while others wait to
    write: one that comes meanwhile must not be missed, and such mails are few.
    """
    known = Removed(frozenset(message.removed_words.split()))
    private = and_(Mail.event == "private-answer", Mail.created_at >= message.created_at)
    recalling.strike(private, lambda text: removed.struck_out(text, known))
    since = (IncomingMail.size > 0, IncomingMail.fate != Fate.USED, IncomingMail.received_at >= message.created_at)
    for id, recipient in db.session.execute(select(IncomingMail.id, IncomingMail.recipient).where(*since)).all():
        waiting = db.session.get_one(IncomingMail, id)
        if _answers(waiting, recipient, message):
            mail = read(waiting.octets)
            cut = removed.without(mail, known, removed.attached_to(mail))
            if cut is not mail:
                waiting.octets = removed.octets_without(waiting.octets, cut)
                waiting.full_size = waiting.size
                recalling.strike(Mail.about == waiting.key, lambda text: removed.struck_out(text, known))


def _answers(waiting: IncomingMail, recipient: str, message: Message) -> bool:
    """Whether a mail that waits answers the thread, by its address or by the Message-IDs in its head."""
    reply = answering.opened(envelope.local_part_of(recipient) or "")
    if reply and reply.way == answering.TO_ALL:
        return reply.target_id == message.thread_id
    head = waiting.octets[:_HEAD]
    return any(each.message_id.encode() in head for each in message.thread.messages)


def _record(message: Message, by: User, reason: str, handed_over: int) -> None:
    summary = _(
        "Nachricht %(id)s von %(author)s im Netz „%(network)s“ entfernt; %(count)s hatten sie schon per Mail.",
        id=message.id,
        author=message.author_name,
        network=message.thread.home.name,
        count=handed_over,
    )
    record("message.taken-down", actor=by, about=message.key, summary=summary, reason=reason)


def _is_first(message: Message) -> bool:
    return message.thread.messages[0] is message
