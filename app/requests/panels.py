"""What this feature shows on pages and in mails of the forum."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_login import current_user
from sqlalchemy import func, select

from app.database import db
from app.forum import extending
from app.forum.models import Kind, Message
from app.networks.models import Network
from app.networks.scope import figure
from app.registry import figures, panels
from app.requests.beginning import mark_of
from app.requests.contacts import owner_of, suggested_by
from app.requests.forms import SUCCESS_NAMES
from app.requests.models import Request
from app.requests.rights import part_of

#: ?nur= in the list of messages.
OPEN = "offene-anfragen"


def init_app() -> None:
    """Register the boxes, the filter and the count."""
    open_requests = Request.open_in_network().subquery()
    figures["open_requests"] = select(func.count()).select_from(open_requests).scalar_subquery()
    extending.filters[OPEN] = Request.open_threads()
    panels.add("threads", 10, filter_of_list)
    panels.add("thread", 20, box_of_thread)
    panels.add("message_form", 10, facts_in_form)
    panels.add("mail_facts", 10, facts_in_mail)
    panels.add("mail_actions", 10, buttons_in_mail)


def filter_of_list(network: Network, only: str, **_context: Any) -> str:
    """Show how many requests wait, with the way to see only these; nothing where none does."""
    waiting = figure(network, "open_requests")
    if not waiting and only != OPEN:
        return ""
    return render_template("requests/_filter.html", network=network, waiting=waiting, is_on=only == OPEN, name=OPEN)


def box_of_thread(thread: Any, network: Network, **_context: Any) -> str:
    """Show how far the request is, who takes care, and what the person signed in can press."""
    request = db.session.scalar(Request.of_thread(thread.id)) if thread.kind is Kind.REQUEST else None
    if request is None:
        return ""
    return render_template(
        "requests/_box.html",
        network=network,
        request_=request,
        part=part_of(current_user, request),
        mark=mark_of(request.state),
        owner=owner_of(request, current_user),
        suggested_by=lambda hint: suggested_by(hint, current_user),
        success_names=SUCCESS_NAMES,
    )


def facts_in_form(form: Any, **_context: Any) -> str:
    """Show the questions about a Praktikum, folded away."""
    return render_template("requests/_facts_form.html", form=form)


def facts_in_mail(message: Message, form: str, **_context: Any) -> str:
    """Say what is known of a Praktikum; `form` is "html" or "txt"."""
    if message.thread.kind is not Kind.REQUEST or message.thread.confidential or message.id is None:
        return ""
    request = db.session.scalar(Request.of_thread(message.thread_id))
    is_first = request is not None and request.message_id == message.id
    return render_template(f"requests/_mail_facts.{form}", request_=request) if is_first else ""


def buttons_in_mail(message: Message, form: str, **_context: Any) -> str:
    """The three buttons stand in the first mail; a confidential one does not say what they would be pressed for."""
    thread = message.thread
    if thread.kind is not Kind.REQUEST or thread.confidential:
        return ""
    request = db.session.scalar(Request.of_thread(thread.id)) if thread.id else None
    if request is not None and request.message_id != message.id:
        return ""
    return render_template(f"requests/_mail_buttons.{form}", thread_id=thread.id or 0)
