"""Verwaltung corrects organisations and puts two spellings of one together."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.models import Organisation, OrganisationKind, Visibility
from app.audit.models import AuditEntry
from app.database import db
from app.networks.models import Network, Participant
from app.offers.models import Offer
from tests.cast import Cast
from tests.conftest import ClientOf, Given
from tests.factories import make_organisation, make_participant, make_seat
from tests.world import put_offer


def id_of(given: Given, name: str) -> int:
    with given():
        return db.session.scalars(select(Organisation.id).filter_by(name=name)).one()


def path(given: Given, name: str) -> str:
    return f"/verwaltung/organisationen/{id_of(given, name)}"


def test_a_new_name_website_and_kind_are_seen_and_noted(cast: Cast, client_of: ClientOf, given: Given) -> None:
    anke = client_of(cast.anke)
    page = path(given, cast.bob.organisation)
    anke.submit(page, {"name": "Berufskolleg Nord", "website": "https://bk-nord.example.org", "kind": "school"})
    assert "Berufskolleg Nord" in client_of(cast.bob).get(cast.ost.path("teilnehmende")).text
    with given():
        organisation = db.session.scalars(select(Organisation).filter_by(name="Berufskolleg Nord")).one()
        assert organisation.kind is OrganisationKind.SCHOOL
        assert "„Berufskolleg Nord“" in db.session.scalars(select(AuditEntry.summary)).one()


@pytest.mark.parametrize(
    "fields", [{"name": ""}, {"name": "x" * 201}, {"website": "javascript:alert(1)"}, {"website": "nur worte"}]
)
def test_what_cannot_be_is_told_at_the_field(
    cast: Cast, client_of: ClientOf, given: Given, fields: dict[str, str]
) -> None:
    anke = client_of(cast.anke)
    anke.submit(path(given, cast.bob.organisation), fields)
    assert anke.page.errors


def test_the_name_of_another_leads_to_putting_them_together(cast: Cast, client_of: ClientOf, given: Given) -> None:
    anke = client_of(cast.anke)
    anke.submit(path(given, cast.bob.organisation), {"name": cast.lena.organisation.upper()})
    assert "Führen Sie beide zusammen" in anke.page.text


def test_who_stood_in_both_stands_in_one_once(cast: Cast, client_of: ClientOf, given: Given) -> None:
    """Bob has a second seat under another spelling: in ost, where he leads by it, and in west."""
    put_offer(client_of(cast.bob), cast)
    with given():
        seat = make_seat(db.session.scalars(Participant.of_user(cast.bob.id)).one().seat.holdings[0].user,
                         make_organisation("BK am Kanal"), phone="0999 9")  # fmt: skip
        make_participant(db.session.get_one(Network, cast.ost.id), seat=seat, is_lead=True)
        make_participant(db.session.get_one(Network, cast.west.id), seat=seat)
    anke = client_of(cast.anke)
    kept = id_of(given, "BK am Kanal")
    anke.submit(path(given, cast.bob.organisation), {"into": str(kept)}, form="zusammenfuehren")
    assert "aufgegangen" in anke.page.text
    with given():
        names = db.session.scalars(select(Organisation.name)).all()
        assert "BK am Kanal" in names
        assert cast.bob.organisation not in names
        present = db.session.scalars(Participant.of_user(cast.bob.id)).all()
        assert [(each.network.slug, each.is_lead) for each in present] == [("ost", True), ("west", False)]
        offer = db.session.scalars(select(Offer)).one()
        assert offer.seat_id == present[0].seat_id
        assert "aufgegangen" in db.session.scalars(select(AuditEntry.summary)).one()
    assert client_of(cast.bob).get(cast.ost.path("teilnehmende")).text.count("BK am Kanal") == 1


def test_a_hidden_phone_number_stays_hidden_where_it_is_taken_over(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        own = db.session.scalars(Participant.of_user(cast.bob.id)).one().seat
        own.phone, own.phone_seen_by = "0999 424242", Visibility.HIDDEN
        twin = make_seat(own.holdings[0].user, make_organisation("BK am Kanal"))
        make_participant(db.session.get_one(Network, cast.west.id), seat=twin)
    into = id_of(given, "BK am Kanal")
    client_of(cast.anke).submit(path(given, cast.bob.organisation), {"into": str(into)}, form="zusammenfuehren")
    with given():
        [seat] = {each.seat for each in db.session.scalars(Participant.of_user(cast.bob.id))}
        assert (seat.phone, seat.phone_seen_by) == ("0999 424242", Visibility.HIDDEN)
    assert "424242" not in client_of(cast.wim).see(cast.west.path("teilnehmende")).text


def test_all_who_work_there_move_along(cast: Cast, client_of: ClientOf, given: Given) -> None:
    into = id_of(given, cast.lena.organisation)
    client_of(cast.anke).submit(path(given, cast.carla.organisation), {"into": str(into)}, form="zusammenfuehren")
    with given():
        seats = [each.seat for each in db.session.scalars(Participant.of_user(cast.carla.id))]
        assert {seat.organisation.name for seat in seats} == {cast.lena.organisation}
        assert len(seats) == 2


@pytest.mark.parametrize("into", ["", "0", "999999", "x"])
def test_nothing_goes_up_in_nothing(cast: Cast, client_of: ClientOf, given: Given, into: str) -> None:
    anke = client_of(cast.anke)
    page = path(given, cast.bob.organisation)
    token = anke.see(page).query("input[name=csrf_token]")[0].attrs["value"]
    anke.post(f"{page}/zusammenfuehren", data={"csrf_token": token, "into": into})
    assert id_of(given, cast.bob.organisation)


def test_only_verwaltung_does_that(cast: Cast, client_of: ClientOf, given: Given) -> None:
    page = path(given, cast.bob.organisation)
    lena = client_of(cast.lena)
    assert lena.get("/verwaltung/organisationen").status_code == 403
    assert lena.get(page).status_code == 403
    assert client_of(cast.anke).get("/verwaltung/organisationen/424242").status_code == 404
