"""Personal links and addresses of ours, taken out of what is kept from received mail (text, HTML, attached mails).

Whoever quotes or forwards a mail of ours passes on links that act in their name and addresses that speak for them. A
token is the only secret in them; so the token is what is struck out, however a mail program wrote it: in any case,
percent-encoded (also more than once, as link rewriters do), or broken over lines.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from flask import current_app

from app.mail import reading_fields as fields

#: What stands in place of a token.
STRUCK_OUT = "entfernt"

_LOCALS = ("antwort", "nur", "termin", "ruecklauf")
_SHORTEST, _LONGEST = 16, 60  # characters of a token
# Quoted-printable breaks a line anywhere. Programs that wrap what they quote do so within an address, too; but behind
# enough of a token a line's end is more likely where the address ends, and the next line's words must stay.
_SOFT_BREAK = r"(?:=\r?\n)?"
_BREAK = r"(?:=?\r?\n(?:> ?)*)?"
_MOST_PARTS = 200


def neutralise(text: str) -> str:
    """Return a text or HTML in which no link and no address of ours has its token any more."""
    pattern = _pattern(current_app.config["BASE_URL"], current_app.config["MAIL_ADDRESS_PATTERN"])
    return pattern.sub(lambda found: found[1] + STRUCK_OUT, text)


def neutralise_octets(octets: bytes) -> bytes:
    """Return the octets of an attached mail made harmless: in its head, in its parts, within their encodings.

    A part that held nothing of ours keeps its octets.
    """
    message = fields.parsed(neutralise_text_octets(octets))
    changed = False
    for number, part in enumerate(message.walk()):
        if number > _MOST_PARTS:
            break
        encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
        if not part.is_multipart() and encoding in ("base64", "quoted-printable"):
            before = fields.octets_of(part)
            after = neutralise_text_octets(before)
            if after != before:
                del part["content-transfer-encoding"]
                part["Content-Transfer-Encoding"] = "8bit"
                part.set_payload(after.decode("ascii", "surrogateescape"))
                changed = True
    return message.as_bytes(policy=fields.ATTACHED) if changed else neutralise_text_octets(octets)


def neutralise_text_octets(octets: bytes) -> bytes:
    """Return the octets of a text, of HTML or of a calendar entry made harmless."""
    # Latin-1 maps every octet to a character and back; what is ours is ASCII.
    return neutralise(octets.decode("latin-1")).encode("latin-1")


@lru_cache(maxsize=8)
def _pattern(base_url: str, address_pattern: str) -> re.Pattern[str]:
    parts = urlsplit(base_url)
    token = (
        rf"{_BREAK}[a-z2-7](?:{_BREAK}[a-z2-7]){{{_SHORTEST - 1}}}(?:{_SOFT_BREAK}[a-z2-7]){{0,{_LONGEST - _SHORTEST}}}"
    )
    link = _written(f"{parts.netloc}{parts.path}/mail/")
    before, after = address_pattern.split("{local}")
    names = "|".join(_written(f"{before}{local}+") for local in _LOCALS)
    return re.compile(rf"({link}|(?:{names})(?={token}{_BREAK}{_written(after)})){token}", re.IGNORECASE)


def _written(literal: str) -> str:
    return _BREAK.join(map(_one, literal))


def _one(character: str) -> str:
    if character.isalnum() or character in "-_":
        return re.escape(character)
    code = f"{ord(character):02x}"
    # "/" also stands as %2F, %252F ... in a rewritten link, as =2F in quoted-printable, and as an entity in HTML.
    return rf"(?:{re.escape(character)}|(?:%|=)(?:25)*{code}|&\#(?:x0*{code}|0*{ord(character)});)"
