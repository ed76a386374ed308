"""What cannot be undone leaves an entry: who did it, when and why."""

from __future__ import annotations

from typing import Any

from flask import Flask, render_template

from app.audit import views
from app.registry import panels


def init_app(app: Flask) -> None:
    """Bind the page, and lead to it from the desk of the Verwaltung."""
    app.register_blueprint(views.bp)
    panels.add("admin", 90, _desk)


def _desk(**_context: Any) -> str:
    return render_template("audit/_desk.html")
