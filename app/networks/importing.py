"""Doing what a list says, in one go and set by set: three thousand lines take a second or two. And taking it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update

from app.accounts.models import Organisation, User, UserAddress, email_key
from app.database import Model, db, utc_now
from app.errors import DomainError
from app.networks import mails
from app.networks.import_models import ListImport
from app.networks.import_plan import Addition, Change, Plan, folded, plan_import
from app.networks.joining import Entry, forget_pauses_of_newcomers
from app.networks.models import Holding, Network, Participant, Seat
from app.queue import job

#: What `ListImport.done` calls the rows of a change.
_MODELS: dict[str, type[Model]] = {"user": User, "seat": Seat, "participant": Participant}

_AT_ONCE = 500  # lines; between two such batches somebody who watches is told

Progress = Callable[[int], object]


class PlanHasChanged(DomainError):
    """Between the preview and its confirmation something happened that makes the import do something else."""


def confirm_import(
    uploaded: ListImport, digest: str, added_by: User | None, progress: Progress = lambda lines: None
) -> Plan:
    """Do what the preview with this `digest` showed and write the welcome mails; return what was done.

    `progress` is called with the number of lines done since it was called last.

    Raises `PlanHasChanged` when it would not do exactly that, and does nothing then.
    """
    plan = plan_import(uploaded.network, uploaded.sheet, removes=uploaded.removes)
    if plan.digest != digest:
        raise PlanHasChanged(
            _(
                "Die Teilnehmerliste hat sich inzwischen geändert. Es ist noch nichts übernommen: "
                "Bitte sehen Sie die Vorschau noch einmal an."
            )
        )
    uploaded.done = _apply(uploaded.network, plan, added_by, progress) | {"counts": plan.counts}
    uploaded.applied_at = utc_now()
    # What the file said is in the list now; what is needed to take it back stands in `done`.
    uploaded.lines, uploaded.problems = [], [[problem.line, problem.sentence] for problem in plan.problems]
    return plan


def undo_import(imported: ListImport) -> None:
    """Take back who came, went, and was changed and nobody changed since. Raises `DomainError` when it is too late."""
    if imported.undoable_until is None:
        raise DomainError(_("Das lässt sich nicht mehr zurücknehmen."))
    _set_until(imported.done["added"], utc_now())
    is_present = (Participant.network_id == imported.network_id) & Participant.until.is_(None)
    taken = set(db.session.scalars(select(Participant.seat_id).where(is_present)))
    gone = _rows(Participant, imported.done["removed"])
    _set_until([each.id for each in gone if each.seat_id not in taken], None)
    for model, id, before, after in reversed(imported.done["changed"]):
        row = db.session.get(_MODELS[model], id)
        if model == "participant" and before["seat_id"] in taken:
            continue  # somebody else came in with that seat meanwhile
        for column, value in after.items():
            if row is not None and getattr(row, column) == value:
                setattr(row, column, before[column])
    imported.undone_at = utc_now()


@job("lists", every_night=True)
def forget_outdated_lists() -> None:
    """Delete the uploaded lists that nobody can do anything with any more."""
    db.session.execute(delete(ListImport).where(ListImport.outdated()))
    db.session.commit()


def _apply(network: Network, plan: Plan, added_by: User | None, progress: Progress) -> dict[str, Any]:
    organisations = _organisations(plan)
    undo: dict[str, Any] = {"added": [], "removed": [each.participant_id for each in plan.removed], "changed": []}
    undo["changed"] += _change(plan.changed, organisations)
    progress(len(plan.changed))
    people: dict[str, int] = {}
    for batch in _batches(plan.added):
        undo["changed"] += _add_people(batch, people)
        forget_pauses_of_newcomers(network, [people[email_key(each.entry.email)] for each in batch])
        seats, filled_in = _seats(batch, people, organisations)
        undo["changed"] += filled_in
        undo["added"] += _insert(
            Participant,
            [
                {"network_id": network.id, "seat_id": seat, "added_by_id": added_by.id if added_by else None}
                for seat in seats
            ],
        )
        progress(len(batch))
    _set_until(undo["removed"], utc_now())
    if plan.added:
        mails.welcome_all(network, sorted(set(people.values())), added_by)
    db.session.expire_all()  # the rows were changed past the objects that stand for them
    return undo


def _organisations(plan: Plan) -> dict[str, int]:
    """Return the id of every organisation by its folded name, those the plan brings included."""
    known = {folded(name): id for id, name in db.session.execute(select(Organisation.id, Organisation.name))}
    names = [each.entry.organisation for each in plan.added]
    names += [each.differences["organisation"][1] for each in plan.changed if "organisation" in each.differences]
    new = {folded(name): name for name in reversed(names) if folded(name) not in known}
    ids = _insert(Organisation, [{"name": name} for name in new.values()])
    return known | dict(zip(new, ids, strict=True))


def _change(changes: list[Change], organisations: dict[str, int]) -> list[Any]:
    seats = {seat.id: seat for seat in _rows(Seat, {each.present.seat_id for each in changes})}
    people: dict[int, dict[str, Any]] = {}
    places: dict[int, dict[str, Any]] = {}
    moved: list[tuple[Change, int]] = []
    undo = []
    for each in changes:
        new: dict[str, Any] = {column: value for column, (_old, value) in each.differences.items()}
        if name := new.pop("name", None):
            people[each.present.user_id] = {"id": each.present.user_id, "name": name}
            undo.append(["user", each.present.user_id, {"name": each.present.entry.name}, {"name": name}])
        if "organisation" in new:
            moved.append((each, organisations[folded(new.pop("organisation"))]))
        elif new:
            seat = seats[each.present.seat_id]
            places.setdefault(seat.id, {"id": seat.id}).update(new)
            undo.append(["seat", seat.id, {column: getattr(seat, column) for column in new}, new])
    _update(User, people.values())
    _update(Seat, places.values())
    return undo + _move(moved)


def _move(moved: list[tuple[Change, int]]) -> list[Any]:
    """Give who works for another organisation now a seat there, in this network only; the old seat stays as it is."""
    held = _held_seats([each.present.user_id for each, _organisation in moved])
    undo, seats = [], []
    for each, organisation in moved:
        here, user_id = each.present, each.present.user_id
        known = {key: each.differences.get(key, ("", getattr(here.entry, key)))[1] for key in ("task", "phone")}
        if seat := held.get((user_id, organisation)):
            undo += _fill_in([(seat, replace(here.entry, **known))])
            seat_id = seat.id
        else:
            [seat_id] = _insert(Seat, [{"organisation_id": organisation, **known}])
            _add(Holding, [{"seat_id": seat_id, "user_id": user_id}])
        seats.append({"id": here.participant_id, "seat_id": seat_id})
        undo.append(["participant", here.participant_id, {"seat_id": here.seat_id}, {"seat_id": seat_id}])
    _update(Participant, seats)
    return undo


def _add_people(batch: list[Addition], people: dict[str, int]) -> list[Any]:
    """Make the persons of these lines that do not exist, and note in `people` whom each address means."""
    new = {email_key(each.entry.email): each.entry for each in batch if each.user_id is None}
    new = {key: entry for key, entry in new.items() if key not in people}
    ids = _insert(User, [{"name": entry.name} for entry in new.values()])
    _add(
        UserAddress,
        [
            {"user_id": id, "email": entry.email, "email_key": key, "is_primary": True}
            for id, (key, entry) in zip(ids, new.items(), strict=True)
        ],
    )
    people.update(zip(new, ids, strict=True))
    people.update({email_key(each.entry.email): each.user_id for each in batch if each.user_id})
    renamed = {each.user_id: each for each in batch if each.user_id and each.renames}
    _update(User, [{"id": id, "name": each.entry.name} for id, each in renamed.items()])
    return [["user", id, {"name": each.known_as}, {"name": each.entry.name}] for id, each in renamed.items()]


def _seats(batch: list[Addition], people: dict[str, int], organisations: dict[str, int]) -> tuple[list[int], list[Any]]:
    """Return the seat of each line: the one its person holds in that organisation already, or a new one."""
    held = _held_seats([each.user_id for each in batch if each.user_id])
    places = [(people[email_key(each.entry.email)], organisations[folded(each.entry.organisation)]) for each in batch]
    new = {place: each.entry for place, each in zip(places, batch, strict=True) if place not in held}
    rows = [{"organisation_id": place[1], "task": entry.task, "phone": entry.phone} for place, entry in new.items()]
    made = dict(zip(new, _insert(Seat, rows), strict=True))
    _add(Holding, [{"seat_id": seat, "user_id": place[0]} for place, seat in made.items()])
    kept = {place: each.entry for place, each in zip(places, batch, strict=True) if place in held}
    undo = _fill_in([(held[place], entry) for place, entry in kept.items()])
    return [made[place] if place in made else held[place].id for place in places], undo


def _fill_in(seats: list[tuple[Any, Entry]]) -> list[Any]:
    """Write into seats that were there already what the list knows better."""
    undo, rows = [], []
    for seat, entry in seats:
        given = {"task": entry.task, "phone": entry.phone}
        new = {key: value for key, value in given.items() if value not in ("", getattr(seat, key))}
        if new:
            rows.append({"id": seat.id, **new})
            undo.append(["seat", seat.id, {key: getattr(seat, key) for key in new}, new])
    _update(Seat, rows)
    return undo


def _held_seats(user_ids: Sequence[int]) -> dict[tuple[int, int], Any]:
    query = (
        select(Seat.id, Seat.organisation_id, Seat.task, Seat.phone, Holding.user_id)
        .join(Holding, Holding.seat_id == Seat.id)
        .where(Holding.user_id.in_(user_ids), Holding.until.is_(None))
        .order_by(Seat.id.desc())
    )
    return {(row.user_id, row.organisation_id): row for row in db.session.execute(query)}


def _set_until(participant_ids: Iterable[int], moment: Any) -> None:
    _update(Participant, [{"id": id, "until": moment} for id in participant_ids])


def _insert(model: type[Model], rows: list[dict[str, Any]]) -> list[int]:
    """Add the rows and return their ids in the same order."""
    if not rows:
        return []
    table: Any = model
    statement = insert(table).returning(table.id, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, rows))


def _add(model: type[Model], rows: list[dict[str, Any]]) -> None:
    """Add rows whose ids nobody asks for, which is faster."""
    if rows:
        db.session.execute(insert(model), rows)


def _update(model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    if rows := list(rows):
        db.session.execute(update(model), rows)


def _rows(model: Any, ids: Iterable[int]) -> list[Any]:
    return [
        row for some in _batches(sorted(ids)) for row in db.session.scalars(select(model).where(model.id.in_(some)))
    ]


def _batches(items: Iterable[Any]) -> Iterable[list[Any]]:
    rest = iter(items)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch
