"""Octets into characters: bodies in any charset, header fields, names of files. Nothing in here raises.

Labels are often wrong: latin-1 means Windows-1252 (as browsers do it), and what is valid UTF-8 beyond ASCII hardly
ever is anything else. UTF-7 is not read: it hides markup, and no mail program of today writes it. Nor is what Python
calls an encoding and no mail is written in: Punycode takes time by the square of the length, others make lone
surrogates.
"""

from __future__ import annotations

import binascii
import codecs
import encodings
import pkgutil
import quopri
import re
from encodings.aliases import aliases
from urllib.parse import unquote_to_bytes

_KNOWN = re.compile(
    r"utf-?(?:8|16|32)|us-ascii|ascii|iso-?8859|latin|windows-?\d|cp-?\d|koi8|gb|big5|euc|shift|sjis|iso-?2022|mac|"
    r"ks_?c|johab|hz|tis|viscii|ptcp|kz1048|l\d$|hp-roman",
    re.IGNORECASE,
)
_LONGEST_LABEL = 40
_CODECS = frozenset(module.name for module in pkgutil.iter_modules(encodings.__path__))
_WESTERN = frozenset({"ascii", "iso8859-1", "cp1252", "iso8859-15"})
_OTHER_NAMES = {"gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "iso8859-1": "cp1252"}
#: Windows-1252; the five octets that mean nothing in it stand for controls.
_WINDOWS = "".join(bytes([octet]).decode("cp1252", "ignore") or chr(octet) for octet in range(256))
_NEVER_WRITTEN = re.compile("[\x00\ufeff\ufffe\uffff\ud800-\udfff]")

_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_FOLD = re.compile(r"\r?\n[ \t]*|\r")
_CONTROLS = re.compile("[\x00-\x1f\x7f\u2028\u2029]+")
_LONGEST_FIELD = 20_000  # characters of one header field that are looked at


def characters(octets: bytes, label: str = "") -> str:
    """Return the text these octets are, by the label if it can be true. Lone surrogates, NUL and marks are left out."""
    codec = _codec(label)
    if codec in ("ascii", "") or codec in _WESTERN:
        text = _utf8(octets) or _western(octets, codec)
    elif codec == "utf-8":
        text = _utf8(octets) or _nearly_utf8(octets)
    else:
        text = octets.decode(_OTHER_NAMES.get(codec, codec), "replace")
    return _NEVER_WRITTEN.sub("", text)


def body(octets: bytes, label: str = "") -> str:
    """Return a body's text; its lines end in a line feed."""
    return characters(octets, label).replace("\r\n", "\n").replace("\r", "\n")


def field(raw: str) -> str:
    """Return a header field as a person reads it: one line, encoded words (RFC 2047) decoded."""
    return _CONTROLS.sub(" ", decoded_words(unfolded(raw))).strip()


def unfolded(raw: str) -> str:
    """Return a field as it was sent, on one line; octets beyond ASCII (as surrogates) become characters.

    Controls become spaces: they mean nothing in a field, and PostgreSQL takes no NUL.
    """
    raw = _FOLD.sub(" ", raw[:_LONGEST_FIELD])
    if not raw.isascii():
        raw = characters(raw.encode("utf-8", "surrogateescape"))
    return _CONTROLS.sub(" ", raw)


def one_line(text: str) -> str:
    """Return the text without controls and doubled spaces."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def decoded_words(text: str) -> str:
    """Return the text with its encoded words decoded; what is none stays as it stands."""
    if "=?" not in text:
        return text
    found = list(_ENCODED_WORD.finditer(text))
    pieces: list[str] = []
    pending, charset, position = b"", "", 0
    for word in found:
        between = text[position : word.start()]
        # A character may be torn apart by two words, though it must not; so neighbours are decoded together.
        if pending and (between.strip() or word[1].lower() != charset):
            pieces.append(characters(pending, charset))
            pending = b""
        if between.strip() or position == 0:
            pieces.append(between)
        pending += _word_octets(word[2], word[3])
        charset, position = word[1].lower(), word.end()
    pieces.append(characters(pending, charset))
    pieces.append(text[position:])
    return "".join(pieces)


def parameter(octets: str, charset: str = "") -> str:
    """Return a percent-encoded parameter (RFC 2231) as text."""
    return characters(unquote_to_bytes(octets), charset)


def _word_octets(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(raw, header=True)
    raw = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    if len(raw) % 4 == 1:
        raw = raw[:-1]
    return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))


def _codec(label: str) -> str:
    label = label.strip().strip("'\"").lower().replace("x-unknown", "")
    label = re.sub(r"^(?:x-)?(cp|windows)-?(?=\d)", "cp", label).replace("-8-i", "-8").replace("-8-e", "-8")
    if len(label) > _LONGEST_LABEL or "\0" in label or not _KNOWN.match(label):
        return ""
    if label.startswith(("ks_c", "ksc")):
        return "cp949"
    name = encodings.normalize_encoding(label)
    name = aliases.get(name) or aliases.get(name.replace(".", "_"), name)
    # Python searches its folders for a name it does not know, and remembers each for good; so it is not asked.
    return codecs.lookup(name).name if name in _CODECS else ""


def _utf8(octets: bytes) -> str | None:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _western(octets: bytes, codec: str) -> str:
    if codec == "iso8859-15":
        return octets.decode(codec)
    return codecs.charmap_decode(octets, "strict", _WINDOWS)[0]


def _nearly_utf8(octets: bytes) -> str:
    """A cut or damaged character in UTF-8 is replaced; a text that is not UTF-8 at all is Windows-1252."""
    text = octets.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    beyond = sum(1 for character in text if character > "\x7f") - damaged
    return text if beyond >= damaged else _western(octets, "cp1252")


_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)


def markup(octets: bytes, label: str = "") -> str:
    """Return an HTML body's text; without a label, what the document says of itself counts."""
    if not label and (said := _META_CHARSET.search(octets[:4000])):
        label = said[1].decode("ascii", "replace")
    return body(octets, label)
