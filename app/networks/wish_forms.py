"""How often the mail of a network comes, and a pause of it: on the profile, and behind a link in each mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, StringField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.forms import PortalForm, one_line
from app.networks import absences, wishes
from app.networks.absence_models import Absence
from app.networks.models import Network, Participant, Preference, Rhythm
from app.networks.rhythm import RHYTHM_NAMES
from app.templating import berlin, day

LONGEST_PAUSE = timedelta(days=366)


class WishForm(PortalForm):
    """One network: the rhythm, a pause or an absence with its last day; which of them is sent says the button."""

    rhythm = RadioField(
        _l("Wie möchten Sie die Mails bekommen?"),
        choices=[SelectChoice(rhythm, name) for rhythm, name in RHYTHM_NAMES.items()],
        coerce=Rhythm,
        validate_choice=False,
    )
    until = DateField(_l("Pause bis einschließlich"), validators=[Optional(_l("Bitte geben Sie einen Tag an."))])

    away_until = DateField(
        _l("Abwesend bis einschließlich"), validators=[Optional(_l("Bitte geben Sie einen Tag an."))]
    )
    deputy = SelectField(_l("Vertretung"), coerce=int, default=0)

    def validate_away_until(self, field: Any) -> None:
        self.validate_until(field)

    def validate_until(self, field: Any) -> None:
        today = berlin(utc_now()).date()
        if field.data and field.data < today:
            raise ValidationError(_l("Dieser Tag ist schon vorbei."))
        if field.data and field.data > today + LONGEST_PAUSE:
            raise ValidationError(
                _l(
                    "Bitte wählen Sie einen Tag im nächsten Jahr, oder lassen Sie das Feld leer: Dann endet die Pause, "
                    "wenn Sie sie beenden."
                )
            )


class LinkWishForm(WishForm):
    """The same behind the link of a mail, which may be forwarded: it lists nobody, a deputy is named."""

    deputy = StringField(
        _l("Vertretung (Name oder E-Mail-Adresse)"),
        filters=[one_line],
        validators=[Length(max=254, message=_l("Bitte kürzen Sie auf höchstens %(max)d Zeichen."))],
    )


@dataclass(frozen=True)
class Wish:
    """What a person wants of one of their networks, and the form to change it."""

    network: Network
    rhythm: Rhythm
    is_paused: bool
    last_day: date | None
    absence: Absence | None
    form: WishForm


@dataclass(frozen=True)
class Change:
    """What a submitted form has changed: the sentence to show, whether mail stops, or the absence that begins."""

    network: Network
    sentence: str
    stops_mail: bool = False
    last_day: date | None = None
    absence: Absence | None = None


def wishes_of(user: User, *, csrf: bool, submitted: WishForm | None = None) -> list[Wish]:
    """Return the wishes of this person for each of their networks; `submitted` stays as it was filled in."""
    rows = {row.network_id: row for row in db.session.scalars(Preference.of_user(user.id))}
    paused = set(db.session.scalars(Preference.paused_by(user.id)))
    return [
        _wish(user, network, rows.get(network.id), network.id in paused, csrf=csrf, submitted=submitted)
        for network in _networks_of(user)
    ]


def submitted(user: User, *, csrf: bool) -> tuple[WishForm, Change | None]:
    """Do what the form sent asks for. None: something is wrong and stands at the form. Ends in 404 for other networks.

    Does not commit.
    """
    by_id = {str(network.id): network for network in _networks_of(user)}
    network = by_id.get(request.form.get("network", "")) or abort(404)
    form = _form(user, network, csrf=csrf)
    wanted = request.form.get("wanted", "")
    if wanted not in ("rhythm", "pause", "resume", "away", "back"):
        abort(400)
    if not form.validate():
        return form, None
    if wanted == "rhythm":
        return form, _change_rhythm(user, network, form)
    if wanted == "pause":
        return form, _pause(user, network, form.until.data)
    if wanted == "away":
        return form, _leave(user, network, form)
    if wanted == "back":
        absences.come_back(user.id, network.id)
        return form, Change(network, _("Sie sind in „%(name)s“ wieder da.", name=network.name))
    wishes.resume(user.id, network.id)
    return form, Change(network, _("Sie bekommen wieder Mails von „%(name)s“.", name=network.name))


def _change_rhythm(user: User, network: Network, form: WishForm) -> Change | None:
    rhythm = form.rhythm.data
    if not isinstance(rhythm, Rhythm):
        form.rhythm.errors = [_("Bitte wählen Sie eine Möglichkeit.")]
        return None
    is_new = wishes.set_rhythm(user.id, network.id, rhythm)
    words = {"name": network.name, "rhythm": RHYTHM_NAMES[rhythm]}
    if network.id in set(db.session.scalars(Preference.paused_by(user.id))):
        sentence = _("Gespeichert für die Zeit nach Ihrer Pause. Mails von „%(name)s“ dann: %(rhythm)s.", **words)
    else:
        sentence = _("Gespeichert. Mails von „%(name)s“: %(rhythm)s.", **words)
    return Change(network, sentence, stops_mail=is_new and rhythm is Rhythm.WEB)


def _pause(user: User, network: Network, last_day: date | None) -> Change:
    is_new = wishes.pause(user.id, network.id, last_day)
    if last_day:
        words = {"name": network.name, "day": day(last_day)}
        sentence = _("Sie bekommen keine Mails von „%(name)s“ bis einschließlich %(day)s.", **words)
    else:
        sentence = _("Sie bekommen keine Mails von „%(name)s“, bis Sie sie wieder einschalten.", name=network.name)
    return Change(network, sentence, stops_mail=is_new, last_day=last_day)


def _leave(user: User, network: Network, form: WishForm) -> Change | None:
    if not form.away_until.data:
        form.away_until.errors = [_("Bitte geben Sie den letzten Tag Ihrer Abwesenheit an.")]
        return None
    try:
        deputy = _deputy(user, network, form.deputy.data)
        absence = absences.leave(user, network, form.away_until.data, deputy)
    except DomainError as error:
        form.deputy.errors = [str(error)]
        return None
    words = {"name": network.name, "day": day(absence.last_day), "deputy": deputy.name if deputy else ""}
    if deputy:
        sentence = _("Bis einschließlich %(day)s bekommt %(deputy)s für Sie die Mails von „%(name)s“.", **words)
    else:
        sentence = _("In „%(name)s“ steht jetzt, dass Sie bis einschließlich %(day)s abwesend sind.", **words)
    return Change(network, sentence, absence=absence)


def _deputy(user: User, network: Network, named: int | str | None) -> User | None:
    """Return whom the form named, by id or in words. Raises `DomainError` where the words fit nobody, or several."""
    if not named:
        return None
    if isinstance(named, int):
        return db.session.get(User, named)
    words = named.casefold()
    people = absences.who_could_stand_in(user, network)
    found = [person for person in people if words in (person.name.casefold(), person.email.casefold())]
    if not found:
        raise DomainError(
            _(
                "So heißt in diesem Netz niemand, der Sie vertreten kann. Bitte schreiben Sie den Namen wie in der "
                "Teilnehmerliste oder die E-Mail-Adresse."
            )
        )
    if len(found) > 1:
        raise DomainError(_("So heißen mehrere. Bitte schreiben Sie die E-Mail-Adresse."))
    return found[0]


def _networks_of(user: User) -> Sequence[Network]:
    participations = db.session.scalars(Participant.of_user(user.id))
    return list(dict.fromkeys(participant.network for participant in participations))


def _wish(
    user: User, network: Network, row: Preference | None, is_paused: bool, *, csrf: bool, submitted: WishForm | None
) -> Wish:
    rhythm = row.rhythm if row else Rhythm.AT_ONCE
    last_day = wishes.last_day_of(row) if row and is_paused else None
    form = _form(user, network, csrf=csrf, rhythm=rhythm)
    if submitted and submitted.rhythm.name == form.rhythm.name:
        form = submitted
    return Wish(network, rhythm, is_paused, last_day, absences.absence_of(user.id, network.id), form)


def _form(user: User, network: Network, *, csrf: bool, **data: object) -> WishForm:
    prefix, sent = f"netz{network.id}-", None if data else request.form
    if not csrf:
        # Behind the link of a mail the token is the proof; nobody there has a session.
        return LinkWishForm(sent, prefix=prefix, data=data, meta={"csrf": False})
    form = WishForm(sent, prefix=prefix, data=data)
    offered = absences.deputies_offered(user, network)
    form.deputy.choices = [SelectChoice(0, _("niemand")), *(SelectChoice(id, said) for id, said in offered)]
    return form
