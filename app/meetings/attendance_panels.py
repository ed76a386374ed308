"""What is shown of who comes: the three answers under an invitation's mail."""

from __future__ import annotations

from typing import Any

from flask import render_template

from app.forum.calendar_event import CalendarEvent
from app.registry import panels


def init_app() -> None:
    """Register the boxes."""
    panels.add("mail_actions.html", 20, mail_buttons_html)
    panels.add("mail_actions.txt", 20, mail_buttons_txt)


def mail_buttons_html(date: CalendarEvent | None = None, **_context: Any) -> str:
    """Show the three answers under a mail that invites to a date."""
    return _mail_buttons("meetings/_mail_buttons.html", date)


def mail_buttons_txt(date: CalendarEvent | None = None, **_context: Any) -> str:
    """The same as plain text."""
    return _mail_buttons("meetings/_mail_buttons.txt", date)


def _mail_buttons(template: str, date: CalendarEvent | None) -> str:
    if date is None or not date.asks_for or date.is_cancelled:
        return ""
    return render_template(template, meeting_id=date.asks_for, asks_again=date.asks_again)
