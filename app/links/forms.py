"""The forms of links and websites."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField, URLField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from app.accounts.models import Organisation
from app.forms import PortalForm, one_line
from app.links.addresses import IsWebAddress, completed

NO_ORGANISATION = 0

_too_long = _l("Diese Adresse ist zu lang: höchstens %(max)d Zeichen.")


class LinkForm(PortalForm):
    """A link as leads and Verwaltung set it."""

    title = StringField(
        _l("Titel"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Bitte geben Sie dem Link einen Titel.")),
            Length(max=200, message=_l("Der Titel ist zu lang: höchstens 200 Zeichen.")),
        ],
    )
    url = URLField(
        _l("Internetadresse"),
        filters=[completed],
        validators=[DataRequired(IsWebAddress.message), Length(max=1000, message=_too_long), IsWebAddress()],
    )
    organisation_id = SelectField(_l("Organisation"), coerce=int, default=NO_ORGANISATION)
    description = TextAreaField(
        _l("Was man dort findet"),
        validators=[Length(max=500, message=_l("Der Text ist zu lang: höchstens 500 Zeichen."))],
    )

    def offer_organisations(self, organisations: Iterable[Organisation]) -> None:
        """Let one of these be chosen, or none."""
        self.organisation_id.choices = [
            SelectChoice(NO_ORGANISATION, _l("keine, der Link ist für alle")),
            *(SelectChoice(organisation.id, organisation.name) for organisation in organisations),
        ]


class WebsiteForm(PortalForm):
    """The website of an organisation; empty means that it has none."""

    website = URLField(
        _l("Website"),
        filters=[completed],
        validators=[Optional(), Length(max=500, message=_too_long), IsWebAddress()],
    )
