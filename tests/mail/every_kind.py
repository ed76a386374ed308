"""An evening in the networks, in which the portal sends at least one mail of each kind that it knows.

The kinds are the directories of templates/mail. Whoever adds one adds here what makes the portal send it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from app.database import db, utc_now
from app.forum.models import Message
from app.inbound import take
from app.mail import answering
from app.meetings.models import Meeting
from app.networks.models import Participant, Rhythm
from app.polls.models import Poll
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.forum.digesting import Town
from tests.inbound.calendar_samples import calendar_mail
from tests.inbound.conftest import letter
from tests.mailserver import MailServer, Received
from tests.requests.conftest import press
from tests.world import look_for_date, working_day

#: All kinds of mail there are.
KINDS = {each.parent.name for each in (Path(__file__).parents[2] / "templates" / "mail").glob("*/subject.txt")}

_SUBJECT = "Größe & Maß <b>"
_BODY = "Guten Tag,\n\n- erstens **fett**\n- zweitens https://praktikum.example.org/a?b=c\n\n> ein Zitat\n\nGruß, Bob"

_EVENT = """\
BEGIN:VCALENDAR
METHOD:REQUEST
VERSION:2.0
BEGIN:VEVENT
UID:runder-tisch
SUMMARY:Größe & Maß <b>
DTSTART;VALUE=DATE:{day}
LOCATION:Rathaus & Größe
DTSTAMP:20261120T100000Z
END:VEVENT
END:VCALENDAR
"""


def kind_of(mail: Received) -> str:
    """The directory of its templates, which every mail says in its Feedback-ID."""
    return str(mail.message["Feedback-ID"]).partition(":")[0]


def longest_of_each(mails: Iterable[Received]) -> dict[str, Received]:
    """One mail of each kind, by its kind: the longest says all that the others say."""
    return {kind_of(mail): mail for mail in sorted(mails, key=lambda mail: len(mail.raw))}


@dataclass(frozen=True)
class Evening:
    """Who takes part in it, and what carries their mail."""

    app: Flask
    cast: Cast
    client_of: ClientOf
    anonymous: Browser
    smtp: MailServer
    deliver: Deliver
    configured: Configured
    given: Given

    def pass_by(self) -> list[Received]:
        """Return all mails of the evening as a server received them."""
        happenings: list[Callable[[], None]] = [
            self._people_come,
            self._bob_writes,
            self._carla_pauses,
            self._people_correct_their_data,
            self._lena_is_away,
            self._a_request_is_taken_and_closed,
            self._a_message_is_taken_down,
            self._a_point_is_proposed_and_accepted,
            self._minutes_are_missing_sent_and_corrected,
            self._a_date_is_looked_for,
            self._people_write_by_mail,
            self._a_digest_is_due,
            self._a_meeting_is_near,
        ]
        for happening in happenings:
            happening()
            self.deliver()
        return list(self.smtp.messages)

    def _people_come(self) -> None:
        self.anonymous.submit("/anmelden", {"email": self.cast.bob.email})
        nina = {"email": "nina.neu@example.org", "name": "Nina Neu", "organisation": "Werkstatt Größe"}
        anke = self.client_of(self.cast.anke)
        anke.submit(self.cast.ost.path("teilnehmende", "neu"), nina)
        person = f"/verwaltung/personen/{self.cast.gast.id}"
        anke.submit(person, {"email": "gast.zwei@example.org"}, form=f"{person}/adressen")
        self.client_of(self.cast.bob).submit("/profil", {"email": "bob.zwei@example.org"}, form="/adressen")

    def _bob_writes(self) -> None:
        bob, new = self.client_of(self.cast.bob), self.cast.ost.path("nachrichten", "neu")
        # The Muster files itself, so that Bob's own copy says where.
        files = {"files": [("Klein.txt", b"klein"), ("Groß.txt", b"gross " * 400), ("Muster_Plan.txt", b"muster")]}
        with self.configured(MAIL_ATTACH_LIMIT=1000):
            bob.submit(new, {"subject": _SUBJECT, "body": _BODY}, files)
        bob.submit(new, {"subject": "Fall", "body": "geheim", "confidential": True})
        write = self.cast.ost.path("teilnehmende", self.cast.ost.participant(self.cast.lena), "schreiben")
        bob.submit(write, {"subject": "Nur an Sie", "body": "Haben Sie *kurz* Zeit?"})

    def _carla_pauses(self) -> None:
        message = next(mail for mail in self.smtp.to(self.cast.carla.email) if "Größe" in mail.subject)
        self.anonymous.post(urlsplit(str(message.message["List-Unsubscribe"]).strip("<>")).path)

    def _people_correct_their_data(self) -> None:
        """Lena hides her number, which is asked for then; Carla changes hers from a mail."""
        self.client_of(self.cast.lena).submit("/profil", {"phone_seen_by": "hidden"}, form="/profil")
        self.anonymous.see(self._button(self.cast.carla, "E-Mails einstellen"))
        own_data = next(link for link in self.anonymous.page.links if "/mail/" in link)
        self.anonymous.submit(own_data, {"phone": "0999 <b>", "task": "Größe & Maß"})
        self.anonymous.submit(own_data, {"wish": "Größe & Maß <b>"})

    def _lena_is_away(self) -> None:
        """From her mail, for a day; Bob, who should stand in, declines."""
        prefix, day = f"netz{self.cast.ost.id}-", (utc_now() + timedelta(days=1)).date().isoformat()
        wish = {f"{prefix}away_until": day, f"{prefix}deputy": self.cast.bob.name}
        self.anonymous.submit(self._button(self.cast.lena, "E-Mails einstellen"), wish, button="Abwesenheit speichern")
        self.deliver()
        press(self.anonymous, self._button(self.cast.bob, "Ich kann nicht vertreten"))

    def _a_request_is_taken_and_closed(self) -> None:
        """Lena takes it, gives it back, takes it again and says that it is done; each told when an hour is over."""
        asked = {"kind": "request", "subject": "Praktikum gesucht", "body": "Wer hat einen Platz im Mai?"}
        self.client_of(self.cast.bob).submit(self.cast.ost.path("nachrichten", "neu"), asked)
        self.deliver()
        for hours, button in ((0, "Ich kümmere mich"), (2, "Ich kann doch nicht"), (4, "Ich kümmere mich")):
            press(self.anonymous, self._button(self.cast.lena, button))
            self._deliver_in(hours)
        close = self._button(self.cast.lena, "Ist erledigt")
        self.anonymous.submit(close, {"success": "yes"}, form=close)
        self._deliver_in(6)

    def _deliver_in(self, hours: int) -> None:
        with time_machine.travel(utc_now() + timedelta(hours=hours)):
            self.deliver()

    def _a_message_is_taken_down(self) -> None:
        with self.given():
            confidential = select(Message.thread_id, Message.id).where(Message.body == "geheim")
            thread_id, id = db.session.execute(confidential).one()
        bob = self.client_of(self.cast.bob)
        bob.submit(self.cast.ost.path("nachrichten", thread_id, "entfernen", id), {"reason": "Ein Versehen"})

    def _a_point_is_proposed_and_accepted(self) -> None:
        meeting = {
            "title": "Treffen <b>",
            "date": working_day(30),
            "starts": "14:00",
            "ends": "16:00",
            "place": "Rathaus & Größe",
        }
        lena = self.client_of(self.cast.lena)
        lena.submit(self.cast.ost.path("sitzungen", "neu"), meeting, button="Anlegen und einladen")
        id = next(link for link in lena.page.links if "/sitzungen/" in link).rpartition("/")[2]
        propose = self.cast.ost.path("sitzungen", id, "punkt-vorschlagen")
        self.client_of(self.cast.bob).submit(propose, {"text": "Größe & Maß <b>"})
        self.deliver()
        accept = self._button(self.cast.lena, "Aufnehmen")
        self.anonymous.submit(accept, form=accept)

    def _a_date_is_looked_for(self) -> None:
        """Lena asks everybody, and whoever has not answered is reminded; here at once."""
        look_for_date(self.client_of(self.cast.lena), self.cast)
        self.deliver()
        with self.given():
            db.session.execute(update(Poll).values(remind_at=utc_now()))
        self.app.extensions["run_job"].call_local("polls")

    def _minutes_are_missing_sent_and_corrected(self) -> None:
        """Of a meeting 20 days ago: the lead is asked, writes what those who were absent must know, Bob corrects it."""
        with self.given():  # who joined after a meeting is not missed there
            db.session.execute(update(Participant).values(since=utc_now() - timedelta(days=30)))
        day = (utc_now() - timedelta(days=20)).date().isoformat()
        meeting = {"title": "Größe <b>", "date": day, "starts": "14:00", "ends": "16:00", "place": "Rathaus"}
        lena = self.client_of(self.cast.lena)
        lena.submit(self.cast.ost.path("sitzungen", "neu"), meeting)
        minutes = f"{lena.page.path}/protokoll"
        with Town(self.app, self.given).when(utc_now().replace(hour=10) + timedelta(days=1)):
            self.app.extensions["run_job"].call_local("missing-minutes")
            self.deliver()
        text = "Beschluss: Größe & Maß <b>\nAufgabe: **Bob** fragt https://praktikum.example.org/a?b=c"
        lena.submit(f"{minutes}/bearbeiten", {"text": text, "there": [self.cast.lena.id]})
        lena.submit(f"{minutes}/versenden")
        self.client_of(self.cast.bob).submit(f"{minutes}/korrektur", {"text": _BODY})

    def _people_write_by_mail(self) -> None:
        """Lena answers Bob alone, with a file nobody takes; a mail to the network needs a button, Wim's is refused.

        Bob sends a date from his calendar.
        """
        network = "ost@netz.example.org"
        vouched = "mx.example.org; dmarc=pass header.from=handwerk.example.org"
        lena, carla, wim = self.cast.lena, self.cast.carla, self.cast.wim
        with self.configured(MAIL_IS_READ=True, TRUSTED_AUTHSERV_ID="mx.example.org"):
            with self.app.app_context():
                to_bob = answering.address("nur", lena.id, self.cast.bob.id)
                take(letter(lena.email, to_bob, "Am Dienstag.", files={"Programm.exe": b"MZ\x90\0"}), to_bob)
                take(letter(carla.email, network, "Wer hilft im Mai?", Subject="Praktikum"), network)
                take(letter(wim.email, network, Authentication_Results=vouched), network)
            self.deliver()
        with self.configured(TRUSTED_AUTHSERV_ID="mx.example.org"), self.app.app_context():
            take(self._date(network), network)

    def _date(self, network: str) -> bytes:
        """Bob's mail with a date from his calendar."""
        octets = _EVENT.format(day=working_day(20).replace("-", "")).replace("\n", "\r\n").encode()
        vouched = "mx.example.org; dmarc=pass header.from=berufskolleg.example.org"
        return calendar_mail(
            self.cast.bob.email, network, octets, method="REQUEST", Subject=_SUBJECT, Authentication_Results=vouched
        )

    def _a_digest_is_due(self) -> None:
        town = Town(self.app, self.given)
        town.wish(self.cast.wim, self.cast.west, Rhythm.DAILY)
        self.client_of(self.cast.carla).submit(
            self.cast.west.path("nachrichten", "neu"),
            {"subject": _SUBJECT, "body": _BODY},
            {"files": ("Plan.txt", b"plan")},
        )
        with town.when(utc_now() + timedelta(days=2)):
            town.run()
            self.deliver()

    def _a_meeting_is_near(self) -> None:
        with self.given():
            starts_at = db.session.scalars(select(func.max(Meeting.starts_at))).one()
        with time_machine.travel(starts_at - timedelta(hours=20)):
            self.app.extensions["run_job"].call_local("meetings")
            self.deliver()

    def _button(self, person: Person, label: str) -> str:
        """The path behind the newest button of that name in this person's mails."""
        found = (re.search(rf"^{label}:\s+(\S+)", mail.text, re.MULTILINE) for mail in self._newest_first(person))
        return next(urlsplit(each[1]).path for each in found if each)

    def _newest_first(self, person: Person) -> list[Received]:
        return self.smtp.to(person.email)[::-1]
