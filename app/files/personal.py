"""The personal link to a file too large for the mail: it opens without signing in, for thirty days.

Mail scanners follow links, so opening it only shows the file's name and a button; the button's POST hands it out.
The link is bound to one recipient's delivery and ends early when that person no longer belongs to the audience.
Who only wants no mail for a while still belongs to it.
"""

from __future__ import annotations

from datetime import timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app import registry
from app.database import utc_now
from app.files.views import Handout, find, send
from app.registry import MailLink, Recipient, Refusal

VALID_FOR = timedelta(days=30)


def hand_out(link: MailLink) -> ResponseReturnValue:
    """The mail action "file"; `link.argument` is the id of a stored file of the thing the mail tells of."""
    file = _file_of(link)
    if file is None:
        return render_template("files/gone.html"), 404
    if request.method == "POST":
        return send(file)
    valid_until = link.mailed_at + VALID_FOR
    return render_template("files/personal.html", link=link, file=file, valid_until=valid_until)


def _file_of(link: MailLink) -> Handout | None:
    if utc_now() >= link.mailed_at + VALID_FOR or not _still_belongs(link):
        return None
    file = find(link.argument)
    # The token is signed, but it was made when the mail was; since then the file may have been taken down or moved.
    return file if file and file.owner == link.about else None


def _still_belongs(link: MailLink) -> bool:
    kind = link.audience.partition(":")[0]
    ask = registry.recipients_now.get(kind)
    answer = ask(link.audience, [link.recipient_key]).get(link.recipient_key) if ask else None
    return answer.still_belongs if isinstance(answer, Refusal) else isinstance(answer, Recipient)
