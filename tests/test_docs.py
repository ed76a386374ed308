"""The guides say what is true: every setting stands in them with its default, and every file they link to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import config

# Each variable of the environment that config.py reads, with the literal it falls back to, if that is one.
_READ = re.compile(r'env\.(?:str|int|bool)\(\s*"(\w+)"(?:, ("[^"{}]*"|\d+|True|False)(?=[,)]))?')
_GUIDES = sorted(path.relative_to(config.ROOT) for path in [*config.ROOT.glob("*.md"), *config.ROOT.glob("docs/*.md")])

SETTINGS = dict(_READ.findall((config.ROOT / "config.py").read_text(encoding="utf-8")))
ENVIRONMENT = (config.ROOT / "deploy" / "netz.env.example").read_text(encoding="utf-8")
TABLE = (config.ROOT / "docs" / "betrieb.md").read_text(encoding="utf-8")


def test_the_settings_are_found() -> None:
    assert {"SECRET_KEY", "UPLOAD_LIMIT_MB", "NETZ_DEMO"} <= SETTINGS.keys()


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_stands_in_the_example_of_settings(name: str) -> None:
    assert re.search(rf"^#?{name}='", ENVIRONMENT, re.MULTILINE)


@pytest.mark.parametrize(("name", "default"), SETTINGS.items())
def test_a_setting_stands_in_the_guide_with_its_default(name: str, default: str) -> None:
    row = re.search(rf"^\| `{name}` \| ([^|]*) \|", TABLE, re.MULTILINE)
    assert row, f"docs/betrieb.md says nothing of {name}"
    plain = default.strip('"')
    if plain:
        assert row[1] == f"`{plain.lower() if plain in ('True', 'False') else plain}`"


@pytest.mark.parametrize("guide", _GUIDES, ids=str)
def test_what_a_guide_links_to_is_there(guide: Path) -> None:
    path = config.ROOT / guide
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (path.parent / target).exists()]
    assert not missing
