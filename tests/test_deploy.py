"""What lies in deploy/ does what docs/betrieb.md says of it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

import config
from tests.page import Page, check


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


def test_what_nginx_says_by_itself_is_a_page_of_ours() -> None:
    site = (config.ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    named = re.findall(r"error_page [ \d]+/seiten/(\S+);", site)
    pages = config.ROOT / "deploy" / "pages"
    assert "alias /opt/netz/deploy/pages/;" in site
    assert sorted(named) == sorted(path.name for path in pages.glob("*.html"))
    for name in named:
        check(Page((pages / name).read_text(encoding="utf-8"), f"/seiten/{name}"))
