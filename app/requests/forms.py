"""The forms of requests: whom somebody knows, how it ended, and what an Anfrage for a Praktikum may say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from app.forms import PortalForm, one_line
from app.requests.models import Success

#: How an end is called in the form and on the page.
SUCCESS_NAMES = {Success.YES: _l("Ja"), Success.PARTLY: _l("Teilweise"), Success.NO: _l("Nein")}

_TOO_LONG = _l("Bitte kürzen Sie auf höchstens 500 Zeichen.")


class HintForm(PortalForm):
    """ "Ich weiß jemanden": a participant, a line, or both."""

    participant = SelectField(_l("Wer könnte helfen?"), coerce=int, default=0)
    line = TextAreaField(_l("Oder schreiben Sie, wer helfen könnte"), validators=[Length(max=500, message=_TOO_LONG)])

    _nothing_said = _l("Bitte wählen Sie jemanden aus oder schreiben Sie eine Zeile.")

    def offer(self, people: Sequence[tuple[int, str]]) -> None:
        """Let one of these participants be chosen, or none."""
        nobody = SelectChoice(0, _l("Bitte wählen"))
        self.participant.choices = [nobody, *(SelectChoice(id, name) for id, name in people)]

    def validate_line(self, field: Any) -> None:
        if not field.data and not self.participant.data:
            raise ValidationError(self._nothing_said)


class LinkHintForm(HintForm):
    """The same behind the link of a mail, which may be forwarded: it lists nobody, whom somebody knows is named."""

    participant = StringField(
        _l("Wer könnte helfen? (Name oder E-Mail-Adresse)"),
        filters=[one_line],
        validators=[Length(max=254, message=_l("Bitte kürzen Sie auf höchstens %(max)d Zeichen."))],
    )
    _nothing_said = _l("Bitte nennen Sie jemanden, oder schreiben Sie eine Zeile.")


class CloseForm(PortalForm):
    """Two questions when a request ends, both voluntary, for the report."""

    success = RadioField(
        _l("Hat es geklappt?"),
        choices=[
            SelectChoice("unsaid", _l("Keine Angabe")),
            *(SelectChoice(each, SUCCESS_NAMES[each]) for each in Success),
        ],
        default="unsaid",
    )
    outcome = TextAreaField(_l("Was ist daraus geworden?"), validators=[Length(max=500, message=_TOO_LONG)])

    def answer(self) -> Success | None:
        """Whether it came to what it was for, if that was said."""
        return None if self.success.data == "unsaid" else Success(self.success.data)


def _not_before_start(form: Any, field: Any) -> None:
    start = form.internship_starts_on.data
    if field.data and start and field.data < start:
        raise ValidationError(_l("Das Ende liegt vor dem Anfang."))


def _short(label: Any) -> StringField:
    too_long = _l("Bitte kürzen Sie auf höchstens 200 Zeichen.")
    return StringField(label, filters=[one_line], validators=[Length(max=200, message=too_long)])


#: What the form of the forum asks more, folded away (`MessageForm.add_fields`).
FACTS = {
    "internship_field": _short(_l("Berufsfeld")),
    "internship_starts_on": DateField(_l("Von"), validators=[Optional()]),
    "internship_ends_on": DateField(_l("Bis"), validators=[Optional(), _not_before_start]),
    "internship_ages": _short(_l("Alter")),
    "internship_place": _short(_l("Ort oder Stadtteil")),
}
