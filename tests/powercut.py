"""A power cut: what a folder holds afterwards, when only what was synced survives.

tests/powercut.c notes what is synced by the processes it is preloaded into; `Disk` makes a folder of it. The processes
themselves are killed with SIGKILL before.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import AbstractContextManager, closing
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy import make_url

from app.accounts.models import User
from app.accounts.sign_in import link_for
from app.database import db, writing
from app.networks.models import Network
from tests import running
from tests.acknowledged import lost
from tests.cast import Cast
from tests.conftest import in_ci
from tests.factories import make_participants
from tests.mailserver import free_port
from tests.running import Post, Poster

_SOURCE = Path(__file__).with_suffix(".c")
_BLOCK = 4096  # octets that reach a disk together


def compiled(folder: Path) -> Path:
    """Compile the shim into `folder`; skips the test where there is no compiler, but fails it in CI."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        explanation = "Cutting the power needs a C compiler (Debian: apt install gcc libc6-dev)."
        if in_ci():
            pytest.fail(explanation)
        pytest.skip(explanation)
    library = folder / "powercut.so"
    command = [compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", str(library), str(_SOURCE)]
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


class Site:
    """A portal on a disk whose power can be cut, people of ost who write, and what they were told is done.

    `root` is the folder of its data, a copy of what `app` holds; the storage lies below in folders that the portal
    makes itself when it starts. `recipients` maps the key of everybody in ost to their address.
    """

    def __init__(self, app: Flask, cast: Cast, library: Path, folder: Path, **settings: str) -> None:
        self.environment = running.settings_of(app) | {"PORT": str(free_port()), "MAIL_UNDO_SECONDS": "300"} | settings
        with app.app_context(), writing():
            further = make_participants(db.session.get_one(Network, cast.ost.id), 20)
            self.recipients = {f"user:{user.id}": user.email for user in further}
            self.recipients |= {person.key: person.email for person in cast.everyone_in_ost}
            self.posters = [self._poster(cast, person.id) for person in (cast.bob, cast.lena, cast.carla)]
            db.session.commit()
        self.folder = folder
        self.root = folder / "data"
        self.root.mkdir()
        database = make_url(app.config["DATABASE_URL"]).database
        assert database
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(self.root / "netz.db")) as target:
            source.backup(target)
        self.acknowledged: list[Post] = []
        self._library = library
        self._disk: Disk | None = None

    def disk(self) -> Disk:
        """Take note of what is synced from now on in `root`."""
        self._disk = Disk(self._library, self.root, self.root.with_name(f"{self.root.name}-synced"))
        return self._disk

    def cut(self, target: Path, luck: Random | None = None) -> Path:
        """Make `target` what is left of `root`, see `Disk.after_the_cut()`."""
        assert self._disk
        return self._disk.after_the_cut(target, luck)

    def web(self, noting: Mapping[str, str] | None = None) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Run the web process; it is killed at the end."""
        return running.netz("web", self._places() | dict(noting or {}), self.folder / "web.log")

    def worker(self, noting: Mapping[str, str] | None = None) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Run the worker; it is killed at the end."""
        return running.netz("worker", self._places() | dict(noting or {}), self.folder / "worker.log")

    def lost_on(self, root: Path) -> list[str]:
        """What is missing there of all that was acknowledged, in words."""
        return lost(database_url(root), storage(root), self.acknowledged, set(self.recipients))

    def _places(self) -> dict[str, str]:
        return self.environment | {
            "DATABASE_URL": database_url(self.root),
            "QUEUE_URL": f"sqlite:///{self.root}/queue.db",
            "STORAGE_URL": f"file://{storage(self.root)}",
        }

    def _poster(self, cast: Cast, user_id: int) -> Poster:
        link = link_for(db.session.get_one(User, user_id))
        return Poster(int(self.environment["PORT"]), cast.ost.path(), link)


def database_url(root: Path) -> str:
    """The address of the database among the data in `root`."""
    return f"sqlite:///{root}/netz.db"


def storage(root: Path) -> Path:
    """The folder of the files among the data in `root`."""
    return root / "ablage" / "uploads"
