"""The Nachrichtenforum: what is written here goes to everyone by mail."""

from typing import Any

from flask import Flask
from sqlalchemy import Integer, String, bindparam, cast, func, literal, select

from app import registry
from app.database import db, read
from app.forum import digest_mail, digests, mail_links, preview_views, reading_views, sent_views, views
from app.forum.models import Draft, Message, ThreadNetwork
from app.forum.subjects import KIND_NAMES, kind_of
from app.networks.models import Participant
from app.unchanged import until_commit

# Built once, because every download of a file of a message asks one of them.
_message = select(Message.id).where(Message.id == bindparam("id"))
_message_of_participant = _message.where(
    Message.thread_id.in_(
        select(ThreadNetwork.thread_id).where(
            ThreadNetwork.network_id.in_(Participant.network_ids_of(bindparam("user_id")))
        )
    )
)
_place = literal("network:") + cast(bindparam("network_id", type_=Integer), String)
_drafts = select(func.count(Draft.id)).where(Draft.user_id == bindparam("user_id"), Draft.place == _place)


def init_app(app: Flask) -> None:
    """Bind the pages, and answer who may read the files of messages and drafts."""
    for part in (views, preview_views, sent_views):
        app.register_blueprint(part.bp)
    app.jinja_env.globals |= {"kind_names": KIND_NAMES, "kind_of": kind_of}
    registry.figures["drafts"] = _drafts.scalar_subquery()
    registry.recipients_now[digest_mail.AUDIENCE] = digests.answer
    registry.mail_actions["pause-digest"] = mail_links.pause_digest
    registry.readable_by["message"] = _may_read_message
    registry.mail_actions["read"] = reading_views.read
    registry.readable_by["draft"] = _may_read_draft


def _may_read_message(id: str, user: Any) -> bool:
    return _is_readable(int(id), user.id, user.is_admin)


@until_commit
def _is_readable(id: int, user_id: int, is_admin: bool) -> bool:
    visible = _message if is_admin else _message_of_participant
    return read(visible, {"id": id, "user_id": user_id}).first() is not None


def _may_read_draft(id: str, user: Any) -> bool:
    return db.session.scalar(select(select(Draft).filter_by(id=id, user_id=user.id).exists())) or False
