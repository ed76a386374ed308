"""A worker as a process of its own: `python -m tests.mail.working` runs the outbox once, then ends.

The settings come from the environment. Whoever has an "email:..." key is on the list.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from app import create_app, registry
from app.registry import Recipient, Refusal


def answer(audience: str, keys: Sequence[str]) -> dict[str, Recipient | Refusal]:
    return {key: Recipient(key.removeprefix("email:"), "") for key in keys}


if __name__ == "__main__":
    registry.recipients_now["list"] = answer
    app = create_app()
    print("ready", flush=True)  # noqa: T201  # the test waits for it
    app.extensions["run_job"].call_local("outbox")
