"""The way of minutes: written as a draft, sent to the networks, corrected, approved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import url_for
from flask_babel import force_locale, format_date
from flask_babel import gettext as _
from sqlalchemy import select, update

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.files import keeping
from app.files.models import StoredFile
from app.forum import drafting
from app.forum.mails import Instead
from app.forum.models import Kind, Message
from app.forum.posting import made_from, post_message
from app.meetings.calendar import event_of
from app.meetings.drawing_out import drawn_out
from app.meetings.filing import drop_document
from app.meetings.minutes_letter import asking_for_corrections, usual_end
from app.meetings.minutes_models import Minutes, Stage
from app.meetings.minutes_pdf import pdf
from app.meetings.models import Document, Meeting, Paper
from app.meetings.presence import presence_at
from app.networks.scope import leads
from app.registry import Origin
from app.templating import berlin

LONGEST_TEXT = 50_000  # characters


def of_meeting(meeting: Meeting) -> Minutes | None:
    """Return the minutes of a meeting, if there are any here."""
    return db.session.scalar(Minutes.of_meeting(meeting.id))


def begin(meeting: Meeting) -> Minutes:
    """Return the minutes of a meeting to be changed, held; a new draft where there are none.

    Raises `DomainError` before the meeting began, and when its minutes are approved.
    """
    if found := of_meeting(meeting):
        return _to_change(found)
    if meeting.starts_at > utc_now():
        raise DomainError(_("Diese Sitzung hat noch nicht stattgefunden."))
    # Two leads may begin at the same moment: the second one waits, and finds what the first one made.
    db.session.execute(select(Meeting.id).where(Meeting.id == meeting.id).with_for_update(of=Meeting, key_share=True))
    if found := of_meeting(meeting):
        return _to_change(found)
    minutes = Minutes(meeting=meeting, stage=Stage.DRAFT)
    db.session.add(minutes)
    db.session.flush()
    return minutes


def hold(minutes: Minutes) -> Minutes:
    """Return the minutes as they are now, held until the unit of work ends: whoever changes them waits here."""
    held = select(Minutes).where(Minutes.id == minutes.id).with_for_update(of=Minutes, key_share=True)
    return db.session.scalars(held.execution_options(populate_existing=True)).one()


def refuse_if_approved(minutes: Minutes) -> None:
    """Raise `DomainError` if the minutes are approved, which is for good."""
    if minutes.stage is Stage.APPROVED:
        raise DomainError(_("Dieses Protokoll ist genehmigt und ändert sich nicht mehr."))


def first_text(meeting: Meeting) -> str:
    """Return what a new draft begins with: the agenda, point by point, in bold unless something in it is."""
    lines = [line.strip() for line in meeting.agenda.splitlines() if line.strip()]
    return "\n\n".join(line if line[0] in "-•" or "*" in line else f"**{line}**" for line in lines)


def send(
    author: User, minutes: Minutes, *, subject: str, body: str, corrections_until: date, submission: str
) -> Message:
    """File the minutes for all to read and mail them to the networks of the meeting.

    Who was absent gets a mail of their own instead, which says what was decided and what is to be done. The same
    `submission` twice returns the message already made. Raises `DomainError` if they are empty, or sent already.
    """
    if made := made_from(submission, author):
        return made
    if not minutes.text.strip() and not _files_of(minutes):
        raise DomainError(_("Das Protokoll ist noch leer. Schreiben Sie es, oder laden Sie eine Datei hoch."))
    if not _claim(minutes):
        raise DomainError(_("Dieses Protokoll ist schon verschickt."))
    minutes.corrections_until = corrections_until
    meeting = minutes.meeting
    document = _file(minutes)
    message = post_message(
        author,
        meeting.home,
        subject=subject,
        # What the form suggested names the usual day, which may not be the one that was chosen.
        body=body.replace(asking_for_corrections(usual_end()), asking_for_corrections(corrections_until)),
        kind=Kind.MINUTES,
        also_to=meeting.co_networks,
        files=[keeping.use_again(file, minutes.key, place) for place, file in enumerate(_owned_by(document.key))],
        submission=submission,
        networks_decided=True,
        instead=_for_the_absent(minutes, author),
    )
    minutes.message, minutes.document, minutes.sent_at = message, document, utc_now()
    for draft in drafting.drafts_at(author, minutes.key):
        drafting.discard(draft)
    return message


def refuse_to_delete(document: Document) -> None:
    """Raise `DomainError` if this is the paper of minutes that were sent: it goes only when their mail is removed."""
    if db.session.scalar(select(Minutes.id).where(Minutes.document_id == document.id)):
        raise DomainError(
            _("Das ist das verschickte Protokoll der Sitzung. Es verschwindet nur, wenn Sie seine Mail entfernen.")
        )


def refresh(minutes: Minutes) -> None:
    """Let the document say what the minutes say now, after a correction or their approval."""
    if minutes.document is not None:
        before = minutes.document
        minutes.document = _file(minutes)
        drop_document(before)


def recall(message: Message) -> None:
    """Make minutes a draft again whose mail is taken back or removed."""
    minutes = db.session.scalar(select(Minutes).filter_by(message_id=message.id))
    if minutes is None:
        return
    hold(minutes)
    document, minutes.document, minutes.message = minutes.document, None, None
    minutes.stage, minutes.sent_at, minutes.approved_at, minutes.approved_in = Stage.DRAFT, None, None, None
    minutes.approved_by = ""
    db.session.flush()
    if document is not None:
        drop_document(document)


def origin_of(message: Message) -> Origin | None:
    """Return the form in which the mail of minutes was written, if the person signed in may send them again there."""
    found = db.session.scalar(select(Minutes).filter_by(message_id=message.id))
    if found is None or not leads(found.meeting.home):
        return None
    return Origin(found.key, url_for("meetings.send_minutes", network=found.meeting.home, id=found.meeting_id))


def approve(minutes: Minutes, by: User, at: Meeting | None) -> None:
    """Say that the minutes hold, as `by` or the meeting `at` decided. Raises `DomainError` unless they are sent."""
    hold(minutes)  # pressed twice at the same moment, there would be two papers of them
    if minutes.is_draft:
        raise DomainError(_("Genehmigen lässt sich ein Protokoll erst, wenn es verschickt ist."))
    if minutes.stage is Stage.SENT:
        minutes.stage, minutes.approved_at, minutes.approved_by = Stage.APPROVED, utc_now(), by.name
        minutes.approved_in = at
        refresh(minutes)


def _to_change(minutes: Minutes) -> Minutes:
    refuse_if_approved(hold(minutes))
    return minutes


def _claim(minutes: Minutes) -> bool:
    """Whether this is the one that sends them: two leads may press at once."""
    sent = update(Minutes).where(Minutes.id == minutes.id, Minutes.stage == Stage.DRAFT).values(stage=Stage.SENT)
    won = db.session.execute(sent.returning(Minutes.id).execution_options(synchronize_session=False)).first()
    db.session.refresh(minutes)
    return won is not None


def _for_the_absent(minutes: Minutes, author: User) -> Instead | None:
    drawn = drawn_out(minutes.text, _files_of(minutes))
    present = presence_at(minutes.meeting)
    absent = {person.user_id for person in present.absent if person.user_id != author.id}
    # Where nobody is noted as there, nobody was asked for: then everybody gets the same mail.
    if not present.there or not absent or not (drawn.decisions or drawn.tasks):
        return None
    context = {"meeting": minutes.meeting, "minutes": minutes, "drawn": drawn}
    return Instead("minutes-absent", frozenset(absent), context)


def _file(minutes: Minutes) -> Document:
    """Make the document that everybody reads: the text as a PDF, and copies of the files."""
    meeting = minutes.meeting
    with force_locale("de"):
        title = _("Protokoll %(title)s", title=meeting.title)[:200]
    document = Document(network=meeting.home, meeting=meeting, kind=Paper.MINUTES, title=title, dated=meeting.day)
    db.session.add(document)
    db.session.flush()
    place = 0
    if minutes.text.strip():
        keeping.keep_bytes(_as_pdf(minutes, title), f"{title}.pdf", document.key, place)
        place = 1
    for number, file in enumerate(_files_of(minutes), start=place):
        keeping.use_again(file, document.key, number)
    db.session.flush()
    return document


def _as_pdf(minutes: Minutes, title: str) -> bytes:
    meeting, present = minutes.meeting, presence_at(minutes.meeting)
    with force_locale("de"):
        facts = [
            (_("Wann"), event_of(meeting).when),
            (_("Wo"), meeting.place),
            (_("Anwesend"), "\n".join(person.said for person in present.there)),
            (_("Entschuldigt"), "\n".join(person.said for person in present.excused)),
            (_("Stand"), standing(minutes)),
        ]
    return pdf(title, facts, minutes.text)


def standing(minutes: Minutes) -> str:
    """Say how far the minutes are: "genehmigt am 3. Dezember 2026 in der Sitzung „9. Netzwerktreffen“"."""
    if minutes.stage is Stage.APPROVED and minutes.approved_at:
        words = {"day": format_date(berlin(minutes.approved_at).date(), "long"), "name": minutes.approved_by}
        if minutes.approved_in:
            return str(_("genehmigt in der Sitzung „%(title)s“", title=minutes.approved_in.title))
        return str(_("genehmigt am %(day)s von %(name)s", **words))
    if minutes.stage is Stage.SENT and minutes.corrections_until:
        day = format_date(minutes.corrections_until, "long")
        return str(_("versandt, Korrekturen bis %(day)s", day=day))
    return str(_("Entwurf"))


def _files_of(minutes: Minutes) -> Sequence[StoredFile]:
    return _owned_by(minutes.key)


def _owned_by(key: str) -> Sequence[StoredFile]:
    return db.session.scalars(StoredFile.owned_by(key)).all()
