"""Bytes and their uses. URLs and rights name the use (`StoredFile`); the bytes (`Blob`) go with their last use."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model, created, intpk, key100


class Blob(Model):
    """Some bytes, kept once however often they are used; `sha256` (64 hex digits) is their name in the storage."""

    __tablename__ = "blob"

    id: Mapped[intpk]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int] = mapped_column(BigInteger)  # octets
    created_at: Mapped[created]


class StoredFile(Model):
    """A use of a blob under a name. `owner` is "kind:id" and says who may read it (`registry.readable_by`)."""

    __tablename__ = "stored_file"
    __table_args__ = (Index(None, "owner"), {"sqlite_autoincrement": True})

    id: Mapped[intpk]
    blob_id: Mapped[int] = mapped_column(ForeignKey("blob.id"), index=True)
    owner: Mapped[key100]
    name: Mapped[str] = mapped_column(String(300))  # as the uploader gave it, without any path
    media_type: Mapped[key100]  # by content, never as the browser claimed
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[created]

    blob: Mapped[Blob] = relationship(lazy="joined", innerjoin=True)

    @property
    def size(self) -> int:
        """Octets."""
        return self.blob.size

    @classmethod
    def owned_by(cls, *owners: str) -> Select[StoredFile]:
        """The files of these owners ("message:12"), in the order they were given."""
        return select(cls).where(cls.owner.in_(owners)).order_by(cls.owner, cls.position, cls.id)
