"""What pages and mails show of the files of a message as papers, as plain values in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from app.accounts.models import User
from app.files.models import StoredFile
from app.forum.models import Message
from app.meetings import filing_words as words
from app.meetings.filing_models import Filing
from app.meetings.filing_rights import files_for, meetings_for
from app.meetings.models import Meeting, Paper
from app.meetings.self_filing import shown_to_others


class Choice(NamedTuple):
    """A button: what it sends and what stands on it. `also_for` are networks that could then read the file, too."""

    value: str
    label: str
    also_for: str


class FileRow(NamedTuple):
    """A file of a message: where it is filed ("": nowhere), what is asked about it ("": nothing), what to choose."""

    id: int
    name: str
    now_kind: str
    kind: str
    place: str
    meeting_id: int
    question: str
    accept: Choice | None
    choices: tuple[Choice, ...]
    is_fresh: bool


def rows_for(user: User, message: Message) -> list[FileRow]:
    """Return the files of a message about which this person decides, with all they may choose."""
    meetings = {meeting.id: meeting for meeting in meetings_for(user, message)}
    return [row_of(message, file, filing, meetings) for file, filing in files_for(user, message)]


def row_of(message: Message, file: StoredFile, filing: Filing | None, meetings: Mapping[int, Meeting]) -> FileRow:
    """Return a file with the choices among these meetings."""
    kind, here = (filing.filed_kind, filing.filed_meeting) if filing else (None, None)
    is_filed, is_asked = bool(filing and filing.document), bool(filing and filing.is_asked and kind)
    accept = _choice(message, kind, here, None) if kind and not is_filed else None
    return FileRow(
        id=file.id,
        name=file.name,
        now_kind=kind.value if kind else "",
        kind=words.kind_name(kind) if kind and is_filed else "",
        place=words.place_of(here) if is_filed else "",
        meeting_id=here.id if here else 0,
        question=words.question(kind, here) if kind and is_asked else "",
        accept=accept,
        choices=tuple(_choices(message, filing, here, meetings)) if filing else (),
        is_fresh=filing is not None and filing.decided_by_id is None,
    )


def _choices(message: Message, filing: Filing, here: Meeting | None, meetings: Mapping[int, Meeting]) -> list[Choice]:
    found = []
    now = (filing.filed_kind, here.id if here else 0)
    for kind, meeting_id in filing.choices:
        is_there = not meeting_id or meeting_id in meetings
        if is_there and (kind, meeting_id) != now:
            found.append(_choice(message, Paper(kind), meetings.get(meeting_id), here))
    return found


def _choice(message: Message, kind: Paper, meeting: Meeting | None, here: Meeting | None) -> Choice:
    also_for = ", ".join(network.name for network in shown_to_others(message, meeting))
    return Choice(words.value(kind, meeting.id if meeting else 0), words.choice(kind, meeting, here), also_for)
