"""What stands below a message, and in its author's mail, of its files as papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from flask import render_template, url_for
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import joinedload

from app.database import db, read
from app.forum.extending import noted
from app.forum.listing import MessageRow, ThreadHead
from app.forum.models import Message
from app.meetings.filing_models import Filing
from app.meetings.filing_rights import homes_of
from app.meetings.filing_rows import row_of
from app.meetings.models import Meeting, MeetingNetwork
from app.networks.models import Network
from app.networks.scope import leads
from app.registry import panels
from app.templating import parts
from app.unchanged import until_commit

#: The ids of the networks in which somebody decides, and the meetings there that files may belong to.
Decided = tuple[set[int], dict[int, Meeting]]

# Asked by every page of a thread with files; few of them are papers.
_filed = select(Filing.message_id).where(Filing.message_id.in_(bindparam("ids", expanding=True))).distinct()


def init_app() -> None:
    """Register the note below messages, and the box of the author's mail."""
    noted["meetings"] = notes
    panels.add("mail_own", 10, filed_in_mail)


def notes(thread: ThreadHead, messages: Sequence[MessageRow], network: Network) -> dict[int, Markup]:
    """Say below each message where its files are filed; who decides about them gets the buttons, too."""
    if thread.confidential:
        return {}
    filed = _filed_among(tuple(message.id for message in messages))
    new = [message for message in messages if message.id not in filed and _decides(message.author_id, network)]
    links = {message.id: _way_to(thread.id, message.id, network) for message in new}
    return links | (_notes_of_filed(filed, messages, network) if filed else {})


def _notes_of_filed(filed: Sequence[int], messages: Sequence[MessageRow], network: Network) -> dict[int, Markup]:
    here = select(MeetingNetwork.meeting_id).where(MeetingNetwork.network_id == network.id)
    query = (
        select(Filing)
        .where(Filing.message_id.in_(filed))
        .where(or_(Filing.network_id == network.id, Filing.meeting_id.in_(here)))
        .options(joinedload(Filing.message), joinedload(Filing.meeting))
        .order_by(Filing.stored_file_id)
    )
    of_message: dict[int, list[Filing]] = defaultdict(list)
    for filing in db.session.scalars(query):
        of_message[filing.message_id].append(filing)
    alone = {message.id for message in messages if len(message.files) == 1}
    mine: dict[bool, Decided] = {}  # asked once for one's own messages and once for those of others
    found = {}
    for id, each in of_message.items():
        message = each[0].message
        is_own = message.author_id == current_user.id
        if is_own not in mine:
            homes = homes_of(current_user, message) if _decides(message.author_id, network) else set()
            mine[is_own] = homes, _choosable(of_message.values(), homes)
        found[id] = _note(each, network, mine[is_own], is_alone=id in alone)
    return found


def _choosable(of_message: Iterable[Sequence[Filing]], homes: set[int]) -> dict[int, Meeting]:
    """Return the meetings among what these files may be of which this person decides, by their ids."""
    ids = {meeting_id for filings in of_message for filing in filings for _kind, meeting_id in filing.choices}
    if not (ids and homes):
        return {}
    query = select(Meeting).where(Meeting.id.in_(ids), Meeting.home_id.in_(homes), Meeting.cancelled_at.is_(None))
    return {meeting.id: meeting for meeting in db.session.scalars(query)}


def _decides(author_id: int | None, network: Network) -> bool:
    return (current_user.id == author_id or leads(network)) and (current_user.is_admin or not network.closed_at)


def _way_to(thread_id: int, message_id: int, network: Network) -> Markup:
    """Offer to file what the portal took for no paper, or what somebody did not want to be one."""
    page = url_for("meetings.filing", network=network, id=thread_id, message_id=message_id)
    return parts("meetings/_filing_link.html", [page])


@until_commit
def _filed_among(message_ids: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(read(_filed, {"ids": message_ids}).scalars()) if message_ids else ()


def _note(filings: Sequence[Filing], network: Network, mine: Decided, *, is_alone: bool) -> Markup:
    message, (homes, meetings) = filings[0].message, mine
    rows = [
        (row_of(message, filing.file, filing, meetings), filing.network_id in homes, is_alone)
        for filing in filings
        if filing.document or (filing.network_id in homes and filing.is_asked)
    ]
    if not rows:
        return _way_to(message.thread_id, message.id, network) if filings[0].network_id in homes else Markup()
    page = url_for("meetings.filing", network=network, id=message.thread_id, message_id=message.id)
    is_own = message.author_id == current_user.id
    return parts("meetings/_filing_note.html", rows, action=page, meeting_url=_meeting_url(network), is_own=is_own)


def _meeting_url(network: Network) -> str:
    return url_for("meetings.show", network=network, id=0)[:-1]


def filed_in_mail(message: Message, form: str, **_context: Any) -> str:
    """Tell its author where the files were filed; `form` is "html" or "txt"."""
    filings = db.session.scalars(Filing.of_message(message)).all()
    rows = [row_of(message, filing.file, filing, {}) for filing in filings]
    return render_template(f"meetings/_mail_filing.{form}", rows=rows, message=message) if rows else ""
