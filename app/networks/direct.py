"""Mail from one person to others of the same network, past the forum: each gets a mail of their own.

Nothing of it stands on a page. The portal keeps it as it keeps every mail it sends, until that has gone out.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, func, select

from app.accounts.models import User, UserAddress
from app.database import by_name, db, utc_now
from app.errors import DomainError
from app.forms import made_id
from app.mail import outbox
from app.mail.models import Delivery, Mail, Priority
from app.networks import visibility
from app.networks.models import Network, Participant
from app.registry import Recipient, Refusal
from app.templating import clock

#: People one person may write to in an hour, unless their network has more: writing once to all must be possible.
MOST_IN_AN_HOUR = 100

#: The audience of direct mail. A pause stops what goes to all; a person who writes to a person still gets through.
AUDIENCE = "networks-direct"

_WINDOW = timedelta(hours=1)


class TooMuch(DomainError):
    """More people in an hour than one person may write to."""


@dataclass(frozen=True)
class Addressee:
    """A participant one can write to; `keys` are all who hold the seat now."""

    participant_id: int
    name: str
    organisation: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Letter:
    """What somebody typed. `submission` names the form (a UUID): the same words to the same people are one letter."""

    subject: str
    body: str
    copy: bool = False
    submission: str = ""


def addressees(network: Network) -> list[Addressee]:
    """Return everybody who takes part and has an address, by name."""
    found: dict[int, Addressee] = {}
    for row in db.session.execute(_reachable(network.id).order_by(by_name(User.name), User.id)):
        before = found.get(row.id)
        name = _("%(one)s und %(other)s", one=before.name, other=row.name) if before else row.name
        keys = (*(before.keys if before else ()), f"user:{row.user_id}")
        found[row.id] = Addressee(row.id, name, row.organisation, keys)
    return list(found.values())


def write_directly(author: User, network: Network, to: Collection[Addressee], letter: Letter) -> int:
    """Put the letter into the outbox for each of `to`, and a copy for the author; return how many people it reaches.

    Raises `DomainError` in a closed network or without an address to answer to, `TooMuch` past the hourly limit.
    """
    about = f"direct:{author.id}:{_id_of(letter, to)}"
    # Whoever presses twice at the same moment comes here one after the other.
    db.session.execute(select(User.id).where(User.id == author.id).with_for_update(key_share=True))
    if db.session.scalar(select(Mail.id).where(Mail.about == about)):
        return _reached(about)
    keys = dict.fromkeys(key for each in to for key in each.keys)
    _demand_possible(author, network)
    _demand_measure(author, network, len(keys))
    mail = _compose(author, network, to, letter, audience=f"{AUDIENCE}:{network.id}", about=about)
    outbox.enqueue(mail, to=keys)
    if letter.copy and author.key not in keys:
        # The copy of who takes part no longer is not sent (R6); Verwaltung need not take part.
        audience = "person" if author.is_admin else f"{AUDIENCE}:{network.id}"
        outbox.enqueue(_compose(author, network, to, letter, audience=audience, is_copy=True), to=[author.key])
    return len(keys)


def answer(audience: str, keys: Sequence[str]) -> dict[str, Recipient | Refusal]:
    """Say for each key whether this person still takes part in the network ("networks-direct:3"), and their address."""
    network_id = int(audience.partition(":")[2])
    if db.session.scalar(select(Network.closed_at).where(Network.id == network_id)):
        return dict.fromkeys(keys, Refusal("Netz geschlossen", still_belongs=True))
    user_ids = [int(key.partition(":")[2]) for key in keys]
    answers: dict[str, Recipient | Refusal] = {key: Refusal("nimmt nicht mehr teil") for key in keys}
    for row in db.session.execute(_reachable(network_id).where(User.id.in_(user_ids))):
        answers[f"user:{row.user_id}"] = Recipient(row.email, row.name, row.user_id)
    return answers


def _reachable(network_id: int) -> Select[Any]:
    return Participant.listed_in(network_id, hidden_too=True).where(UserAddress.email.is_not(None))


def _id_of(letter: Letter, to: Collection[Addressee]) -> str:
    people = sorted(each.participant_id for each in to)
    return made_id(letter.submission or str(uuid.uuid4()), people, letter.subject, letter.body)


def _reached(about: str) -> int:
    return db.session.scalars(select(func.count(Delivery.id)).join(Mail).where(Mail.about == about)).one()


def _demand_possible(author: User, network: Network) -> None:
    if network.closed_at:
        raise DomainError(_("Dieses Netz ist geschlossen. Es gehen keine Mails mehr hinaus."))
    if not author.email:
        raise DomainError(
            _("Bitte tragen Sie in Ihrem Profil zuerst eine E-Mail-Adresse ein: An sie gehen die Antworten.")
        )


def _demand_measure(author: User, network: Network, people: int) -> None:
    now = utc_now()
    rows = db.session.execute(
        select(Mail.created_at, func.count(Delivery.id))
        .join(Delivery, Delivery.mail_id == Mail.id)
        .where(Mail.about.startswith(f"direct:{author.id}:"), Mail.created_at > now - _WINDOW)
        .group_by(Mail.id, Mail.created_at)
        .order_by(Mail.created_at)
    )
    written = [(at, number) for at, number in rows]
    in_network = db.session.scalars(select(func.count()).select_from(_reachable(network.id).subquery())).one()
    free_at = _when_free(written, max(MOST_IN_AN_HOUR, in_network) - people)
    if free_at:
        raise TooMuch(
            _(
                "Sie haben in der letzten Stunde an viele Personen geschrieben. Ab %(time)s Uhr können Sie diese "
                "Nachricht senden; Ihr Text steht noch hier.",
                time=clock(free_at),
            )
        )


def _when_free(written: Sequence[tuple[datetime, int]], room: int) -> datetime | None:
    """Return when enough of what was written is an hour old; None when there is room now."""
    over = sum(number for _at, number in written) - room
    if over <= 0:
        return None
    passed = iter(written)
    while over > 0:
        at, number = next(passed)
        over -= number
    return at + _WINDOW + timedelta(minutes=1)  # the clock on the page shows no seconds


def _compose(
    author: User,
    network: Network,
    to: Collection[Addressee],
    letter: Letter,
    *,
    audience: str,
    about: str = "",
    is_copy: bool = False,
) -> Mail:
    here = db.session.execute(Participant.listed_in(network.id).where(User.id == author.id)).first()
    answers = visibility.answers_to([network], author)
    return outbox.compose(
        "direct",
        audience=audience,
        about=about,
        priority=Priority.PERSONAL,
        from_name=f"{author.name} ({network.name})"[:200],
        # Not the network's own address: an answer that goes past Reply-To must not reach everybody.
        from_address=None,
        reply_to=answers,
        # A person wrote this, no machine (RFC 3834 5).
        headers={"Auto-Submitted": ""},
        network=network,
        author=author,
        organisation=here.organisation if here else "",
        phone=here.phone if here else "",
        letter=letter,
        names=_names(to),
        people=len({key for each in to for key in each.keys}),
        is_copy=is_copy,
        can_answer=bool(answers),
    )


def _names(to: Collection[Addressee], most: int = 20) -> str:
    names = [f"{each.name} ({each.organisation})" for each in to]
    shown = ", ".join(names[:most])
    more = len(names) - most
    return shown if more <= 0 else f"{shown} {ngettext('und eine weitere', 'und %(num)s weitere', more)}"
