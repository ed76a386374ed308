"""Folders of the storage: their names must reach the disk as well as what lies in them."""

from __future__ import annotations

import os
import time
from pathlib import Path


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it that are missing, and let their names survive a power cut, too."""
    if folder.exists():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=mode, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Let the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def modified(path: Path) -> float:
    """Return when a file was last written to, in seconds since 1970."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # somebody else removed it in between: it is as young as can be
        return time.time()
