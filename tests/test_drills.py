"""Short drills: processes that are killed at moments a seed chooses. The long ones are in benchmarks/drills."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from flask import Flask

from config import ROOT
from tests import digest_drill, drills
from tests.acknowledged import halves, lost
from tests.cast import Cast
from tests.mailserver import MailServer


@pytest.mark.once
def test_the_long_drills_find_all_they_are_given() -> None:
    """They run seldom, and need fixtures of the tests by name."""
    plan = [sys.executable, "-m", "pytest", "--quiet", "--setup-plan", "benchmarks/drills"]
    planned = subprocess.run(plan, check=False, capture_output=True, text=True, cwd=ROOT)  # our own tests
    assert planned.returncode == 0, planned.stdout


def test_killed_workers_lose_nothing_and_double_at_most_one_a_connection(
    app: Flask, smtp: MailServer, tmp_path: Path
) -> None:
    mailing = drills.begin_mailing(app, smtp, tmp_path, 150)
    came = drills.disturb_workers(mailing, signal.SIGKILL, 3, Random(1))
    assert (came.sent, came.lost, came.foreign, came.message_ids) == (150, 0, 0, 1)
    assert came.doubled <= 3 * app.config["MAIL_CONNECTIONS"]


@pytest.mark.once
def test_a_worker_that_is_told_to_end_doubles_nothing(app: Flask, smtp: MailServer, tmp_path: Path) -> None:
    mailing = drills.begin_mailing(app, smtp, tmp_path, 60)
    came = drills.disturb_workers(mailing, signal.SIGTERM, 1, Random(2))
    assert (came.sent, came.lost, came.foreign, came.doubled) == (60, 0, 0, 0)


@pytest.mark.once
def test_killed_workers_lose_and_repeat_nothing_of_a_digest(app: Flask, smtp: MailServer, tmp_path: Path) -> None:
    mailing = digest_drill.begin(app, smtp, tmp_path, 40)
    came = digest_drill.disturb(mailing, 2, seed=4)
    assert (came.people, came.lost, came.repeated) == (40, 0, 0)
    assert came.doubled <= 2 * app.config["MAIL_CONNECTIONS"]


@pytest.mark.once
def test_a_killed_web_process_loses_no_post_and_halves_none(
    app: Flask, cast: Cast, uploads: Path, tmp_path: Path
) -> None:
    posts = drills.disturb_web(app, tmp_path, cast, posts=4, kills=1, luck=Random(3))
    recipients = {person.key for person in cast.everyone_in_ost}
    assert lost(app.config["DATABASE_URL"], uploads, posts, recipients) == []
    assert halves(app.config["DATABASE_URL"], recipients) == []
