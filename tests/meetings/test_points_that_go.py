"""What becomes of proposed points when their message, their proposer or their network goes; and of other lines not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.database import db
from app.mail.models import Mail
from app.meetings.agenda import without_points
from app.meetings.agenda_models import AgendaItem, ItemState
from app.meetings.models import Meeting
from app.networks.joining import remove_participant
from app.networks.models import Network, Participant
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.mailserver import MailServer
from tests.meetings.conftest import Invited, MakeMeeting
from tests.meetings.test_proposing_points import agenda_of, path_behind, propose, states_of


@pytest.fixture
def thread(invited: Invited, cast: Cast, given: Given, smtp: MailServer) -> tuple[int, str]:
    """The id of a meeting and the path of the thread that invites to it."""
    meeting = invited()
    smtp.forget()
    with given():
        return meeting, cast.ost.path("nachrichten", db.session.get_one(Meeting, meeting).notices[0].message.thread_id)


def take_down(browser: Browser, path: str) -> None:
    [down] = [link for link in browser.see(path).links if "entfernen" in link]
    browser.submit(down, {"reason": "Versehen"})


def test_a_short_point_that_goes_takes_no_other_line_along(
    cast: Cast, client_of: ClientOf, given: Given, thread: tuple[int, str]
) -> None:
    meeting, path = thread
    bob = client_of(cast.bob)
    bob.submit(path, {"body": "Hallo\n\nTOP: r"}, form="antworten")
    client_of(cast.lena).submit(cast.ost.path("sitzungen", meeting), form="aufnehmen")
    assert agenda_of(given, meeting).endswith("3. r (vorgeschlagen von Bob Bergmann)")
    take_down(bob, path)
    assert agenda_of(given, meeting) == "1. Begrüßung\n2. Praktika"


def test_the_next_meeting_has_all_lines_but_the_proposed_one(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost)
    propose(client_of(cast.bob), cast, meeting, "a")
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", meeting), form="aufnehmen")
    page = lena.see(cast.ost.path("sitzungen", "neu")).html
    assert "1. Begrüßung\n2. Praktika</textarea>" in page.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("agenda", "after"),
    [
        ("1. A\n2. B (vorgeschlagen von Bob)", "1. A"),
        ("TOP 1: A\nTOP 2: B (vorgeschlagen von Bob)\nTOP 3: C", "TOP 1: A\nTOP 2: C"),
        ("1. A\n2. B (vorgeschlagen von Bob)\n3. C\n4. D\n\n7. E", "1. A\n2. C\n3. D\n\n7. E"),
        ("1. B\n2. B wie Bob", "1. B\n2. B wie Bob"),
        ("1. B (vorgeschlagen von Bob)\n2. 2026\n\n3. Mai-Fest", "1. 2026\n\n2. Mai-Fest"),
        *(
            (f"1. A\n2. B (vorgeschlagen von Bob)\n{fixed}", f"1. A\n{fixed}")
            for fixed in ("3. Dezember: Ausflug", "3. Dez. Ausflug", "3. 12. 2026: Ausflug", "3 Plätze sind frei")
        ),
        ("", ""),
    ],
)
def test_only_the_line_that_was_put_there_goes(agenda: str, after: str) -> None:
    item = AgendaItem(text="B", name="Bob", decided_by="Lena", state=ItemState.ACCEPTED)
    assert without_points(agenda, [item]) == after


def test_what_is_taken_back_in_time_reaches_no_lead(
    cast: Cast, client_of: ClientOf, configured: Configured, deliver: Deliver, smtp: MailServer,
    thread: tuple[int, str], given: Given,
) -> None:  # fmt: skip
    bob = client_of(cast.bob)
    with configured(MAIL_UNDO_SECONDS=300):
        bob.submit(thread[1], {"body": "Hallo\n\nTOP: Fall Fallbach"}, form="antworten")
        bob.send(form="zurueckholen")
    deliver()
    assert states_of(given) == {}
    assert smtp.to(cast.lena.email) == []


def test_no_mail_kept_says_what_a_point_taken_down_said(
    app: Flask, cast: Cast, client_of: ClientOf, deliver: Deliver, thread: tuple[int, str]
) -> None:
    meeting, path = thread
    bob = client_of(cast.bob)
    bob.submit(path, {"body": "Hallo\n\nTOP: Fall Fallbach"}, form="antworten")
    client_of(cast.lena).submit(cast.ost.path("sitzungen", meeting), form="aufnehmen")
    deliver()
    take_down(bob, path)
    with app.app_context():
        kept: list[Any] = list(db.session.execute(select(Mail.subject, Mail.text, Mail.html)))
    assert kept
    assert not [mail for mail in kept if "Fallbach" in " ".join(mail)]


def test_who_was_removed_is_not_told_what_became_of_their_point(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting, deliver: Deliver, smtp: MailServer
) -> None:
    meeting = make_meeting(cast.ost)
    propose(client_of(cast.bob), cast, meeting)
    deliver()
    with given():
        remove_participant(db.session.get_one(Participant, cast.ost.participant(cast.bob)))
    smtp.forget()
    client_of(cast.lena).submit(cast.ost.path("sitzungen", meeting), form="aufnehmen")
    deliver()
    assert smtp.to(cast.bob.email) == []


def test_a_proposer_of_another_network_does_not_learn_an_address_it_may_not_see(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, deliver: Deliver, smtp: MailServer
) -> None:
    meeting = make_meeting(cast.ost, cast.west)
    path = cast.west.path("sitzungen", meeting, "punkt-vorschlagen")
    client_of(cast.wim).submit(path, {"text": "Wims Punkt"})
    client_of(cast.lena).submit(cast.ost.path("sitzungen", meeting), form="aufnehmen")
    deliver()
    [mail] = smtp.to(cast.wim.email)
    assert cast.lena.email not in mail.message.as_string()


def test_in_a_closed_network_the_button_of_the_mail_does_nothing(
    cast: Cast, client_of: ClientOf, anonymous: Browser, given: Given, make_meeting: MakeMeeting, deliver: Deliver,
    smtp: MailServer,
) -> None:  # fmt: skip
    meeting = make_meeting(cast.ost)
    propose(client_of(cast.bob), cast, meeting)
    deliver()
    accept = path_behind(smtp, cast.lena, "Aufnehmen")
    with given():
        db.session.get_one(Network, cast.ost.id).closed_at = datetime.now(UTC)
    assert anonymous.post(accept).status_code == 400
    assert "Dieses Netz ist geschlossen." in anonymous.page.text
    assert states_of(given) == {"Praktika im Sommer": "proposed"}
