"""Who says what a file of a message is: its author, who leads the network it is filed in, and Verwaltung."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.files.models import StoredFile
from app.forum.models import Message
from app.meetings.filing_models import Filing
from app.meetings.models import Meeting
from app.meetings.self_filing import meetings_around
from app.networks.models import Network, Participant


def homes_of(user: User, message: Message) -> set[int]:
    """Return the ids of the networks in which this person says what the message's files are."""
    networks = [network for network in message.thread.networks if user.is_admin or network.closed_at is None]
    if user.is_admin:
        return {network.id for network in networks}
    mine = Participant.network_ids_of(user.id, lead=message.author_id != user.id)
    return {network.id for network in networks} & set(db.session.scalars(mine))


def files_for(user: User, message: Message) -> list[tuple[StoredFile, Filing | None]]:
    """Return the files of a message about which this person decides, each with what became of it."""
    homes = homes_of(user, message)
    if message.taken_down_at or message.thread.confidential:
        return []
    filings = {filing.stored_file_id: filing for filing in db.session.scalars(Filing.of_message(message))}
    pairs = [(file, filings.get(file.id)) for file in db.session.scalars(StoredFile.owned_by(message.key))]
    return [(file, filing) for file, filing in pairs if (filing.network_id in homes if filing else homes)]


def meetings_for(user: User, message: Message) -> Sequence[Meeting]:
    """Return the meetings this person may file the message's files under, the last first."""
    homes = homes_of(user, message)
    return [meeting for meeting in meetings_around(message) if meeting.home_id in homes]


def network_for(user: User, message: Message, meeting: Meeting | None) -> Network:
    """Return the network in which this person files: the meeting's home, else the thread's if they may."""
    if meeting:
        return meeting.home
    homes = homes_of(user, message)
    own = [network for network in message.thread.networks if network.id in homes]
    return message.thread.home if message.thread.home in own else own[0]


def locked(message: Message) -> Message:
    """Return the message held until the end of the transaction, so that of two who decide one does so first."""
    # Only the message's own row: PostgreSQL locks nothing that an outer join may leave empty.
    return db.session.scalars(select(Message).where(Message.id == message.id).with_for_update(of=Message)).one()
