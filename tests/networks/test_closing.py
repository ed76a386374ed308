"""A closed network is read, but nothing is sent to it; a live one keeps the name that stands in its address."""

from __future__ import annotations

from tests.browser import Browser
from tests.cast import Cast, Net
from tests.conftest import ClientOf, Deliver
from tests.mailserver import MailServer

NETWORKS = "/verwaltung/netze"


def close(browser: Browser, network: Net) -> None:
    browser.submit(f"{NETWORKS}/{network.slug}", {}, form="schliessen")


def test_mail_that_still_waits_is_not_sent_to_a_closed_network(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    client_of(cast.bob).submit(cast.ost.path("nachrichten", "neu"), {"subject": "Noch schnell", "body": "Hallo"})
    close(client_of(cast.anke), cast.ost)
    deliver()
    assert smtp.messages == []


def test_what_was_written_in_a_closed_network_can_still_be_read(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("nachrichten", "neu"), {"subject": "Noch schnell", "body": "Hallo zusammen"})
    close(client_of(cast.anke), cast.ost)

    page = bob.see(bob.page.path)

    assert "Hallo zusammen" in page.text
    assert not [form for form in page.forms if form.in_main]


def test_a_letter_from_one_to_one_is_not_sent_in_a_closed_network_either(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    url = cast.ost.path("teilnehmende", cast.ost.participant(cast.carla), "schreiben")
    client_of(cast.bob).submit(url, {"subject": "Frage", "body": "Hallo"})
    close(client_of(cast.anke), cast.ost)
    deliver()
    assert smtp.messages == []


def test_who_takes_part_in_an_open_network_too_gets_what_was_written_to_both(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    client_of(cast.carla).submit(
        cast.west.path("nachrichten", "neu"), {"subject": "An beide", "body": "Hallo", "also_to": [cast.ost.slug]}
    )
    close(client_of(cast.anke), cast.ost)
    deliver()
    assert {received.to for received in smtp.messages} == {cast.carla.email, cast.wim.email}


def test_the_short_name_stays_once_somebody_takes_part(cast: Cast, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    page = anke.see(f"{NETWORKS}/ost")
    assert "Der Kurzname „ost“ steht fest" in page.text
    form = next(form for form in page.forms if "name" in form.names and form.in_main)
    assert "slug" not in form.names
    anke.post(f"{NETWORKS}/ost", data=dict(form.values()) | {"slug": "anders"})
    assert anke.get(cast.ost.path("nachrichten")).status_code == 200
    assert anke.get("/netze/anders/nachrichten").status_code == 404


def test_the_short_name_of_an_empty_network_can_be_corrected(cast: Cast, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    anke.submit(f"{NETWORKS}/neu", {"name": "Nord", "slug": "nrod"})
    anke.submit(f"{NETWORKS}/nrod", {"slug": "nord"}, button="Speichern")
    assert anke.get("/netze/nord/nachrichten").status_code == 200


def test_two_networks_never_share_a_short_name(cast: Cast, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    answer = anke.submit(f"{NETWORKS}/neu", {"name": "Noch ein Ost", "slug": "ost"})
    assert "Es gibt schon ein Netz mit diesem Kurznamen." in answer.text
    assert "Noch ein Ost" in answer.text
    anke.submit(f"{NETWORKS}/neu", {"name": "Nord", "slug": "nord"})
    answer = anke.submit(f"{NETWORKS}/nord", {"slug": "ost"}, button="Speichern")
    assert "Es gibt schon ein Netz mit diesem Kurznamen." in answer.text
