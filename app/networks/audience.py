"""How many people a message reaches, as the pages say it before it goes out."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext


@dataclass(frozen=True)
class Audience:
    """How many people in how many organisations a message reaches by mail, and in which way; each person counts once.

    `people` are those it reaches by mail: `at_once`, in the `daily` or in the `weekly` digest, in `organisations`.
    `represented` are away and have a deputy, who gets it once, as ever. The `silent` get none: nothing arrived at
    their address lately. `web` read it on the website only, `paused` pause every network they take part in.
    `all_organisations` are those of everybody.
    """

    people: int
    organisations: int
    paused: int
    at_once: int = 0
    daily: int = 0
    weekly: int = 0
    web: int = 0
    represented: int = 0
    silent: int = 0
    all_organisations: int = 0

    @property
    def everybody(self) -> int:
        """All who take part, with mail or without."""
        return self.people + self.web + self.paused + self.represented + self.silent

    @property
    def said(self) -> str:
        """Whom it reaches as people say it: "34 Teilnehmende in 14 Organisationen"."""
        people = ngettext("%(num)s teilnehmende Person", "%(num)s Teilnehmende", self.people)
        organisations = ngettext("%(num)s Organisation", "%(num)s Organisationen", self.organisations)
        return str(_("%(people)s in %(organisations)s", people=people, organisations=organisations))
