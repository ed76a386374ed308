"""Migrations: they make what the models say, can be taken back, stand in one line and never import the portal."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect, text

import config
from app import migrating
from app.database import db
from tests import databases

VERSIONS = sorted((config.ROOT / "migrations" / "versions").glob("*.py"))


@pytest.fixture
def bare(database_kind: str, tmp_path: Path, portal: Flask) -> Iterator[Flask]:
    """An application with nothing but an empty database of its own; `portal` has loaded the models."""
    with databases.database_url(database_kind, tmp_path) as url:
        app = Flask("bare")
        app.config.update(DATABASE_URL=url, SQLALCHEMY_DATABASE_URI=url)
        db.init_app(app)
        yield app
        with app.app_context():
            db.engine.dispose()


def test_the_migrations_make_what_the_models_say(bare: Flask) -> None:
    migrating.upgrade(bare)
    migrating.check(bare)


def test_every_migration_can_be_taken_back_and_run_again(bare: Flask) -> None:
    revisions = [path.name.partition("_")[0] for path in VERSIONS]
    for revision, earlier in zip(revisions, ["base", *revisions], strict=False):
        migrating.upgrade(bare, revision)
        migrating.downgrade(bare, earlier)
        migrating.upgrade(bare, revision)
    migrating.check(bare)
    migrating.downgrade(bare, "base")
    assert _tables(bare) == {"alembic_version"}
    migrating.upgrade(bare)
    migrating.check(bare)


def test_taking_a_migration_back_keeps_the_rows_of_other_tables(bare: Flask) -> None:
    """On SQLite a rebuilt table takes its children along when foreign keys are on."""
    migrating.upgrade(bare)
    with bare.app_context():
        db.session.execute(text("INSERT INTO organisation (name, website, created_at) VALUES ('A', '', '2026-01-02')"))
        db.session.commit()
    migrating.downgrade(bare, VERSIONS[0].name.partition("_")[0])
    migrating.upgrade(bare)
    with bare.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM organisation")) == 1


def test_migrations_stand_in_one_line_and_are_named_for_their_purpose() -> None:
    earlier = None
    for number, path in enumerate(VERSIONS, 1):
        assert re.fullmatch(r"\d{4}_[a-z0-9]+(_[a-z0-9]+)*\.py", path.name)
        values = _constants(path)
        assert values["revision"] == path.name[:4] == f"{number:04}"
        assert values["down_revision"] == earlier
        earlier = values["revision"]


def test_migrations_never_import_the_portal() -> None:
    """A migration must do tomorrow what it does today, whatever becomes of the models."""
    for path in VERSIONS:
        assert not re.search(r"^\s*(from|import) (app|config)\b", path.read_text(), re.MULTILINE), path.name


def _tables(app: Flask) -> set[str]:
    with app.app_context():
        return set(inspect(db.engine).get_table_names())


def _constants(path: Path) -> dict[str, object]:
    return {
        target.id: ast.literal_eval(node.value)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
