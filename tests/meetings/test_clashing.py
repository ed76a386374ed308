"""A date on which many of the same people meet elsewhere, or nobody works, is asked about once before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app.accounts.models import User
from app.database import db, utc_now
from app.meetings.models import Meeting
from app.networks.models import Network, Participant
from tests.browser import Browser
from tests.cast import Cast, Net
from tests.conftest import ClientOf, Given
from tests.factories import make_participant, make_user
from tests.meetings.conftest import MakeMeeting

ENTRY = {"title": "9. Netzwerktreffen", "date": "2026-12-03", "starts": "14:00", "ends": "16:30"}
QUESTION = "Passt dieser Termin?"

#: `share(3)` lets so many further people take part in ost and in west.
Share = Callable[[int], list[int]]


@pytest.fixture
def share(cast: Cast, given: Given) -> Share:
    """Carla is in both from the beginning."""

    def take_part(number: int) -> list[int]:
        with given():
            users = [make_user() for _ in range(number)]
            for user in users:
                for net in (cast.ost, cast.west):
                    make_participant(db.session.get_one(Network, net.id), user)
            return [user.id for user in users]

    return take_part


def entered(given: Given) -> int:
    with given():
        return db.session.query(Meeting).filter_by(title=ENTRY["title"]).count()


def enter(browser: Browser, cast: Cast, **fields: object) -> str:
    browser.submit(cast.ost.path("sitzungen", "neu"), ENTRY | fields)
    return str(browser.page.text)


def test_four_people_in_both_networks_are_warned_of_and_three_are_not(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, share: Share, given: Given
) -> None:
    make_meeting(cast.west)
    lena = client_of(cast.lena)
    share(2)
    assert QUESTION not in enter(lena, cast)
    share(1)

    text = enter(lena, cast, title="9. Netzwerktreffen")

    assert QUESTION in text
    sentence = "Zur selben Zeit tagt „Sprache im Beruf“ (14:00–16:00 Uhr). 4 Personen gehören zu beiden."
    assert sentence in text
    assert entered(given) == 1
    assert "Carla" not in text


def test_it_is_saved_all_the_same_when_somebody_says_so(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, share: Share, given: Given
) -> None:
    make_meeting(cast.west)
    share(3)
    lena = client_of(cast.lena)
    enter(lena, cast)

    lena.send(button="Trotzdem nur eintragen")

    assert lena.page.heading == "9. Netzwerktreffen"
    assert entered(given) == 1


def test_the_answer_counts_only_for_what_was_asked(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, share: Share, given: Given
) -> None:
    make_meeting(cast.west)
    make_meeting(cast.west, starts_at=datetime(2026, 12, 10, 13, tzinfo=UTC))
    share(3)
    lena = client_of(cast.lena)
    enter(lena, cast)

    lena.send({"date": "2026-12-10", "starts": "09:00", "ends": "10:00"}, button="Trotzdem nur eintragen")

    assert "Am selben Tag tagt „Sprache im Beruf“ (14:00–16:00 Uhr)." in lena.page.text
    assert entered(given) == 0
    lena.send({"date": "2026-12-11"}, button="nur eintragen")
    assert entered(given) == 1


def test_a_person_with_two_seats_counts_once_and_who_left_not_at_all(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, share: Share, given: Given
) -> None:
    make_meeting(cast.west)
    first, second, _third = share(3)
    with given():
        for net in (cast.ost, cast.west):
            make_participant(db.session.get_one(Network, net.id), db.session.get_one(User, first))
        gone = db.session.scalars(Participant.of_user(second).where(Participant.network_id == cast.west.id)).one()
        gone.until = utc_now()

    assert QUESTION not in enter(client_of(cast.lena), cast)


@pytest.mark.parametrize("case", ["cancelled", "closed", "other day", "own network"])
def test_what_does_not_take_place_elsewhere_that_day_is_no_clash(
    case: str, cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, share: Share, given: Given
) -> None:
    share(3)
    if case == "own network":
        make_meeting(cast.ost)
    elif case == "other day":
        make_meeting(cast.west, starts_at=datetime(2026, 12, 2, 13, tzinfo=UTC))
    else:
        make_meeting(cast.west, cancelled_at=utc_now() if case == "cancelled" else None)
    if case == "closed":
        with given():
            db.session.get_one(Network, cast.west.id).closed_at = utc_now()

    assert QUESTION not in enter(client_of(cast.lena), cast)


def test_a_meeting_that_is_moved_is_asked_about_and_one_that_stays_is_not(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, share: Share
) -> None:
    make_meeting(cast.west)
    meeting = make_meeting(cast.ost)
    share(3)
    lena = client_of(cast.lena)
    edit = cast.ost.path("sitzungen", meeting, "bearbeiten")

    lena.submit(edit, {"title": "Neuer Titel"})
    assert lena.page.heading == "Neuer Titel"
    lena.submit(edit, {"starts": "15:00", "ends": "17:00"})
    assert QUESTION in lena.page.text
    lena.send(button="Trotzdem speichern")
    assert "15:00 bis 17:00 Uhr" in lena.page.text


def test_people_of_several_networks_that_meet_count_once(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    nord = quarter(given, "nord", "Quartier Nord", [cast.lena.id, cast.bob.id, cast.carla.id])
    make_meeting(nord, cast.west)
    assert QUESTION not in enter(client_of(cast.lena), cast)

    sued = quarter(given, "sued", "Quartier Süd", [cast.lena.id, cast.bob.id, cast.carla.id, cast.gast.id])
    make_meeting(sued, cast.west)
    text = enter(client_of(cast.lena), cast, starts="08:00", ends="09:00")
    assert "Am selben Tag tagt „Quartier Süd“, „Sprache im Beruf“ (14:00–16:00 Uhr). 4 Personen" in text


def test_a_public_holiday_is_asked_about_too(cast: Cast, client_of: ClientOf, given: Given) -> None:
    lena = client_of(cast.lena)

    assert "An diesem Tag ist ein Feiertag: Fronleichnam." in enter(lena, cast, date="2027-05-27")
    lena.send(button="Trotzdem nur eintragen")
    assert entered(given) == 1


def test_what_is_past_is_entered_without_a_question(cast: Cast, client_of: ClientOf, given: Given) -> None:
    enter(client_of(cast.lena), cast, date="2025-05-01")

    assert entered(given) == 1


def quarter(given: Given, slug: str, name: str, people: list[int]) -> Net:
    with given():
        network = Network(slug=slug, name=name)
        db.session.add(network)
        db.session.flush()
        for id in people:
            make_participant(network, db.session.get_one(User, id))
        return Net(network.id, slug, name, {})
