"""A worker as a process of its own: `python -m tests.mail.working` runs the outbox once, then ends.

The settings come from the environment; making octets of the mail DEADLY_MAIL kills it. Whoever has an "email:..." key
is on the list.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from app import create_app, registry
from app.mail.prepared import PreparedMails
from app.mail.rendering import PreparedMail
from app.registry import Recipient, Refusal


def answer(audience: str, keys: Sequence[str]) -> dict[str, Recipient | Refusal]:
    return {key: Recipient(key.removeprefix("email:"), "") for key in keys}


if __name__ == "__main__":
    registry.recipients_now["list"] = answer
    if deadly := int(os.environ.get("DEADLY_MAIL", "0")):
        usual = PreparedMails._prepare

        def prepare(self: PreparedMails, mail_id: int) -> PreparedMail:
            if mail_id == deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            return usual(self, mail_id)

        PreparedMails._prepare = prepare  # type: ignore[method-assign]  # on purpose
    app = create_app()
    print("ready", flush=True)  # noqa: T201  # the test waits for it
    app.extensions["run_job"].call_local("outbox")
