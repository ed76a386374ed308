"""What this feature shows on pages of others: counts at the tabs, the network boxes on a person's profile."""

from __future__ import annotations

from typing import Any

from flask import render_template
from sqlalchemy import bindparam, func, or_, select

from app.database import UTCDateTime
from app.networks import absences, wish_forms
from app.networks.absence_models import Absence
from app.networks.models import Holding, Network, Participant, Preference, Rhythm
from app.networks.own_data_forms import OrganisationForm, Part, parts_of
from app.networks.scope import figure
from app.networks.silent import SILENT
from app.registry import figures, panels

_people = (
    select(func.count(func.distinct(Holding.user_id)))
    .join(Participant, Participant.seat_id == Holding.seat_id)
    .where(Participant.network_id == bindparam("network_id"), Participant.until.is_(None), Holding.until.is_(None))
)
_without_mail = select(Preference.user_id).where(
    Preference.network_id == bindparam("network_id"), or_(Preference.pausing(), Preference.rhythm == Rhythm.WEB)
)
# As app/networks/deputies.py has it.
_away = select(Absence.user_id).where(
    Absence.network_id == bindparam("network_id"), Absence.until > bindparam("now", type_=UTCDateTime())
)
_taking_part = (
    select(Holding.user_id)
    .join(Participant, Participant.seat_id == Holding.seat_id)
    .where(Participant.network_id == bindparam("network_id"), Participant.until.is_(None), Holding.until.is_(None))
)
_represented = _away.where(
    Absence.deputy_id.in_(_taking_part),
    Absence.deputy_id.not_in(_without_mail),
    Absence.deputy_id.not_in(_away),
    Absence.deputy_id.not_in(SILENT),
)


def init_app() -> None:
    """Register the boxes."""
    figures["people"] = _people.scalar_subquery()
    figures["reached"] = _people.where(
        Holding.user_id.not_in(_without_mail), Holding.user_id.not_in(_represented), Holding.user_id.not_in(SILENT)
    ).scalar_subquery()
    panels.add("tab:participants", 0, people_count)
    panels.add("profile", 20, my_data)
    panels.add("profile", 30, my_mail)
    panels.add("admin", 55, organisations_desk)


def people_count(network: Network, **_context: Any) -> str:
    """Return how many people take part in the network."""
    return str(figure(network, "people"))


def organisations_desk(**_context: Any) -> str:
    """Show the way to the organisations."""
    return render_template("networks/_organisations_desk.html")


def my_data(
    user: Any, own_data: Part | None = None, organisation_form: OrganisationForm | None = None, **_context: Any
) -> str:
    """Show what the lists say of this person, with the forms to correct it."""
    return render_template(
        "networks/_my_data.html",
        own_parts=parts_of(user, submitted=own_data),
        organisation_form=organisation_form or OrganisationForm(formdata=None),
    )


def my_mail(user: Any, **_context: Any) -> str:
    """Show how the mail of each network comes, with the forms to change it."""
    return render_template(
        "networks/_mail_wishes.html",
        wishes=wish_forms.wishes_of(user, csrf=True),
        stood_in_for=absences.stood_in_for(user),
    )
