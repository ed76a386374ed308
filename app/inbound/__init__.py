"""Mail that comes in: three doors, one function (`take`), and the pages about what was not used."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, render_template

from app import registry
from app.database import db
from app.inbound import commands, link_views, mails, probing, room, views
from app.inbound import polling as polling  # registers the job "inbound"
from app.inbound.taking import take as take
from app.inbound.verdict import Verdict as Verdict
from app.mail.incoming import IncomingMail
from app.registry import Recipient, Refusal


def init_app(app: Flask) -> None:
    """Bind the pages, the button in our question, the commands, and say where an answer to a stranger goes."""
    app.register_blueprint(views.bp)
    registry.mail_actions[mails.CONFIRM] = link_views.confirm
    registry.recipients_now[mails.STRANGER] = _stranger
    registry.checks["mail_in"] = probing.way_in
    registry.checks["mail_held"] = room.fullness
    registry.panels.add("admin", 20, _to_look_at)
    commands.init_app(app)


def _stranger(audience: str, keys: Sequence[str]) -> dict[str, Recipient | Refusal]:
    incoming = db.session.get(IncomingMail, int(audience.partition(":")[2]))
    answer = Recipient(incoming.sender, "") if incoming and incoming.sender else Refusal("gelöscht")
    return dict.fromkeys(keys, answer)


def _to_look_at(**_context: object) -> str:
    return render_template("inbound/_to_look_at.html", number=views.number_held())
