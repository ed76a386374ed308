"""Which of our addresses a mail was sent to, and what that address stands for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import getaddresses
from enum import Enum

from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.forum.models import Thread
from app.mail import answering, envelope
from app.mail.answering import TO_ALL, TO_MEETING, TO_ONE, ReplyAddress
from app.mail.reading import ReceivedMail
from app.networks.models import Network

_MOST_ADDRESSEES = 100

#: Addresses every mail domain has (RFC 2142).
OFFICE = ("postmaster", "abuse")


class Kind(Enum):
    """What kind of address it is."""

    NETWORK = "network"
    TO_ALL = TO_ALL
    TO_ONE = TO_ONE
    RETURN_PATH = envelope.RETURN_PATH
    APPOINTMENT = TO_MEETING
    OFFICE = "office"


@dataclass(frozen=True)
class Door:
    """An address of ours: `reply` for one with a token, `slugs` of the networks, `delivery_id` of a return path."""

    kind: Kind
    reply: ReplyAddress | None = None
    slugs: tuple[str, ...] = ()
    delivery_id: int | None = None

    @property
    def name(self) -> str:
        """The same for all addresses that mean the same."""
        if self.reply:
            return f"{self.reply.way}:{self.reply.owner_id}:{self.reply.target_id}"
        return f"{self.kind.value}:{','.join(self.slugs)}:{self.delivery_id or ''}"


def door_of(address: str) -> Door | None:
    """Return what an address stands for; None when mail to it is refused."""
    if envelope.sender() and address.strip().lower() == envelope.sender().lower():
        # A strict relay sends everything under one address, and so that is where reports come back to.
        return Door(Kind.RETURN_PATH)
    local = envelope.local_part_of(address)
    return _door_at(local) if local else None


def _door_at(local: str) -> Door | None:
    if reply := answering.opened(local):
        return Door(Kind(reply.way), reply=reply)
    way, _, token = local.partition("+")
    if way == envelope.RETURN_PATH:
        opened = envelope.open_token(envelope.signing_key(), token, [envelope.RETURN_PATH])
        return Door(Kind.RETURN_PATH, delivery_id=opened.delivery_id) if opened else None
    if local in OFFICE:
        return Door(Kind.OFFICE)
    known = db.session.scalar(select(Network.slug).where(Network.slug == local))
    return Door(Kind.NETWORK, slugs=(known,)) if known else None


def door_for(address: str, mail: ReceivedMail) -> Door | None:
    """Return the door all copies of this mail go through.

    "Allen antworten" in a mail program addresses both the network and the token, and a new mail may go to several
    networks: each copy arrives at its own address, and all of them must come to the same. An answer to one person
    reaches only that person; the network's copy beside it is a mail of its own.
    """
    door = door_of(address)
    if door is None or door.kind is not Kind.NETWORK:
        return door
    others = [found for each in addressees(mail) if (found := door_of(each))]
    answered, talk = _own_answer(others, mail)
    if set(door.slugs) <= talk:
        return answered
    slugs = {slug for other in others for slug in other.slugs} - talk
    # A copy for somebody not named in the head (Bcc) goes by itself.
    return Door(Kind.NETWORK, slugs=tuple(sorted(slugs))) if set(door.slugs) <= slugs else door


def _own_answer(doors: Iterable[Door], mail: ReceivedMail) -> tuple[Door | None, set[str]]:
    """Return the address to answer a thread that was made for the sender, and the networks that read the thread.

    Whoever writes to another network as well, or forwards a mail with its address, writes a mail of its own there.
    """
    for door in doors:
        if door.kind is Kind.TO_ALL and door.reply and _is_sent_by(door.reply.owner_id, mail):
            thread = db.session.get(Thread, door.reply.target_id)
            return door, {network.slug for network in thread.networks} if thread else set()
    return None, set()


def _is_sent_by(user_id: int, mail: ReceivedMail) -> bool:
    sender = db.session.scalar(User.by_email(mail.sender)) if mail.sender else None
    return sender is not None and sender.id == user_id


def addressees(mail: ReceivedMail) -> list[str]:
    """Return the addresses the head names as recipients, each once, the first hundred."""
    found = addresses_in([*mail.headers.all("to"), *mail.headers.all("cc")])
    return list(dict.fromkeys(address.lower() for address in found))[:_MOST_ADDRESSEES]


def addresses_in(fields: Iterable[str]) -> list[str]:
    """Return the addresses in header fields; what is none is left out."""
    return [address for _name, address in getaddresses([str(field) for field in fields]) if "@" in address]
