"""The Zustellbericht of a message: figures for everyone in the network, names for its author, leads and Verwaltung."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from io import StringIO

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import Select, false

from app import queue
from app.access import signed_in_key
from app.database import db
from app.deliveries import report
from app.deliveries.resending import Resent, send_again
from app.deliveries.words import STATE_KINDS, STATE_NAMES
from app.extensions import limiter
from app.forum.models import Message, Thread
from app.mail.models import Delivery
from app.networks.models import Network
from app.networks.scope import leads
from app.templating import berlin

bp = Blueprint("deliveries", __name__)

PAGE_SIZE = 100
LAST_PAGE = 10_000
_MOST_NAMED = 3


@bp.get("/netze/<network:network>/nachrichten/<int:id>/zustellung")
def show(network: Network, id: int) -> ResponseReturnValue:
    """Show what became of the mails of one message of the thread (?nachricht=, else the first)."""
    thread, message = _thread_and_message(network, id, request.args.get("nachricht", type=int))
    may_see_names = _may_see_names(network, message)
    page = page_asked_for()
    lines = report.lines_of(_part(_deliveries(network, message), page), current_user) if may_see_names else []
    return render_template(
        "deliveries/report.html",
        network=network,
        thread=thread,
        message=message,
        progress=report.progress_of(message),
        lines=lines[:PAGE_SIZE],
        page=page,
        has_more=len(lines) > PAGE_SIZE,
        may_see_names=may_see_names,
        sees_all=_sees_all(message),
        looks_again=report.looks_again_after(message),
        states=STATE_NAMES,
        kinds=STATE_KINDS,
    )


@bp.get("/netze/<network:network>/nachrichten/<int:id>/zustellung/csv")
def as_csv(network: Network, id: int) -> ResponseReturnValue:
    """Give the same list to a spreadsheet, every try on a line of its own."""
    _thread, message = _thread_and_message(network, id, request.args.get("nachricht", type=int))
    if not _may_see_names(network, message):
        abort(403)
    table = StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("Name"), _("E-Mail"), _("Stand"), _("Zeit"), _("Was das heißt"), _("Antwort des Servers")])
    for line in report.lines_of(_deliveries(network, message), current_user):
        writer.writerow([_inert(str(cell)) for cell in _cells(line)])
    response = Response("\ufeff" + table.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="zustellung-{message.id}.csv"'
    return response


@bp.post("/netze/<network:network>/nachrichten/<int:id>/zustellung/erneut")
@limiter.limit("60 per hour", key_func=signed_in_key)
def resend(network: Network, id: int) -> ResponseReturnValue:
    """Send the mail once more to one recipient it failed to reach ([delivery]), or to all of them."""
    _thread, message = _thread_and_message(network, id, request.form.get("nachricht", type=int))
    if not _may_see_names(network, message):
        abort(403)
    deliveries = _deliveries(network, message)
    if "delivery" in request.form:
        # No row has a number the database could not hold.
        number = request.form.get("delivery", 0, type=int)
        deliveries = deliveries.where(Delivery.id == number if abs(number) < 2**31 else false())
    result = send_again(deliveries, current_user)
    db.session.commit()
    if result.again:
        queue.wake("outbox")
    for kind, sentence in told(result):
        flash(sentence, kind)
    return redirect(url_for("deliveries.show", network=network, id=id, nachricht=message.id))


def page_asked_for() -> int:
    """Return ?seite=, from 1."""
    return min(max(request.args.get("seite", 1, type=int) or 1, 1), LAST_PAGE)


def told(result: Resent) -> Iterator[tuple[str, str]]:
    """Say as notices, each with its kind, to whom a mail goes once more and to whom not."""
    if not result.again and not result.refused:
        yield "info", _("Es gibt niemanden, bei dem die Mail nicht ankam.")
    if result.again and len(result.again) <= _MOST_NAMED:
        yield "success", _("Die Mail geht noch einmal an %(names)s.", names=", ".join(result.again))
    elif result.again:
        people = ngettext("%(num)s Person", "%(num)s Personen", len(result.again))
        yield "success", _("Die Mail geht noch einmal an %(people)s.", people=people)
    if result.refused:
        yield "warning", " ".join(f"{sentence.rstrip('.')}." for sentence in _refusals(result.refused))


def _thread_and_message(network: Network, id: int, wanted: int | None) -> tuple[Thread, Message]:
    thread: Thread = db.session.scalar(Thread.of_network(network).where(Thread.id == id)) or abort(404)
    wanted = wanted or thread.messages[0].id
    message = next((message for message in thread.messages if message.id == wanted), None) or abort(404)
    return thread, message


def _may_see_names(network: Network, message: Message) -> bool:
    return leads(network) or message.author_id == current_user.id


def _sees_all(message: Message) -> bool:
    """A lead sees the people of their network; of a message to several others have leads of their own."""
    return len(message.thread.networks) == 1 or current_user.is_admin or message.author_id == current_user.id


def _deliveries(network: Network, message: Message) -> Select[Delivery, str]:
    return report.deliveries_of(message, None if _sees_all(message) else network)


def _part(deliveries: Select[Delivery, str], page: int) -> Select[Delivery, str]:
    return deliveries.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE + 1)


def _refusals(refused: list[tuple[str, str]]) -> Iterator[str]:
    """Name the first few and count the others: hundreds of names would not fit into the cookie that carries them."""
    for name, reason in refused[:_MOST_NAMED]:
        yield _("Nicht noch einmal an %(name)s: %(reason)s", name=name, reason=reason)
    for reason, number in Counter(reason for _name, reason in refused[_MOST_NAMED:]).items():
        people = ngettext("%(num)s weitere Person", "%(num)s weitere Personen", number)
        yield _("Nicht noch einmal an %(name)s: %(reason)s", name=people, reason=reason)


def _cells(line: report.Line) -> list[object]:
    tries = [
        f"{_written(one.at)}: "
        + (_("Erneut gesendet von %(name)s", name=one.asked_by) if one.asked_by else " ".join(one.reply.split()))
        for one in line.tries
    ]
    told = line.said.raw if line.said.raw and not any(line.said.raw in one for one in tries) else ""
    replies = " | ".join([*tries, *([told] if told else [])])
    return [
        line.name,
        line.address,
        STATE_NAMES[line.state],
        _written(line.at) if line.at else "",
        line.said.meaning,
        replies,
    ]


def _written(at: datetime) -> str:
    """A file is read on another day, too, when "heute" is wrong."""
    return berlin(at).strftime("%d.%m.%Y %H:%M")


def _inert(cell: str) -> str:
    """A spreadsheet must not take a server's words for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell
