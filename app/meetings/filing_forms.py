"""What is sent by the buttons with which a person says what a file is."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.accounts.models import User
from app.errors import DomainError
from app.files.models import StoredFile
from app.forum.models import Message
from app.meetings.filing_rights import files_for, meetings_for
from app.meetings.models import Meeting, Paper

#: What the button sends that files a file nowhere, and the one beside the two lists.
NOWHERE, BY_LISTS = "none", "lists"


@dataclass(frozen=True)
class Decision:
    """What a person says: this file is a paper of this kind (None: it is none), of this meeting (None: of none)."""

    file: StoredFile
    kind: Paper | None
    meeting: Meeting | None


def decision(user: User, message: Message, sent: MultiDict[str, str]) -> Decision:
    """Return what was pressed. Raises `DomainError` if that is not, or no longer, this person's to choose."""
    files = {str(file.id): file for file, _filing in files_for(user, message)}
    meetings = {str(meeting.id): meeting for meeting in meetings_for(user, message)}
    choice = sent.get("choice", "")
    if choice == BY_LISTS:
        choice = f"{sent.get('kind', '')}:{sent.get('meeting', '')}"
    kind, _colon, meeting = choice.partition(":")
    is_offered = choice == NOWHERE or (kind in set(Paper) and (meeting == "0" or meeting in meetings))
    if sent.get("file") not in files or not is_offered:
        raise DomainError(_("Diese Auswahl gibt es nicht mehr. Bitte sehen Sie noch einmal nach."))
    file = files[sent["file"]]
    return Decision(file, None, None) if choice == NOWHERE else Decision(file, Paper(kind), meetings.get(meeting))
