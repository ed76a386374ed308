"""The machine under the measurements: its cores, free ports, and what a process has cost so far."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")  # a second

#: The server under load runs on one core, whoever loads it on another; with a single core they share it.
SERVER_CORE, CLIENT_CORE = (sorted(os.sched_getaffinity(0)) * 2)[:2]


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], *, core: int, log: Path, environment: dict[str, str] | None = None
) -> Iterator[int]:
    """Run a program on one core and yield its process id; it is ended with the block."""
    pinned = ["taskset", "--cpu-list", str(core)] if shutil.which("taskset") else []
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  # our own programs
            [*pinned, *map(str, command)], env=environment, stdout=output, stderr=output
        )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process and its living children have used."""
    return sum(_own_cpu_seconds(each) for each in [pid, *_children(pid)])


def peak_memory(pid: int) -> int:
    """Return the most memory a process has held so far, in octets."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def proportional_memory(pid: int) -> int:
    """Return what a process and its children hold now, in octets; what several share is counted once."""
    return sum(_proportional_memory(each) for each in [pid, *_children(pid)])


def wait_for(what: Callable[[], bool], name: str, seconds: float = 60) -> None:
    """Return when `what` is true. Raises `TimeoutError`."""
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            raise TimeoutError(name)
        time.sleep(0.05)


def is_listening(port: int) -> bool:
    """Whether something takes connections on this port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _own_cpu_seconds(pid: int) -> float:
    # The name in parentheses may hold anything; what follows the last one is numbers (proc(5)).
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _proportional_memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    [line] = [line for line in lines if line.startswith("Pss:")]
    return int(line.split()[1]) * 1024


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
