"""The Zustellbericht of a message: figures for everyone in the network, names for its author, leads and Verwaltung."""

from __future__ import annotations

import csv
from io import StringIO

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.database import db
from app.deliveries import report
from app.forum.models import Message, Thread
from app.networks.models import Network
from app.networks.scope import leads
from app.templating import moment

bp = Blueprint("deliveries", __name__)


@bp.get("/netze/<network:network>/nachrichten/<int:id>/zustellung")
def show(network: Network, id: int) -> ResponseReturnValue:
    """Show what became of the mails of one message of the thread (?nachricht=, else the first)."""
    thread, message = _thread_and_message(network, id)
    may_see_names = _may_see_names(network, message)
    return render_template(
        "deliveries/report.html",
        network=network,
        thread=thread,
        message=message,
        progress=report.progress_of(message),
        lines=report.lines_of(message) if may_see_names else [],
        may_see_names=may_see_names,
        states=report.STATE_NAMES,
    )


@bp.get("/netze/<network:network>/nachrichten/<int:id>/zustellung/csv")
def as_csv(network: Network, id: int) -> ResponseReturnValue:
    """Give the same list to a spreadsheet."""
    _thread, message = _thread_and_message(network, id)
    if not _may_see_names(network, message):
        abort(403)
    table = StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("Name"), _("E-Mail"), _("Stand"), _("Zeit"), _("Antwort des Servers")])
    for line in report.lines_of(message):
        cells = [
            line.name,
            line.address,
            report.STATE_NAMES[line.state],
            moment(line.at) if line.at else "",
            line.reply,
        ]
        writer.writerow([_inert(str(cell)) for cell in cells])
    response = Response("\ufeff" + table.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="zustellung-{message.id}.csv"'
    return response


def _thread_and_message(network: Network, id: int) -> tuple[Thread, Message]:
    thread: Thread = db.session.scalar(Thread.of_network(network).where(Thread.id == id)) or abort(404)
    wanted = request.args.get("nachricht", thread.messages[0].id, type=int)
    message = next((message for message in thread.messages if message.id == wanted), None) or abort(404)
    return thread, message


def _may_see_names(network: Network, message: Message) -> bool:
    return leads(network) or message.author_id == current_user.id


def _inert(cell: str) -> str:
    """A spreadsheet must not take a server's words for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell
