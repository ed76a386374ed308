"""Being away from a network until a day, with somebody who stands in; it ends by itself, or earlier."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.networks import mails_of_absence as mails
from app.networks.absence_models import Absence
from app.networks.models import Network, Participant, Preference, Rhythm
from app.templating import midnight


def leave(user: User, network: Network, last_day: date, deputy: User | None) -> Absence:
    """Be away up to and including `last_day`; a deputy gets the network's mail meanwhile, and is told.

    The same again tells nobody anything. Raises `DomainError` when that deputy gets no mail of the network themselves,
    or is away too.
    """
    if deputy and deputy.id not in {person.id for person in who_could_stand_in(user, network)}:
        raise DomainError(
            _("Wer vertritt, muss selbst da sein und die Mails dieses Netzes bekommen. Bitte wählen Sie neu.")
        )
    absence = _own_row(user, network)
    before = absence.deputy if absence.until > utc_now() else None
    until = midnight(last_day + timedelta(days=1))
    if deputy is before and absence.until == until:
        return absence  # saved once more: everybody knows all of it
    absence.until = until
    absence.deputy = deputy
    db.session.flush()
    mails.changed(absence)
    if before and before is not deputy:
        mails.deputy(absence, before, "ended")
    if deputy:
        mails.deputy(absence, deputy, "asked")
    return absence


def come_back(user_id: int, network_id: int) -> None:
    """End an absence now; the deputy is told. Done twice it does nothing more."""
    absence = db.session.scalar(_held(user_id, network_id))
    now = utc_now()  # once it is held: who pressed at the same moment may have ended it meanwhile
    if absence is None or absence.until <= now:
        return
    absence.until = now
    mails.changed(absence)
    if absence.deputy:
        mails.deputy(absence, absence.deputy, "ended")


def decline(absence: Absence, deputy: User) -> None:
    """Let this deputy stand in no longer: mail goes to the person again, who is told once."""
    held = db.session.scalar(_held(absence.user_id, absence.network_id))
    if held and held.deputy_id == deputy.id and held.until > utc_now():
        held.deputy = None
        mails.declined(held, deputy)


def absence_of(user_id: int, network_id: int) -> Absence | None:
    """Return how this person is away from this network now, if they are."""
    return db.session.scalar(Absence.now().where(Absence.user_id == user_id, Absence.network_id == network_id))


def away_from(networks: Sequence[Network]) -> dict[int, list[Absence]]:
    """Return who is away from all of these networks that they take part in, by id: the absence that ends first leads.

    Each is of one network, and so is its deputy: show nobody those of a network they may not enter.
    """
    ids = [network.id for network in networks]
    people = joinedload(Absence.user), joinedload(Absence.deputy)
    rows = Absence.now().where(Absence.network_id.in_(ids)).order_by(Absence.until, Absence.id).options(*people)
    absences = db.session.scalars(rows).all()
    away = {(absence.user_id, absence.network_id) for absence in absences}
    present = Participant.present_in(*ids).where(User.id.in_({user_id for user_id, _network_id in away}))
    pairs = present.with_only_columns(User.id, Participant.network_id, maintain_column_froms=True).order_by(None)
    takes_part = {(user_id, network_id) for user_id, network_id in db.session.execute(pairs)}
    there = {user_id for user_id, _network_id in takes_part - away}
    found: dict[int, list[Absence]] = {}
    for absence in absences:
        if absence.user_id not in there and (absence.user_id, absence.network_id) in takes_part:
            found.setdefault(absence.user_id, []).append(absence)
    return found


def stood_in_for(deputy: User) -> Sequence[Absence]:
    """Return the absences in which this person is the deputy, the one that ends first before the others."""
    return db.session.scalars(Absence.now().where(Absence.deputy_id == deputy.id).order_by(Absence.until)).all()


def who_could_stand_in(user: User, network: Network) -> Sequence[User]:
    """Return who takes part, is there, has its mail and can act on it, by name."""
    people = {person.id: person for _participant, person in db.session.execute(_could_stand_in(user, network))}
    return list(people.values())


def deputies_offered(user: User, network: Network) -> list[tuple[int, str]]:
    """Return the same people for a form to choose from, each with the organisation: two may have one name."""
    found = db.session.execute(_could_stand_in(user, network))
    said = {person.id: f"{person.name}, {participant.seat.organisation.name}" for participant, person in found}
    return list(said.items())


def _could_stand_in(user: User, network: Network) -> Select[Participant, User]:
    none = or_(Preference.pausing(), Preference.rhythm == Rhythm.WEB)
    without = select(Preference.user_id).where(Preference.network_id == network.id, none)
    away = Absence.now().with_only_columns(Absence.user_id).where(Absence.network_id == network.id)
    there = User.id.not_in(without) & User.id.not_in(away) & (User.id != user.id)
    return Participant.present_in(network.id).where(User.receives_only.is_(False), there)


def _own_row(user: User, network: Network) -> Absence:
    own = _held(user.id, network.id)
    if found := db.session.scalar(own):
        return found
    # Somebody else may have added the row a moment ago.
    with suppress(IntegrityError), db.session.begin_nested():
        db.session.add(Absence(user_id=user.id, network_id=network.id, until=utc_now()))
    return db.session.scalars(own).one()


def _held(user_id: int, network_id: int) -> Select[Absence]:
    """The row, held until the end of the transaction: pressed twice at once, the deputy is told once."""
    query = select(Absence).where(Absence.user_id == user_id, Absence.network_id == network_id)
    return query.with_for_update(of=Absence).execution_options(populate_existing=True)
