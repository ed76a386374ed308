"""The forms of mails to everybody whom a meeting concerns."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.forms import SubmissionForm, one_line
from app.meetings.forms import CheckboxesField

_too_long = _l("Bitte kürzen Sie auf höchstens %(max)d Zeichen.")


class LetterForm(SubmissionForm):
    """A mail to everybody whom the meeting concerns."""

    subject = StringField(
        _l("Betreff"),
        filters=[one_line],
        validators=[DataRequired(_l("Bitte geben Sie einen Betreff an.")), Length(max=200, message=_too_long)],
    )
    body = TextAreaField(
        _l("Text"),
        validators=[DataRequired(_l("Bitte schreiben Sie einen Text.")), Length(max=20_000, message=_too_long)],
    )

    def words(self) -> list[object]:
        """Return what makes it this mail and no other."""
        return [self.subject.data, self.body.data]


class AnnouncementForm(LetterForm):
    """The mail that invites to a meeting, or tells of its change."""

    documents = CheckboxesField(_l("Mitschicken"), coerce=int)

    def words(self) -> list[object]:
        """Return what makes it this mail and no other: also what goes along."""
        return [*super().words(), sorted((self.documents.data or []) if self.documents else [])]
