"""What tests are given.

`app`            the portal on a migrated database; everything a test writes is gone after it
`cast`           named people and networks (tests/cast.py)
`client_of(p)`   a browser in which person `p` is signed in; `anonymous` is one in which nobody is (tests/browser.py)
`given()`        a context in which factories write (tests/factories.py); it commits at its end
`configured()`   a context in which settings have other values
`smtp`           the mail server everything goes to (tests/mailserver.py)
`deliver()`      hands over all mail that is due
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app, migrating
from app.accounts.devices import add_device, device_name
from app.accounts.models import User
from app.database import begin_reading, db, utc_now, writing
from app.extensions import limiter
from app.mail.models import Delivery, DeliveryState
from tests import databases
from tests.browser import Browser
from tests.cast import Cast, Person, Stage
from tests.mailserver import MailServer, free_port

pytest.register_assert_rewrite("tests.expected")  # so that a failure shows where two texts differ

TESTS = Path(__file__).parent

ClientOf = Callable[[Person], Browser]
Given = Callable[[], AbstractContextManager[None]]
Configured = Callable[..., AbstractContextManager[None]]
Deliver = Callable[[], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=databases.KINDS, default="sqlite", help="the database the portal under test uses"
    )


@pytest.fixture(scope="session")
def database_kind(pytestconfig: pytest.Config) -> str:
    """ "sqlite" or "postgresql"."""
    return str(pytestconfig.getoption("--database"))


@pytest.fixture(scope="session")
def _mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the portal keeps files in."""
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="session")
def portal(
    database_kind: str, _mail_server: MailServer, uploads: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application of this test session (one in each process of pytest-xdist). Tests take `app`."""
    folder = tmp_path_factory.mktemp("portal")
    port = free_port()
    with databases.database_url(database_kind, folder) as database_url, pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "SECRET_KEY": "a secret of the tests, long enough for the check",
            "PORT": str(port),
            "BASE_URL": f"http://127.0.0.1:{port}",
            "DATABASE_URL": database_url,
            "QUEUE_URL": f"sqlite:///{folder / 'queue.db'}",
            "STORAGE_URL": f"file://{uploads}",
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(_mail_server.port),
            "MAIL_DOMAIN": "netz.example.org",
            # Mail is due at once; tests of the undo window say `configured(MAIL_UNDO_SECONDS=300)`.
            "MAIL_UNDO_SECONDS": "0",
            "CITY_NAME": "Musterstadt",
        }.items():
            environment.setenv(name, value)
        app = create_app()
        # An error inside the portal fails the test instead of becoming a 500. Set only now, because Flask-Mail would
        # otherwise be made so that it sends nothing.
        app.config["TESTING"] = True
        migrating.upgrade(app)
        yield app
        with app.app_context():
            for engine in (db.engine, app.extensions.get("outbox_engine")):
                if engine:
                    engine.dispose()


@pytest.fixture(scope="session")
def _kept_rows(portal: Flask) -> dict[str, list[dict[str, object]]]:
    return databases.keep_rows(portal)


@pytest.fixture
def app(
    portal: Flask, uploads: Path, _mail_server: MailServer, _kept_rows: dict[str, list[dict[str, object]]]
) -> Iterator[Flask]:
    """The portal; after the test every row, file, wake-up and rate limit is as before it."""
    settings = dict(portal.config)
    yield portal
    portal.config.clear()
    portal.config.update(settings)
    begin_reading()
    databases.empty(portal, _kept_rows)
    for leftover in uploads.iterdir():
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    portal.extensions["queue"].storage.flush_all()
    portal.extensions.pop("outbox_wakes_at", None)  # the outbox remembers the wake-up that was just thrown away
    with portal.app_context():
        limiter.reset()
    _mail_server.forget()


@pytest.fixture
def given(app: Flask) -> Given:
    """`with given():` opens a session for factories and commits at its end; take ids out, not rows."""

    @contextmanager
    def session() -> Iterator[None]:
        with app.app_context(), writing():
            yield
            db.session.commit()

    return session


@pytest.fixture(scope="session")
def _stage() -> Stage:
    return Stage()


@pytest.fixture
def cast(given: Given, _stage: Stage) -> Cast:
    """The named people and networks, in the database."""
    with given():
        return _stage.enter()


@pytest.fixture
def anonymous(app: Flask) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(app, app.response_class)


@pytest.fixture
def client_of(app: Flask, given: Given) -> ClientOf:
    """`client_of(cast.bob)` is a new browser in which Bob is signed in.

    It has the device and the session that a mailed link gives (tests/accounts/test_signing_in_by_link.py), without the
    requests for it: most tests sign somebody in.
    """

    def sign_in(person: Person) -> Browser:
        browser = Browser(app, app.response_class)
        with given():
            secret = add_device(db.session.get_one(User, person.id), device_name(""), remember=False)
        with browser.session_transaction() as session:
            session.update(_user_id=secret, _fresh=True)
        return browser

    return sign_in


@pytest.fixture
def configured(app: Flask) -> Configured:
    """`with configured(UPLOAD_LIMIT=1000):` runs with these values of the Flask configuration."""

    @contextmanager
    def settings(**values: Any) -> Iterator[None]:
        before = {name: app.config[name] for name in values}
        app.config.update(values)
        try:
            yield
        finally:
            app.config.update(before)

    return settings


@pytest.fixture
def smtp(app: Flask, _mail_server: MailServer) -> MailServer:
    """The mail server the portal speaks to; it has received nothing yet."""
    return _mail_server


@pytest.fixture
def deliver(app: Flask) -> Deliver:
    """`deliver()` runs the outbox as the worker does, until nothing is due. What is due later stays."""

    def run() -> None:
        for _ in range(20):
            app.extensions["run_job"].call_local("outbox")
            if not _due(app):
                return
        raise AssertionError("the outbox leaves mail that is due")

    return run


def _due(app: Flask) -> int:
    query = select(func.count(Delivery.id)).where(Delivery.state == DeliveryState.WAITING, Delivery.due_at <= utc_now())
    with app.app_context():
        return db.session.scalars(query).one()


def pytest_collection_finish() -> None:
    """Looking for garbage took a sixth of the time, most of it among what was imported and never goes away."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Everything below journeys/ drives a real browser and carries that mark.

    What asks no database, or nothing that databases differ in, is left out on PostgreSQL: the same test again.
    """
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker("browser")
    # What looks at the whole portal takes longest and begins first: no process is left alone with it at the end.
    items.sort(key=lambda item: item.path.parent != TESTS and "journeys" not in item.path.parts)
    if config.getoption("--database") != "sqlite":
        same_again = [item for item in items if not _asks_the_database(item)]
        items[:] = [item for item in items if _asks_the_database(item)]
        config.hook.pytest_deselected(items=same_again)


def _asks_the_database(item: pytest.Item) -> bool:
    return "database_kind" in getattr(item, "fixturenames", ()) and item.get_closest_marker("once") is None


def in_ci() -> bool:
    """Whether a missing tool is a fault rather than a reason to skip."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")
