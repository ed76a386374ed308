"""What goes wrong, said to a person in a sentence that helps."""

from __future__ import annotations

from flask import Flask, current_app, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.database import db
from app.given_back import too_late


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
