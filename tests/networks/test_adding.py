"""Adding, correcting and removing people: from the minute on, at once, and only by Verwaltung."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.conftest import ClientOf, Deliver
from tests.expected import assert_expected
from tests.mailserver import MailServer

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
    assert page.query("tbody th")[0].to_text().strip().startswith(first)


def test_nobody_is_added_twice_for_the_same_organisation(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.anke)
    again = {"email": cast.bob.email.upper(), "name": "Bob", "organisation": cast.bob.organisation}
    answer = browser.submit(cast.ost.path("teilnehmende", "neu"), again)
    assert "nimmt für Berufskolleg am Kanal schon an diesem Netz teil" in answer.text


def test_bad_input_gets_a_sentence_at_the_field(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.anke).submit(
        cast.ost.path("teilnehmende", "neu"), NINA | {"email": "nina at example", "name": ""}
    )
    assert "Bitte geben Sie eine E-Mail-Adresse wie" in answer.text
    assert "Bitte geben Sie den Namen an." in answer.text


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
