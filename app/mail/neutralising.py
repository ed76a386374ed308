"""Personal links and addresses of ours, taken out of what is kept from received mail (text, HTML, attached mails).

Whoever quotes or forwards a mail of ours passes on links that act in their name and addresses that speak for them. A
token is the only secret in them; so the token is what is struck out, however a mail program wrote it: in any case,
percent-encoded (also more than once, as link rewriters do), or broken over lines by an encoding.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import current_app

#: What stands in place of a token.
STRUCK_OUT = "entfernt"

_LOCALS = ("antwort", "nur", "termin", "ruecklauf")
_SHORTEST, _LONGEST = 8, 60  # characters of a token


class _Patterns(NamedTuple):
    text: re.Pattern[str]
    octets: re.Pattern[bytes]


def neutralise(text: str) -> str:
    """Return a text or HTML in which no link and no address of ours has its token any more."""
    return _ours().text.sub(_struck_out, text)


def neutralise_octets(octets: bytes) -> bytes:
    """Return the octets of a text, of HTML, or of a decoded part, made harmless in the same way."""
    return _ours().octets.sub(lambda found: found[1] + STRUCK_OUT.encode(), octets)


def _struck_out(found: re.Match[str]) -> str:
    return found[1] + STRUCK_OUT


def _ours() -> _Patterns:
    return _patterns(current_app.config["BASE_URL"], current_app.config["MAIL_ADDRESS_PATTERN"])


@lru_cache(maxsize=8)
def _patterns(base_url: str, address_pattern: str) -> _Patterns:
    parts = urlsplit(base_url)
    token = rf"(?:{_breakable('[a-z2-7]', _SHORTEST, _LONGEST)})"
    link = _written(f"{parts.netloc}{parts.path}/mail/")
    before, after = address_pattern.split("{local}")
    locals_ = "|".join(_written(f"{before}{local}+") for local in _LOCALS)
    pattern = rf"({link}){token}|((?:{locals_})){token}(?={_written(after)})"
    pattern = rf"((?:{link})|(?:{locals_})(?={token}{_written(after)})){token}"
    return _Patterns(re.compile(pattern, re.IGNORECASE), re.compile(pattern.encode(), re.IGNORECASE))


def _breakable(characters: str, shortest: int, longest: int) -> str:
    return rf"{characters}(?:{_BREAK}{characters}){{{shortest - 1},{longest - 1}}}"


# A soft line break of quoted-printable may stand anywhere in an attached mail's text.
_BREAK = r"(?:=\r?\n)?"


def _written(literal: str) -> str:
    return _BREAK.join(map(_one, literal))


def _one(character: str) -> str:
    if character.isalnum() or character in "-_":
        return re.escape(character)
    code = f"{ord(character):02x}"
    # "/" also stands as %2F, %252F ... in a rewritten link, as =2F in quoted-printable, and as an entity in HTML.
    return rf"(?:{re.escape(character)}|(?:%|=)(?:25)*{code}|&\#(?:x0*{code}|0*{ord(character)});)"
