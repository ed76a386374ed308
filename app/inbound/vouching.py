"""Whether our own mail server vouches for a mail's sender (RFC 8601).

Only the field of the server named by TRUSTED_AUTHSERV_ID counts, and only the topmost of its name: what stands below
may have come with the mail. That server must take out fields that carry its name when they come from outside.

It quotes what the sender chose, such as the local part of an address; so quoted strings and comments are found first,
and a field that does not follow the grammar to its end vouches for nobody.
"""

from __future__ import annotations

import re
from itertools import pairwise

from flask import current_app

from app.mail.reading import ReceivedMail
from app.mail.reading_spans import blanked, spans

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_SERVER = re.compile(rf'\s*({_QUOTED}|[^\s"=]+)(?:\s+\d+)?\s*', re.DOTALL)
_PAIR = re.compile(
    rf'\s*([a-z0-9][a-z0-9._-]*)(?:\s*/\s*\d+)?\s*=\s*((?:{_QUOTED}|[^\s"])+)(?:\s+|$)', re.IGNORECASE | re.DOTALL
)
_OF_DOMAIN = re.compile(rf'(?:(?:{_QUOTED}|[^\s"@]+)?@)?([^\s"@]+)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

# Method -> the property that says for which domain it passed.
_DOMAINS = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",), "dmarc": ("header.from",)}

#: `[("dkim", "pass"), ("header.d", "town.de")]`: a method with its result, then its properties.
_Result = list[tuple[str, str]]


def is_vouched_for(mail: ReceivedMail) -> bool | None:
    """Return True when the server found the sender's domain genuine, False when not, None when it said nothing."""
    results = _results(mail)
    if results is None:
        return None
    domain = mail.sender.rpartition("@")[2].lower()
    return bool(domain) and any(_proves(result, domain) for result in results)


def _results(mail: ReceivedMail) -> list[_Result] | None:
    trusted = str(current_app.config["TRUSTED_AUTHSERV_ID"]).lower()
    if not trusted:
        return None
    for field in mail.headers.all("authentication-results"):
        server, *clauses = _clauses(field)
        name = _SERVER.fullmatch(server)
        if name and _unquoted(name[1]).lower() == trusted:
            return _parsed(clauses)
        if name is None and trusted in field.lower():
            return []  # it may be our server's, and nobody can tell what it says
    return None


def _clauses(field: str) -> list[str]:
    """The field without its comments, cut at its semicolons; as one piece when a string or a comment never ends."""
    if any(end is None for _sign, _start, end in spans(field)):
        return [field]
    plain = blanked(field)
    text = "".join(own if blank == '"' else blank for blank, own in zip(plain, field, strict=True))
    cuts = [-1, *(found.start() for found in re.finditer(";", plain)), len(field)]
    return [text[start + 1 : end] for start, end in pairwise(cuts)]


def _parsed(clauses: list[str]) -> list[_Result]:
    """The results; none at all if only one of them follows no grammar."""
    results = [_pairs(clause.strip()) for clause in clauses if clause.strip().lower() not in ("", "none")]
    return [result for result in results if result] if all(results) else []


def _pairs(clause: str) -> _Result:
    pairs: _Result = []
    position = 0
    while position < len(clause):
        found = _PAIR.match(clause, position)
        if found is None:
            return []
        pairs.append((found[1].lower(), found[2]))
        position = found.end()
    return pairs


def _proves(result: _Result, domain: str) -> bool:
    (method, outcome), *properties = result
    wanted = _DOMAINS.get(method, ())
    return outcome.lower() == "pass" and any(
        name in wanted and _is_aligned(_domain_of(value), domain) for name, value in properties
    )


def _domain_of(value: str) -> str:
    """The domain in a property, which is one, or an address, or either of them quoted."""
    found = _OF_DOMAIN.fullmatch(_unquoted(value))
    return found[1].lower() if found else ""


def _unquoted(value: str) -> str:
    is_quoted = re.fullmatch(_QUOTED, value, re.DOTALL)
    return _ESCAPED.sub(r"\1", value[1:-1]) if is_quoted else value


def _is_aligned(authenticated: str, domain: str) -> bool:
    """A domain vouches for itself and for those below it; nothing below vouches for what is above."""
    return "." in authenticated and (domain == authenticated or domain.endswith(f".{authenticated}"))
