"""How values look on a page: dates as people say them, sizes, numbers that can be dialled."""

from __future__ import annotations

import re
import uuid
from collections.abc import Hashable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import Flask, current_app, has_request_context, request, session
from flask_babel import format_date, format_decimal, format_time, get_locale, get_translations
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app.database import utc_now
from app.marks import markdown
from app.registry import panels

LANGUAGES = ("de", "en")
#: Whose customs a page follows in each language: English dates are said as in Britain, the day before the month.
_REGIONS = {"de": "de", "en": "en_GB"}
_DAY_OF_THIS_YEAR = {"de": "EEE, d. MMMM", "en": "EEE d MMMM"}
BERLIN = ZoneInfo("Europe/Berlin")

#: What stands between two numbers: words, a comma, or a sign before a country's or an area's code that has a number
#: of its own ("0999 12345 / 0998 55"). An extension has none ("0999 123-0").
_BETWEEN_NUMBERS = re.compile(r"[^\W\d_]+|[,;]|\s[/|·–-]?\s*(?=\+)|(?<=\d\d)\s*[/|·–-]\s*(?=\(?0\d{2,4}[)\s/-]+\d)")
_FEWEST_DIGITS = 3
_ZERO_AT_HOME = re.compile(r"\(\s*0\s*\)")

#: Parts kept in this process, some 20 MB at most; when they are too many, it begins anew. A longer part is not kept.
_MOST_PARTS = 5000
_LONGEST_PART = 8000
# What differs at each request stands in a part as a character nobody types (app/forms.py), and is filled in last.
_TOKEN, _HERE, _NEW_ID = "\ue010", "\ue011", "\ue012"
_UNKNOWN_TO_PARTS = dict.fromkeys(("request", "session", "g", "current_user", "get_flashed_messages", "panels")) | {
    "csrf_token": lambda: _TOKEN,
    "here": lambda: _HERE,
    "new_id": lambda: _NEW_ID,
}
_catalogues: dict[str, Any] = {}
_parts: dict[Hashable, dict[Hashable, str]] = {}


def init_app(app: Flask) -> None:
    """Offer the filters and globals that templates use."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension that Flask-Babel adds
        gettext=lambda sentence: _sentences().ugettext(sentence),
        ngettext=lambda one, many, number: _sentences().ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.filters.update(
        moment=moment,
        day=day,
        brief_day=brief_day,
        clock=clock,
        filesize=filesize,
        markdown=markdown,
        berlin=berlin,
        dial=dial,
        filled_in=filled_in,
    )
    app.jinja_env.globals.update(
        panels=panels,
        parts=parts,
        here=here,
        new_id=new_id,
        utc_now=utc_now,
        languages=LANGUAGES,
        language=choose_locale,
    )


def _sentences() -> Any:
    """Return the catalogue of the language of this page. Flask-Babel would look for it anew at every sentence."""
    locale = get_locale()
    if locale is None:  # outside the application there is no language
        return get_translations()
    found = _catalogues.get(locale.language)
    if found is None:
        found = _catalogues[locale.language] = get_translations()
    return found


def choose_locale() -> str:
    """Return the language chosen on this device, else the browser's, else German. Mails are German."""
    if not has_request_context():
        return LANGUAGES[0]
    chosen = session.get("language")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def choose_region() -> str:
    """Return the locale of the language chosen, which says how dates and numbers look."""
    return _REGIONS[choose_locale()]


def parts(template: str, rows: Iterable[Hashable], **common: Hashable) -> Markup:
    """Return `template` rendered for each `row`, one after another; equal rows are rendered once.

    A part shows nothing but its row and `common`, in a language, on a day. It knows neither the request nor who asks
    (`_UNKNOWN_TO_PARTS`), so what is kept can never be old, nor somebody else's: other values make another part. The
    caller has asked the database in this request, by the rights of who asks.
    """
    surroundings = (template, get_locale().language, berlin(utc_now()).date(), *common.values())
    kept = _parts.setdefault(surroundings, {})
    found = []
    for row in rows:
        part = kept.get(row)
        if part is None:
            part = current_app.jinja_env.get_template(template).render(_UNKNOWN_TO_PARTS, row=row, **common)
            if len(part) <= _LONGEST_PART:
                _make_room()
                kept[row] = part
        found.append(part)
    return Markup("".join(found))  # noqa: S704  # the template has escaped it


def _make_room() -> None:
    if sum(map(len, list(_parts.values()))) > _MOST_PARTS:
        _parts.clear()


def filled_in(shown: Markup) -> Markup:
    """Return a part that holds forms with what differs at each request: token, address of the page, new id."""
    if _TOKEN in shown:
        shown = shown.replace(_TOKEN, generate_csrf())
    if _HERE in shown:
        shown = shown.replace(_HERE, here())
    if _NEW_ID in shown:
        shown = shown.replace(_NEW_ID, new_id())
    return shown


def here() -> str:
    """Return the path of this page, with its query, for a form that leads back to it."""
    path = quote(request.path)  # as it came: a decoded one may hold anything
    return f"{path}?{request.query_string.decode('ascii', 'ignore')}".rstrip("?") if request.method == "GET" else path


def new_id() -> str:
    """Return an id no form had before: what is submitted under it twice is done once."""
    return str(uuid.uuid4())


def berlin(moment_utc: datetime) -> datetime:
    """Return the time as clocks in Germany show it."""
    return moment_utc.astimezone(BERLIN)


def midnight(day: date) -> datetime:
    """Return the moment at which this day begins in Germany."""
    return datetime.combine(day, time(), BERLIN)


def moment(value: datetime) -> str:
    """Return a past or coming moment as people say it: "heute, 09:14", "gestern, 16:40", "Do, 3. Dezember, 14:00"."""
    return f"{day(berlin(value).date())}, {clock(value)}"


def day(value: date) -> str:
    """Return a day as people say it; the year only where it is not this one."""
    today = berlin(utc_now()).date()
    near = {today: _("heute"), today - timedelta(days=1): _("gestern"), today + timedelta(days=1): _("morgen")}
    if value in near:
        return near[value]
    return format_date(value, _DAY_OF_THIS_YEAR[get_locale().language] if value.year == today.year else "long")


def brief_day(value: date) -> str:
    """Return a day of these weeks where there is little room: "30.11.", in English "30 Nov"."""
    return format_date(value, "d.M." if get_locale().language == "de" else "d MMM")


def clock(value: datetime) -> str:
    """Return the time of day, "09:14"."""
    return format_time(berlin(value), "HH:mm", rebase=False)


def filesize(octets: int) -> str:
    """Return a size as people say it: "180 KB", "2,4 MB", "25 MB"."""
    if octets < 1024:
        return f"{octets} B"
    if octets < 1024 * 1024:
        return f"{round(octets / 1024)} KB"
    return f"{format_decimal(octets / 1024 / 1024, '0.#')} MB"


def dial(phone: str) -> str:
    """Return the first number of a phone field as a tel: link wants it: digits, with a leading plus where it has one.

    What stands behind it in words is not dialled ("oder 0999 2", "App. 3"), nor the zero of "+49 (0) 999".
    """
    for part in _BETWEEN_NUMBERS.split(phone):
        number = part.strip()
        if number.startswith(("+", "00")):
            number = _ZERO_AT_HOME.sub("", number)
        digits = "".join(filter(str.isdecimal, number))
        if len(digits) >= _FEWEST_DIGITS:
            return "+" * number.startswith("+") + digits
    return ""
