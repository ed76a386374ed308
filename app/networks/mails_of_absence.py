"""The mails that tell somebody of an absence: the person, and who stands in for them. They are German.

Days may be moved back and forth, so each says how it is at the end of an hour (app/mail/saying.py).
"""

from __future__ import annotations

from typing import Any

from flask_babel import force_locale

from app.accounts.models import User
from app.mail import outbox, saying
from app.mail.models import Mail, Priority
from app.networks.absence_models import Absence
from app.networks.visibility import answers_to


def away(absence: Absence) -> None:
    """Confirm to somebody that they are away, with a button to be there again."""
    state = f"{absence.last_day.isoformat()}:{absence.deputy_id or ''}"
    _say(_away(absence), state, "away", absence, absence.user, deputy=absence.deputy)


def changed(absence: Absence) -> None:
    """Let what `away()` said hold no longer: they are back, or away in another way."""
    saying.unsay(_away(absence))


def deputy(absence: Absence, to: User, case: str) -> None:
    """Tell a deputy that they are asked ("asked"), with a button to decline, or that it is over ("ended")."""
    saying.unsay(_declined(absence, to))
    answers = answers_to([absence.network], absence.user)
    context = {"reply_to": answers, "can_answer": bool(answers), "case": case}
    state = "ended" if case == "ended" else absence.last_day.isoformat()
    _say(_standing_in(absence, to), state, "deputy", absence, to, **context)


def declined(absence: Absence, by: User) -> None:
    """Tell somebody that their deputy does not stand in, and that the mail comes to them again."""
    saying.unsay(_standing_in(absence, by))
    changed(absence)
    _say(_declined(absence, by), "declined", "deputy-declined", absence, absence.user, by=by.name)


def _away(absence: Absence) -> str:
    return f"away:{absence.id}"


def _standing_in(absence: Absence, deputy: User) -> str:
    return f"deputy:{absence.id}:{deputy.id}"


def _declined(absence: Absence, deputy: User) -> str:
    return f"declined:{absence.id}:{deputy.id}"


def _say(thing: str, state: str, event: str, absence: Absence, to: User, **context: Any) -> None:
    def write(about: str) -> Mail:
        with force_locale("de"):
            return outbox.compose(
                event,
                audience="person",
                about=about,
                priority=Priority.PERSONAL,
                from_name=absence.network.name,
                network=absence.network,
                absence=absence,
                recipient=to,
                **context,
            )

    saying.say(thing, state, to.key, write, since=absence.created_at)  # ids of absences are used again
