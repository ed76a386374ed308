"""Whether our own mail server vouches for a mail's sender (RFC 8601).

Only the field of the server named by TRUSTED_AUTHSERV_ID counts, and only the topmost of its name: what stands below
may have come with the mail. That server must take out fields that carry its name when they come from outside.
"""

from __future__ import annotations

import re

from flask import current_app

from app.mail.reading import ReceivedMail

_COMMENT = re.compile(r"\([^()]*\)")
_PROPERTY = re.compile(r"([a-z]+\.[a-z]+)\s*=\s*\"?([^\s\";]+)\"?", re.IGNORECASE)
_RESULT = re.compile(r"([a-z0-9-]+)\s*=\s*([a-z]+)", re.IGNORECASE)

# Method -> the property that says for which domain it passed.
_DOMAINS = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",), "dmarc": ("header.from",)}


def is_vouched_for(mail: ReceivedMail) -> bool | None:
    """Return True when the server found the sender's domain genuine, False when not, None when it said nothing."""
    results = _results(mail)
    if results is None:
        return None
    domain = mail.sender.rpartition("@")[2].lower()
    return bool(domain) and any(_proves(result, domain) for result in results)


def _results(mail: ReceivedMail) -> list[str] | None:
    trusted = str(current_app.config["TRUSTED_AUTHSERV_ID"]).lower()
    if not trusted:
        return None
    for name, value in mail.headers:
        if name.lower() == "authentication-results":
            server, *results = _COMMENT.sub(" ", str(value)).split(";")
            if server.split()[:1] == [trusted] or server.strip().lower().split()[:1] == [trusted]:
                return results
    return None


def _proves(result: str, domain: str) -> bool:
    found = _RESULT.match(result.strip())
    if not found or found[2].lower() != "pass":
        return False
    wanted = _DOMAINS.get(found[1].lower(), ())
    properties = [(name.lower(), value) for name, value in _PROPERTY.findall(result)]
    return any(name in wanted and _is_aligned(value.rpartition("@")[2].lower(), domain) for name, value in properties)


def _is_aligned(authenticated: str, domain: str) -> bool:
    """A domain vouches for itself and for those below it; nothing below vouches for what is above."""
    return "." in authenticated and (domain == authenticated or domain.endswith(f".{authenticated}"))
