"""The forms of meetings and documents. Dates and times are those of clocks in Germany."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.database import utc_now
from app.files.forms import UploadsField
from app.forms import PortalForm, SubmissionForm, one_line
from app.meetings.models import Meeting, Paper
from app.templating import BERLIN, berlin

OLDEST_YEAR = 1996  # the zone's rules in our calendars begin here
YEARS_AHEAD = 10

#: How a kind of paper is called on pages and in forms.
PAPER_NAMES = {
    Paper.INVITATION: _l("Einladung"),
    Paper.AGENDA: _l("Tagesordnung"),
    Paper.MINUTES: _l("Protokoll"),
    Paper.ATTACHMENT: _l("Anlage"),
    Paper.TEMPLATE: _l("Muster"),
}

_too_long = _l("Bitte kürzen Sie auf höchstens %(max)d Zeichen.")


class DayField(DateField):  # type: ignore[misc]  # WTForms has no type hints
    """A date, picked or typed as people write it: 2026-12-03 or 3.12.2026."""

    def __init__(self, label: Any, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, format=["%Y-%m-%d", "%d.%m.%Y"], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Bitte geben Sie ein Datum wie 3.12.2026 an.")) from None

    def pre_validate(self, form: Any) -> None:
        last_year = utc_now().year + YEARS_AHEAD
        if self.data and not OLDEST_YEAR <= self.data.year <= last_year:
            raise ValidationError(
                _("Bitte geben Sie ein Datum von %(first)s bis %(last)s an.", first=OLDEST_YEAR, last=last_year)
            )


class ClockField(TimeField):  # type: ignore[misc]  # the same
    """A time of day, picked or typed as people write it: 14:00 or 14.00."""

    def __init__(self, label: Any, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, format=["%H:%M", "%H:%M:%S", "%H.%M", "%H"], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Bitte geben Sie eine Uhrzeit wie 14:00 an.")) from None


class CheckboxesField(SelectMultipleField):  # type: ignore[misc]  # the same
    """Several of the offered things, each with a checkbox."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class MeetingForm(PortalForm):
    """A meeting as its leads enter it. After `validate()` the times stand in `starts_at` and `ends_at`, in UTC."""

    title = StringField(
        _l("Titel"),
        filters=[one_line],
        validators=[DataRequired(_l("Bitte geben Sie der Sitzung einen Titel.")), Length(max=200, message=_too_long)],
    )
    date = DayField(_l("Datum"), validators=[InputRequired(_l("Bitte geben Sie das Datum an."))])
    starts = ClockField(_l("Beginn"), validators=[InputRequired(_l("Bitte geben Sie an, wann die Sitzung beginnt."))])
    ends = ClockField(_l("Ende"), validators=[InputRequired(_l("Bitte geben Sie an, wann die Sitzung endet."))])
    place = StringField(_l("Ort"), filters=[one_line], validators=[Length(max=500, message=_too_long)])
    agenda = TextAreaField(_l("Tagesordnung"), validators=[Length(max=20_000, message=_too_long)])
    letter = TextAreaField(_l("Text der Einladung"), validators=[Length(max=20_000, message=_too_long)])
    also_for = CheckboxesField(_l("Gemeinsam mit"), coerce=int)

    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, meeting: Meeting | None) -> Self:
        """Return the form, filled with this meeting."""
        if meeting is None:
            return cls()
        return cls(
            data={
                "title": meeting.title,
                "date": meeting.day,
                "starts": berlin(meeting.starts_at).time(),
                "ends": berlin(meeting.ends_at).time(),
                "place": meeting.place,
                "agenda": meeting.agenda,
                "letter": meeting.letter,
                "also_for": [network.id for network in meeting.co_networks],
            }
        )

    def validate_starts(self, field: ClockField) -> None:
        """The time exists on that day."""
        if self.date.data and field.data and not self.date.errors:
            self.starts_at = in_utc(self.date.data, field.data)

    def validate_ends(self, field: ClockField) -> None:
        """The time exists and comes after the beginning."""
        if not (self.date.data and field.data) or self.date.errors:
            return
        self.ends_at = in_utc(self.date.data, field.data)
        if hasattr(self, "starts_at") and self.ends_at <= self.starts_at:
            raise ValidationError(_("Das Ende muss nach dem Beginn liegen."))


class ChangedMeetingForm(MeetingForm):
    """A meeting that is there already. `agenda_seen` names the agenda that the page showed."""

    agenda_seen = HiddenField()

    @classmethod
    def of(cls, meeting: Meeting | None) -> Self:
        """Return the form, filled with this meeting."""
        form = super().of(meeting)
        if meeting and not form.is_submitted():
            form["agenda_seen"].data = name_of(meeting.agenda)
        return form

    def is_of(self, meeting: Meeting) -> bool:
        """Whether the agenda is still the one the page showed; else the form says so, and may be sent again.

        Where only the other side changed it, it stays as it is now, and nobody is asked.
        """
        now, seen = name_of(meeting.agenda), self.agenda_seen.data
        if seen == now:
            return True
        if seen == name_of(self.agenda.data or ""):
            self.agenda.data = meeting.agenda
            return True
        self.agenda_seen.data = now
        self.form_errors.append(
            _(
                "Die Tagesordnung hat sich gerade geändert, zum Beispiel durch einen aufgenommenen Punkt. Ihr Text "
                "steht noch hier. Bitte ergänzen Sie, was auf der Seite der Sitzung dazukam, und speichern Sie erneut."
            )
        )
        return False


def name_of(agenda: str) -> str:
    """Return a short name of this text, the same for other ends of lines."""
    lines = "\n".join(agenda.strip().splitlines())
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


class NewMeetingForm(MeetingForm, SubmissionForm):
    """A meeting to be entered; sent twice it is entered once."""

    def words(self) -> list[object]:
        """Return what makes a valid form this meeting and no other: all that was typed and chosen."""
        moments = [self.starts_at.isoformat(), self.ends_at.isoformat()]
        texts = [self.title.data, self.place.data, self.agenda.data, self.letter.data]
        return [*moments, *texts, sorted((self.also_for.data or []) if self.also_for else [])]


class TemplateForm(PortalForm):
    """What is the same at each meeting."""

    name = StringField(
        _l("Name des Musters"),
        filters=[one_line],
        validators=[DataRequired(_l("Bitte geben Sie dem Muster einen Namen.")), Length(max=200, message=_too_long)],
    )
    title = StringField(_l("Titel"), filters=[one_line], validators=[Length(max=200, message=_too_long)])
    starts = ClockField(_l("Beginn"), validators=[Optional()])
    ends = ClockField(_l("Ende"), validators=[Optional()])
    place = StringField(_l("Ort"), filters=[one_line], validators=[Length(max=500, message=_too_long)])
    agenda = TextAreaField(_l("Tagesordnung"), validators=[Length(max=20_000, message=_too_long)])
    letter = TextAreaField(_l("Text der Einladung"), validators=[Length(max=20_000, message=_too_long)])


class DocumentForm(PortalForm):
    """What is known of a document. A sample belongs to no meeting."""

    kind = SelectField(_l("Art der Unterlage"), coerce=Paper)
    title = StringField(
        _l("Titel"),
        filters=[one_line],
        validators=[DataRequired(_l("Bitte geben Sie der Unterlage einen Titel.")), Length(max=200, message=_too_long)],
    )
    meeting = SelectField(_l("Gehört zur Sitzung"), coerce=int)
    dated = DayField(_l("Datum"), validators=[InputRequired(_l("Bitte geben Sie das Datum an."))])


class UploadForm(DocumentForm):
    """New documents: without a title each file is one, under its own name."""

    files = UploadsField(_l("Dateien"))
    title = StringField(_l("Titel"), filters=[one_line], validators=[Length(max=200, message=_too_long)])

    def validate_files(self, field: UploadsField) -> None:
        """There is at least one."""
        if not field.data:
            raise ValidationError(_("Bitte wählen Sie mindestens eine Datei aus."))


def in_utc(day: date, clock: time) -> datetime:
    """Return the moment at which clocks in Germany show this; raises `ValidationError` if they skip it.

    Of an hour that comes twice, in an autumn night, the first is meant.
    """
    moment = datetime.combine(day, clock.replace(fold=0), BERLIN).astimezone(UTC)
    if berlin(moment).replace(tzinfo=None) != datetime.combine(day, clock):
        raise ValidationError(_("Diese Uhrzeit gibt es an dem Tag nicht: Die Uhren werden auf Sommerzeit gestellt."))
    return moment
