"""Web addresses that people type: completed, checked, and shown by their host."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from wtforms import Field, ValidationError

_BARE_HOST = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?([/?#].*)?", re.DOTALL)
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+")


class IsWebAddress:
    """The field holds the address of a web page; nothing else may become a link of ours."""

    message = _l("Bitte geben Sie eine Internetadresse wie https://www.organisation.de ein.")

    def __call__(self, form: Any, field: Field) -> None:
        if not is_web_address(field.data or ""):
            raise ValidationError(self.message)


def completed(value: Any) -> Any:
    """Return "www.organisation.de" with the "https://" that people leave out; other values as they are."""
    return f"https://{value}" if isinstance(value, str) and _BARE_HOST.fullmatch(value) else value


def is_web_address(value: str) -> bool:
    """Whether `value` leads to a web page: http or https, a full host name, and no user name in front of it.

    A user name is refused because https://bank.example@elsewhere.example looks like the bank's page.
    """
    if not value.isprintable() or " " in value or "\\" in value:
        return False
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  # reading it raises for a port that is none
        host = parts.hostname or ""
        host.encode("idna")
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "@" not in parts.netloc and bool(_HOST.fullmatch(host))


def host_of(url: str) -> str:
    """Return the host of a web address as people know it, without "www."."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
