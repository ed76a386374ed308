"""The demo: an invented town, and a mail server that delivers nothing. Bound only where NETZ_DEMO is set."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the postbox page and the commands."""
    from app.demo import commands  # the PDFs of the demo need an extra that a server does without

    commands.init_app(app)
    if app.config["DEMO"]:
        from app.demo import views

        app.register_blueprint(views.bp)
