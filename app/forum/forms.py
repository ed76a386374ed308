"""The forms of the forum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.database import utc_now
from app.files.forms import UploadsField
from app.forms import PortalForm, SubmissionForm, one_line
from app.forum.models import Kind
from app.forum.subjects import KIND_NAMES
from app.networks.models import Network
from app.templating import berlin

BODY_LENGTH = 50_000


class ReplyForm(SubmissionForm):
    """An answer to everyone."""

    body = TextAreaField(
        _l("Ihre Antwort"),
        validators=[
            DataRequired(_l("Bitte schreiben Sie einen Text.")),
            Length(max=BODY_LENGTH, message=_l("Der Text ist zu lang. Hängen Sie ihn bitte als Datei an.")),
        ],
    )
    files = UploadsField(_l("Dateien"))
    send_now = BooleanField(_l("Sofort senden, ohne Zeit zum Zurückholen"))

    def fields(self) -> dict[str, Any]:
        """Return what was typed, in the shape a draft keeps."""
        return {"body": self.body.data, "send_now": self.send_now.data}

    def words(self) -> list[object]:
        """Return what makes it this message and no other: the text, and the files that came with it."""
        return [self.body.data, self.files.marks]


class MessageForm(ReplyForm):
    """A new message to all of one or several networks."""

    kind = RadioField(
        _l("Art"),
        choices=[SelectChoice(kind, KIND_NAMES[kind]) for kind in Kind if kind is not Kind.POLL],
        default=Kind.MESSAGE,
        coerce=Kind,
    )
    subject = StringField(
        _l("Betreff"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Bitte geben Sie einen Betreff an.")),
            Length(max=200, message=_l("Der Betreff ist zu lang: höchstens 200 Zeichen.")),
        ],
    )
    body = TextAreaField(_l("Text"), validators=ReplyForm.body.kwargs["validators"])
    also_to = SelectMultipleField(_l("Auch an"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    deadline = DateField(_l("Antwort bis"), validators=[Optional()])
    confidential = BooleanField(_l("Vertraulich: die Mail sagt nur, dass es etwas gibt"))
    urgent = BooleanField(_l("Dringend: kommt bei allen sofort an"))

    #: Fields of features on higher floors, for messages of their kind.
    added_names: ClassVar[set[str]] = set()

    @classmethod
    def add_fields(cls, fields: Mapping[str, UnboundField]) -> None:
        """Ask for more in this form; a feature shows its fields in the panel "message_form"."""
        for name, field in fields.items():
            setattr(cls, name, field)
            cls.added_names.add(name)

    def added(self) -> dict[str, Any]:
        """Return what the fields of other features hold, in the shape a draft keeps: days as "2031-03-14"."""
        values = {name: self[name].data for name in self.added_names}
        return {name: day.isoformat() if isinstance(day, date) else day for name, day in values.items()}

    def offer_networks(self, networks: Sequence[Network]) -> None:
        """Let the message go to these networks, too; without any there is nothing to choose."""
        if networks:
            self.also_to.choices = [SelectChoice(network.slug, network.name) for network in networks]
        else:
            del self.also_to

    def validate_deadline(self, field: Any) -> None:
        if field.data and field.data < berlin(utc_now()).date():
            raise ValidationError(_l("Dieser Tag ist schon vorbei."))

    def fields(self) -> dict[str, Any]:
        """Return what was typed, in the shape a draft keeps."""
        return (
            super().fields()
            | {
                "kind": self.kind.data.value if isinstance(self.kind.data, Kind) else None,
                "subject": self.subject.data,
                "also_to": (self.also_to.data or []) if self.also_to else [],
                "deadline": self.deadline.data.isoformat() if self.deadline.data else None,
                "confidential": self.confidential.data,
                "urgent": self.urgent.data,
            }
            | self.added()
        )

    def words(self) -> list[object]:
        """Return what makes it this message and no other: also its subject, and whom it goes to."""
        return [*super().words(), self.subject.data, sorted((self.also_to.data or []) if self.also_to else [])]


class TakeDownForm(PortalForm):
    """Why a sent message is removed; it stands in the audit log, which only Verwaltung reads."""

    reason = TextAreaField(
        _l("Warum soll die Nachricht weg?"),
        validators=[
            DataRequired(_l("Bitte sagen Sie in einem Satz, warum.")),
            Length(max=1000, message=_l("Bitte kürzen Sie auf höchstens 1000 Zeichen.")),
        ],
    )
