"""The forms in which people say whether they come, and in which leads note what they were told."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from app.forms import NumberField, PortalForm
from app.meetings.attendance_models import Attendance, Coming
from app.meetings.attending import MOST_PEOPLE, REMARK_LENGTH
from app.meetings.models import Meeting

#: How an answer is called beside a name.
COMING_NAMES = {Coming.YES: _l("Zusage"), Coming.MAYBE: _l("Vielleicht"), Coming.NO: _l("Absage")}


class AnswerForm(PortalForm):
    """Whether somebody comes. `dated` is the meeting's `dated_sequence` that the page showed."""

    answer = RadioField(
        _l("Kommen Sie?"),
        coerce=Coming,
        choices=[
            SelectChoice(Coming.YES, _l("Ja, ich komme")),
            SelectChoice(Coming.MAYBE, _l("Vielleicht")),
            SelectChoice(Coming.NO, _l("Nein, ich komme nicht")),
        ],
    )
    number = NumberField(_l("Wie viele Personen kommen, Sie mitgezählt?"), least=1, most=MOST_PEOPLE, default=1)
    remark = TextAreaField(
        _l("Bemerkung"),
        validators=[Length(max=REMARK_LENGTH, message=_l("Bitte kürzen Sie auf höchstens %(max)d Zeichen."))],
    )
    dated = HiddenField()

    @classmethod
    def of(
        cls, meeting: Meeting, known: Attendance | None, suggested: Coming | None = None, **options: Any
    ) -> AnswerForm:
        """Return the form with what this person said before; `suggested` is the button they come from."""
        stands = known.stands if known else None
        data = {
            "answer": suggested or stands,
            "number": known.number if known and stands else 1,
            "remark": known.remark if known and stands else "",
            "dated": str(meeting.dated_sequence),
        }
        return cls(data=data, **options)

    def validate_answer(self, field: Any) -> None:
        """One of the three is chosen."""
        if field.data is None:
            raise ValidationError(_("Bitte wählen Sie eine Antwort aus."))

    def is_of(self, meeting: Meeting) -> bool:
        """Whether the date did not change since the page was opened; else the form now says so and shows the new."""
        if self.dated.data == str(meeting.dated_sequence):
            return True
        self.dated.data = str(meeting.dated_sequence)
        self.form_errors.append(
            _("Datum oder Uhrzeit haben sich gerade geändert. Bitte sehen Sie nach und antworten Sie dann noch einmal.")
        )
        return False


class NoteForm(AnswerForm):
    """What somebody said on the phone."""

    person = SelectField(_l("Wer?"), coerce=int)
    answer = RadioField(
        _l("Antwort"), coerce=Coming, choices=[SelectChoice(each, name) for each, name in COMING_NAMES.items()]
    )
    number = NumberField(_l("Wie viele Personen?"), least=1, most=MOST_PEOPLE, default=1)
