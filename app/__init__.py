"""The virtual network of a city: mail to all, participants, session papers, offers, links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

__version__ = "0.1.0"


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """Return the application; `settings` replaces what the environment says (config.from_environment)."""
    # Imported here so that what needs no portal (`netz mail read`, `app.__version__`) does not load it.
    import config
    from app import access, cli, errors, queue, serving, templating
    from app.database import db
    from app.extensions import babel, limiter, login_manager, mail_settings

    app = serving.Portal(
        __name__,
        template_folder=str(config.ROOT / "templates"),
        static_url_path=serving.static_url_path(),
        instance_path=str(config.INSTANCE),
    )
    app.config.from_mapping(settings or config.from_environment())

    db.init_app(app)
    login_manager.init_app(app)
    mail_settings.init_app(app)
    babel.init_app(app, locale_selector=templating.choose_region)
    # First among the request hooks: who is turned away costs nothing.
    access.init_app(app)
    limiter.init_app(app)
    queue.init_app(app)
    templating.init_app(app)
    serving.init_app(app)
    errors.init_app(app)
    cli.init_app(app)
    for feature in _features():
        feature.init_app(app)
    return app


def _features() -> list[Any]:
    from app import (
        accounts,
        audit,
        deliveries,
        demo,
        files,
        forum,
        health,
        inbound,
        links,
        mail,
        meetings,
        networks,
        offers,
        pages,
        polls,
        requests,
    )

    return [
        files,
        mail,
        audit,
        accounts,
        networks,
        forum,
        meetings,
        offers,
        links,
        requests,
        polls,
        deliveries,
        pages,
        health,
        inbound,
        demo,
    ]
