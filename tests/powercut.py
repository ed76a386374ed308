"""A power cut: what a folder holds afterwards, when only what was synced survives.

tests/powercut.c notes what is synced by the processes it is preloaded into; `Disk` makes a folder of it. The processes
themselves are killed with SIGKILL before.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

from tests.conftest import in_ci

_SOURCE = Path(__file__).with_suffix(".c")
_BLOCK = 4096  # octets that reach a disk together


def compiled(folder: Path) -> Path:
    """Compile the shim into `folder`; skips the test where there is no compiler, but fails it in CI."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        explanation = "Cutting the power needs a C compiler (Debian: apt install gcc libc6-dev)."
        pytest.fail(explanation) if in_ci() else pytest.skip(explanation)
    library = folder / "powercut.so"
    command = [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, _SOURCE]
    subprocess.run(command, check=True)
    return library


class Disk:
    """The disk under `root`. Everything that lies there when it is made is taken as synced; nobody may write then."""

    def __init__(self, library: Path, root: Path, kept: Path) -> None:
        self._library = ctypes.CDLL(str(library))
        self._preload = str(library)
        self.root = root
        self._kept = kept
        kept.mkdir()
        for path in (root, *root.rglob("*")):
            assert self._library.powercut_keep(os.fsencode(path), os.fsencode(kept)) == 0

    def environment(self, deaf: str = "") -> dict[str, str]:
        """What a process needs so that its syncs are noted, except those of paths that contain `deaf`."""
        return {"LD_PRELOAD": self._preload, "POWERCUT_DISK": str(self._kept), "POWERCUT_DEAF": deaf}

    def after_the_cut(self, target: Path, luck: Random | None = None) -> Path:
        """Make `target` what the disk holds after the cut, and return it.

        Without `luck` nothing survives that was not synced. With it, of what was not synced yet, any block and any
        name may have reached the disk or not, which is what a disk does that writes in an order of its own.
        """
        now = {self._identity(path): path for path in (self.root, *self.root.rglob("*"))}
        self._restore_folder(self._identity(self.root), target, now, luck)
        return target

    def _restore_folder(self, identity: str, target: Path, now: dict[str, Path], luck: Random | None) -> None:
        target.mkdir()
        names = self._names(identity)
        if luck and identity in now:
            present = {path.name: (self._identity(path), path.is_dir()) for path in now[identity].iterdir()}
            for name in sorted(present.keys() | names.keys()):
                if present.get(name) != names.get(name) and luck.random() < 0.5:
                    names.pop(name, None)
                    names |= {name: present[name]} if name in present else {}
        for name, (inode, is_folder) in sorted(names.items()):
            if is_folder:
                self._restore_folder(inode, target / name, now, luck)
            else:
                (target / name).write_bytes(self._content(inode, now.get(inode), luck))

    def _content(self, identity: str, now: Path | None, luck: Random | None) -> bytes:
        kept = self._kept / identity
        synced = kept.read_bytes() if kept.exists() else b""
        if luck is None or now is None:
            return synced
        written = now.read_bytes()
        size = len(luck.choice([synced, written]))
        blocks = [
            luck.choice([synced, written])[start : start + _BLOCK].ljust(_BLOCK, b"\0")
            for start in range(0, size, _BLOCK)
        ]
        return b"".join(blocks)[:size]

    def _names(self, identity: str) -> dict[str, tuple[str, bool]]:
        kept = self._kept / identity
        if not kept.exists():
            return {}
        entries = [entry.split(" ", 2) for entry in os.fsdecode(kept.read_bytes()).split("\0") if entry]
        return {name: (inode, kind == "d") for inode, kind, name in entries}

    def _identity(self, path: Path) -> str:
        identity = ctypes.create_string_buffer(80)
        assert self._library.powercut_identity(os.fsencode(path), identity) == 0, path
        return identity.value.decode()
