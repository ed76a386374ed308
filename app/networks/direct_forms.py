"""The form of a direct mail."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.forms import SubmissionForm, one_line
from app.networks.direct import Letter


def _number(value: object) -> int:
    """Return the id, or 0, which no participant has: what nobody could have chosen is answered like who has left."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


class DirectForm(SubmissionForm):
    """Whom, about what, which words, and whether the author wants a copy."""

    to = SelectMultipleField(_l("An"), coerce=_number, validate_choice=False)
    everyone = BooleanField(_l("An alle"))
    subject = StringField(
        _l("Betreff"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Bitte geben Sie einen Betreff an.")),
            Length(max=200, message=_l("Der Betreff ist zu lang: höchstens 200 Zeichen.")),
        ],
    )
    body = TextAreaField(
        _l("Text"),
        validators=[
            DataRequired(_l("Bitte schreiben Sie etwas.")),
            Length(max=50_000, message=_l("Der Text ist zu lang: höchstens 50 000 Zeichen.")),
        ],
    )
    copy = BooleanField(_l("Kopie an mich"))

    def letter(self) -> Letter:
        """Return what was typed."""
        return Letter(
            subject=self.subject.data or "",
            body=self.body.data or "",
            copy=bool(self.copy.data),
            submission=self.submission_id(),
        )
