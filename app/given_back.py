"""What somebody wrote into a form that cannot be taken any more, given back to them on a page.

Their session had ended, or the form was open for too long; what they typed must not be lost with it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from functools import cache
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from flask import render_template, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio import multipart
from wtforms import Field, HiddenField, PasswordField, StringField
from wtforms.fields.core import UnboundField

from app.forms import PortalForm

#: Octets of a body that is not taken in; the longest text a form allows is among them.
_START_OF_BODY = 256 * 1024

#: What buttons and hidden inputs say that belong to no form class: choices, ids, paths and tokens.
_SAID_BY_PAGES = re.compile(r"[a-z0-9_:./?=-]*|[\w.-]{60,}")


def too_late(*, is_signed_in: bool) -> str | None:
    """Return a page with what was written into a form that cannot be taken any more; None where nothing was.

    Only what comes from a page of ours is shown (RFC 6454): no other site may put words on a page of this portal.
    """
    if request.method != "POST" or request.headers.get("Origin") != request.host_url.rstrip("/"):
        return None
    written = [words for name, words in _filled_in() if words.strip() and _is_typed(name, words)]
    if not written:
        return None
    page = _page_of_form()
    return render_template("errors/too_late.html", written=written, form_page=page, is_signed_in=is_signed_in)


def _is_typed(name: str, words: str) -> bool:
    """Whether somebody typed this, who may see it on a page; choices, tokens and passwords are nothing to give back."""
    kinds = _kinds_of_fields().get(name.rpartition("-")[2])
    if kinds is None:
        return not _SAID_BY_PAGES.fullmatch(words.strip())
    is_secret = any(issubclass(kind, PasswordField) for kind in kinds)
    is_text = any(issubclass(kind, StringField) and not issubclass(kind, HiddenField) for kind in kinds)
    return is_text and not is_secret


@cache
def _kinds_of_fields() -> dict[str, set[type[Field]]]:
    """Return of which kinds the fields of a name are, in all forms of the portal."""
    kinds = defaultdict(set)
    forms = [PortalForm]
    while forms:
        form = forms.pop()
        forms += form.__subclasses__()
        for name, field in vars(form).items():
            if isinstance(field, UnboundField):
                kinds[name].add(field.field_class)
    return dict(kinds)


def _page_of_form() -> str:
    """Return path and query of the page that sent this; nothing in it leads to another site."""
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        return "/"
    return urlunsplit(("", "", "/" + parts.path.lstrip("/\\"), parts.query, ""))


def _filled_in() -> list[tuple[str, str]]:
    """Return the names and values of the form; of one that is too large to take in, what stands at its start."""
    try:
        return list(request.form.items(multi=True))
    except RequestEntityTooLarge:
        start = request.environ["wsgi.input"].read(_START_OF_BODY)
        boundary = request.mimetype_params.get("boundary")
        with suppress(ValueError):  # what is no form
            return _fields_in(start, boundary) if boundary else parse_qsl(start.decode())
        return []


def _fields_in(start: bytes, boundary: str) -> list[tuple[str, str]]:
    decoder = multipart.MultipartDecoder(boundary.encode())
    decoder.receive_data(start)
    fields: list[tuple[str, bytes]] = []
    is_in_file = False
    while not isinstance(event := decoder.next_event(), (multipart.NeedData, multipart.Epilogue)):
        if isinstance(event, multipart.Field):
            is_in_file = False
            fields.append((event.name, b""))
        elif isinstance(event, multipart.File):
            is_in_file = True
        elif isinstance(event, multipart.Data) and not is_in_file:
            name, begun = fields.pop()
            fields.append((name, begun + event.data))
    return [(name, value.decode(errors="replace")) for name, value in fields]
