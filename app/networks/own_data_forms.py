"""The forms of "Ihre Angaben": on the profile, and behind the link of a mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TelField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length

from app.accounts.models import User, Visibility
from app.database import db
from app.forms import IsPhone, PortalForm, one_line
from app.networks.correcting import SEEN_BY
from app.networks.models import Network, Participant, Seat


def _who_sees(label: Any) -> SelectField:
    return SelectField(label, choices=[SelectChoice(each, words) for each, words in SEEN_BY.items()])


class OwnSeatForm(PortalForm):
    """What a person says of a seat they hold; `seat` is its id."""

    seat = HiddenField()
    task = TextAreaField(_l("Aufgabe"), validators=[Length(max=1000)])
    phone = TelField(_l("Telefon"), filters=[one_line], validators=[Length(max=100), IsPhone()])
    phone_seen_by = _who_sees(_l("Wem zeigen wir die Telefonnummer?"))


class OwnPersonForm(PortalForm):
    """What a person says of themselves."""

    name = StringField(
        _l("Name"), [DataRequired(_l("Bitte geben Sie einen Namen ein.")), Length(max=200)], filters=[one_line]
    )
    email_seen_by = _who_sees(_l("Wem zeigen wir die E-Mail-Adresse?"))


class OwnDataForm(OwnPersonForm, OwnSeatForm):
    """Both in one, for nearly everybody has one seat."""


class OrganisationForm(PortalForm):
    """How the organisation should be written; Verwaltung decides, because others work there, too."""

    wish = StringField(
        _l("So soll die Organisation heißen"),
        filters=[one_line],
        validators=[DataRequired(_l("Bitte schreiben Sie den richtigen Namen.")), Length(max=200)],
    )


class Part(NamedTuple):
    """One form of the page: the person with their first seat (`number` 0), or a further seat and its networks."""

    number: int
    seat: Seat | None
    networks: list[Network]
    form: PortalForm

    @property
    def is_hidden(self) -> bool:
        """Whether only Verwaltung sees the number of the seat."""
        return self.seat is not None and self.seat.phone_seen_by is Visibility.HIDDEN


def parts_of(user: User, *, from_mail: bool = False, submitted: Part | None = None) -> list[Part]:
    """Return the forms of somebody's own data; `submitted` stays as it was filled in.

    Behind the link of a mail, which may have been forwarded, a number that is hidden does not stand in the form.
    """
    parts = [
        _part(user, number, seat, networks, from_mail=from_mail)
        for number, (seat, networks) in enumerate(_seats_of(user) or [(None, [])])
    ]
    return [submitted if submitted and submitted.number == part.number else part for part in parts]


def sent_part(user: User, seat_id: int, *, from_mail: bool = False) -> Part | None:
    """Return the form that was sent, for this seat of the person, or for the first one (0); None: not theirs."""
    for number, (seat, networks) in enumerate(_seats_of(user) or [(None, [])]):
        if number == 0 if not seat_id else seat is not None and seat.id == seat_id:
            return _part(user, number, seat, networks, from_mail=from_mail, is_sent=True)
    return None


def _seats_of(user: User) -> Sequence[tuple[Seat | None, list[Network]]]:
    found: dict[int, tuple[Seat | None, list[Network]]] = {}
    for participant in db.session.scalars(Participant.of_user(user.id)):
        found.setdefault(participant.seat_id, (participant.seat, []))[1].append(participant.network)
    return list(found.values())


def _part(
    user: User, number: int, seat: Seat | None, networks: list[Network], *, from_mail: bool, is_sent: bool = False
) -> Part:
    # What is not sent stays as it is.
    data: dict[str, Any] = {"name": user.name, "email_seen_by": user.email_seen_by} if number == 0 else {}
    if seat:
        phone = "" if from_mail and seat.phone_seen_by is Visibility.HIDDEN else seat.phone
        data |= {"seat": seat.id, "task": seat.task, "phone": phone, "phone_seen_by": seat.phone_seen_by}
    kind = OwnSeatForm if number else OwnDataForm if seat else OwnPersonForm
    meta = {"csrf": False} if from_mail else {}
    form = kind(data=data, meta=meta) if is_sent else kind(formdata=None, data=data, meta=meta)
    for field in form if number else ():
        # Several forms of a kind stand on one page; their fields have one name, but an id of their own.
        field.id = f"{field.name}-{number}"
        field.label.field_id = field.id
    return Part(number, seat, networks, form)
