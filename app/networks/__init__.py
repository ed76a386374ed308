from flask import Flask


def init_app(app: Flask) -> None:
    """Nothing to bind yet."""
