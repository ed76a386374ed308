"""Zustellbericht: what became of each mail, of a message and of a person; and whom no mail reaches any more."""

from __future__ import annotations

from typing import Any

from flask import Flask, render_template

from app.deliveries import person_views as person_views  # adds its routes to the blueprint
from app.deliveries import set_aside_views as set_aside_views  # adds its routes to the blueprint
from app.deliveries import silent, views
from app.deliveries import silent_views as silent_views  # adds its routes to the blueprint
from app.mail import crashing
from app.registry import panels


def init_app(app: Flask) -> None:
    """Bind the pages and show the way to them."""
    app.register_blueprint(views.bp)
    panels.add("admin", 40, _desk)
    panels.add("admin", 41, _silent_desk)
    panels.add("person", 40, _of_person)


def _desk(**_context: Any) -> str:
    return render_template("deliveries/_desk.html", set_aside=crashing.number_set_aside())


def _silent_desk(**_context: Any) -> str:
    return render_template("deliveries/_silent_desk.html", number=silent.number_of_silent())


def _of_person(person: Any, **_context: Any) -> str:
    return render_template("deliveries/_of_person.html", person=person)
