"""Finding papers: by kind, by year, by words of their titles, files and meetings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.database import db
from app.forms import clean, one_line
from app.forum.models import Message, Thread, ThreadNetwork
from app.meetings.filing_models import Filing
from app.meetings.guessing_days import plain
from app.meetings.models import Document, Paper
from app.networks.models import Network

LONGEST_WORDS = 200


@dataclass(frozen=True)
class Search:
    """What somebody looks for; what cannot be looked for is left out."""

    kind: Paper | None
    year: int | None
    words: str

    @classmethod
    def of(cls, asked: MultiDict[str, str]) -> Search:
        """Return what the address of the page asks for: ?art=minutes&jahr=2026&q=praktikum."""
        kind = asked.get("art", "")
        return cls(
            Paper(kind) if kind in set(Paper) else None,
            asked.get("jahr", type=int),
            one_line(clean(asked.get("q", "")))[:LONGEST_WORDS].strip(),
        )

    def __bool__(self) -> bool:
        return bool(self.kind or self.year or self.words)

    def among(self, papers: Sequence[Document]) -> list[Document]:
        """Return those of the papers that are looked for, in their order."""
        wanted = plain(self.words).split()
        return [
            paper
            for paper in papers
            if self.kind in (None, paper.kind)
            and self.year in (None, paper.day.year)
            and all(word in _said(paper) for word in wanted)
        ]


class Source(NamedTuple):
    """The message a paper came with."""

    thread_id: int
    message_id: int
    author_name: str


def sources_of(papers: Sequence[Document], network: Network) -> Mapping[int, Source]:
    """Return with which messages papers came, by the ids of the papers, as far as this network reads the messages."""
    read_here = select(ThreadNetwork.thread_id).where(ThreadNetwork.network_id == network.id)
    query = (
        select(Filing.document_id, Message.thread_id, Message.id, Message.author_name)
        .join(Message, Message.id == Filing.message_id)
        .join(Thread, Thread.id == Message.thread_id)
        .where(Filing.document_id.in_([paper.id for paper in papers]), Thread.id.in_(read_here))
    )
    rows = db.session.execute(query) if papers else ()
    return {row.document_id: Source(row.thread_id, row.id, row.author_name) for row in rows}


def last_minutes(papers: Sequence[Document]) -> Document | None:
    """Return the minutes of the last meeting that has some."""
    minutes = [paper for paper in papers if paper.kind is Paper.MINUTES and paper.files]
    return max(minutes, key=lambda paper: (paper.day, paper.id), default=None)


def _said(paper: Document) -> str:
    names = " ".join(file.name for file in paper.files)
    meeting = paper.meeting.title if paper.meeting else ""
    return plain(f"{paper.title} {names} {meeting}")
