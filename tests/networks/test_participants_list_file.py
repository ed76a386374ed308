"""The participant list as a file: the five columns of the page, for whoever may see the page."""

from __future__ import annotations

from app.database import db
from app.networks.joining import remove_participant
from app.networks.models import Participant
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Given


def test_the_file_holds_what_the_page_shows(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    answer = bob.get(cast.ost.path("teilnehmende", "csv"))
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=teilnehmende-ost.csv"
    lines = answer.data.decode("utf-8-sig").split("\r\n")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert lines[0] == "E-Mail;Name;Organisation;Aufgabe;Telefon"
    assert lines[1] == f"{cast.bob.email};Bob Bergmann;Berufskolleg am Kanal;Aufgabe von Bob Bergmann;0999 123 45"
    assert len(lines) == 1 + len(cast.everyone_in_ost) + 1
    page = bob.see(cast.ost.path("teilnehmende"))
    assert all(cell in page.text for line in lines[1:-1] for cell in line.split(";"))


def test_the_file_has_the_order_of_the_page(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.bob).get(f"{cast.ost.path('teilnehmende', 'csv')}?sortierung=organisation")
    organisations = [line.split(";")[2] for line in answer.data.decode("utf-8-sig").splitlines()[1:]]
    assert organisations == sorted(organisations)
    assert client_of(cast.bob).get(f"{cast.ost.path('teilnehmende', 'csv')}?sortierung=%00'--").status_code == 200


def test_who_has_left_is_not_in_it(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        remove_participant(db.session.get_one(Participant, cast.ost.participant(cast.carla)))
    assert cast.carla.email not in client_of(cast.bob).get(cast.ost.path("teilnehmende", "csv")).data.decode()


def test_outsiders_find_no_list_and_strangers_sign_in_first(
    cast: Cast, client_of: ClientOf, anonymous: Browser
) -> None:
    assert client_of(cast.wim).get(cast.ost.path("teilnehmende", "csv")).status_code == 404
    assert anonymous.get(cast.ost.path("teilnehmende", "csv")).status_code == 302
    assert client_of(cast.anke).get(cast.ost.path("teilnehmende", "csv")).status_code == 200


def test_the_page_leads_to_everything_one_can_do_with_the_list(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    page = bob.see(cast.ost.path("teilnehmende"))
    for link in [link for link in page.links if "/teilnehmende/" in link]:
        assert bob.get(link).status_code == 200, link
    carla = cast.ost.participant(cast.carla)
    assert cast.ost.path("teilnehmende", carla, "schreiben") in page.links
    assert cast.ost.path("teilnehmende", carla, "vcard") in page.links
    assert cast.ost.path("teilnehmende", "import") not in page.links
    assert cast.ost.path("teilnehmende", "import") in client_of(cast.anke).see(cast.ost.path("teilnehmende")).links
