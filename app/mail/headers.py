"""Header fields as octets: ASCII only, folded at 78 columns, no way to smuggle in a line of one's own.

Names and subjects come from people. A control character in them becomes a space, anything beyond ASCII an encoded
word (RFC 2047), so what leaves here never depends on what a server or a version of the standard library accepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

LINE = 78  # octets of a line without its CRLF (RFC 5322 2.1.1)

_LONGEST_WORD = 200  # what cannot be folded must stay below 998 octets (RFC 5322 2.1.1)
# An encoded word holds at most 75 octets, the line it stands in 76 (RFC 2047 2), and the first has the field's name.
_WORD = 62 - len("=?utf-8?q??=")
_PLAIN_IN_WORD = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_PLAIN_IN_PARAMETER = _PLAIN_IN_WORD - frozenset(b"*/") | frozenset(b"._")
_ENCODED_OCTETS = [chr(octet) if octet in _PLAIN_IN_WORD else f"={octet:02X}" for octet in range(256)]
_ENCODED_OCTETS[0x20] = "_"

# Controls, line separators, surrogates, and the private use area of our own placeholders.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ue000-\uf8ff]")
_FIELD_NAME = re.compile("[!-9;-~]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]+")
# What may stand in an envelope and a header without quoting; all addresses people have fit in.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.]+@[A-Za-z0-9.\-]+")


class UnusableAddress(Exception):
    """No mail can go to this address."""


def one_line(text: str) -> str:
    """Return the text without controls, line breaks and doubled spaces."""
    return " ".join(_UNWRITABLE.sub(" ", text).split())


def field(name: str, value: str) -> bytes:
    """Return a header field, folded, with its CRLF. Encoded words in `value` stay. `ValueError`: a bad name."""
    words = one_line(value).split(" ")
    return _folded(name, words if all(map(_fits, words)) else _encoded_words(" ".join(words)))


def text_field(name: str, value: str) -> bytes:
    """Return a header field of free text ("Subject"), which says what it says: nothing in it is read as a code."""
    value = one_line(value)
    return _folded(name, _encoded_words(value)) if "=?" in value else field(name, value)


def mailbox_field(name: str, person: str, address: str) -> bytes:
    """Return a header field that holds one mailbox; `address` as `wire_address` returned it."""
    return _folded(name, [*phrase(person), f"<{address}>"] if person else [address])


def file_field(name: str) -> bytes:
    """Return the header field that names an attachment (RFC 2183, RFC 2231)."""
    name = one_line(name) or "datei"
    if name.isascii() and len(name) < LINE - 20 and not set(name) & set('"\\%'):
        return _folded("Content-Disposition", ["attachment;", f'filename="{name}"'])
    pieces = _percent_encoded(name, 50)
    if len(pieces) == 1:
        return _folded("Content-Disposition", ["attachment;", f"filename*=utf-8''{pieces[0]}"])
    parameters = [f"filename*{number}*={piece};" for number, piece in enumerate(["utf-8''" + pieces[0], *pieces[1:]])]
    return _folded("Content-Disposition", ["attachment;", *parameters[:-1], parameters[-1].rstrip(";")])


def phrase(person: str) -> list[str]:
    """Return the words of a name as they stand before an address (RFC 5322 3.2.5): atoms, quoted, or encoded."""
    person = one_line(person)
    if not person:
        return []
    if not person.isascii() or "=?" in person or len(person) > LINE - 20:
        return _encoded_words(person)
    if _ATOMS.fullmatch(person):
        return person.split(" ")
    escaped = person.replace("\\", "\\\\").replace('"', '\\"')
    return [f'"{escaped}"']


def wire_address(address: str) -> str:
    """Return the address as it crosses the wire: the domain in ASCII (IDNA 2008).

    It holds more than ASCII only if its local part does (RFC 6531). Raises `UnusableAddress`.
    """
    return address if len(address) <= 254 and _PLAIN_ADDRESS.fullmatch(address) else _validated(address)


def split_mailbox(mailbox: str) -> tuple[str, str]:
    """Return name and address of "Name <address>" or "address"."""
    name, bracket, rest = mailbox.rpartition("<")
    if not bracket:
        return "", mailbox.strip()
    return name.strip().strip('"'), rest.partition(">")[0].strip()


@lru_cache(maxsize=1000)
def _validated(address: str) -> str:
    try:
        valid = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise UnusableAddress(str(error)) from error
    return valid.ascii_email or f"{valid.local_part}@{valid.ascii_domain}"


def _fits(word: str) -> bool:
    return word.isascii() and len(word) < _LONGEST_WORD


def _encoded_words(text: str) -> list[str]:
    whole = _encoded(text)
    if len(whole) <= _WORD:
        return [f"=?utf-8?q?{whole}?="]
    words, word = [], ""
    for character in text:  # a character must not be torn apart (RFC 2047 5)
        encoded = _encoded(character)
        if len(word) + len(encoded) > _WORD:
            words.append(word)
            word = ""
        word += encoded
    words.append(word)
    return [f"=?utf-8?q?{word}?=" for word in words]


def _encoded(text: str) -> str:
    return "".join(map(_ENCODED_OCTETS.__getitem__, text.encode()))


def _percent_encoded(text: str, length: int) -> list[str]:
    pieces = [""]
    for octet in text.encode():
        encoded = chr(octet) if octet in _PLAIN_IN_PARAMETER else f"%{octet:02X}"
        if len(pieces[-1]) + len(encoded) > length:
            pieces.append("")
        pieces[-1] += encoded
    return pieces


def _folded(name: str, words: Iterable[str]) -> bytes:
    if not _FIELD_NAME.fullmatch(name):
        raise ValueError(f"not a header field's name: {name!r}")
    lines, line = [], f"{name}:"
    for word in words:
        if len(line) + 1 + len(word) > LINE and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    lines.append(line)
    return ("\r\n".join(lines) + "\r\n").encode()
