"""What lies in deploy/ does what docs/betrieb.md says of it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import config


@pytest.mark.parametrize(
    ("user", "started"),
    [("root", "runuser -u netz -- sh -c"), ("netz", "sh -c")],
    ids=["root-becomes-netz", "netz-stays-netz"],
)
def test_the_command_runs_for_root_and_for_a_mail_servers_pipe(tmp_path: Path, user: str, started: str) -> None:
    for name, does in (("id", f"echo {user}"), ("runuser", 'echo runuser "$@"'), ("sh", 'echo sh "$@"')):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o755)
    outcome = subprocess.run(
        ["/bin/sh", str(config.ROOT / "deploy" / "netz"), "mail", "receive", "--recipient", "a b@stadt.example"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert outcome.stdout.startswith(f"{started} set -a; . /etc/netz/netz.env;")
    assert outcome.stdout.endswith(" netz mail receive --recipient a b@stadt.example\n")
