"""Selbst-Ablage: the files of a message to all become papers of its network by themselves, and go with the message.

What `guessing.py` is sure of is filed at once, what it doubts is suggested. A paper shows nobody what the message did
not show them: it is filed under a meeting by itself only if all networks of that meeting have the message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePath

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import selectinload

from app.accounts.models import User
from app.database import db
from app.files import keeping
from app.files.models import StoredFile
from app.forum.models import Message
from app.meetings.filing import drop_document, title_of
from app.meetings.filing_models import Filing
from app.meetings.guessing import Guess, Letter, guess
from app.meetings.guessing_sittings import Sitting
from app.meetings.models import Document, Meeting, Paper
from app.networks.models import Network
from app.templating import berlin

#: Meetings this far away are not what a message speaks of.
AROUND = timedelta(days=400)
#: Of a text so many characters are looked at, and of the papers filed before so many.
TEXT, OLD_PAPERS = 10_000, 60

#: What else a file may be, as the buttons offer it.
OTHER_KINDS, OTHER_MEETINGS = 2, 1


def file_of_message(message: Message, files: Sequence[StoredFile]) -> None:
    """File what came with a message, as far as that is sure, and note what else may be a paper."""
    if not files or message.thread.confidential:
        return
    db.session.flush()
    meetings = {meeting.id: meeting for meeting in meetings_around(message)}
    guesses = guess([file.name for file in files], _letter(message, list(meetings.values())))
    known = _already_papers(files, message.thread.networks)
    for file, made in zip(files, guesses, strict=True):
        if made.kind and file.blob_id not in known:
            _enter(message, file, made, meetings)


def decide(
    message: Message, file: StoredFile, kind: Paper | None, meeting: Meeting | None, network: Network, by: User
) -> Filing:
    """Let a person say what a file is: file it so in this network, move it there, or do not file it (`kind` None)."""
    filing = db.session.scalar(select(Filing).filter_by(stored_file_id=file.id))
    if filing is None:
        filing = Filing(message=message, file=file, network_id=network.id, choices=[])
        db.session.add(filing)
    filing.is_asked, filing.decided_by_id = False, by.id
    if kind is None:
        _leave(filing)
    else:
        _put(filing, kind, None if kind is Paper.TEMPLATE else meeting, network)
    return filing


def forget(message: Message) -> None:
    """Let the papers that came with a message go with it, because it is taken back or taken down."""
    for filing in db.session.scalars(Filing.of_message(message)).all():
        _take_from_invitations(filing)
        _leave(filing)
        db.session.delete(filing)
    db.session.flush()


def _take_from_invitations(filing: Filing) -> None:
    """Remove the copies that went along with the mails of the meeting it is filed under."""
    keys = [notice.message.key for notice in filing.meeting.notices] if filing.meeting else []
    for file in db.session.scalars(StoredFile.owned_by(*keys).where(StoredFile.blob_id == filing.file.blob_id)):
        keeping.drop(file)


def meetings_around(message: Message) -> Sequence[Meeting]:
    """Return the meetings whose papers a message may bring, the last first: those of its networks, not cancelled."""
    homes = [network.id for network in message.thread.networks]
    near = Meeting.starts_at.between(message.created_at - AROUND, message.created_at + AROUND)
    query = select(Meeting).where(Meeting.home_id.in_(homes), near, Meeting.cancelled_at.is_(None))
    return db.session.scalars(query.order_by(Meeting.starts_at.desc(), Meeting.id.desc())).all()


def shown_to_others(message: Message, meeting: Meeting | None) -> list[Network]:
    """Return the networks that would read the message's files as papers of this meeting and have no message."""
    have = {network.id for network in message.thread.networks}
    return [network for network in (meeting.networks if meeting else []) if network.id not in have]


def _letter(message: Message, meetings: Sequence[Meeting]) -> Letter:
    thread = message.thread
    told = db.session.scalar(Meeting.of_thread(thread.id).with_only_columns(Meeting.id))
    return Letter(
        sent=berlin(message.created_at).date(),
        kind=thread.kind,
        subject=thread.subject,
        body=message.body[:TEXT],
        sittings=[Sitting(each.id, each.day, each.title) for each in meetings],
        answers=told if any(each.id == told for each in meetings) else None,
        old=_old_names(thread.home),
    )


def _old_names(network: Network) -> list[tuple[str, Paper]]:
    newest = select(Document).where(Document.network_id == network.id).order_by(Document.id.desc()).limit(OLD_PAPERS)
    documents = db.session.scalars(newest.options(selectinload(Document.files))).all()
    return [(file.name, document.kind) for document in documents for file in document.files]


def _already_papers(files: Sequence[StoredFile], networks: Sequence[Network]) -> set[int]:
    """Return which of these bytes are a paper already: an invitation brings what was filed before."""
    ids = [network.id for network in networks]
    papers = select(literal("document:") + cast(Document.id, String)).where(Document.network_id.in_(ids))
    blobs = {file.blob_id for file in files}
    return set(
        db.session.scalars(
            select(StoredFile.blob_id).where(StoredFile.blob_id.in_(blobs), StoredFile.owner.in_(papers))
        )
    )


def _enter(message: Message, file: StoredFile, made: Guess, meetings: dict[int, Meeting]) -> None:
    meeting = meetings[made.sitting.id] if made.sitting else None
    filing = Filing(
        message=message,
        file=file,
        network_id=meeting.home_id if meeting else message.thread.home_id,
        kind=made.kind,
        meeting=meeting,
        choices=_choices(made),
    )
    db.session.add(filing)
    if made.kind and made.sure and not shown_to_others(message, meeting):
        _put(filing, made.kind, meeting, meeting.home if meeting else message.thread.home)
    else:
        filing.is_asked = True


def _choices(made: Guess) -> list[tuple[Paper, int]]:
    """What else a file may be: first another kind for the same meeting, then the same kind for another one."""
    here = made.sitting.id if made.sitting else 0
    kinds = [kind for kind in (*made.kinds, Paper.MINUTES, Paper.AGENDA, Paper.ATTACHMENT) if kind is not made.kind]
    others = [(kind, here) for kind in dict.fromkeys(kinds)][:OTHER_KINDS]
    elsewhere = [(made.kind, sitting.id) for sitting in made.sittings[:OTHER_MEETINGS]] if made.kind else []
    return [*others, *elsewhere]


def _put(filing: Filing, kind: Paper, meeting: Meeting | None, network: Network) -> None:
    """Let the file be in a paper of this kind. The same paper in two formats ("Protokoll.pdf", ".docx") is one."""
    filing.network_id, filing.kind, filing.meeting = network.id, kind, meeting
    if filing.document:
        filing.document.network, filing.document.kind, filing.document.meeting = network, kind, meeting
        for other in db.session.scalars(select(Filing).where(Filing.document_id == filing.document.id)):
            other.network_id, other.kind, other.meeting = network.id, kind, meeting
        return
    document = _same_in_other_format(filing) or Document(
        network=network,
        kind=kind,
        meeting=meeting,
        title=title_of(filing.file.name),
        dated=berlin(filing.message.created_at).date(),
    )
    filing.document = document
    db.session.flush()
    used = db.session.scalars(StoredFile.owned_by(document.key)).all()
    file = filing.file
    db.session.add(
        StoredFile(blob=file.blob, owner=document.key, name=file.name, media_type=file.media_type, position=len(used))
    )


def _same_in_other_format(filing: Filing) -> Document | None:
    def stem(file: StoredFile) -> str:
        return PurePath(file.name).stem.lower()

    return next(
        (
            other.document
            for other in db.session.scalars(Filing.of_message(filing.message))
            if other.document
            and stem(other.file) == stem(filing.file)
            and (other.document.kind, other.document.meeting) == (filing.kind, filing.meeting)
        ),
        None,
    )


def _leave(filing: Filing) -> None:
    """Take the file out of its paper; the paper goes with its last file."""
    document, filing.document = filing.document, None
    if document is None:
        return
    files = db.session.scalars(StoredFile.owned_by(document.key)).all()
    own = [file for file in files if file.blob_id == filing.file.blob_id]
    if len(own) == len(files):
        drop_document(document)
        return
    for file in own:
        keeping.drop(file)
