"""The forms of minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import HiddenField, SelectField, SelectMultipleField, TextAreaField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from app.database import db, utc_now
from app.files.forms import UploadsField
from app.forms import PortalForm
from app.meetings.correcting import LONGEST
from app.meetings.forms import CheckboxesField, DayField, name_of
from app.meetings.letter_forms import LetterForm
from app.meetings.minutes import LONGEST_TEXT
from app.meetings.models import Meeting
from app.templating import berlin, day

_NOBODYS_MEETING = 0

_too_long = _l("Bitte kürzen Sie auf höchstens %(max)d Zeichen.")


class MinutesForm(PortalForm):
    """The minutes as a lead writes them, with who was there; files may stand beside the text or in its place.

    `text_seen` names the text that was kept when the page was shown, `there_seen` who was ticked then.
    """

    text_seen = HiddenField()
    there_seen = HiddenField()
    there = CheckboxesField(_l("Wer war da?"), coerce=int)
    text = TextAreaField(_l("Text"), validators=[Length(max=LONGEST_TEXT, message=_too_long)])
    files = UploadsField(_l("Dateien"))
    without: SelectMultipleField = CheckboxesField(_l("Diese Dateien entfernen"), coerce=int)

    def ticked_before(self) -> set[int]:
        """Return who was ticked when the page was shown."""
        seen = (self.there_seen.data or "").split()
        return {choice.value for choice in self.there.choices if str(choice.value) in seen}

    def is_of(self, text: str) -> bool:
        """Whether the kept text is still the one the page showed; else the form says so, and may be sent again.

        Where only the other side changed it, it stays as it is now, and nobody is asked.
        """
        now, seen = name_of(text), self.text_seen.data
        if seen == name_of(self.text.data or ""):
            self.text.data = text
        elif seen != now:
            self.text_seen.data = now
            self.form_errors.append(
                _(
                    "Jemand anderes hat das Protokoll gerade gespeichert. Ihr Text steht noch hier. Bitte ergänzen "
                    "Sie, was auf der Seite des Protokolls dazukam, und speichern Sie erneut."
                )
            )
            return False
        return True


class SendMinutesForm(LetterForm):
    """The mail that brings the minutes to all."""

    corrections_until = DayField(_l("Korrekturen bis"), validators=[InputRequired(_l("Bitte geben Sie das Datum an."))])

    def words(self) -> list[object]:
        """Return what makes it this mail and no other: also the day it names."""
        return [*super().words(), self.corrections_until.data.isoformat()]

    def validate_corrections_until(self, field: DayField) -> None:
        """There is time left, and an end."""
        today = berlin(utc_now()).date()
        if field.data and not today <= field.data <= today + timedelta(days=366):
            raise ValidationError(_("Bitte geben Sie einen Tag im kommenden Jahr an."))


class CorrectionForm(PortalForm):
    """What is wrong in the minutes."""

    text = TextAreaField(
        _l("Was soll anders sein?"),
        validators=[
            DataRequired(_l("Bitte schreiben Sie, was anders sein soll.")),
            Length(max=LONGEST, message=_too_long),
        ],
    )


class ApprovalForm(PortalForm):
    """Who approved the minutes: their lead, or a later meeting."""

    meeting = SelectField(_l("Genehmigt"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="genehmigt-", **kwargs)


def approval_form(meeting: Meeting) -> ApprovalForm:
    """Offer the meetings since then that may have approved the minutes."""
    later = select(Meeting).where(
        Meeting.home_id == meeting.home_id,
        Meeting.starts_at > meeting.starts_at,
        Meeting.starts_at <= utc_now(),
        Meeting.cancelled_at.is_(None),
    )
    form = ApprovalForm()
    meetings = db.session.scalars(later.order_by(Meeting.starts_at.desc()))
    named = [(each.id, _("in „%(title)s“ am %(day)s", title=each.title, day=day(each.day))) for each in meetings]
    choices = [(_NOBODYS_MEETING, _("von der Netzleitung")), *named]
    form.meeting.choices = [SelectChoice(value, name) for value, name in choices]
    return form
