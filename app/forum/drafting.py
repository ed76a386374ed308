"""Drafts: what somebody typed and uploaded is kept when it could not be sent, and is there when they come back."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.database import db, read, utc_now
from app.files import keeping
from app.files.forms import MOST_FILES, UploadsField
from app.files.models import StoredFile
from app.forum.models import Draft
from app.queue import job
from app.unchanged import until_commit

KEPT_FOR = timedelta(days=30)

_UUID = re.compile("[0-9a-f-]{36}")


# Built once, because every page of messages asks one of them.
_drafts = (
    select(Draft)
    .where(Draft.user_id == bindparam("user_id"), Draft.place == bindparam("place"))
    .order_by(Draft.saved_at.desc())
)
_places = select(Draft.place).where(Draft.user_id == bindparam("user_id"))


def open_draft(user: User, place: str, id: str | None) -> Draft | None:
    """Return this person's draft with that id, if it belongs to the form at `place`; any text may be asked for."""
    if not id or not _UUID.fullmatch(id):
        return None
    return db.session.scalar(select(Draft).filter_by(user_id=user.id, place=place, id=id))


def drafts_at(user: User, place: str) -> Sequence[Draft]:
    """Return this person's drafts for the form at `place`, the newest first."""
    return db.session.scalars(_drafts, {"user_id": user.id, "place": place}).all()


def last_at(user: User, place: str) -> Draft | None:
    """Return this person's newest draft for the form at `place`, of which there is nearly never one."""
    return next(iter(drafts_at(user, place)), None) if place in _places_of(user.id) else None


@until_commit
def _places_of(user_id: int) -> frozenset[str]:
    return frozenset(read(_places, {"user_id": user_id}).scalars())


def files_of(draft_id: str) -> list[StoredFile]:
    """Return the files uploaded so far with this form."""
    return list(db.session.scalars(StoredFile.owned_by(f"draft:{draft_id}")))


def drop_files(draft_id: str, ids: Collection[str]) -> None:
    """Drop those files of a draft that were ticked to be left out."""
    for file in files_of(draft_id):
        if str(file.id) in ids:
            keeping.drop(file)


def keep_uploads(field: UploadsField, draft_id: str, beside: Sequence[StoredFile], leaving: int = 0) -> None:
    """Keep the sound files of a validated form with the draft `draft_id`.

    `beside` are those that are there already, of which so many are `leaving`: together there are never more than ten.
    Files that were refused are sentences at the field already.
    """
    room = MOST_FILES - len(beside) + leaving
    if len(field.sound) > room:
        field.errors = [*field.errors, _("Mehr als zehn Dateien gehen nicht. Bitte lassen Sie welche weg.")]
    for position, upload in enumerate(field.sound[:room], start=len(beside)):
        keeping.keep(upload, f"draft:{draft_id}", position)


def own_submission(user: User, place: str, submission: str) -> str:
    """Return the id a form came with, or a new one where somebody, or another form, keeps something under it."""
    is_free = db.session.get(Draft, submission) is None or open_draft(user, place, submission) is not None
    return submission if is_free else str(uuid.uuid4())


def save(user: User, place: str, draft_id: str, fields: dict[str, Any]) -> Draft:
    """Keep what was typed under `draft_id`, which is free or this person's own (`own_submission`)."""
    draft = open_draft(user, place, draft_id) or _begin(user, place, draft_id)
    draft.fields = fields
    draft.saved_at = utc_now()
    return draft


def _begin(user: User, place: str, draft_id: str) -> Draft:
    # The same form, sent twice, may have added it a moment ago.
    with suppress(IntegrityError), db.session.begin_nested():
        db.session.add(Draft(id=draft_id, user_id=user.id, place=place))
    return db.session.scalars(select(Draft).filter_by(user_id=user.id, place=place, id=draft_id)).one()


def discard(draft: Draft) -> None:
    """Throw a draft away with its files."""
    for file in files_of(draft.id):
        keeping.drop(file)
    db.session.delete(draft)


@job("drafts", every_night=True)
def forget_old_drafts() -> None:
    """Throw away drafts nobody came back to; the sweep of the files takes their bytes."""
    old = select(Draft).where(Draft.saved_at < utc_now() - KEPT_FOR)
    for draft in db.session.scalars(old).all():
        discard(draft)
    db.session.commit()


def values(draft: Draft | None) -> dict[str, Any]:
    """Return a draft's fields as form data."""
    if draft is None:
        return {}
    fields = {name: value for name, value in draft.fields.items() if value is not None}
    return fields | {name: date.fromisoformat(day) for name, day in fields.items() if _is_day(name)}


def _is_day(name: str) -> bool:
    return name == "deadline" or name.endswith("_on")
