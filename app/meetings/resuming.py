"""A mail about a meeting that was taken back is written again where it was written, with its date, not in the forum."""

from __future__ import annotations

from flask import url_for
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.files import keeping
from app.files.models import StoredFile
from app.forum import drafting
from app.forum.models import Draft, Message
from app.meetings.models import Meeting, Notice
from app.networks.scope import leads
from app.registry import Origin


def origin_of(message: Message) -> Origin | None:
    """Return the form in which a message told of a meeting, if the person signed in may tell of it there again."""
    notice = db.session.scalar(select(Notice).filter_by(message_id=message.id))
    if notice is None:
        return None
    meeting = notice.meeting
    nobody_knows_of_it = meeting.cancelled_at and meeting.notices == [notice]
    if meeting.is_past or nobody_knows_of_it or not leads(meeting.home):
        return None
    return Origin(meeting.key, url_for("meetings.announce", network=meeting.home, id=meeting.id))


def taken_back(author: User, meeting: Meeting) -> Draft | None:
    """Return the mail about the meeting that this person took back last and has not sent again."""
    return next(iter(drafting.drafts_at(author, meeting.key)), None)


def values(draft: Draft, meeting: Meeting) -> dict[str, object]:
    """Return what the form said when the mail was sent: its words, and the documents that went along."""
    blobs = _blobs(drafting.files_of(draft.id))
    return {
        "subject": draft.fields.get("subject"),
        "body": draft.fields.get("body"),
        "documents": [each.id for each in meeting.documents if each.files and _blobs(each.files) <= blobs],
        "submission": draft.id,
    }


def files_apart(draft: Draft, meeting: Meeting) -> list[StoredFile]:
    """Return the files that went along and are in no document of the meeting any more."""
    at_hand = _blobs([file for document in meeting.documents for file in document.files])
    return [file for file in drafting.files_of(draft.id) if file.blob_id not in at_hand]


def use_up(author: User, meeting: Meeting, draft_id: str | None) -> list[StoredFile]:
    """Forget what was taken back, because a mail goes out now; return the files that only its own draft still has."""
    draft = drafting.open_draft(author, meeting.key, draft_id)
    apart = files_apart(draft, meeting) if draft else []
    keeping.adopt(apart, meeting.key)
    for each in drafting.drafts_at(author, meeting.key):
        drafting.discard(each)
    return apart


def _blobs(files: list[StoredFile]) -> set[int]:
    return {file.blob_id for file in files}
