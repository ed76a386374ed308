"""Verwaltung keeps organisations up: what they are called, and that each stands here once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from app import registry
from app.accounts.models import Organisation, User
from app.audit.recording import record
from app.database import by_name, contains, db, utc_now
from app.errors import DomainError
from app.networks.models import Holding, Participant, Seat


def organisations_with(words: str) -> Select[*tuple[Any, ...]]:
    """Organisations whose name holds these words, with how many people take part for them, by name."""
    people = (
        select(func.count(func.distinct(Holding.user_id)))
        .join(Seat, Seat.id == Holding.seat_id)
        .join(Participant, Participant.seat_id == Seat.id)
        .where(Seat.organisation_id == Organisation.id, Holding.until.is_(None), Participant.until.is_(None))
        .scalar_subquery()
    )
    query = select(Organisation, people).order_by(by_name(Organisation.name), Organisation.id)
    return query.where(contains(Organisation.name, words)) if words else query


def describe(organisation: Organisation, *, name: str, website: str, kind: Any, by: User) -> None:
    """Write what Verwaltung says of an organisation. Raises `DomainError` when another has that name already."""
    # Compared here, because databases know other small letters than Python does.
    rows = db.session.execute(select(Organisation.id, Organisation.name).where(Organisation.id != organisation.id))
    if any(row.name.casefold() == name.casefold() for row in rows):
        raise DomainError(_("So heißt schon eine andere. Führen Sie beide zusammen, statt diese umzubenennen."))
    if organisation.name != name:
        summary = f"Organisation umbenannt: „{organisation.name}“ → „{name}“"
        record("organisation.renamed", actor=by, about=f"organisation:{organisation.id}", summary=summary)
    organisation.name, organisation.website, organisation.kind = name, website, kind


def merge(gone: Organisation, into: Organisation, by: User) -> None:
    """Let all who work for `gone` work for `into`, which keeps its name; whoever stood in both stands there once."""
    if gone is into:
        raise DomainError(_("Bitte wählen Sie eine andere Organisation."))
    for seat in db.session.scalars(select(Seat).where(Seat.organisation_id == gone.id).order_by(Seat.id)).all():
        twin = _twin_of(seat, into)
        seat.organisation = into
        if twin:
            _move(seat, twin)
    into.website = into.website or gone.website
    into.kind = into.kind or gone.kind
    summary = f"Organisation „{gone.name}“ ist in „{into.name}“ aufgegangen"
    record("organisation.merged", actor=by, about=f"organisation:{into.id}", summary=summary)
    db.session.flush()
    db.session.delete(gone)


def _twin_of(seat: Seat, into: Organisation) -> Seat | None:
    """Return the seat that the only holder of this one has there already."""
    holders = _present_holders(seat)
    if len(holders) != 1:
        return None
    held = select(Seat).join(Holding).where(Seat.organisation_id == into.id, Holding.until.is_(None))
    for twin in db.session.scalars(held.where(Holding.user_id == holders[0]).order_by(Seat.id)):
        if _present_holders(twin) == holders:
            return twin
    return None


def _present_holders(seat: Seat) -> Sequence[int]:
    return db.session.scalars(
        select(Holding.user_id).where(Holding.seat_id == seat.id, Holding.until.is_(None)).order_by(Holding.user_id)
    ).all()


def _move(seat: Seat, twin: Seat) -> None:
    """Let `twin` take part wherever `seat` does, with what is said of it only there."""
    present = select(Participant).where(Participant.until.is_(None))
    there = {each.network_id: each for each in db.session.scalars(present.where(Participant.seat_id == twin.id))}
    for participant in db.session.scalars(present.where(Participant.seat_id == seat.id)).all():
        if kept := there.get(participant.network_id):
            kept.is_lead = kept.is_lead or participant.is_lead
            participant.until = utc_now()
        else:
            participant.seat = twin
    twin.task = twin.task or seat.task
    if seat.phone and twin.phone in ("", seat.phone):
        twin.phone, twin.phone_seen_by = seat.phone, seat.phone_seen_by.or_stricter(twin.phone_seen_by)
    for holding in seat.holdings:
        holding.until = holding.until or utc_now()
    for follow in registry.seat_replaced:
        follow(seat.id, twin.id)
