"""Which files of a message travel in the mail, and which stand in it as a personal link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import current_app

from app.files.models import StoredFile


@dataclass(frozen=True)
class Luggage:
    """The files of a mail: `attached` to it, and `linked` because they are too large together."""

    attached: list[StoredFile]
    linked: list[StoredFile]


def split(files: Iterable[StoredFile]) -> Luggage:
    """Attach files in their order as long as their sum stays within `MAIL_ATTACH_LIMIT`, and link the others.

    A small file that stands after a large one is attached if it still fits: a link is one step more for a reader.
    """
    room = current_app.config["MAIL_ATTACH_LIMIT"]
    luggage = Luggage([], [])
    for stored_file in files:
        if stored_file.size <= room:
            room -= stored_file.size
            luggage.attached.append(stored_file)
        else:
            luggage.linked.append(stored_file)
    return luggage
