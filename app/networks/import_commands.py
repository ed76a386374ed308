"""The same import as on the page, for somebody at the machine."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from app import queue
from app.database import begin_writing, db
from app.errors import DomainError
from app.networks.auditing import list_read
from app.networks.csv_exchange import read_csv
from app.networks.import_models import ListImport
from app.networks.import_plan import Plan, plan_import
from app.networks.importing import confirm_import
from app.networks.models import Network

participants_group = AppGroup("participants", help="Teilnehmende.")

_FEW = 200  # lines that are done before a progress bar could be read
_HEADINGS = {"name": "Name", "organisation": "Organisation", "task": "Aufgabe", "phone": "Telefon"}


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(participants_group)


@participants_group.command("import")
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Zeigt nur, was sich ändern würde.")
@click.option("--remove", is_flag=True, help="Wer nicht in der Liste steht, wird entfernt.")
def import_list(slug: str, file: Path, dry_run: bool, remove: bool) -> None:
    """Liest die Teilnehmenden des Netzes SLUG aus FILE (CSV) ein."""
    begin_writing()
    network = db.session.scalar(select(Network).filter_by(slug=slug))
    if network is None:
        raise click.ClickException(f"Es gibt kein Netz mit dem Kurznamen {slug}.")
    try:
        sheet = read_csv(file.read_bytes())
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    plan = plan_import(network, sheet, removes=remove)
    _show(plan)
    if dry_run:
        click.echo("Es ist nichts geändert (--dry-run).")
        return
    if not plan.is_empty:
        uploaded = ListImport.of_sheet(sheet, network=network, user=None, file_name=file.name[:300], removes=remove)
        db.session.add(uploaded)
        db.session.flush()
        _confirm(uploaded, plan)
        db.session.commit()
        queue.wake("outbox")
    click.echo(_summary(plan))
    if not plan.is_empty:
        click.echo("24 Stunden lang lässt sich das unter „Liste einlesen“ zurücknehmen.")


def _show(plan: Plan) -> None:
    for added in plan.added:
        click.echo(f"+ {added.entry.name}, {added.entry.organisation} <{added.entry.email}>")
    for changed in plan.changed:
        for key, (old, new) in changed.differences.items():
            click.echo(f"~ {changed.present.entry.name}: {_HEADINGS[key]} „{old}“ wird „{new}“")
    for removed in plan.removed:
        click.echo(f"- {removed.entry.name}, {removed.entry.organisation} <{removed.entry.email}>")
    for problem in plan.problems:
        click.echo(f"! Zeile {problem.line}: {problem.sentence}", err=True)


def _confirm(uploaded: ListImport, plan: Plan) -> None:
    lines = len(plan.added) + len(plan.changed)
    with click.progressbar(length=lines, label="Übernehmen", file=sys.stderr, hidden=lines < _FEW) as bar:
        confirm_import(uploaded, plan.digest, None, progress=bar.update)
    list_read(uploaded.network, plan.counts, None)


def _summary(plan: Plan) -> str:
    counts = plan.counts
    said = "{added} dazu, {changed} geändert, {removed} entfernt, {unchanged} unverändert.".format_map(counts)
    left_out = "1 Zeile" if counts["problems"] == 1 else f"{counts['problems']} Zeilen"
    return f"{said} {left_out} ausgelassen." if plan.problems else said
