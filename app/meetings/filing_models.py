"""What became of the files of messages: which paper each is, or may be."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model, created, intpk
from app.files.models import StoredFile
from app.forum.models import Message
from app.meetings.models import Document, Meeting, Paper


class Filing(Model):
    """What a file of a message is as a paper.

    With a `document` it is filed, as that says. Without one `kind` and `meeting` are what it may be: while `is_asked`
    somebody is to say so, afterwards it was decided not to file it. `choices` are what else it may be, the likeliest
    first, as (kind, id of the meeting or 0). `decided_by_id` is who said what it is; None: the portal did.
    """

    __tablename__ = "filing"

    id: Mapped[intpk]
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    stored_file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), unique=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), index=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id", ondelete="SET NULL"), index=True)
    kind: Mapped[Paper | None]
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id", ondelete="SET NULL"), index=True)
    is_asked: Mapped[bool] = mapped_column(default=False)
    choices: Mapped[list[Any]] = mapped_column(JSON, default=list)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[created]

    message: Mapped[Message] = relationship()
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)
    document: Mapped[Document | None] = relationship(lazy="joined")
    meeting: Mapped[Meeting | None] = relationship()

    @property
    def filed_kind(self) -> Paper | None:
        """What it is, or may be."""
        return self.document.kind if self.document else self.kind

    @property
    def filed_meeting(self) -> Meeting | None:
        """Of which meeting it is, or may be."""
        return self.document.meeting if self.document else self.meeting

    @classmethod
    def of_message(cls, message: Message) -> Select[Filing]:
        """What became of the files of this message, in their order."""
        ordered = (StoredFile.position, StoredFile.id)
        return select(cls).join(StoredFile).where(cls.message_id == message.id).order_by(*ordered)
