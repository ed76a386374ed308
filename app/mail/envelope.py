"""Addresses, links and Message-IDs of ours.

A token names an action, a delivery and one number, and is signed: so a link in a mail and the return path of a mail
tell for whom they were made, and nobody can make one up. A link says as well which deputy it was made for, because the
same delivery may go to a deputy once and to the person another time. It is lower case, because mail programs and
gateways change the case of local parts, and short, because a local part holds 64 octets (RFC 5321 4.5.3.1.1).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import uuid
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from flask import current_app

from app.mail.headers import phrase

#: Before the token in the return path of every mail; also the action it is signed for.
RETURN_PATH = "ruecklauf"

#: A link of the recipient's own, in `Mail.text` and `Mail.html`. Nobody types these characters (app/forms.py).
PLACEHOLDER = re.compile("\ue000([a-z-]+):([0-9]+)\ue001")

#: Actions whose token stands in an address instead of a link (app/mail/answering.py).
ANSWERS = ("antwort", "nur", "termin")

#: Stands, like the action of a link, where a deputy reads in whose place they get a mail; for all others it is empty.
STANDING_IN = "in-vertretung"

_SIGNATURE = 10  # octets; 80 bits are more than can be tried over the network
LONGEST_TOKEN = 60
_NUMBER_LIMIT = 1 << 63


class Token(NamedTuple):
    """What a signed token says.

    `deputy` is the number of the deputy a link was made for, 0 if it is the recipient's own; None: it does not say.
    """

    action: str
    delivery_id: int
    argument: int
    deputy: int | None = None


def address_of(local: str) -> str:
    """Return the portal's address with this local part, by MAIL_ADDRESS_PATTERN."""
    pattern: str = current_app.config["MAIL_ADDRESS_PATTERN"]
    return pattern.replace("{local}", local)


def local_part_of(address: str) -> str | None:
    """Return what stands for {local} in an address of ours, in small letters; None for any other address."""
    before, _, after = address_of("{local}").lower().partition("{local}")
    address = address.strip().lower()
    if not address.startswith(before) or not address.endswith(after):
        return None
    local = address[len(before) : len(address) - len(after)]
    return local if local and "@" not in local else None


def sender() -> str:
    """Return the one sender a strict relay takes mail from, or "": then every mail has a sender of its own."""
    return str(current_app.config["MAIL_SENDER"])


def new_message_id() -> str:
    """Return a Message-ID nobody had before, without the angle brackets."""
    return f"{uuid.uuid4().hex}@{_own_domain()}"


def personal_link(action: str, argument: int = 0) -> str:
    """Return what stands in a mail's text for the recipient's own link; each copy gets an address of its own there."""
    placeholder = f"\ue000{action}:{argument}\ue001"
    if not PLACEHOLDER.fullmatch(placeholder):
        raise ValueError(f"not an action and a number: {action!r}, {argument!r}")
    return placeholder


def link_prefix() -> str:
    """Return what stands before the token in the address of every link from a mail."""
    base_url: str = current_app.config["BASE_URL"]
    return f"{base_url}/mail/"


def around(action: str) -> tuple[str, str]:
    """Return what stands before and after the token in a link or in an address of the recipient's own."""
    if action == STANDING_IN:
        return "", ""
    if action in ANSWERS:
        before, _, after = address_of(f"{action}+{{token}}").partition("{token}")
        return before, after
    return link_prefix(), ""


def list_headers(slug: str, title: str, *, is_read: bool = False) -> dict[str, str]:
    """Return what tells mail programs that this is a network's mail (RFC 2919).

    List-Post (RFC 2369 3.4) stands there only if mail to the network's address is read. The archive and the help are
    pages behind the sign-in and before it.
    """
    base_url: str = current_app.config["BASE_URL"]
    pages = {"List-Archive": f"<{base_url}/netze/{slug}/nachrichten>", "List-Help": f"<{base_url}/hilfe>"}
    post = {"List-Post": f"<mailto:{address_of(slug)}>"} if is_read else {}
    return {"List-Id": " ".join([*phrase(title), f"<{slug}.{_own_domain()}>"])} | pages | post


def feedback_id(event: str, audience: str) -> str:
    """Return by what a large provider counts complaints: the kind of mail, whom it goes to, and the sender.

    It names no person, no network and no mail.
    """
    sender = hashlib.sha256(_own_domain().encode()).hexdigest()[:10]
    return f"{event}:{audience}:portal:{sender}"


def unsubscribe_headers(link: str) -> bytes:
    """Return the header fields of leaving by one click (RFC 2369 3.2, RFC 8058)."""
    return f"List-Unsubscribe: <{link}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode()


def signing_key() -> bytes:
    """Return the key tokens are signed with."""
    return _derived_key(current_app.config["SECRET_KEY"])


def seal(key: bytes, action: str, delivery_id: int, argument: int = 0, deputy: int | None = None) -> str:
    """Return the token: one octet of the action, the numbers, the signature; in base 32, lower case."""
    content = _mark(action) + _packed(delivery_id) + _packed(argument)
    if deputy is not None:
        content += _packed(deputy)
    # BLAKE2b with a key is a MAC of its own (RFC 7693 2.9); HMAC takes ten times as long, for every link of every mail.
    signature = hashlib.blake2b(action.encode() + b"\0" + content, key=key, digest_size=_SIGNATURE).digest()
    return base64.b32encode(content + signature).rstrip(b"=").decode().lower()


def open_token(key: bytes, token: str, actions: Iterable[str]) -> Token | None:
    """Return what a token says, if we signed it for one of these actions; its case does not matter."""
    token = token.lower()
    content = _unpacked(token)
    if content is None:
        return None
    mark, delivery_id, argument, deputy = content
    for action in actions:
        if _mark(action) == mark and hmac.compare_digest(seal(key, action, delivery_id, argument, deputy), token):
            return Token(action, delivery_id, argument, deputy)
    return None


def _unpacked(token: str) -> tuple[bytes, int, int, int | None] | None:
    if len(token) > LONGEST_TOKEN or not token.isascii():
        return None
    try:
        octets = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
        delivery_id, rest = _number(octets[1:-_SIGNATURE])
        argument, rest = _number(rest)
        deputy, rest = _number(rest) if rest else (None, rest)
    except (ValueError, IndexError):
        return None
    return (octets[:1], delivery_id, argument, deputy) if not rest else None


def _packed(number: int) -> bytes:
    """Seven bits an octet, the lowest first; the high bit says that more follow."""
    if not 0 <= number < _NUMBER_LIMIT:
        raise ValueError(f"not a row id: {number}")
    octets = bytearray()
    while number > 0x7F:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    octets.append(number)
    return bytes(octets)


def _number(octets: bytes) -> tuple[int, bytes]:
    number = 0
    for position in range(9):  # nine times seven bits reach the limit
        number |= (octets[position] & 0x7F) << 7 * position
        if octets[position] < 0x80:
            return number, octets[position + 1 :]
    raise ValueError("a number too long")


@lru_cache(maxsize=100)
def _mark(action: str) -> bytes:
    # The signature covers the whole name; so two actions that share this octet are still told apart.
    return hashlib.sha256(action.encode()).digest()[:1]


@lru_cache(maxsize=10)
def _derived_key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"app.mail.envelope", "sha256")


def _own_domain() -> str:
    return address_of("x").rpartition("@")[2]
