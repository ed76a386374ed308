"""Where the mail of a network goes at the moment it is sent: to its recipient, or to the deputy of who is away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from app.networks import recipients
from app.networks.deputies import deputies_in, names_of
from app.registry import Recipient, Refusal, ids_in


def answer(audience: str, keys: Sequence[str]) -> dict[str, Recipient | Refusal]:
    """Say for each key whether mail of the networks in `audience` is still wanted, and where: at a deputy's, perhaps.

    Of one mail a deputy gets one copy (app/mail/standing_in.py).
    """
    found = recipients.answer(audience, keys)
    deputies = deputies_in(ids_in(audience))
    return _with_deputies(audience, found, deputies) if deputies else found


def _with_deputies(
    audience: str, found: dict[str, Recipient | Refusal], deputies: dict[int, int]
) -> dict[str, Recipient | Refusal]:
    away: dict[str, list[int]] = defaultdict(list)
    for user_id, deputy_id in sorted(deputies.items()):
        away[f"user:{deputy_id}"].append(user_id)
    names = {key: ", ".join(names_of(user_ids)) for key, user_ids in away.items()}
    addresses = recipients.answer(audience, list(away))
    answers = dict(found)
    for key, one in found.items():
        deputy = f"user:{deputies.get(int(key.partition(':')[2]))}"
        to = addresses.get(deputy)
        if isinstance(one, Recipient) and isinstance(to, Recipient):
            keys = tuple(f"user:{user_id}" for user_id in away[deputy])
            answers[key] = replace(to, stands_in_for=names[deputy], instead_of=keys, otherwise=one)
        elif isinstance(one, Recipient) and key in away:
            answers[key] = replace(one, stands_in_for=names[key])
    return answers
