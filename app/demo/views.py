"""The postbox page: every mail as its reader sees it. It exists in the demo only."""

from __future__ import annotations

from io import BytesIO

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access import public
from app.demo import answering, postbox
from app.demo.postbox import Letter

bp = Blueprint("demo", __name__)

#: The mail's own page, framed: its inline styles work, and nothing else in it does.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups"
)

MOST_SHOWN = 200


@bp.get("/demo/postfach")
@public
def index() -> ResponseReturnValue:
    """List the mails, all or one recipient's."""
    recipient = request.args.get("an", "")
    return render_template(
        "demo/index.html",
        letters=list(postbox.letters(recipient, most=MOST_SHOWN)),
        recipients=postbox.recipients(),
        recipient=recipient,
    )


@bp.get("/demo/postfach/<name>")
@public
def show(name: str) -> ResponseReturnValue:
    """Show one mail: as HTML, as text, with its attachments and its source."""
    letter = _letter(name)
    text = letter.message.get_body(("plain",))
    return render_template(
        "demo/show.html",
        letter=letter,
        message=letter.message,
        text=text.get_content() if text else "",
        attachments=[part.get_filename() or "Anhang" for part in letter.message.iter_attachments()],
        source=letter.raw[:20_000].decode("utf-8", errors="replace"),
        addresses=answering.addresses(letter),
    )


@bp.post("/demo/postfach/<name>/antworten")
@public
def reply(name: str) -> ResponseReturnValue:
    """Answer as the one who got the mail."""
    letter = _letter(name)
    to, text = request.form.get("to", ""), request.form.get("body", "").strip()
    if to not in answering.addresses(letter) or not text:
        flash(_("Bitte schreiben Sie einen Text."), "danger")
    elif refusal := answering.answer(letter, to, text):
        flash(refusal, "danger")
    else:
        flash(_("Ihre Antwort ist beim Portal. Was daraus wurde, liegt gleich in den Postfächern."), "success")
    return redirect(url_for(".show", name=name))


@bp.get("/demo/postfach/<name>/html")
@public
def html(name: str) -> ResponseReturnValue:
    """Give the HTML part alone, for the frame."""
    body = _letter(name).message.get_body(("html",)) or abort(404)
    response = Response(body.get_content(), mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@bp.get("/demo/postfach/<name>/anhang/<int:position>")
@public
def attachment(name: str, position: int) -> ResponseReturnValue:
    """Hand out an attachment."""
    parts = list(_letter(name).message.iter_attachments())
    if position >= len(parts):
        abort(404)
    part = parts[position]
    content = part.get_payload(decode=True)
    data = content if isinstance(content, bytes) else b""
    return send_file(
        BytesIO(data), part.get_content_type(), as_attachment=True, download_name=part.get_filename() or "Anhang"
    )


def _letter(name: str) -> Letter:
    return postbox.letter(name) or abort(404)
