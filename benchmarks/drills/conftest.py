"""Drills are given what tests are given, and print a line each of what came of them."""

from __future__ import annotations

from tests.conftest import (  # noqa: F401  # fixtures and options are found by their names
    _kept_rows,
    _mail_server,
    _stage,
    app,
    cast,
    database_kind,
    given,
    portal,
    pytest_addoption,
    smtp,
    uploads,
)
