"""One mail becomes octets once; a recipient's copy then costs a few joins.

All that differs between two copies are the lines with their address and their own links, and the links stand on lines
of their own: soft line breaks of quoted-printable hold them there, so that a token can be put in without encoding
anything anew. In the calendar object of an invitation they are folded lines of RFC 5545 instead. Everything is ready
for DATA: CRLF at line ends, dots at line starts doubled (RFC 5321 4.5.2).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from typing import BinaryIO

from app.files.models import StoredFile
from app.mail import answering, envelope, inviting, standing_in
from app.mail.headers import field, file_field, mailbox_field, split_mailbox, text_field, wire_address
from app.mail.models import Mail
from app.mail.transfer import base64_of, quoted_printable
from app.registry import Recipient, ids_in

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+")
_METHOD = re.compile(r"(?m)^METHOD:([A-Za-z]+)\r?$")

Link = tuple[str, int]  # action and argument
_RETURN: Link = (envelope.RETURN_PATH, 0)
_ATTENDEE: Link = (inviting.ATTENDEE, 0)

OpenFile = Callable[[StoredFile], BinaryIO]


@dataclass(frozen=True, slots=True)
class Copy:
    """One recipient's mail: the envelope and the content without the closing dot."""

    sender: str
    recipient: str
    content: list[bytes]
    size: int  # octets


@dataclass(frozen=True, slots=True)
class PreparedMail:
    """What all copies of a mail share. Immutable, so that threads may use it together."""

    key: bytes  # what tokens are signed with
    return_path: str  # with {token}
    link_prefix: str
    head: bytes
    body: tuple[bytes | Link, ...]
    attachments: tuple[bytes, ...]
    reply_to: tuple[bytes, Link, bytes] | None  # the field of an address of the recipient's own
    unsubscribe: Link | None
    links: frozenset[Link]  # all that need a token
    size: int  # octets

    def copy_for(self, delivery_id: int, recipient: Recipient) -> Copy:
        """Return this recipient's copy. Raises `UnusableAddress`."""
        address = wire_address(recipient.address)
        own = mailbox_field("To", recipient.name, address)
        tokens = {link: self._token(link, delivery_id, recipient, address) for link in self.links}
        if self.reply_to:
            before, link, after = self.reply_to
            own += before + tokens[link].encode() + after
        if self.unsubscribe:
            own += envelope.unsubscribe_headers(self.link_prefix + tokens[self.unsubscribe])
        body = [piece if isinstance(piece, bytes) else tokens[piece].encode() for piece in self.body]
        sender = self.return_path.replace("{token}", tokens[_RETURN])
        return Copy(sender, address, [self.head, own, *body, *self.attachments], self.size + len(own))

    def _token(self, link: Link, delivery_id: int, recipient: Recipient, address: str) -> str:
        if link == _ATTENDEE:
            return quoted_printable(inviting.attendee(recipient.name, address)).decode()
        if link[0] == envelope.STANDING_IN:
            said = standing_in.words(recipient, in_html=link[1] == 1) if recipient.stands_in_for else ""
            return quoted_printable(said).decode()
        if link[0] in envelope.ANSWERS:
            # An address to answer to outlives the delivery; it names the person instead.
            return envelope.seal(self.key, link[0], recipient.number, link[1])
        if link == _RETURN:
            return envelope.seal(self.key, link[0], delivery_id)
        return envelope.seal(self.key, link[0], delivery_id, link[1], recipient.number if recipient.instead_of else 0)


def prepare(mail: Mail, files: Sequence[StoredFile], open_file: OpenFile) -> PreparedMail:
    """Return the mail as octets. Raises `OSError` when a file cannot be read."""
    boundary = _boundary(mail, "mixed")
    attachments = tuple(_attachments(files, open_file, boundary))
    wrapped = bool(attachments or mail.calendar)
    content_type, body = _body(mail, boundary, wrapped=wrapped)
    if wrapped:
        attachments = (*attachments, _closing(boundary))
    head = _head(mail) + content_type
    unsubscribe, reply_to = _unsubscribe(mail), _own_reply_to(mail)
    sizes = (len(piece) if isinstance(piece, bytes) else _longest(piece) for piece in (*body, *attachments))
    return PreparedMail(
        key=envelope.signing_key(),
        return_path=envelope.sender() or envelope.address_of(f"{envelope.RETURN_PATH}+{{token}}"),
        link_prefix=envelope.link_prefix(),
        head=head,
        body=body,
        attachments=attachments,
        reply_to=reply_to,
        unsubscribe=unsubscribe,
        links=frozenset(link for link in (*body, *(reply_to or ()), unsubscribe, _RETURN) if isinstance(link, tuple)),
        size=len(head) + sum(sizes),
    )


def _longest(link: Link) -> int:
    return inviting.LONGEST_LINE if link == _ATTENDEE else envelope.LONGEST_TOKEN


def _head(mail: Mail) -> bytes:
    fields = [mailbox_field("From", mail.from_name, wire_address(envelope.sender() or mail.from_address))]
    if mail.reply_to and not answering.in_reply_to(mail.reply_to):
        name, address = split_mailbox(mail.reply_to)
        fields.append(mailbox_field("Reply-To", name, wire_address(address)))
    fields.append(text_field("Subject", mail.subject))
    fields.append(field("Date", format_datetime(mail.date)))
    fields.append(field("Message-ID", f"<{mail.message_id}>"))
    fields += [field(name, value) for name, value in mail.headers.items()]
    fields.append(field("MIME-Version", "1.0"))
    return b"".join(fields)


def _own_reply_to(mail: Mail) -> tuple[bytes, Link, bytes] | None:
    """Return Reply-To around the recipient's own token, if the mail says that answers go to such an address."""
    found = answering.in_reply_to(mail.reply_to)
    if not found:
        return None
    name, way, argument = found
    before, after = envelope.around(way)
    stand_in = "x" * envelope.LONGEST_TOKEN  # so the line is folded for the longest
    left, _, right = mailbox_field("Reply-To", name, f"{before}{stand_in}{after}").rpartition(stand_in.encode())
    return left, (way, argument), right


def _unsubscribe(mail: Mail) -> Link | None:
    """Leaving by one click pauses the network this copy speaks of, the first of its audience, or all of a digest."""
    kind = mail.audience.partition(":")[0]
    if kind == "digest":
        return "pause-digest", 0
    return ("pause", ids_in(mail.audience)[0]) if kind in ("networks", "networks-oneself") else None


def _body(mail: Mail, boundary: str, *, wrapped: bool) -> tuple[bytes, tuple[bytes | Link, ...]]:
    """Return the content type of the whole mail and its body as far as the attachments."""
    inner = _boundary(mail, "alternative")
    alternative = _multipart("alternative", inner)
    mixed = _multipart("mixed", boundary)
    opening = (b"\r\n" + _delimiter(boundary) + alternative) if wrapped else b""
    pieces: list[bytes | Link] = [
        opening + b"\r\n",
        *_text_part(mail.text, "plain", inner),
        *_text_part(mail.html, "html", inner),
        *(_calendar_part(mail.calendar, inner) if mail.calendar else ()),
        _closing(inner),
        *(_calendar_file(mail.calendar, boundary) if mail.calendar else ()),
    ]
    return (mixed if wrapped else alternative), tuple(_merged(pieces))


def _text_part(text: str, subtype: str, boundary: str) -> Iterator[bytes | Link]:
    yield (
        _delimiter(boundary) + f"Content-Type: text/{subtype}; charset=utf-8\r\n".encode() + _TRANSFER_QUOTED_PRINTABLE
    )
    # Text, action, argument, text, action, argument, ..., text.
    pieces = envelope.PLACEHOLDER.split(text)
    after = ""
    for position in range(0, len(pieces) - 1, 3):
        static, action, argument = pieces[position : position + 3]
        before, following = envelope.around(action)
        yield quoted_printable(after + static + before) + b"=\r\n"
        yield action, int(argument)
        yield b"=\r\n"
        after = following
    yield quoted_printable(after + pieces[-1]) + b"\r\n"


def _calendar_part(calendar: str, boundary: str) -> Iterator[bytes | Link]:
    method = _METHOD.search(calendar)
    kind = f"text/calendar; charset=utf-8; method={method[1].upper() if method else 'PUBLISH'}"
    yield _delimiter(boundary) + f"Content-Type: {kind}\r\n".encode() + _TRANSFER_QUOTED_PRINTABLE
    yield from _calendar_lines(calendar)


def _calendar_file(calendar: str, boundary: str) -> Iterator[bytes | Link]:
    # Not text/calendar again: some programs would show the appointment twice.
    yield _file_head("termin.ics", "application/ics", boundary) + _TRANSFER_QUOTED_PRINTABLE
    yield from _calendar_lines(calendar)


def _calendar_lines(calendar: str) -> Iterator[bytes | Link]:
    for static, link in inviting.pieces(calendar):
        yield quoted_printable(static)
        if link:
            yield link
    yield b"\r\n"  # the last line break before a boundary belongs to the boundary (RFC 2046 5.1.1)


def _attachments(files: Sequence[StoredFile], open_file: OpenFile, boundary: str) -> Iterator[bytes]:
    for file in files:
        yield _file_head(file.name, file.media_type, boundary) + _TRANSFER_BASE64
        with open_file(file) as content:
            yield from base64_of(content)


def _file_head(name: str, media_type: str, boundary: str) -> bytes:
    content_type = media_type if _MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream"
    return _delimiter(boundary) + field("Content-Type", content_type) + file_field(name)


_TRANSFER_QUOTED_PRINTABLE = b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
_TRANSFER_BASE64 = b"Content-Transfer-Encoding: base64\r\n\r\n"


def _boundary(mail: Mail, subtype: str) -> str:
    """The same for every copy and every try; neither quoted-printable nor base64 ever makes "=_"."""
    return f"=_{hashlib.sha256(f'{subtype} {mail.message_id}'.encode()).hexdigest()[:24]}"


def _multipart(subtype: str, boundary: str) -> bytes:
    return f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n'.encode()


def _delimiter(boundary: str) -> bytes:
    return f"--{boundary}\r\n".encode()


def _closing(boundary: str) -> bytes:
    return f"--{boundary}--\r\n".encode()


def _merged(pieces: Iterable[bytes | Link]) -> Iterator[bytes | Link]:
    """Join neighbours that are the same for everybody, so that a copy has few pieces."""
    static = b""
    for piece in pieces:
        if isinstance(piece, bytes):
            static += piece
        else:
            yield static
            yield piece
            static = b""
    yield static
