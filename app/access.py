"""Who may open a page: nobody without signing in, unless the view says otherwise.

The rule hangs on the application, not on the views, so that a forgotten decorator locks a page instead of
opening it. `@public` and `@admin_only` are the exceptions; a test walks every route (tests/test_house.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.routing import IntegerConverter

from app.database import begin_reading, begin_writing, db
from app.extensions import csrf
from app.given_back import too_late

#: Octets a person who is not signed in may send; sign-in forms and mail links need no more.
ANONYMOUS_BODY_LIMIT = 64 * 1024

#: In the WSGI environment of a request by somebody who is not signed in: no file of theirs is taken in.
STRANGER = "netz.stranger"

View = Callable[..., ResponseReturnValue]


class RowIdConverter(IntegerConverter):
    """`<int:id>` in a rule: a number no row can have finds no page, instead of failing in the database."""

    def __init__(self, *args: Any, max: int = 2**31 - 1, **kwargs: Any) -> None:
        super().__init__(*args, max=max, **kwargs)  # type: ignore[misc]  # `args` hold the map, never a maximum


def init_app(app: Flask) -> None:
    """Guard every route of the application. Must run before any other `before_request` is registered."""
    app.url_map.converters["int"] = RowIdConverter
    app.before_request(_turn_strangers_away)
    csrf.init_app(app)
    app.before_request(_begin_unit_of_work)


def public(view: View) -> View:
    """Let people who are not signed in open this page."""
    view.is_public = True  # type: ignore[attr-defined]  # a mark on the function, read by `_turn_strangers_away`
    return view


def admin_only(view: View) -> View:
    """Keep this page for Verwaltung; who is signed in without that role gets a 403."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not current_user.is_admin:
            abort(403)
        return view(*args, **kwargs)

    guarded.is_guarded = True  # type: ignore[attr-defined]  # read by tests/test_house.py
    return guarded


def safe_target(target: str | None, fallback: str) -> str:
    """Return `target` if it is a path on this portal, else `fallback`: no link of ours leads elsewhere."""
    if not target:
        return fallback
    try:
        parts = urlsplit(target)
    except ValueError:  # "//[" and the like
        return fallback
    is_own_path = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme
    has_control_character = any(character < " " for character in target)
    return target if is_own_path and not parts.netloc and not has_control_character else fallback


def signed_in_key() -> str:
    """Name the person signed in, for rate limits: colleagues behind one office's address do not share them."""
    return f"user:{current_user.get_id()}"


def is_public_endpoint(endpoint: str | None) -> bool:
    """Whether strangers may open this endpoint; an unknown one is, so that they get a 404 and no hint."""
    if endpoint is None:
        return True
    view = current_app.view_functions[endpoint]
    return endpoint == "static" or getattr(view, "is_public", False)


def _turn_strangers_away() -> ResponseReturnValue | None:
    # Only the signed cookie is read here, so a stranger costs no query and cannot make us take in a large body.
    if "_user_id" not in session:
        request.environ[STRANGER] = True
        request.max_content_length = ANONYMOUS_BODY_LIMIT
        if not is_public_endpoint(request.endpoint):
            return _to_sign_in()
    elif (request.content_length or 0) > ANONYMOUS_BODY_LIMIT and not _is_signed_in_still():
        request.environ[STRANGER] = True
        request.max_content_length = ANONYMOUS_BODY_LIMIT
        return _to_sign_in()
    if request.mimetype != "multipart/form-data":
        # Werkzeug holds only the parts of a multipart body to MAX_FORM_MEMORY_SIZE.
        request.max_content_length = min(request.max_content_length or 0, current_app.config["MAX_FORM_MEMORY_SIZE"])
    return None


def _is_signed_in_still() -> bool:
    """Whether the cookie's device is still signed in, asked before a large body is taken in."""
    begin_reading()
    signed_in: bool = current_user.is_authenticated
    # Let go of what was read: the unit of work begins after the body.
    db.session.rollback()
    return signed_in


def _begin_unit_of_work() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # a 404 or 405 that needs nothing of the body, however slowly it comes
    if request.method in ("GET", "HEAD", "OPTIONS"):
        begin_reading()
    else:
        # The body is read to its end first: SQLite's write lock must not wait for somebody's slow upload.
        request.form  # noqa: B018  # reading the property parses the body
        begin_writing()
    if not is_public_endpoint(request.endpoint) and not current_user.is_authenticated:
        return _to_sign_in()
    return None


def _to_sign_in() -> ResponseReturnValue:
    if page := too_late(is_signed_in=False):
        return page, 403
    came_for = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", weiter=came_for if came_for != "/" else None))
