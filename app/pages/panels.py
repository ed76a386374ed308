"""What the public pages show on the desk of the Verwaltung."""

from __future__ import annotations

from flask import render_template

from app.registry import panels


def register() -> None:
    """Show the box after those with daily work in them."""
    panels.add("admin", 90, desk)


def desk() -> str:
    """Links to the public pages and the city's looks."""
    return render_template("pages/_desk.html")
