"""Participants propose points for the agenda, by page and by mail; a lead decides by one click."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app.accounts.models import User
from app.database import db
from app.inbound import take
from app.mail import answering
from app.meetings import agenda
from app.meetings.agenda import points_in, with_point
from app.meetings.agenda_models import AgendaItem
from app.meetings.models import Meeting, Notice
from app.networks.models import Participant
from app.templating import BERLIN
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.expected import assert_expected
from tests.inbound.conftest import letter
from tests.mailserver import MailServer
from tests.meetings.conftest import MakeMeeting

POINT = "Praktika im Sommer"


def agenda_of(given: Given, meeting: int) -> str:
    with given():
        return db.session.get_one(Meeting, meeting).agenda


def states_of(given: Given) -> dict[str, str]:
    with given():
        items = db.session.scalars(db.select(AgendaItem).order_by(AgendaItem.id)).all()
        return {item.text: item.state.value for item in items}


def propose(browser: Browser, cast: Cast, meeting: int, text: str = POINT) -> None:
    browser.submit(cast.ost.path("sitzungen", meeting, "punkt-vorschlagen"), {"text": text})


def path_behind(smtp: MailServer, person: Person, button: str) -> str:
    [path, *_older] = [
        urlsplit(found[1]).path
        for mail in reversed(smtp.to(person.email))
        if (found := re.search(rf"^{button}:\s+(\S+)", mail.text, re.MULTILINE))
    ]
    return path


@pytest.fixture
def invited(cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, deliver: Deliver, smtp: MailServer) -> int:
    """The id of a meeting to which everybody in ost has the invitation."""
    meeting = make_meeting(cast.ost)
    client_of(cast.lena).submit(cast.ost.path("sitzungen", meeting, "einladen"), form="einladen")
    deliver()
    smtp.forget()
    return meeting


class TestOnThePage:
    def test_a_point_waits_for_the_lead_who_is_asked_by_mail(
        self, cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting, deliver: Deliver,
        smtp: MailServer,
    ) -> None:  # fmt: skip
        meeting = make_meeting(cast.ost)
        bob = client_of(cast.bob)
        propose(bob, cast, meeting)
        deliver()
        assert "Die Netzleitung entscheidet" in bob.page.text
        assert POINT in client_of(cast.carla).see(cast.ost.path("sitzungen", meeting)).text
        assert POINT not in agenda_of(given, meeting)
        [mail] = smtp.messages
        assert mail.to == cast.lena.email
        assert_expected(mail, "agenda-proposed")

    def test_accepted_it_stands_on_the_agenda_with_its_proposer_who_is_told(
        self, cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting, deliver: Deliver,
        smtp: MailServer,
    ) -> None:  # fmt: skip
        meeting = make_meeting(cast.ost)
        propose(client_of(cast.bob), cast, meeting)
        lena = client_of(cast.lena)
        lena.submit(cast.ost.path("sitzungen", meeting), form="aufnehmen")
        deliver()
        assert agenda_of(given, meeting).endswith("3. Praktika im Sommer (vorgeschlagen von Bob Bergmann)")
        assert "(vorgeschlagen von Bob Bergmann)" in client_of(cast.carla).see(cast.ost.path("sitzungen", meeting)).text
        [mail] = smtp.to(cast.bob.email)
        assert_expected(mail, "agenda-decided")

    def test_declined_it_stays_off_and_its_proposer_is_told(
        self, cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting, deliver: Deliver,
        smtp: MailServer,
    ) -> None:  # fmt: skip
        meeting = make_meeting(cast.ost)
        bob = client_of(cast.bob)
        propose(bob, cast, meeting)
        client_of(cast.lena).submit(cast.ost.path("sitzungen", meeting), form="ablehnen")
        deliver()
        assert states_of(given) == {POINT: "declined"}
        assert "nicht aufgenommen" in bob.see(cast.ost.path("sitzungen", meeting)).text
        assert POINT not in client_of(cast.carla).see(cast.ost.path("sitzungen", meeting)).text
        [mail] = smtp.to(cast.bob.email)
        assert_expected(mail, "agenda-decided-no")

    def test_what_a_lead_proposes_stands_on_the_agenda_at_once(
        self, cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting, deliver: Deliver,
        smtp: MailServer,
    ) -> None:  # fmt: skip
        meeting = make_meeting(cast.ost)
        propose(client_of(cast.lena), cast, meeting)
        deliver()
        assert agenda_of(given, meeting).endswith("\n3. Praktika im Sommer")
        assert smtp.messages == []

    def test_sent_twice_it_is_one_point(
        self, cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
    ) -> None:
        meeting = make_meeting(cast.ost)
        bob = client_of(cast.bob)
        for _ in range(2):
            propose(bob, cast, meeting)
        assert states_of(given) == {POINT: "proposed"}

    def test_ten_points_that_wait_are_enough(
        self, cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
    ) -> None:
        meeting = make_meeting(cast.ost)
        bob = client_of(cast.bob)
        for number in range(11):
            propose(bob, cast, meeting, f"Punkt {number}")
        assert "Sie haben schon zehn Punkte vorgeschlagen" in bob.page.text
        assert "Punkt 10" in bob.page.html
        assert len(states_of(given)) == 10

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            (" ", "Bitte schreiben Sie, worüber gesprochen werden soll."),
            ("x" * 10_000, "Bitte kürzen Sie auf höchstens 300 Zeichen."),
        ],
    )
    def test_what_is_wrong_is_said_at_the_field(
        self, text: str, sentence: str, cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
    ) -> None:
        bob = client_of(cast.bob)
        propose(bob, cast, make_meeting(cast.ost), text)
        assert sentence in bob.page.errors

    def test_after_the_beginning_it_is_too_late(
        self, cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
    ) -> None:
        meeting = make_meeting(cast.ost, starts_at=datetime(2026, 11, 21, 11, tzinfo=BERLIN))
        bob = client_of(cast.bob)
        assert bob.get(cast.ost.path("sitzungen", meeting, "punkt-vorschlagen")).status_code == 400
        assert "Punkt vorschlagen" not in bob.see(cast.ost.path("sitzungen", meeting)).text

    def test_outsiders_propose_nothing_and_participants_decide_nothing(
        self, cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
    ) -> None:
        meeting = make_meeting(cast.ost)
        bob, wim = client_of(cast.bob), client_of(cast.wim)
        propose(bob, cast, meeting)
        with given():
            item = db.session.scalars(db.select(AgendaItem.id)).one()
        page = bob.see(cast.ost.path("sitzungen", meeting))
        assert "Aufnehmen" not in page.text
        token = page.query('input[name="csrf_token"]')[0].attrs["value"]
        for act in ("aufnehmen", "ablehnen"):
            path = cast.ost.path("sitzungen", meeting, "punkte", item, act)
            assert bob.post(path, data={"csrf_token": token}).status_code == 403
        assert wim.get(cast.ost.path("sitzungen", meeting, "punkt-vorschlagen")).status_code == 404
        assert states_of(given) == {POINT: "proposed"}


class TestByMail:
    def test_a_line_in_an_answer_to_the_invitation_proposes_a_point(
        self, app: Flask, cast: Cast, invited: int, given: Given, configured: Configured, deliver: Deliver,
        smtp: MailServer,
    ) -> None:  # fmt: skip
        with given():
            thread = db.session.scalars(db.select(Notice)).one().message.thread_id
        body = "Ich komme gern.\n\nTOP: Praktika im Sommer\nTagesordnungspunkt: Neue Räume\n\n> TOP: Zitiert"
        with configured(MAIL_IS_READ=True), app.app_context():
            to_all = answering.address("antwort", cast.bob.id, thread)
            take(letter(cast.bob.email, to_all, body), to_all)
        deliver()
        assert states_of(given) == {POINT: "proposed", "Neue Räume": "proposed"}
        asked = [mail.subject for mail in smtp.to(cast.lena.email) if "Vorschlag zur Tagesordnung" in mail.subject]
        assert len(asked) == 2

    def test_the_buttons_of_the_mail_decide_once_without_a_sign_in(
        self, cast: Cast, client_of: ClientOf, anonymous: Browser, given: Given, make_meeting: MakeMeeting,
        deliver: Deliver, smtp: MailServer,
    ) -> None:  # fmt: skip
        meeting = make_meeting(cast.ost)
        propose(client_of(cast.bob), cast, meeting)
        deliver()
        accept, decline = (path_behind(smtp, cast.lena, button) for button in ("Aufnehmen", "Nicht aufnehmen"))
        for _ in range(10):
            assert "Soll dieser Punkt auf die Tagesordnung?" in anonymous.see(accept).text
        assert states_of(given) == {POINT: "proposed"}
        anonymous.submit(accept, form=accept)
        for path in (accept, decline):
            anonymous.post(path)
            assert "Der Punkt steht auf der Tagesordnung" in anonymous.page.text
        deliver()
        assert states_of(given) == {POINT: "accepted"}
        assert agenda_of(given, meeting).count(POINT) == 1
        assert len(smtp.to(cast.bob.email)) == 1

    def test_who_leads_no_more_decides_no_more_and_a_forged_link_opens_nothing(
        self, cast: Cast, client_of: ClientOf, anonymous: Browser, given: Given, make_meeting: MakeMeeting,
        deliver: Deliver, smtp: MailServer,
    ) -> None:  # fmt: skip
        propose(client_of(cast.bob), cast, make_meeting(cast.ost))
        deliver()
        accept = path_behind(smtp, cast.lena, "Aufnehmen")
        with given():
            db.session.get_one(Participant, cast.ost.participant(cast.lena)).is_lead = False
        assert anonymous.post(accept).status_code == 400
        assert "Über die Tagesordnung entscheidet die Netzleitung." in anonymous.page.text
        assert anonymous.post(accept[:-2] + "aa").status_code == 404
        assert states_of(given) == {POINT: "proposed"}

    def test_an_answer_taken_back_or_taken_down_takes_its_points_along(
        self, cast: Cast, client_of: ClientOf, invited: int, given: Given, configured: Configured
    ) -> None:
        with given():
            thread = db.session.scalars(db.select(Notice)).one().message.thread_id
        bob, page = client_of(cast.bob), cast.ost.path("nachrichten", thread)
        with configured(MAIL_UNDO_SECONDS=300):
            bob.submit(page, {"body": f"TOP: {POINT}"}, form="antworten")
            assert states_of(given) == {POINT: "proposed"}
            bob.send(form="zurueckholen")
        assert states_of(given) == {}
        bob.submit(page, {"body": f"Hier:\nTOP: {POINT}"}, form="antworten")
        lena = client_of(cast.lena)
        lena.submit(cast.ost.path("sitzungen", invited), form="aufnehmen")
        [down] = [link for link in bob.see(page).links if "entfernen" in link]
        bob.submit(down, {"reason": "Versehen"})
        assert states_of(given) == {}
        assert POINT not in agenda_of(given, invited)


@pytest.mark.parametrize(
    ("agenda", "after"),
    [
        ("", "1. Neu"),
        ("Wir reden.", "Wir reden.\n\n1. Neu"),
        ("1. A\n2. B", "1. A\n2. B\n3. Neu"),
        ("1. A\n2. B\n   - b\n   - c\n\nEnde gegen 16 Uhr", "1. A\n2. B\n   - b\n   - c\n3. Neu\n\nEnde gegen 16 Uhr"),
        ("TOP 1: A\nTOP 2: B", "TOP 1: A\nTOP 2: B\nTOP 3: Neu"),
        ("1) A", "1) A\n2) Neu"),
        ("1. A\n2. Verschiedenes", "1. A\n2. Neu\n3. Verschiedenes"),
        ("TOP 1: A\nTOP 2: Sonstiges, Termine\n  - b", "TOP 1: A\nTOP 2: Neu\nTOP 3: Sonstiges, Termine\n  - b"),
        ("1. Verschiedenes\n2. B", "1. Verschiedenes\n2. B\n3. Neu"),
        ("1. A\n2. Sonstiges\n\n16 Uhr Ende", "1. A\n2. Neu\n3. Sonstiges\n\n16 Uhr Ende"),
        ("1. A\n\n3. Dezember: Ausflug\n30 Plätze", "1. A\n2. Neu\n\n3. Dezember: Ausflug\n30 Plätze"),
    ],
)
def test_a_point_continues_the_numbers(agenda: str, after: str) -> None:
    assert with_point(agenda, "Neu") == after


@pytest.mark.parametrize(
    ("body", "points"),
    [
        ("TOP: A\n\ntagesordnungspunkt :  B ", ["A", "B"]),
        ("- TOP: A\n* Top: A", ["A"]),
        ("> TOP: A\nDer TOP: war gut\nTOP:\nTOP 3: B", []),
        ("TOP: " + "x" * 5000, ["x" * 300]),
    ],
)
def test_only_lines_of_ones_own_that_begin_so_are_points(body: str, points: list[str]) -> None:
    assert points_in(body) == points


def test_the_id_of_a_point_is_not_used_again(cast: Cast, invited: int, given: Given) -> None:
    """The button in an old mail must not decide about another point."""
    ids = []
    for text in ("Praktika", "Haushalt"):
        with given():
            bob, meeting = db.session.get_one(User, cast.bob.id), db.session.get_one(Meeting, invited)
            ids.append(agenda.propose(bob, meeting, text).id)
        with given():
            db.session.delete(db.session.get_one(AgendaItem, ids[-1]))
    assert ids[0] < ids[1]
