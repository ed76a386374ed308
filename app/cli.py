"""The command line: `netz`. The same commands stand under `flask`."""

from __future__ import annotations

import sys

import click
from flask import Flask
from flask.cli import FlaskGroup

import config


def init_app(app: Flask) -> None:
    """Add every command to the application."""


def main() -> None:
    """Run `netz`."""
    from app import create_app

    try:
        FlaskGroup(create_app=create_app, add_default_commands=False, name="netz")()
    except config.ConfigurationError as error:
        click.echo("Das Portal kann mit diesen Einstellungen nicht starten:", err=True)
        for fault in error.faults:
            click.echo(f"  {fault}", err=True)
        sys.exit(78)  # EX_CONFIG of sysexits.h
