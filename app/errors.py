"""What goes wrong, said to a person in a sentence that helps."""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from flask import Flask, current_app, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from app.database import db

# Choices, ids, days, times and tokens; what a person writes has a capital, a space, or a sign that these have not.
_SAID_BY_FORMS = re.compile(r"[a-z0-9_:.-]*|[\w.-]{60,}")


#: Octets of a body that is not taken in, with the longest text a form allows; and fields in it.
_START_OF_BODY = 256 * 1024
_MOST_FIELDS = 1000


class DomainError(Exception):
    """A rule of the portal does not allow this. The message is a German sentence for the person who tried."""


def init_app(app: Flask) -> None:
    """Answer each kind of error with a page of ours."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(500, _unexpected)


def _refused(error: DomainError) -> tuple[str, int]:
    db.session.rollback()
    return render_template("errors/refused.html", sentence=str(error)), 400


def too_late(*, is_signed_in: bool) -> str | None:
    """Return a page with what was written into a form that cannot be taken any more; None where nothing was.

    Only what comes from a page of ours is shown (RFC 6454): no other site may put words on a page of this portal.
    """
    if request.method != "POST" or request.headers.get("Origin") != request.host_url.rstrip("/"):
        return None
    typed = [text for name, text in _filled_in() if "password" not in name]
    written = [text for text in typed if not _SAID_BY_FORMS.fullmatch(text.strip())]
    if not written:
        return None
    page = _page_of_form()
    return render_template("errors/too_late.html", written=written, form_page=page, is_signed_in=is_signed_in)


def _page_of_form() -> str:
    """Return path and query of the page that sent this; nothing in it leads to another site."""
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        return "/"
    return urlunsplit(("", "", "/" + parts.path.lstrip("/\\"), parts.query, ""))


def _filled_in() -> list[tuple[str, str]]:
    """Return the names and values of the form; where its files make it too large, of the fields before these."""
    try:
        return list(request.form.items(multi=True))
    except RequestEntityTooLarge:
        start = request.environ["wsgi.input"].read(_START_OF_BODY)
        boundary = request.mimetype_params.get("boundary")
        with suppress(ValueError):  # what is no form
            return _fields_in(start, boundary) if boundary else parse_qsl(start.decode(), max_num_fields=_MOST_FIELDS)
        return []


def _fields_in(start: bytes, boundary: str) -> list[tuple[str, str]]:
    decoder = MultipartDecoder(boundary.encode(), max_parts=_MOST_FIELDS)
    decoder.receive_data(start)
    fields: list[tuple[str, bytes]] = []
    while not isinstance(event := decoder.next_event(), (File, NeedData, Epilogue)):
        if isinstance(event, Field):
            fields.append((event.name, b""))
        elif isinstance(event, Data):
            name, begun = fields.pop()
            fields.append((name, begun + event.data))
    return [(name, value.decode(errors="replace")) for name, value in fields]


def _form_too_old(error: CSRFError) -> tuple[str, int]:
    if current_user.is_authenticated and (page := too_late(is_signed_in=True)):
        return page, 400
    sentence = _("Diese Seite war zu lange offen. Bitte laden Sie sie neu und senden Sie das Formular noch einmal ab.")
    return render_template("errors/refused.html", sentence=sentence), 400


def _http_error(error: HTTPException) -> tuple[str, int] | HTTPException:
    code = error.code or 500
    if code < 400:
        return error  # a redirect that is raised, not an error
    template = f"errors/{code}.html" if code in (403, 404, 413, 429) else "errors/refused.html"
    sentence = _("Damit kann diese Seite nichts anfangen. Bitte gehen Sie zurück und versuchen Sie es noch einmal.")
    return render_template(template, sentence=sentence), code


def _unexpected(error: Exception) -> tuple[str, int]:
    # Flask has logged the error. The page must not fail again: it asks neither the database nor the person.
    db.session.rollback()
    current_app.logger.error("500 for %s %s", request.method, request.path)
    return render_template("errors/500.html"), 500
