"""Adding, correcting and removing people: from the minute on, at once, and only by Verwaltung."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.networks.models import Holding, Network, Participant
from app.networks.wishes import is_paused, pause
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.factories import make_seat
from tests.mailserver import MailServer
from tests.page import text_of

NINA = {
    "email": "Nina.Neu@Example.org",
    "name": "Nina Neu",
    "organisation": "Werkstatt Nord",
    "task": "Betriebskontakte",
    "phone": "0999 55 66",
}


def test_who_is_added_gets_a_welcome_and_from_then_on_every_mail(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    page = client_of(cast.anke).submit(cast.ost.path("teilnehmende", "neu"), NINA)
    assert "Nina Neu nimmt teil" in page.text
    deliver()
    [welcome] = smtp.to("Nina.Neu@Example.org")
    assert_expected(welcome, "welcome")
    log = client_of(cast.anke).see("/verwaltung/protokoll").text
    assert "Anke Amtmann Nina Neu in „Jugendliche in Ausbildung“ aufgenommen." in log
    client_of(cast.bob).submit(cast.ost.path("nachrichten", "neu"), {"subject": "Neu", "body": "Hallo"})
    deliver()
    assert len(smtp.to("Nina.Neu@Example.org")) == 2


def test_the_list_shows_all_five_things(cast: Cast, client_of: ClientOf) -> None:
    client_of(cast.anke).submit(cast.ost.path("teilnehmende", "neu"), NINA)
    page = client_of(cast.bob).see(cast.ost.path("teilnehmende"))
    for text in ("Nina Neu", "Werkstatt Nord", "Betriebskontakte", "0999 55 66", "Nina.Neu@Example.org"):
        assert text in page.text


@pytest.mark.parametrize(
    ("order", "first"), [("name", "Bob Bergmann"), ("organisation", "Gaststelle Beirat"), ("aufgabe", "Bob Bergmann")]
)
def test_the_list_sorts_without_a_script(cast: Cast, client_of: ClientOf, order: str, first: str) -> None:
    page = client_of(cast.bob).see(cast.ost.path(f"teilnehmende?sortierung={order}"))
    assert text_of(page.query("tbody th")[0]).startswith(first)


def test_the_links_of_a_participant_are_theirs_in_a_network_called_0_too(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        db.session.get_one(Network, cast.ost.id).slug = "0"
    bob = cast.ost.participant(cast.bob)
    links = client_of(cast.anke).see("/netze/0/teilnehmende").links
    for rest in ("", "/schreiben", "/vcard"):
        assert f"/netze/0/teilnehmende/{bob}{rest}" in links


def test_nobody_is_added_twice_for_the_same_organisation(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.anke)
    again = {"email": cast.bob.email.upper(), "name": "Bob", "organisation": cast.bob.organisation}
    answer = browser.submit(cast.ost.path("teilnehmende", "neu"), again)
    assert "nimmt für Berufskolleg am Kanal schon an diesem Netz teil" in answer.text


def test_a_misspelt_organisation_is_asked_about_before_it_is_made(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    browser = client_of(cast.anke)
    typed = NINA | {"organisation": "Berufskoleg am Kanal"}
    browser.submit(cast.ost.path("teilnehmende", "neu"), typed)
    assert "Meinten Sie „Berufskolleg am Kanal“?" in browser.page.text
    with given():
        assert not db.session.scalars(User.by_email(NINA["email"])).all()
    browser.send(button="Aufnehmen")
    assert "Nina Neu nimmt teil" in browser.page.text, "it is another one indeed"
    assert "Berufskoleg am Kanal" in browser.see(cast.ost.path("teilnehmende")).text


def test_an_address_may_be_copied_from_a_mail_and_an_umlaut_in_it_is_asked_about(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    browser = client_of(cast.anke)
    browser.submit(cast.ost.path("teilnehmende", "neu"), NINA | {"email": "Nina Neu <nina.münz@example.org>"})
    assert "Vor dem @ steht ein Umlaut" in browser.page.text
    browser.send(button="Aufnehmen")
    with given():
        assert db.session.scalars(User.by_email("nina.münz@example.org")).one().name == "Nina Neu"


@pytest.mark.parametrize(
    "typed", ["Anna <anna@example.org>, Nina <nina@example.org>", "anna@example.org <nina@example.org>"]
)
def test_of_two_addresses_none_is_taken(cast: Cast, client_of: ClientOf, typed: str, given: Given) -> None:
    page = client_of(cast.anke).submit(cast.ost.path("teilnehmende", "neu"), NINA | {"email": typed})
    assert "Bitte geben Sie eine E-Mail-Adresse" in page.text
    with given():
        assert not db.session.scalars(User.by_email("nina@example.org")).all()


def test_who_adds_a_known_person_is_told_that_their_name_stays(cast: Cast, client_of: ClientOf) -> None:
    lena = {"email": cast.lena.email, "name": "Leni Leiter", "organisation": "Werkstatt Nord"}
    page = client_of(cast.anke).submit(cast.ost.path("teilnehmende", "neu"), lena)
    assert "Lena Leitner nimmt teil" in page.text
    assert "kennt das Portal schon „Lena Leitner“; dieser Name ist geblieben, nicht „Leni Leiter“" in page.text


def test_bad_input_gets_a_sentence_at_the_field(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.anke).submit(
        cast.ost.path("teilnehmende", "neu"), NINA | {"email": "nina at example", "name": ""}
    )
    assert "Bitte geben Sie eine E-Mail-Adresse wie" in answer.text
    assert "Bitte geben Sie den Namen an." in answer.text


def test_a_phone_number_needs_a_digit(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.anke)
    for path in (("neu",), (cast.ost.participant(cast.bob),)):
        page = cast.ost.path("teilnehmende", *path)
        browser.submit(page, NINA | {"phone": "abc"} if path == ("neu",) else {"phone": "abc"}, form=page)
        assert any("In der Telefonnummer steht keine Ziffer." in error for error in browser.page.errors)
        assert browser.page.forms[0].values()["phone"] == ["abc"]


def test_who_is_removed_is_out_at_once_and_gets_no_mail(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    client_of(cast.bob).submit(cast.ost.path("nachrichten", "neu"), {"subject": "Vorher", "body": "Hallo"})
    path = cast.ost.path("teilnehmende", cast.ost.participant(cast.carla))
    client_of(cast.anke).submit(path, {}, form="entfernen")
    deliver()
    assert smtp.to(cast.carla.email) == []
    carla = client_of(cast.carla)
    assert carla.get(cast.ost.path("nachrichten")).status_code == 404
    assert carla.get(cast.west.path("nachrichten")).status_code == 200


def test_only_verwaltung_adds_changes_and_removes(cast: Cast, client_of: ClientOf) -> None:
    bob = cast.ost.participant(cast.bob)
    for person in (cast.lena, cast.bob):
        browser = client_of(person)
        for parts in [("neu",), (bob,)]:
            assert browser.get(cast.ost.path("teilnehmende", *parts)).status_code == 403
    assert client_of(cast.wim).get(cast.ost.path("teilnehmende")).status_code == 404


def test_who_comes_back_gets_every_mail_again(
    cast: Cast, client_of: ClientOf, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    with given():
        pause(cast.bob.id, cast.ost.id)
    anke = client_of(cast.anke)
    anke.submit(cast.ost.path("teilnehmende", cast.ost.participant(cast.bob)), {}, form="entfernen")
    again = {"email": cast.bob.email, "name": "Bob", "organisation": cast.bob.organisation}
    anke.submit(cast.ost.path("teilnehmende", "neu"), again)
    deliver()
    assert len(smtp.to(cast.bob.email)) == 1, "the welcome"
    client_of(cast.lena).submit(cast.ost.path("nachrichten", "neu"), {"subject": "Neu", "body": "Hallo"})
    deliver()
    assert len(smtp.to(cast.bob.email)) == 2


def test_a_second_place_does_not_end_the_pause_of_who_takes_part_already(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        pause(cast.bob.id, cast.ost.id)
    second = {"email": cast.bob.email, "name": "Bob", "organisation": "Zweite Stelle"}
    client_of(cast.anke).submit(cast.ost.path("teilnehmende", "neu"), second)
    with given():
        assert is_paused(cast.bob.id, cast.ost.id)


def test_who_works_elsewhere_now_has_another_seat_in_this_network_only(
    app: Flask, cast: Cast, client_of: ClientOf
) -> None:
    path = cast.ost.path("teilnehmende", cast.ost.participant(cast.carla))
    page = client_of(cast.anke).submit(
        path, {"organisation": "Volkshochschule", "task": "Kurse", "phone": "0999 1"}, button="Speichern"
    )
    assert "gespeichert" in page.text
    assert _seats_of(app, cast.carla.id) == {
        cast.ost.id: ("Volkshochschule", "Kurse", "0999 1"),
        cast.west.id: ("Sprachwerk e. V.", "Aufgabe von Carla Çelik", "0999 123 45"),
    }


def test_who_goes_back_to_an_organisation_has_the_seat_again_that_they_hold_there(
    app: Flask, cast: Cast, client_of: ClientOf
) -> None:
    anke, path = client_of(cast.anke), cast.ost.path("teilnehmende", cast.ost.participant(cast.carla))
    for organisation in ("Volkshochschule", "SPRACHWERK e. V.", "Volkshochschule"):
        anke.submit(path, {"organisation": organisation}, button="Speichern")
    with app.app_context():
        held = select(Holding.id).where(Holding.user_id == cast.carla.id)
        assert len(db.session.scalars(held).all()) == 2


def test_nobody_is_moved_to_where_they_take_part_already(cast: Cast, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    second = {"email": cast.bob.email, "name": "Bob", "organisation": "Zweite Stelle"}
    anke.submit(cast.ost.path("teilnehmende", "neu"), second)
    path = cast.ost.path("teilnehmende", cast.ost.participant(cast.bob))
    answer = anke.submit(path, {"organisation": "Zweite Stelle", "task": "Neues"}, button="Speichern")
    assert "nimmt für Zweite Stelle schon an diesem Netz teil" in answer.text
    assert "Neues" in answer.text, "what was typed is still there"


def test_whoever_shares_a_seat_is_not_moved_with_the_other(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        bob = db.session.get_one(Participant, cast.ost.participant(cast.bob))
        bob.seat.holdings.append(make_seat(db.session.get_one(User, cast.wim.id)).holdings[0])
    path = cast.ost.path("teilnehmende", cast.ost.participant(cast.bob))
    answer = client_of(cast.anke).submit(path, {"organisation": "Volkshochschule"}, button="Speichern")
    assert "Mehrere Personen teilen sich diese Stelle" in answer.text


def test_two_tabs_that_both_make_somebody_a_lead_agree(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    path = cast.ost.path("teilnehmende", cast.ost.participant(cast.bob))
    one, other = client_of(cast.anke), client_of(cast.anke)
    for tab in (one, other):
        tab.see(path)
    for tab in (one, other):
        tab.send(button="Zur Netzleitung machen")
    assert _leads(app, cast.ost.participant(cast.bob))
    for tab in (one, other):
        tab.see(path)
    for tab in (one, other):
        tab.send(button="Leitung abgeben")
    assert not _leads(app, cast.ost.participant(cast.bob))


def _seats_of(app: Flask, user_id: int) -> dict[int, tuple[str, str, str]]:
    with app.app_context():
        found = db.session.scalars(Participant.of_user(user_id)).all()
        return {each.network_id: (each.seat.organisation.name, each.seat.task, each.seat.phone) for each in found}


def _leads(app: Flask, participant_id: int) -> bool:
    with app.app_context():
        return db.session.get_one(Participant, participant_id).is_lead
