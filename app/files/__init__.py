"""Stored files: the only code that touches bytes people uploaded."""

from __future__ import annotations

from flask import Flask

from app import registry
from app.files import personal, storage, views
from app.files.receiving import UploadRequest


def init_app(app: Flask) -> None:
    """Open the storage, stream uploads into it, and offer downloads."""
    storage.init_app(app)
    app.request_class = UploadRequest
    app.register_blueprint(views.bp)
    registry.mail_actions["file"] = personal.hand_out
