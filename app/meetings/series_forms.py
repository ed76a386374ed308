"""The forms of a series: by which rule and how long, and what changes in a meeting and those after it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from app.forms import NumberField, PortalForm
from app.meetings.forms import CheckboxesField, DayField, MeetingForm
from app.meetings.models import Meeting
from app.meetings.series_days import MOST, days_after, position, repeats_of
from app.meetings.series_models import Repeat, Series

#: How positions in a month are called: "am zweiten Donnerstag".
_POSITIONS = {1: _l("ersten"), 2: _l("zweiten"), 3: _l("dritten"), 4: _l("vierten")}


class RepeatForm(PortalForm):
    """How a meeting is repeated. After `validate()` the days that follow it stand in `days`."""

    repeat = RadioField(_l("Wiederholen"), coerce=Repeat)
    every = NumberField(_l("Alle wie viele Wochen?"), least=1, most=26, default=1)
    ends = RadioField(
        _l("Wie lange?"),
        choices=[SelectChoice("number", _l("So viele Sitzungen")), SelectChoice("until", _l("Bis zu einem Tag"))],
        default="number",
    )
    number = NumberField(_l("Sitzungen, mit dieser"), least=2, most=MOST, default=6)
    until = DayField(_l("Letzter Tag"), validators=[Optional()])
    dates = CheckboxesField(_l("Termine"))

    first: date
    days: list[date]

    @classmethod
    def of(cls, meeting: Meeting, series: Series | None) -> RepeatForm:
        """Return the form with the rules under which this meeting can be repeated."""
        offered = repeats_of(meeting.day)
        chosen = series.repeat if series and series.repeat in offered else offered[0]
        form = cls(data={"repeat": chosen, "every": series.every if series else 1, "number": 6, "ends": "number"})
        form.repeat.choices = [SelectChoice(repeat.value, rule_said(repeat, meeting.day)) for repeat in offered]
        form.dates.choices = []
        form.first = meeting.day
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then what rule and end give together: at least one day, and not too many."""
        if not super().validate(extra_validators):
            return False
        by_day = self.ends.data == "until"
        if by_day and not self.until.data:
            self.until.errors = [_("Bitte geben Sie den letzten Tag an.")]
            return False
        number, until = (None, self.until.data) if by_day else (self.number.data or 2, None)
        self.days = days_after(self.first, self.repeat.data, self.every.data or 1, number=number, until=until)
        if not self.days:
            self.until.errors = [_("Bis zu diesem Tag gibt es keinen weiteren Termin.")]
        elif len(self.days) >= MOST:
            self.until.errors = [_("Das wären mehr als 24 Sitzungen. Bitte wählen Sie einen früheren Tag.")]
        return not self.until.errors

    def offer(self, days: dict[date, list[str]]) -> None:
        """Let these days be ticked, each with what speaks against it."""
        self.dates.choices = [
            SelectChoice(day.isoformat(), " ".join([day_said(day) + ("." if against else ""), *against]))
            for day, against in days.items()
        ]

    def chosen(self) -> list[date]:
        """Return the days that were ticked, of those the rule gives."""
        ticked = set(self.dates.data or [])
        return [day for day in self.days if day.isoformat() in ticked]


class FollowingForm(MeetingForm):
    """What changes in a meeting and those after it; agendas and networks are each meeting's own."""

    agenda = None
    letter = None
    also_for = None  # type: ignore[assignment]  # so WTForms takes a field out of a form

    @classmethod
    def of(cls, meeting: Meeting | None) -> FollowingForm:
        """Return the form, filled with this meeting."""
        filled = MeetingForm.of(meeting)
        return cls(data={name: filled[name].data for name in ("title", "date", "starts", "ends", "place")})


def day_said(day: date) -> str:
    """Return a day as people say it: "Donnerstag, 7. Januar 2027"."""
    return format_date(day, "full" if get_locale().language == "de" else "EEEE d MMMM y")


def rule_said(repeat: Repeat, day: date, every: int = 0) -> str:
    """Return a rule in words: "jeden Monat am zweiten Donnerstag"."""
    weekday = format_date(day, "EEEE")
    if repeat is Repeat.WEEKS:
        weekly = ngettext("jede Woche", "alle %(num)s Wochen", every)
        return weekly if every else str(_("alle paar Wochen am %(weekday)s", weekday=weekday))
    if repeat is Repeat.MONTHS_LAST:
        return str(_("jeden Monat am letzten %(weekday)s", weekday=weekday))
    place = _POSITIONS[min(position(day), max(_POSITIONS))]
    return str(_("jeden Monat am %(position)s %(weekday)s", position=place, weekday=weekday))
