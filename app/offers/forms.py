"""The form of an offer: three fields are asked for, the rest is there when somebody wants it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.files.forms import UploadsField
from app.files.models import StoredFile
from app.forms import SubmissionForm, one_line
from app.offers.models import Kind, Offer
from app.templating import filesize

KIND_NAMES = {
    Kind.OFFER: _l("Angebot"),
    Kind.WANTED: _l("Gesuch"),
    Kind.INTERNSHIP: _l("Praktikum"),
    Kind.COURSE: _l("Kurs"),
    Kind.SHADOWING: _l("Hospitation"),
}

_at_most = Length(max=200, message=_l("Das ist zu lang: höchstens %(max)d Zeichen."))
_no_date = _l("Bitte geben Sie einen Tag an, zum Beispiel 3.12.2026.")
_DATE_FORMATS = ["%Y-%m-%d", "%d.%m.%Y"]  # what browsers send, and what people type where a browser has no date field


def kind_named(value: Any) -> Kind | None:
    """Return the kind with this value, None for anything else."""
    return Kind(value) if value in list(Kind) else None


def _number(value: Any) -> int:
    return int(value) if str(value).isdecimal() else 0


class OfferForm(SubmissionForm):
    """An offer. `submission` also names the draft that keeps its files."""

    kind = RadioField(
        _l("Was ist es?"),
        choices=[SelectChoice(kind, name) for kind, name in KIND_NAMES.items()],
        coerce=kind_named,
        validators=[DataRequired(_l("Bitte wählen Sie aus, was es ist."))],
    )
    title = StringField(
        _l("Titel"), filters=[one_line], validators=[DataRequired(_l("Bitte geben Sie einen Titel an.")), _at_most]
    )
    organisation_name = StringField(
        _l("Organisation"),
        filters=[one_line],
        validators=[DataRequired(_l("Bitte geben Sie an, von welcher Organisation es kommt.")), _at_most],
    )
    description = TextAreaField(
        _l("Beschreibung"),
        validators=[
            Length(max=20_000, message=_l("Der Text ist zu lang. Hängen Sie das Ausführliche bitte als Datei an."))
        ],
    )
    target_group = StringField(_l("Zielgruppe"), filters=[one_line], validators=[_at_most])
    starts_on = DateField(_l("Beginnt am"), format=_DATE_FORMATS, validators=[Optional()])
    ends_on = DateField(_l("Endet am"), format=_DATE_FORMATS, validators=[Optional()])
    place = StringField(_l("Ort"), filters=[one_line], validators=[_at_most])
    cost = StringField(_l("Kosten"), filters=[one_line], validators=[_at_most])
    contact = TextAreaField(
        _l("Kontakt"), validators=[Length(max=1000, message=_l("Das ist zu lang: höchstens %(max)d Zeichen."))]
    )
    files = UploadsField(_l("Flyer und andere Dateien"))
    drop = SelectMultipleField(
        _l("Dateien weglassen"),
        coerce=_number,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    #: The fields that an offer and a draft have, too.
    CONTENT = (
        "kind",
        "title",
        "organisation_name",
        "description",
        "target_group",
        "starts_on",
        "ends_on",
        "place",
        "cost",
        "contact",
    )
    #: Those that are folded away until somebody wants them.
    DETAILS = ("target_group", "starts_on", "ends_on", "place", "cost", "contact")

    def process(self, *args: Any, **kwargs: Any) -> None:
        """As everywhere; a date that cannot be read gets a sentence that shows one."""
        super().process(*args, **kwargs)
        for field in (self.starts_on, self.ends_on):
            if field.process_errors:
                field.process_errors = [_no_date]

    def validate_ends_on(self, field: Any) -> None:
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_l("Das Ende liegt vor dem Beginn."))

    def list_kept(self, files: Iterable[StoredFile]) -> None:
        """Show the files that are there already, each to be ticked if it shall go."""
        self.drop.choices = [SelectChoice(file.id, f"{file.name} ({filesize(file.size)})") for file in files]

    def fill(self, offer: Offer) -> None:
        """Write what was typed into the offer."""
        for name in self.CONTENT:
            value = self[name].data
            # A field that was not sent at all is empty, as one that was sent empty; only dates may be missing.
            setattr(offer, name, value if value or isinstance(self[name], DateField) else "")

    def fields(self) -> dict[str, Any]:
        """Return what was typed, in the shape a draft keeps."""
        typed = {name: self[name].data for name in self.CONTENT}
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in typed.items()}

    def words(self) -> list[object]:
        """Return what makes it this offer and no other: the text, and the files that came with it or shall go."""
        return [self.fields(), self.files.marks, sorted(set(self.drop.data or []))]

    @property
    def shows_details(self) -> bool:
        """Whether what is folded away holds something to see."""
        return any(self[name].data or self[name].errors for name in self.DETAILS)


def values(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a draft's fields as form data."""
    read = {name: value for name, value in fields.items() if value is not None}
    return read | {name: date.fromisoformat(read[name]) for name in ("starts_on", "ends_on") if name in read}
