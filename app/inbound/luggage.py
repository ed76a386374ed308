"""The files of a mail, looked into and on the disk before anything is asked of the database.

Looking into ten archives takes seconds. Done inside a unit of work it would make everybody wait who writes meanwhile;
so a unit of work that finds out that it needs the files ends, they are made ready, and it begins anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.database import begin_reading, begin_writing, db
from app.errors import DomainError
from app.files import keeping
from app.files.models import StoredFile
from app.mail import removed
from app.mail.incoming import IncomingMail
from app.mail.reading import ReceivedFile, ReceivedMail, TooManyParts, neutral_file, read
from app.mail.removed import Attached, Digested, Removed
from app.meetings.calendar_reading import calendar_in

MOST_FILES = 10


class FilesAreNeeded(Exception):
    """Raised in a unit of work that needs the files of its mail, which are not ready yet."""


@dataclass
class Luggage:
    """What a mail brings: the mail as it may be kept, its files ready to be kept, and why some of them are not."""

    mail: ReceivedMail
    uploads: dict[FileStorage, list[Digested]] = field(default_factory=dict)  # with the texts of an attached mail
    refusals: list[str] = field(default_factory=list)
    is_used_up: bool = False
    calendar: bytes = b""  # the calendar object among them, as it came

    def kept(self, owner: str) -> list[StoredFile]:
        """Give the files to `owner` ("incoming:7"), once. Raises `keeping.NoRoom`."""
        if self.is_used_up:
            raise FilesAreNeeded
        self.is_used_up = bool(self.uploads)
        return [keeping.keep(upload, owner, position) for position, upload in enumerate(self.uploads)]

    def leave_out(self, known: Removed) -> bool:
        """Keep no attached mail that holds what was taken down; return whether there was one."""
        held = {upload: texts for upload, texts in self.uploads.items() if removed.holds(texts, known)}
        for upload, texts in held.items():
            del self.uploads[upload]
            self.refusals.append(_refused(upload.filename or "", texts))
            upload.close()
        return bool(held)

    def close(self) -> None:
        """Remove what was not kept."""
        for upload in self.uploads:
            upload.close()


def _refused(name: str, texts: list[Digested]) -> str:
    if removed.is_unread(texts):
        return _("„%(name)s“: Diese Mail ist zu umfangreich, um darin nach entferntem Text zu suchen.", name=name)
    return _("„%(name)s“: Diese Mail enthält Text, der im Portal entfernt wurde.", name=name)


def brings_files(mail: ReceivedMail) -> bool:
    """Whether there is anything to look into."""
    return bool(mail.files or mail.calendar)


def packed(mail: ReceivedMail, attached: Attached) -> Luggage:
    """Look into the files of a mail and store them, outside of any unit of work. Raises `keeping.NoRoom`."""
    with force_locale("de"):
        # Links and addresses made for one person must not stand where others read (row D8).
        luggage = Luggage(replace(mail, files=(), calendar=b"").neutral(), calendar=calendar_in(mail))
        try:
            for position, file in enumerate(_files_of(mail)):
                _pack(luggage, file, position, attached.get(file, []))
        except BaseException:
            luggage.close()
            raise
    return luggage


@contextmanager
def opened(id: int) -> Iterator[tuple[ReceivedMail, Luggage]]:
    """Yield a kept mail and its luggage, made ready while nobody waits. What the request began before is undone."""
    db.session.rollback()
    begin_reading()
    try:
        query = select(IncomingMail.octets, IncomingMail.size < IncomingMail.full_size).where(IncomingMail.id == id)
        octets, is_cut = db.session.execute(query).one_or_none() or (b"", False)
        db.session.rollback()
        mail = _without_rest(read(octets)) if is_cut else read(octets)
        luggage = packed(mail, removed.attached_to(mail))
    finally:
        begin_writing()
    with closing(luggage):
        yield mail, luggage


def _without_rest(mail: ReceivedMail) -> ReceivedMail:
    """Where only the start of a mail was kept, its last file is none any more, and readers shall know."""
    with force_locale("de"):
        sentence = _("[Von dieser Mail wurde nur der Anfang aufgehoben, ohne Anhänge.]")
    return replace(mail, text=f"{mail.text}\n\n{sentence}", files=(), calendar=b"")


def _pack(luggage: Luggage, file: ReceivedFile, position: int, texts: list[Digested]) -> None:
    if position >= MOST_FILES:
        sentence = _("„%(name)s“: Eine Mail bringt höchstens %(most)s Dateien mit.", name=file.name, most=MOST_FILES)
        luggage.refusals.append(sentence)
        return
    try:
        neutral = neutral_file(file)
        luggage.uploads[keeping.made_ready(neutral.octets, neutral.name)] = texts
    except keeping.NoRoom:
        raise  # that is no fault of the file: without it the mail must not be used
    except TooManyParts:
        luggage.refusals.append(_("„%(name)s“: Diese Mail besteht aus zu vielen Teilen.", name=file.name))
    except DomainError as refusal:
        luggage.refusals.append(str(refusal))


def _files_of(mail: ReceivedMail) -> list[ReceivedFile]:
    """Return the files of a mail; an appointment that stands in it without a name is one, too."""
    files = list(mail.files)
    if mail.calendar and all(file.octets != mail.calendar for file in files):
        files.append(ReceivedFile("Termin.ics", "text/calendar", mail.calendar, False))
    return files
