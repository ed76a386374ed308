"""The invented town of the demo, as `town.toml` tells it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_TOWN: dict[str, Any] = tomllib.loads((Path(__file__).parent / "town.toml").read_text(encoding="utf-8"))

#: what the public pages say of the office; the fields of a City
CITY: dict[str, str] = _TOWN["city"]
#: name -> website, or ""
ORGANISATIONS: dict[str, str] = _TOWN["organisations"]
NETWORKS: list[dict[str, Any]] = _TOWN["networks"]
PEOPLE: list[dict[str, Any]] = _TOWN["people"]
MESSAGES: list[dict[str, Any]] = _TOWN["messages"]
OFFERS: list[dict[str, Any]] = _TOWN["offers"]
LINKS: list[dict[str, Any]] = _TOWN["links"]

#: local part of the address -> what to say of them when the demo starts
ROLES = {
    "martin.berg": "nimmt teil und schreibt Anfragen",
    "aylin.kaya": "leitet das Netz Jugendliche in Ausbildung",
    "jana.hoffmann": "ist die Verwaltung",
}
ADMIN = "jana.hoffmann"
DOMAIN = "example.org"


def address(local: str) -> str:
    """Return the address of one of the people."""
    return f"{local}@{DOMAIN}"
