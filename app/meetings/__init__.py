"""Meetings and their papers: Sitzungen, Sitzungsunterlagen, Termine."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app import registry
from app.database import db
from app.forum import extending
from app.meetings import (  # noqa: F401  # views register when imported
    agenda,
    agenda_views,
    announcing,
    attendance_panels,
    attendance_views,
    correcting,
    document_views,
    draft_views,
    feed_views,
    filing_panels,
    filing_views,
    mail_links,
    minutes,
    minutes_views,
    missing,
    overview_views,
    panels,
    planning_views,
    proposing,
    self_filing,
    series_panels,
    series_views,
    views,
)
from app.meetings.minutes_models import Minutes
from app.meetings.models import Document
from app.meetings.rights import looks_after


def init_app(app: Flask) -> None:
    """Bind the pages and boxes, and say who may read the files of a document and where an invitation was written."""
    app.register_blueprint(views.bp)
    registry.readable_by["document"] = _may_read
    registry.origins["meeting"] = announcing.origin_of
    mail_links.init_app()
    panels.init_app()
    attendance_panels.init_app()
    agenda_views.init_app()
    filing_panels.init_app()
    series_panels.init_app()
    draft_views.init_app()
    registry.mail_actions[filing_views.ACTION] = filing_views.by_mail
    registry.origins["minutes"] = minutes.origin_of
    registry.readable_by["minutes"] = _may_read_draft
    _listen()


def _listen() -> None:
    listeners: tuple[tuple[list[Any], Any], ...] = (
        (extending.answered, agenda.take_from_answer),
        (extending.answered, correcting.take_correction),
        (extending.going, agenda.forget),
        (extending.going, minutes.recall),
        (extending.going, proposing.forget),
        (extending.brought, self_filing.file_of_message),
        (extending.going, self_filing.forget),
    )
    for hooks, hook in listeners:
        if hook not in hooks:
            hooks.append(hook)


def _may_read_draft(minutes_id: str, user: Any) -> bool:
    """Whether somebody looks after the meeting whose minutes are written; everybody else reads the document."""
    found = db.session.get(Minutes, int(minutes_id))
    return found is not None and looks_after(user, found.meeting)


def _may_read(document_id: str, user: Any) -> bool:
    return db.session.scalar(Document.visible_to(user).where(Document.id == int(document_id))) is not None
