"""The mail that brings minutes, as it is suggested to who sends them."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import force_locale, format_date
from flask_babel import gettext as _

from app.accounts.models import User
from app.database import utc_now
from app.meetings.minutes_models import Minutes
from app.templating import berlin

#: Days after sending in which corrections are usually taken.
CORRECTION_DAYS = 14
#: The mail says the whole text only if it is not longer; else it stands in the PDF.
_LONGEST_IN_MAIL = 15_000
#: Above it stand the words of the mail, below it the minutes.
_LINE = "\n\n***\n\n"


def letter(minutes: Minutes, author: User) -> dict[str, str]:
    """Return subject and text of the mail as a lead would write them; German, as all mail."""
    meeting = minutes.meeting
    with force_locale("de"):
        words = {"title": meeting.title, "day": format_date(meeting.day, "d. MMMM y"), "name": author.name}
        greeting = _("Liebe Kolleginnen und Kollegen,")
        news = _("hier kommt das Protokoll der Sitzung „%(title)s“ vom %(day)s.", **words)
        asked = asking_for_corrections(usual_end())
        body = f"{greeting}\n\n{news} {asked}\n\n" + _("Mit freundlichen Grüßen") + f"\n{author.name}"
        return {"subject": _("%(title)s am %(day)s", **words)[:200], "body": body + _enclosed(minutes)}


def brought_up_to_date(minutes: Minutes, body: str) -> str:
    """Return the text of a mail that was taken back with what the minutes say now: they may have been wrong."""
    body, now = "\n".join(body.splitlines()), "\n".join(_enclosed(minutes).splitlines())
    words, line, _before = body.partition(_LINE)
    return words + now if line else body


def _enclosed(minutes: Minutes) -> str:
    return f"{_LINE}{minutes.text}" if minutes.text and len(minutes.text) <= _LONGEST_IN_MAIL else ""


def asking_for_corrections(until: date) -> str:
    """Return the sentence of the letter that says until when; German, as all mail."""
    with force_locale("de"):
        day = format_date(until, "d. MMMM")
        return str(_("Stimmt etwas nicht? Korrekturen nimmt die Netzleitung bis zum %(day)s an.", day=day))


def usual_end() -> date:
    """Return until when corrections are taken unless somebody decides otherwise."""
    return berlin(utc_now()).date() + timedelta(days=CORRECTION_DAYS)
