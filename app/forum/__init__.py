"""The Nachrichtenforum: what is written here goes to everyone by mail."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from app import registry
from app.database import db
from app.forum import views
from app.forum.models import Draft, Message, Thread


def init_app(app: Flask) -> None:
    """Bind the pages, and answer who may read the files of messages and drafts."""
    app.register_blueprint(views.bp)
    registry.readable_by["message"] = _may_read_message
    registry.readable_by["draft"] = _may_read_draft


def _may_read_message(id: str, user: Any) -> bool:
    visible = Thread.visible_to(user).join(Message, Message.thread_id == Thread.id).where(Message.id == int(id))
    return db.session.scalar(select(visible.exists())) or False


def _may_read_draft(id: str, user: Any) -> bool:
    return db.session.scalar(select(select(Draft).filter_by(id=id, user_id=user.id).exists())) or False
