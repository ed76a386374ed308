"""Correcting one's own data from a mail, without signing in, and on the profile (row A4, settings of A5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import User, Visibility
from app.audit.models import AuditEntry
from app.database import db, utc_now
from app.networks.models import Holding, Participant, Seat
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer

#: way_back(page, fields) corrects something there and returns the path that the mail about it takes that back by.
WayBack = Callable[[str, dict[str, str]], str]


@pytest.fixture
def own_data(cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, anonymous: Browser) -> str:
    """The path of Bob's page "Ihre Angaben", as he finds it from a mail."""
    client_of(cast.lena).submit(cast.ost.path("nachrichten", "neu"), {"subject": "Offene Tür", "body": "Am Freitag."})
    deliver()
    [received] = smtp.to(cast.bob.email)
    smtp.forget()
    line = next(line for line in received.text.splitlines() if line.startswith("E-Mails einstellen"))
    page = anonymous.see(urlsplit(line.rpartition(" ")[2]).path)
    [path] = {link for link in page.links if "/mail/" in link}
    return str(path)


def of(given: Given, person: Person) -> dict[str, str]:
    """What the portal says of this person."""
    with given():
        user = db.session.get_one(User, person.id)
        seat = db.session.scalars(Participant.of_user(person.id)).first()
        assert seat
        fields = {"name": user.name, "email_seen_by": user.email_seen_by.value, "email": user.email}
        return fields | {
            "task": seat.seat.task,
            "phone": seat.seat.phone,
            "phone_seen_by": seat.seat.phone_seen_by.value,
        }


def log(given: Given) -> list[str]:
    with given():
        return list(db.session.scalars(select(AuditEntry.summary).order_by(AuditEntry.id)))


def test_looking_ten_times_changes_nothing(own_data: str, cast: Cast, anonymous: Browser, given: Given) -> None:
    before = of(given, cast.bob)
    for _ in range(10):
        assert anonymous.get(own_data).status_code == 200
        anonymous.head(own_data)
    assert of(given, cast.bob) == before
    assert log(given) == []


def test_a_phone_number_is_corrected_from_the_mail_and_can_be_taken_back(
    own_data: str, cast: Cast, anonymous: Browser, given: Given, smtp: MailServer, deliver: Deliver, client_of: ClientOf
) -> None:
    answer = anonymous.submit(own_data, {"phone": "0999 777 1", "task": "Praktika"}, follow=False)
    assert answer.status_code == 200, "neither cookie nor redirect"
    assert "Ihre Angaben sind gespeichert." in answer.text
    assert of(given, cast.bob)["phone"] == "0999 777 1"
    assert "„0999 123 45“ → „0999 777 1“" in log(given)[0]
    assert "0999 777 1" in client_of(cast.carla).get(cast.ost.path("teilnehmende")).text
    assert "0999 777 1" in client_of(cast.anke).get("/verwaltung/protokoll").text
    deliver()
    [told] = smtp.to(cast.bob.email)
    when = re.search(r"am (.+?) wurde", told.text)
    assert when
    assert_expected(told, "own-data-changed", {when[1]: "3. Mai 2027, 9:00"})
    undo = re.search(r"Zurücknehmen:\s+(\S+)", told.text)
    assert undo
    path = urlsplit(undo[1]).path
    for _ in range(10):
        anonymous.get(path)
    assert of(given, cast.bob)["phone"] == "0999 777 1"
    for _ in range(2):
        anonymous.post(path)
    assert of(given, cast.bob)["phone"] == "0999 123 45"
    assert of(given, cast.bob)["task"] == "Aufgabe von Bob Bergmann"
    assert len(log(given)) == 2


def test_what_was_changed_again_since_is_not_taken_back(
    own_data: str, cast: Cast, anonymous: Browser, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    anonymous.submit(own_data, {"phone": "0999 1", "name": "Robert Bergmann"})
    deliver()
    undo = re.search(r"Zurücknehmen:\s+(\S+)", smtp.to(cast.bob.email)[-1].text)
    anonymous.submit(own_data, {"phone": "0999 2"})
    assert undo
    anonymous.post(urlsplit(undo[1]).path)
    assert of(given, cast.bob)["phone"] == "0999 2"
    assert of(given, cast.bob)["name"] == "Bob Bergmann"


@pytest.fixture
def way_back(anonymous: Browser, smtp: MailServer, deliver: Deliver) -> WayBack:
    def change(page: str, fields: dict[str, str]) -> str:
        anonymous.submit(page, fields)
        deliver()
        undo = re.search(r"Zurücknehmen:\s+(\S+)", smtp.messages[-1].text)
        assert undo
        smtp.forget()
        return urlsplit(undo[1]).path

    return change


def test_a_seat_that_passed_to_somebody_else_stays_as_they_say(
    own_data: str, cast: Cast, anonymous: Browser, given: Given, way_back: WayBack
) -> None:
    path = way_back(own_data, {"task": "Praktika"})
    with given():
        seat = db.session.scalars(Participant.of_user(cast.bob.id)).one().seat
        seat_id, seat.holdings[0].until = seat.id, utc_now()
        seat.holdings.append(Holding(user_id=cast.carla.id))
    anonymous.post(path)
    with given():
        assert db.session.get_one(Seat, seat_id).task == "Praktika"


def test_the_way_back_ends_after_thirty_days(
    own_data: str, cast: Cast, anonymous: Browser, given: Given, way_back: WayBack
) -> None:
    path = way_back(own_data, {"task": "Praktika"})
    with time_machine.travel(utc_now() + timedelta(days=31)):
        assert "Er galt 30 Tage." in anonymous.post(path).text
    assert of(given, cast.bob)["task"] == "Praktika"


def test_the_way_back_shows_nothing_more_without_signing_in(
    own_data: str, cast: Cast, anonymous: Browser, given: Given, way_back: WayBack, client_of: ClientOf,
    smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    path = way_back(own_data, {"phone_seen_by": "hidden"})
    assert "wenn Sie angemeldet sind" in anonymous.post(path).text
    assert of(given, cast.bob)["phone_seen_by"] == Visibility.HIDDEN
    deliver()
    assert "/anmelden/" in smtp.to(cast.bob.email)[0].text
    client_of(cast.carla).post(path)
    assert of(given, cast.bob)["phone_seen_by"] == Visibility.HIDDEN, "somebody else is signed in"
    client_of(cast.bob).post(path)
    assert of(given, cast.bob)["phone_seen_by"] == Visibility.NETWORK


def test_the_same_wish_pressed_twice_is_one_mail_to_verwaltung(
    own_data: str, cast: Cast, anonymous: Browser, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    bob = client_of(cast.bob)
    for name in ("Kolleg Nord", "Kolleg Nord", "Kolleg Süd", "Kolleg Nord"):
        bob.submit("/profil", {"wish": name}, form="/profil/organisation")
    anonymous.submit(own_data, {"wish": "Kolleg Nord"})
    deliver()
    wishes = [mail for mail in smtp.to(cast.anke.email) if "Kolleg" in mail.subject]
    assert [mail.subject.partition(": ")[2] for mail in wishes] == ["Kolleg Nord", "Kolleg Süd", "Kolleg Nord"]


def test_twenty_wishes_an_hour_are_enough_for_verwaltung(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    bob = client_of(cast.bob)
    for number in range(22):
        bob.submit("/profil", {"wish": f"Berufskolleg {number}"}, form="/profil/organisation")
    assert any("Das waren viele Änderungen" in error for error in bob.page.errors)
    assert "Berufskolleg 21" in bob.page.html, "what was typed stands there"
    deliver()
    assert len(smtp.to(cast.anke.email)) == 20


def test_saving_the_same_says_nothing_to_anybody(
    own_data: str, cast: Cast, anonymous: Browser, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    anonymous.submit(own_data, {})
    deliver()
    assert smtp.messages == []
    assert log(given) == []


@pytest.mark.parametrize("fields", [{"name": ""}, {"name": "x" * 10_000}, {"phone": "1" * 101}, {"task": "a" * 1001}])
def test_bad_input_is_told_at_the_field_and_kept(
    own_data: str, cast: Cast, anonymous: Browser, given: Given, fields: dict[str, str]
) -> None:
    before = of(given, cast.bob)
    anonymous.submit(own_data, fields)
    assert anonymous.page.errors
    assert of(given, cast.bob) == before


NO_DIGIT = "In der Telefonnummer steht keine Ziffer. Bitte schreiben Sie sie wie 0999 123 45"


@pytest.mark.parametrize("phone", ["abc", "über die Zentrale", "+", "-"])
def test_a_phone_number_without_a_digit_is_told_and_kept(
    own_data: str, cast: Cast, anonymous: Browser, client_of: ClientOf, given: Given, phone: str
) -> None:
    before = of(given, cast.bob)
    for browser, page in ((anonymous, own_data), (client_of(cast.bob), "/profil")):
        browser.submit(page, {"phone": phone, "task": "Praktika"}, form=page)
        assert any(NO_DIGIT in error for error in browser.page.errors)
        [form] = (form for form in browser.page.forms if form.action == page and "phone" in form.names)
        assert (form.values()["phone"], form.values()["task"]) == ([phone], ["Praktika"])
    assert of(given, cast.bob) == before


def test_what_stood_as_a_number_before_keeps_nobody_from_a_new_task(
    own_data: str, cast: Cast, anonymous: Browser, client_of: ClientOf, given: Given
) -> None:
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.bob)).seat.phone = "über die Zentrale"
    for browser, page, task in ((anonymous, own_data, "Praktika"), (client_of(cast.bob), "/profil", "Bewerbungen")):
        browser.submit(page, {"task": task}, form=page)
        assert browser.page.errors == []
        assert (of(given, cast.bob)["phone"], of(given, cast.bob)["task"]) == ("über die Zentrale", task)


@pytest.mark.parametrize("phone", ["", "112", "+49 (999) 123-45 App. Süd", "٠٩٩٩"])
def test_however_a_number_is_written_it_is_one(
    own_data: str, cast: Cast, anonymous: Browser, given: Given, phone: str
) -> None:
    anonymous.submit(own_data, {"phone": phone})
    assert of(given, cast.bob)["phone"] == phone


@pytest.mark.parametrize("text", ["😀", "\u202eeman", "<script>alert(1)</script>", "a\r\nb", "NUL\x00"])
def test_odd_words_do_no_harm(own_data: str, anonymous: Browser, text: str) -> None:
    anonymous.submit(own_data, {"name": text or "x", "phone": f"0999 1 {text}", "task": text})
    assert "gespeichert" in anonymous.page.text


def test_nobody_changes_an_address_from_a_mail(own_data: str, cast: Cast, anonymous: Browser, given: Given) -> None:
    anonymous.post(own_data, data={"name": "Bob Bergmann", "email": "mallory@example.net"})
    assert of(given, cast.bob)["email"] == cast.bob.email


def test_a_forged_or_foreign_link_changes_nothing(own_data: str, cast: Cast, anonymous: Browser, given: Given) -> None:
    forged = own_data[:-1] + ("a" if own_data[-1] != "a" else "b")
    assert anonymous.post(forged, data={"phone": "0999 66"}).status_code == 404
    assert of(given, cast.bob)["phone"] == "0999 123 45"


def test_hiding_acts_at_once_and_a_hidden_number_does_not_stand_behind_a_forwarded_link(
    own_data: str, cast: Cast, anonymous: Browser, given: Given, client_of: ClientOf
) -> None:
    anonymous.submit(own_data, {"phone_seen_by": "hidden", "email_seen_by": "hidden"})
    assert of(given, cast.bob)["phone_seen_by"] == Visibility.HIDDEN
    assert "0999 123 45" not in anonymous.get(own_data).text
    anonymous.submit(own_data, {"task": "Praktika"})
    assert of(given, cast.bob)["phone"] == "0999 123 45", "an empty field keeps the hidden number"
    assert cast.bob.email not in client_of(cast.carla).get(cast.ost.path("teilnehmende")).text
    assert "0999 123 45" in client_of(cast.bob).get("/profil").text


def test_showing_more_waits_for_a_fresh_link_to_sign_in(
    own_data: str, cast: Cast, anonymous: Browser, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    answer = anonymous.submit(own_data, {"phone_seen_by": "all", "phone": "0999 5"})
    assert "nur, wenn Sie angemeldet sind" in answer.text
    assert of(given, cast.bob)["phone_seen_by"] == Visibility.NETWORK
    assert of(given, cast.bob)["phone"] == "0999 123 45"
    deliver()
    [link] = smtp.to(cast.bob.email)
    assert "/anmelden/" in link.text


def test_on_the_profile_everything_is_saved_without_a_mail(
    cast: Cast, client_of: ClientOf, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    bob = client_of(cast.bob)
    new = {"name": "Robert Bergmann", "task": "Praktika", "phone": "0999 5", "phone_seen_by": "all"}
    bob.submit("/profil", new, form="/profil")
    assert new.items() <= of(given, cast.bob).items()
    assert "„Bob Bergmann“ → „Robert Bergmann“" in log(given)[0]
    deliver()
    assert smtp.messages == []


def test_only_what_is_sent_changes(cast: Cast, client_of: ClientOf, given: Given) -> None:
    bob = client_of(cast.bob)
    token = bob.see("/profil").query("input[name=csrf_token]")[0].attrs["value"]
    bob.post("/profil", data={"csrf_token": token, "phone": "0999 8"})
    assert of(given, cast.bob)["phone"] == "0999 8"
    assert of(given, cast.bob)["name"] == "Bob Bergmann"


def test_somebody_elses_seat_is_not_found(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        seat_id = db.session.scalars(Participant.of_user(cast.lena.id)).one().seat_id
    bob = client_of(cast.bob)
    token = bob.see("/profil").query("input[name=csrf_token]")[0].attrs["value"]
    assert bob.post("/profil", data={"csrf_token": token, "seat": seat_id, "phone": "1"}).status_code == 404


def test_verwaltung_gets_the_wish_for_another_spelling(
    own_data: str, cast: Cast, anonymous: Browser, smtp: MailServer, deliver: Deliver
) -> None:
    anonymous.submit(own_data, {"wish": "Berufskolleg am Stichkanal"})
    assert "Die Verwaltung hat Ihre Nachricht" in anonymous.page.text
    deliver()
    [mail] = smtp.messages
    assert mail.to == cast.anke.email
    assert_expected(mail, "organisation-wish")
