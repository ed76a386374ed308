"""Somebody else holds a seat now: the seat stays in its networks, the successor is welcomed, the other gets nothing."""

from __future__ import annotations

from sqlalchemy import select

from app.database import db
from app.networks.models import Holding, Participant
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.deliveries.test_silent_addresses import PAGE, silence
from tests.mailserver import MailServer

NINA = {"email": "nina.neu@example.org", "name": "Nina Neu", "phone": "0999 55 66"}


def test_from_a_silent_address_the_seat_goes_to_its_successor_in_one_step(
    cast: Cast, client_of: ClientOf, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    silence(given, cast.bob)
    anke, lena = client_of(cast.anke), client_of(cast.lena)
    participant = cast.ost.participant(cast.bob)
    path = cast.ost.path("teilnehmende", participant, "nachfolge")
    assert path in anke.get(PAGE).text
    lena.submit(cast.ost.path("nachrichten", "neu"), {"subject": "Vorher", "body": "Guten Tag"})
    assert "Nina Neu hat die Stelle jetzt" in anke.submit(path, NINA).text
    lena.submit(cast.ost.path("nachrichten", "neu"), {"subject": "Nachher", "body": "Guten Tag"})
    deliver()
    subjects = [mail.subject for mail in smtp.to(NINA["email"])]
    assert [("Vorher" in subject, "Nachher" in subject) for subject in subjects].count((False, True)) == 1
    assert len(subjects) == 2  # and the welcome
    assert smtp.to(cast.bob.email) == []
    assert cast.bob.name not in anke.see(PAGE).text
    assert "Nina Neu hat jetzt die Stelle von Bob" in anke.see("/verwaltung/protokoll").text
    with given():
        seat_id = db.session.get_one(Participant, participant).seat_id
        held = db.session.scalars(select(Holding).where(Holding.seat_id == seat_id).order_by(Holding.id)).all()
        assert [(holding.user.name, holding.until is None) for holding in held] == [
            (cast.bob.name, False),
            ("Nina Neu", True),
        ]


def test_nobody_succeeds_themselves_and_only_verwaltung_hands_over(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    path = cast.ost.path("teilnehmende", cast.ost.participant(cast.bob), "nachfolge")
    page = client_of(cast.anke).submit(path, {"email": cast.bob.email, "name": "Bob"})
    assert "Das ist Bob Bergmann selbst" in page.text
    for person, status in ((cast.lena, 403), (cast.wim, 404)):
        assert client_of(person).get(path).status_code == status
    with given():
        assert db.session.scalar(select(Holding.until).where(Holding.user_id == cast.bob.id)) is None
