"""What this feature shows on pages and in mails of others: in a poll's thread and mail, on the page of the meetings."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_login import current_user

from app.database import db
from app.forum.models import Kind, Message
from app.networks.models import Network
from app.polls.answering import answers_of
from app.polls.beginning import mark_of
from app.polls.forms import said
from app.polls.models import Poll
from app.polls.rights import looks_after, takes_part
from app.registry import panels


def init_app() -> None:
    """Register the boxes."""
    panels.add("thread", 30, box_of_thread)
    panels.add("meetings", 10, running_polls)
    panels.add("mail_facts", 20, facts_in_mail)
    panels.add("mail_actions", 20, button_in_mail)


def box_of_thread(thread: Any, network: Network, **_context: Any) -> str:
    """Show how far the poll is, and the way to answer it."""
    poll = db.session.scalar(Poll.of_thread(thread.id)) if thread.kind is Kind.POLL else None
    if poll is None:
        return ""
    return render_template(
        "polls/_box.html",
        network=network,
        poll=poll,
        mark=mark_of(poll),
        said=said,
        has_answered=bool(answers_of(current_user, poll)),
        may_answer=not current_user.receives_only and takes_part(current_user, poll),
        may_close=looks_after(current_user, poll),
    )


def running_polls(network: Network, **_context: Any) -> str:
    """Show the polls that run."""
    polls = db.session.scalars(Poll.of_network(network).where(Poll.closed_at.is_(None))).all()
    return render_template("polls/_running.html", network=network, polls=polls) if polls else ""


def facts_in_mail(message: Message, form: str, **_context: Any) -> str:
    """List the proposed dates; `form` is "html" or "txt"."""
    return _rendered(f"polls/_mail_facts.{form}", message)


def button_in_mail(message: Message, form: str, **_context: Any) -> str:
    """Lead to the page on which the dates are answered."""
    return _rendered(f"polls/_mail_button.{form}", message).strip()


def _poll_of_first(message: Message) -> Poll | None:
    if message.thread.kind is not Kind.POLL or message.id is None:
        return None
    poll = db.session.scalar(Poll.of_thread(message.thread_id))
    return poll if poll is not None and poll.message_id == message.id else None


def _rendered(template: str, message: Message) -> str:
    poll = _poll_of_first(message)
    return render_template(template, poll=poll, said=said) if poll else ""
