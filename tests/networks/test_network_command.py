"""`netz network add`: a network made at the keyboard."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.database import db
from app.networks.models import Network


def test_a_network_is_added(app: Flask) -> None:
    said = app.test_cli_runner().invoke(args=["network", "add", "sued", "  Netz   Süd "])
    assert said.exit_code == 0, said.output
    with app.app_context():
        assert db.session.scalar(select(Network.name).where(Network.slug == "sued")) == "Netz Süd"


@pytest.mark.parametrize(
    ("slug", "name", "reason"),
    [
        ("sued", "  ", "Bitte geben Sie dem Netz einen Namen."),
        ("antwort", "Netz", "Das Portal braucht diese Adresse selbst."),
        ("Süd", "Netz", "kleine Buchstaben, Ziffern und Bindestriche."),
    ],
)
def test_what_is_wrong_is_said(app: Flask, slug: str, name: str, reason: str) -> None:
    said = app.test_cli_runner().invoke(args=["network", "add", slug, name])
    assert said.exit_code == 1
    assert reason in said.output
    with app.app_context():
        assert db.session.scalar(select(Network).where(Network.slug == slug)) is None
