"""Measure everything and print one table.

`python -m benchmarks mail relays memory` measures only those parts; with `--full` the large files go to everyone.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import mailing, memory, pages, portal, posts, relays
from benchmarks.report import Figure, table

PARTS: dict[str, Callable[[portal.Portal], list[Figure]]] = {
    "posts": posts.measure,
    "mail": mailing.measure,
    "relays": relays.measure,
    "pages": pages.measure,
    "memory": memory.measure,
}


def main() -> None:
    began = time.monotonic()
    asked_for = [name for name in sys.argv[1:] if name != "--full"] or list(PARTS)
    _say(f"{os.cpu_count()} Kerne, Last {os.getloadavg()[0]:.1f}; eine Last über 2 verfälscht die Werte.")
    with tempfile.TemporaryDirectory(prefix="netz-bench-") as folder:
        _say("Ein Portal wird gefüllt …")
        measured = portal.set_up(Path(folder))
        figures: list[Figure] = []
        for name in asked_for:
            _say(f"{name} …")
            figures += PARTS[name](measured)
    _say(f"\n{table(figures)}\n\n{time.monotonic() - began:.0f} Sekunden, Last {os.getloadavg()[0]:.1f}")
    sys.exit(0 if all(figure.met for figure in figures) else 1)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
