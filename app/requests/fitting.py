"""Whose work fits a request: words of it stand in their task or in what they offer.

Words are compared by their first letters without accents, so that "Praktikum" finds "Praktikumsplätze". A word that
many people have tells nothing of any of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from app.database import db, unaccented
from app.networks.models import Holding, Participant, Seat
from app.registry import words_of
from app.requests.models import Request

#: So many people are reminded first.
MOST_PEOPLE = 5

_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 6  # letters
#: Words of every letter, by their stems; they name no work.
_EMPTY = frozenset(
    _WORD.findall(
        "aufgab bitte brauch danke diese dieser eine einem einen einer gerne gesuch grusse guten haben hallo"
        " herzli immer jemand jetzt konnen konnte leider lieben liebe macht mehr mochte nach nicht noch oder"
        " person schon sehr sein seine sich sind suche suchen uber unser unsere unter viele werden wird wisse"
        " wissen wurde"
    )
)


def fitting_people(request: Request) -> list[int]:
    """Return the ids of those whose tasks or offers share most with the request, at most five of them."""
    asked = stems(f"{request.thread.subject} {request.message.body} {request.field} {request.place}")
    known = _words_of_people([network.id for network in request.thread.networks if not network.closed_at])
    shared = {user_id: asked & words for user_id, words in known.items()}
    spread: dict[str, int] = defaultdict(int)
    for words in shared.values():
        for word in words:
            spread[word] += 1
    telling = {word for word, people in spread.items() if people <= max(2, len(known) // 3)}
    scores = {user_id: len(words & telling) for user_id, words in shared.items()}
    best = sorted((user_id for user_id, score in scores.items() if score), key=lambda id: (-scores[id], id))
    return best[:MOST_PEOPLE]


def stems(text: str) -> set[str]:
    """Return the beginnings of the words that say something."""
    return {unaccented(word)[:_STEM] for word in _WORD.findall(text)} - _EMPTY


def _words_of_people(network_ids: Sequence[int]) -> dict[int, set[str]]:
    tasks = (
        select(Holding.user_id, Seat.task)
        .join(Seat, Seat.id == Holding.seat_id)
        .join(Participant, Participant.seat_id == Seat.id)
        .where(Participant.network_id.in_(network_ids), Participant.until.is_(None), Holding.until.is_(None))
    )
    found: dict[int, set[str]] = defaultdict(set)
    for user_id, text in db.session.execute(tasks):
        found[user_id] |= stems(text)
    for feature in words_of.values():
        for user_id, text in feature(network_ids):
            if user_id in found:
                found[user_id] |= stems(text)
    return found
