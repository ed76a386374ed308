"""The forms of polls: proposing dates, saying which suit, and ending it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.database import utc_now
from app.forms import PortalForm, SubmissionForm, one_line
from app.meetings.clashing import Span
from app.meetings.forms import CheckboxesField, ClockField, DayField, in_utc
from app.polls.models import Choice, Poll
from app.templating import BERLIN, berlin, clock

FEWEST, MOST = 2, 10

#: How a choice is called.
CHOICE_NAMES = {Choice.YES: _l("Ja"), Choice.MAYBE: _l("Vielleicht"), Choice.NO: _l("Nein")}

_too_long = _l("Bitte kürzen Sie auf höchstens %(max)d Zeichen.")


class ProposalForm(SubmissionForm):
    """A poll as a lead writes it: two to ten dates. After `validate()` they stand in `spans`, in UTC.

    Each has three fields, "day3", "starts3", "ends3". Where the times are left empty they are those of the first.
    """

    title = StringField(
        _l("Wofür suchen Sie einen Termin?"),
        filters=[one_line],
        validators=[DataRequired(_l("Bitte geben Sie der Sitzung einen Titel.")), Length(max=200, message=_too_long)],
    )
    place = StringField(_l("Ort"), filters=[one_line], validators=[Length(max=500, message=_too_long)])
    deadline = DayField(
        _l("Antwort bis"), validators=[InputRequired(_l("Bitte geben Sie an, bis wann Sie Antworten brauchen."))]
    )
    body = TextAreaField(
        _l("Text der Mail"),
        validators=[DataRequired(_l("Bitte schreiben Sie einen Text.")), Length(max=20_000, message=_too_long)],
    )
    also_for = CheckboxesField(_l("Gemeinsam mit"), coerce=int)

    spans: list[Span]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then the dates together."""
        is_valid = super().validate(extra_validators)
        self.spans = sorted(span for number in range(1, MOST + 1) if (span := self._span(number)))
        are_wrong = any(self[f"{part}{number}"].errors for number in range(1, MOST + 1) for part in _PARTS)
        if not are_wrong:
            self._demand_enough()
            self._demand_order()
        return bool(is_valid and not self.errors)

    def words(self) -> list[object]:
        """Return what makes a valid form this poll and no other: all that was typed and chosen."""
        moments = [[moment.isoformat() for moment in span] for span in self.spans]
        texts = [self.title.data, self.place.data, self.body.data, self.deadline.data.isoformat()]
        return [moments, *texts, sorted((self.also_for.data or []) if self.also_for else [])]

    def rows(self, *, all_of_them: bool = False) -> list[list[Any]]:
        """Return the three fields of each date to show: half of them, unless more are filled in or wanted."""
        filled = [number for number in range(1, MOST + 1) if any(self[f"{part}{number}"].raw_data for part in _PARTS)]
        shown = MOST if all_of_them else max([MOST // 2, *(n for n in filled if self[f"day{n}"].data)])
        return [[self[f"{part}{number}"] for part in _PARTS] for number in range(1, shown + 1)]

    def validate_deadline(self, field: DayField) -> None:
        """It is still to come."""
        if field.data and field.data < berlin(utc_now()).date():
            raise ValidationError(_("Dieser Tag ist schon vorbei."))

    def _span(self, number: int) -> Span | None:
        day, starts, ends = (self[f"{part}{number}"] for part in _PARTS)
        if not day.data:
            if starts.data or ends.data:
                day.errors = [*day.errors, _("Bitte geben Sie auch das Datum an.")]
            return None
        begin, end = starts.data or self.starts1.data, ends.data or self.ends1.data
        for field, clock_time in ((starts, begin), (ends, end)):
            if not clock_time and not field.errors:
                field.errors = [_("Bitte geben Sie die Uhrzeit an.")]
        if day.errors or starts.errors or ends.errors:
            return None
        return self._checked(day, Span(_moment(starts, day.data, begin), _moment(ends, day.data, end)), ends)

    def _checked(self, day: Any, span: Span, ends: Any) -> Span | None:
        if span.ends_at <= span.starts_at:
            ends.errors = [*ends.errors, _("Das Ende muss nach dem Beginn liegen.")]
        elif span.starts_at < utc_now():
            day.errors = [*day.errors, _("Dieser Tag ist schon vorbei.")]
        else:
            return span
        return None

    def _demand_enough(self) -> None:
        if len(self.spans) < FEWEST:
            self.day2.errors = [_("Bitte schlagen Sie mindestens zwei Termine vor.")]
        elif len(set(self.spans)) < len(self.spans):
            self.form_errors.append(_("Ein Termin steht zweimal in der Liste."))

    def _demand_order(self) -> None:
        if self.spans and self.deadline.data and not self.deadline.errors and self.deadline.data >= self.spans[0].day:
            self.deadline.errors = [_("Die Antwortfrist muss vor dem ersten Termin enden.")]


_PARTS = ("day", "starts", "ends")

for _number in range(1, MOST + 1):
    setattr(ProposalForm, f"day{_number}", DayField(_l("Termin %(number)s", number=_number), validators=[Optional()]))
    setattr(ProposalForm, f"starts{_number}", ClockField(_l("Beginn"), validators=[Optional()]))
    setattr(ProposalForm, f"ends{_number}", ClockField(_l("Ende"), validators=[Optional()]))


def values_of(spans: list[list[str]]) -> dict[str, Any]:
    """Return what the fields of the dates say for these moments, as a draft keeps them."""
    values: dict[str, Any] = {}
    for number, span in enumerate(spans, start=1):
        starts_at, ends_at = (berlin(datetime.fromisoformat(moment)) for moment in span)
        values[f"day{number}"] = starts_at.date()
        values[f"starts{number}"], values[f"ends{number}"] = starts_at.time(), ends_at.time()
    return values


class AnswerForm(PortalForm):
    """Yes, maybe or no to each date of a poll; `AnswerForm.of(poll, ...)` makes one with a field for each."""

    @classmethod
    def of(cls, poll: Poll, said: Mapping[int, Choice], *, csrf: bool) -> AnswerForm:
        """Return the form for this poll, filled with what the person said before."""
        fields = {f"date{each.id}": _field_for(each.starts_at, each.ends_at) for each in poll.dates}
        form: AnswerForm = type("AnswerFormOfPoll", (cls,), fields)(
            data={f"date{id}": choice for id, choice in said.items()}, meta={"csrf": csrf}
        )
        return form

    def choices(self) -> dict[int, Choice]:
        """Return what was said, by the id of the date."""
        return {int(field.name.removeprefix("date")): Choice(field.data) for field in self.date_fields}

    @property
    def date_fields(self) -> list[Any]:
        """The fields of the dates, in their order."""
        return [field for field in self if field.name.startswith("date")]


def _field_for(starts_at: datetime, ends_at: datetime) -> RadioField:
    return RadioField(
        said(starts_at, ends_at),
        choices=[SelectChoice(choice.value, CHOICE_NAMES[choice]) for choice in Choice],
        validators=[InputRequired(_("Bitte wählen Sie Ja, Vielleicht oder Nein."))],
    )


class ClosingForm(PortalForm):
    """The date that it shall be."""

    date = RadioField(_l("Termin"), coerce=int, validators=[InputRequired(_l("Bitte wählen Sie einen Termin aus."))])

    def offer(self, poll: Poll) -> None:
        """Let one of the poll's dates be chosen."""
        self.date.choices = [SelectChoice(each.id, said(each.starts_at, each.ends_at)) for each in poll.dates]


class GivingUpForm(PortalForm):
    """What everybody is told when no date was found."""

    body = TextAreaField(
        _l("Text an alle"),
        validators=[DataRequired(_l("Bitte schreiben Sie einen Text.")), Length(max=20_000, message=_too_long)],
    )


def said(starts_at: datetime, ends_at: datetime) -> str:
    """Return a proposed date as people say it: "Do., 3. Dezember 2026, 14:00–16:00 Uhr"."""
    day = format_date(berlin(starts_at).date(), "EEEE, d. MMMM y" if _is_german() else "EEEE d MMMM y")
    return str(_("%(day)s, %(start)s–%(end)s Uhr", day=day, start=clock(starts_at), end=clock(ends_at)))


def _is_german() -> bool:
    return get_locale().language == "de"


def _moment(field: ClockField, day: date, clock_time: Any) -> datetime:
    """Return the moment in UTC; one that clocks skip is said at the field."""
    try:
        return in_utc(day, clock_time)
    except ValidationError as error:
        field.errors = [*field.errors, str(error)]
        return datetime.combine(day, clock_time, BERLIN)
