"""Telling the networks of a meeting: the invitation, a change, a cancellation, each as a mail with the date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from flask import render_template
from flask_babel import force_locale, format_date
from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.errors import DomainError
from app.files import keeping
from app.forum.calendar_event import CalendarEvent, when_said
from app.forum.models import Draft, Kind, Message
from app.forum.posting import made_from, post_message
from app.mail import answering
from app.meetings import resuming
from app.meetings.calendar import event_of
from app.meetings.known import what_is_known
from app.meetings.models import Document, Meeting, News, Notice, Paper
from app.meetings.planning import letter_of
from app.registry import Origin
from app.templating import berlin


def announce(
    author: User,
    meeting: Meeting,
    *,
    subject: str,
    body: str,
    documents: Sequence[Document],
    submission: str,
    draft_id: str | None = None,
) -> Message:
    """Mail the meeting as it is now to everybody in its networks, with these documents.

    The same `submission` twice returns the message already made; the draft `draft_id` is done with. Raises
    `DomainError` when there is nothing to announce any more, or the author may not write to its home; the leads of the
    home tell all of its networks.
    """
    if made := made_from(submission, author):
        return made
    refuse_if_late(meeting)
    sheets = chain.from_iterable(each.files for each in documents)
    files = [keeping.use_again(file, meeting.key, file.position) for file in sheets]
    message = post_message(
        author,
        meeting.home,
        subject=subject,
        body=body,
        kind=Kind.INFORMATION if meeting.cancelled_at else Kind.INVITATION,
        also_to=meeting.co_networks,
        files=[*files, *resuming.use_up(author, meeting, draft_id)],
        submission=submission,
        event=_asking(meeting),
        networks_decided=True,
    )
    meeting.notices.append(
        Notice(
            message=message,
            sequence=meeting.sequence,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            place=meeting.place,
        )
    )
    return message


def refuse_if_late(meeting: Meeting) -> None:
    """Raise `DomainError` if nobody should be told of this meeting any more."""
    if meeting.is_past:
        raise DomainError(_("Diese Sitzung ist schon vorbei. Eine Mail dazu käme zu spät."))
    if meeting.cancelled_at and not meeting.notices:
        raise DomainError(_("Diese Sitzung ist abgesagt, und niemand war eingeladen. Es gibt nichts mitzuteilen."))


def occasion(meeting: Meeting) -> News:
    """Return what a mail about the meeting would tell now; everybody knowing already, it would say so again."""
    if meeting.cancelled_at:
        return News.CANCELLATION
    return meeting.news or News.INVITATION


def origin_of(message: Message) -> Origin | None:
    """Return the form in which a message told of a meeting, with what that suggested."""
    origin = resuming.origin_of(message)
    if origin is None or message.author is None:
        return origin
    notice = db.session.scalars(select(Notice).filter_by(message_id=message.id)).one()
    before = _notices_before(notice)
    news = _news_of(notice, before[-1] if before else None)
    return replace(origin, fields={"suggested": draft(message.author, notice.meeting, news, before)})


def draft_again(author: User, meeting: Meeting, kept: Draft) -> dict[str, object]:
    """Return what fills the form again after `kept` was taken back: the words somebody wrote, and no old suggestion.

    The meeting may have been put right since, and what the portal had suggested says the old date.
    """
    suggested = kept.fields.get("suggested") or {}
    anew = {
        name: text
        for name, text in draft(author, meeting).items()
        if suggested.get(name, "").split() == (kept.fields.get(name) or "").split()
    }
    return resuming.values(kept, meeting) | anew


def draft(
    author: User, meeting: Meeting, news: News | None = None, notices: Sequence[Notice] | None = None
) -> dict[str, str]:
    """Return subject and text as a lead would write them, of what is to be told now; German, as all mail.

    `notices` is what people were told before, if not all that the meeting has.
    """
    news = news or occasion(meeting)
    known = what_is_known(meeting, meeting.notices if notices is None else notices)
    with force_locale("de"):
        # What does not take place is what people know of, even if it was moved meanwhile.
        starts_at, ends_at = known.span if news is News.CANCELLATION else (meeting.starts_at, meeting.ends_at)
        words = {"title": meeting.title, "day": format_date(berlin(starts_at).date(), "d. MMMM y")}
        subjects = {
            News.INVITATION: _("%(title)s am %(day)s", **words),
            News.CHANGE: _("%(title)s am %(day)s (geändert)", **words),
            News.CANCELLATION: _("%(title)s am %(day)s fällt aus", **words),
            News.REINSTATEMENT: _("%(title)s am %(day)s findet doch statt", **words),
        }
        usual = render_template(
            "meetings/letter.txt",
            news=news,
            meeting=meeting,
            known=known,
            when=when_said(starts_at, ends_at),
            author=author,
            answerable=answering.is_offered(),
        )
        body = (news is News.INVITATION and letter_of(meeting)) or usual
    return {"subject": subjects[news][:200], "body": body}


def _notices_before(notice: Notice) -> list[Notice]:
    notices = notice.meeting.notices
    return notices[: notices.index(notice)]


def _news_of(notice: Notice, before: Notice | None) -> News:
    """Return what a notice told, of a meeting that is as it was then."""
    if notice.is_cancellation:
        return News.CANCELLATION
    if before is None:
        return News.INVITATION
    return News.REINSTATEMENT if before.is_cancellation else News.CHANGE


def _asking(meeting: Meeting) -> CalendarEvent:
    """Who was told of another date is asked again."""
    is_moved = any(notice.sequence < meeting.dated_sequence for notice in meeting.notices)
    return replace(event_of(meeting), asks_again=is_moved)


def goes_along(document: Document) -> bool:
    """Whether a document is sent with the invitation unless someone decides otherwise."""
    return document.kind in (Paper.INVITATION, Paper.AGENDA, Paper.ATTACHMENT)
