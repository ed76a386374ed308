"""Any participant enters an offer; three fields are enough."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.database import db, utc_now
from app.files.keeping import open_file
from app.files.models import StoredFile
from app.forum.models import Draft
from app.networks.models import Network
from app.offers.models import Kind
from tests.at_once import at_once
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Given
from tests.inputs import HOSTILE
from tests.offers.makers import make_offer, offers, token
from tests.world import pdf

TEXT_FIELDS = ["title", "organisation_name", "description", "target_group", "place", "cost", "contact"]


def test_three_fields_are_enough_and_one_is_filled_in(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("angebote", "neu"), {"kind": "course", "title": "Bewerbungstraining"})
    [offer] = offers(app)
    assert bob.page.path == cast.ost.path("angebote", offer.id)
    assert (offer.kind, offer.title, offer.organisation_name) == (
        Kind.COURSE,
        "Bewerbungstraining",
        cast.bob.organisation,
    )


def test_everything_that_was_typed_is_shown(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.submit(
        cast.ost.path("angebote", "neu"),
        {
            "kind": "internship",
            "title": "Zwei Plätze im Lager",
            "organisation_name": "Spedition Muster",
            "description": "Drei Wochen, **gern** mit Bus 15.",
            "target_group": "Jugendliche ohne Schulabschluss",
            "starts_on": "2027-02-01",
            "ends_on": "2027-02-19",
            "place": "Hafenstraße 1",
            "cost": "keine",
            "contact": "Herr Muster, 0999 123 45",
        },
    )
    for words in (
        "Praktikum",
        "Zwei Plätze im Lager",
        "Spedition Muster",
        "Drei Wochen, gern mit Bus 15.",
        "Jugendliche ohne Schulabschluss",
        "1. Februar 2027 bis 19. Februar 2027",
        "Hafenstraße 1",
        "keine",
        "Herr Muster, 0999 123 45",
    ):
        assert words in bob.page.text


def test_flyers_can_be_downloaded_by_the_network_and_nobody_else(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    flyers = [("Flyer A.pdf", pdf("A")), ("Flyer B.pdf", pdf("B"))]
    bob.submit(cast.ost.path("angebote", "neu"), {"title": "Kurs"}, {"files": flyers})
    links = [link for link in bob.page.links if link.startswith("/dateien/")]
    assert len(links) == 2
    assert client_of(cast.carla).get(links[0]).data == pdf("A")
    assert client_of(cast.anke).get(links[1]).data == pdf("B")
    assert client_of(cast.wim).get(links[0]).status_code == 404


def test_verwaltung_enters_offers_too(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    anke.submit(cast.ost.path("angebote", "neu"), {"title": "Messe", "organisation_name": "Kammer"})
    assert offers(app)[0].seat_id is None
    assert cast.anke.email in anke.page.text


def test_target_groups_of_other_offers_are_suggested(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        make_offer(cast.ost, cast.bob, target_group="Alleinerziehende")
        make_offer(cast.west, cast.wim, target_group="Nur im Westen")
    page = client_of(cast.carla).see(cast.ost.path("angebote", "neu"))
    assert [option.attrs["value"] for option in page.query("#target-groups option")] == ["Alleinerziehende"]


def test_what_was_typed_and_uploaded_survives_a_mistake(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.submit(
        cast.ost.path("angebote", "neu"),
        {"title": "", "description": "Bleibt stehen.", "place": "Rathaus", "kind": "wanted"},
        {"files": ("Flyer.pdf", pdf("Flyer"))},
    )
    assert bob.page.errors == ["Bitte geben Sie einen Titel an."]
    assert "Bleibt stehen." in bob.page.html
    assert "Flyer.pdf" in bob.page.text
    bob.send({"title": "Jetzt mit Titel"})
    [offer] = offers(app)
    assert (offer.description, offer.place, offer.kind) == ("Bleibt stehen.", "Rathaus", Kind.WANTED)
    assert "Flyer.pdf" in bob.page.text
    assert _drafts(app) == []


def test_a_draft_waits_on_the_list_until_it_is_taken_up(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.submit(
        cast.ost.path("angebote", "neu"),
        {"title": "Kurs", "organisation_name": "", "starts_on": "2027-02-01"},
        {"files": ("Flyer.pdf", pdf("Flyer"))},
    )
    page = client_of(cast.bob).see(cast.ost.path("angebote"))
    assert "Noch nicht eingetragen: Kurs" in page.text
    [resume] = [link for link in page.links if "entwurf=" in link]
    bob.submit(resume, {"organisation_name": "Schule"})
    [offer] = offers(app)
    assert offer.starts_on is not None
    assert "Flyer.pdf" in bob.page.text
    assert "Noch nicht eingetragen" not in bob.see(cast.ost.path("angebote")).text


def test_a_draft_can_be_thrown_away_with_its_files(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("angebote", "neu"), {"title": ""}, {"files": ("Flyer.pdf", pdf("Flyer"))})
    bob.submit(cast.ost.path("angebote"), button="Verwerfen")
    assert _drafts(app) == []
    assert _file_owners(app) == []


def test_a_draft_is_nobody_elses(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    bob, carla = client_of(cast.bob), client_of(cast.carla)
    bob.submit(cast.ost.path("angebote", "neu"), {"title": ""}, {"files": ("Geheim.pdf", pdf("Geheim"))})
    [draft_id] = _drafts(app)
    assert "Geheim" not in carla.see(cast.ost.path("angebote", f"neu?entwurf={draft_id}")).text
    carla.see(cast.ost.path("angebote", "neu"))
    data = {"csrf_token": token(carla.page.html), "submission": draft_id, "title": "Kurs", "organisation_name": "X"}
    carla.post(cast.ost.path("angebote", "neu"), data=data, follow_redirects=True)
    assert "Geheim" not in carla.page.text
    assert _drafts(app) == [draft_id]
    path = cast.ost.path("angebote", "entwurf", draft_id, "verwerfen")
    assert carla.post(path, data={"csrf_token": token(carla.page.html)}).status_code == 404


def test_the_same_form_sent_twice_makes_one_offer(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    page = bob.see(cast.ost.path("angebote", "neu"))
    bob.send({"title": "Einmal"})
    bob.page = page
    bob.send({"title": "Einmal"})
    assert len(offers(app)) == 1
    assert bob.page.path == cast.ost.path("angebote", offers(app)[0].id)


def filled_in(bob: Browser, cast: Cast) -> dict[str, Any]:
    """The form of an offer, filled in, with the id it came with."""
    page = bob.see(cast.ost.path("angebote", "neu"))
    return next(form for form in page.forms if "title" in form.names).values() | {"kind": "offer", "title": "Einmal"}


@pytest.mark.parametrize("changed", [{"title": "Noch eins"}, {"description": "Mit Bus 15"}, {"ends_on": "2099-01-31"}])
def test_other_words_in_the_same_form_are_another_offer(
    app: Flask, cast: Cast, client_of: ClientOf, changed: dict[str, Any]
) -> None:
    """After "back" the browser shows the form as it was, with the id it had."""
    bob = client_of(cast.bob)
    data = filled_in(bob, cast)
    for fields in (data, data | changed, data | changed, data):
        assert bob.post(cast.ost.path("angebote", "neu"), data=fields).status_code == 302
    assert [offer.title for offer in offers(app)] == ["Einmal", changed.get("title", "Einmal")]


def test_a_mistake_after_back_is_said_and_not_taken_for_what_was_made(
    app: Flask, cast: Cast, client_of: ClientOf
) -> None:
    bob = client_of(cast.bob)
    data = filled_in(bob, cast)
    bob.post(cast.ost.path("angebote", "neu"), data=data)
    answer = bob.post(cast.ost.path("angebote", "neu"), data=data | {"ends_on": "bald"})
    assert "Bitte geben Sie einen Tag an" in answer.text
    assert len(offers(app)) == 1


def test_a_flyer_added_to_the_same_words_is_not_lost(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    data = filled_in(bob, cast)
    for name in ("", "Flyer.txt", "Flyer.txt"):
        files = {"files": [(BytesIO(b"ein Flyer"), name)]} if name else {}
        sent = bob.post(cast.ost.path("angebote", "neu"), data=data | files, content_type="multipart/form-data")
        assert sent.status_code == 302
    assert _file_owners(app) == [f"offer:{offers(app)[1].id}"]


def test_a_corrected_flyer_of_the_same_name_is_not_lost(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    data = filled_in(bob, cast)
    for text in (b"mit Fehler", b"berichtigt", b"berichtigt", b"mit Fehler"):
        files = {"files": [(BytesIO(text), "Flyer.txt")]}
        sent = bob.post(cast.ost.path("angebote", "neu"), data=data | files, content_type="multipart/form-data")
        assert sent.status_code == 302
    assert _kept(app) == {
        f"offer:{offer.id}": text for offer, text in zip(offers(app), (b"mit Fehler", b"berichtigt"), strict=True)
    }


def test_a_flyer_left_out_after_back_is_no_repetition(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("angebote", "neu"), {"title": ""}, {"files": ("Flyer.pdf", pdf("Flyer"))})
    data = {**next(form for form in bob.page.forms if "title" in form.names).values(), "title": "Kurs"}
    [flyer] = [box.attrs["value"] for box in bob.page.query('input[name="drop"]')]
    for fields in (data, data | {"drop": flyer}, data | {"drop": flyer}, data):
        assert bob.post(cast.ost.path("angebote", "neu"), data=fields).status_code == 302
    assert len(offers(app)) == 2
    assert _file_owners(app) == [f"offer:{offers(app)[0].id}"]


@pytest.mark.parametrize(("other", "made"), [(b"ein Flyer", 1), (b"berichtigt", 2)])
def test_flyers_of_one_name_sent_at_the_same_moment_make_one_offer_of_the_same_bytes(
    app: Flask, cast: Cast, client_of: ClientOf, other: bytes, made: int
) -> None:
    tabs = [client_of(cast.bob) for _ in range(2)]
    forms = [filled_in(tab, cast) | {"submission": str(UUID(int=1)), "files": [(BytesIO(text), "Flyer.txt")]}
             for tab, text in zip(tabs, (b"ein Flyer", other), strict=True)]  # fmt: skip
    presses = [
        lambda tab=tab, form=form: (
            tab.post(cast.ost.path("angebote", "neu"), data=form, content_type="multipart/form-data").status_code
        )
        for tab, form in zip(tabs, forms, strict=True)
    ]
    assert at_once(app, "offer", *presses) == [302, 302]
    assert sorted(_kept(app).values()) == sorted({b"ein Flyer", other})
    assert len(offers(app)) == made


def test_a_draft_in_two_tabs_becomes_what_was_written_in_each(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("angebote", "neu"), {"title": "", "description": "Angefangen"})
    [draft] = _drafts(app)
    url = f"{cast.ost.path('angebote', 'neu')}?entwurf={draft}"
    tabs = [next(form for form in bob.see(url).forms if "title" in form.names).values() for _ in range(2)]
    for tab, title in zip(tabs, ("Erster", "Zweiter"), strict=True):
        bob.post(cast.ost.path("angebote", "neu"), data=tab | {"title": title})
    assert [offer.title for offer in offers(app)] == ["Erster", "Zweiter"]
    assert _drafts(app) == []


@pytest.mark.parametrize(("other", "made"), [("Einmal", 1), ("Noch eins", 2)])
def test_the_same_form_sent_twice_at_the_same_moment_makes_one_offer_of_the_same_words(
    app: Flask, cast: Cast, client_of: ClientOf, other: str, made: int
) -> None:
    tabs = [client_of(cast.bob) for _ in range(2)]
    forms = [filled_in(tab, cast) | {"submission": str(UUID(int=1)), "title": title}
             for tab, title in zip(tabs, ("Einmal", other), strict=True)]  # fmt: skip
    presses = [
        lambda tab=tab, form=form: tab.post(cast.ost.path("angebote", "neu"), data=form).status_code
        for tab, form in zip(tabs, forms, strict=True)
    ]
    assert at_once(app, "offer", *presses) == [302, 302]
    assert len(offers(app)) == made


def test_a_file_that_is_refused_is_named_and_the_others_are_kept(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.submit(
        cast.ost.path("angebote", "neu"),
        {"title": "Kurs"},
        {"files": [("gut.pdf", pdf("gut")), ("schlecht.exe", b"MZ" + bytes(600)), ("leer.pdf", b"")]},
    )
    assert "schlecht.exe" in " ".join(bob.page.errors)
    assert "leer.pdf" in " ".join(bob.page.errors)
    assert "gut.pdf (" in bob.page.text
    assert offers(app) == []


def test_an_offer_has_at_most_ten_files(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    seven = [(f"{number}.pdf", pdf(f"{number}")) for number in range(7)]
    bob.submit(cast.ost.path("angebote", "neu"), {"title": ""}, {"files": seven})
    bob.send({"title": "Kurs"}, {"files": seven})
    assert "zehn Dateien" in " ".join(bob.page.errors)
    assert len(_file_owners(app)) == 10


@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_nothing_typed_breaks_a_page(typed: str, app: Flask, cast: Cast, client_of: ClientOf) -> None:
    """What a field refuses is typed anew in that field only, so that all the rest gets into the offer."""
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("angebote", "neu"), dict.fromkeys(TEXT_FIELDS, typed))
    if refused := [name for name in TEXT_FIELDS if bob.page.query(f"[name={name}][aria-invalid]")]:
        bob.send(dict.fromkeys(refused, "Kurs"))
    [offer] = offers(app)
    bob.see(cast.ost.path("angebote"))
    bob.see(cast.ost.path("angebote", offer.id, "bearbeiten"))


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "bogus"),
        ("kind", ""),
        ("starts_on", "nächste Woche"),
        ("starts_on", "2027-02-30"),
        ("ends_on", "1" * 10_000),
        ("ends_on", "<script>"),
        ("starts_on", "1.\x002.x"),
        ("ends_on", "2026-01-01"),
    ],
)
def test_a_choice_or_day_that_is_none_is_said_at_its_field(
    name: str, value: str, app: Flask, cast: Cast, client_of: ClientOf
) -> None:
    bob = client_of(cast.bob)
    bob.see(cast.ost.path("angebote", "neu"))
    data = {"kind": "offer", "title": "Kurs", "organisation_name": "Schule", "starts_on": "2027-02-01"} | {name: value}
    answer = bob.post(cast.ost.path("angebote", "neu"), data=data | {"csrf_token": token(bob.page.html)})
    assert answer.status_code == 200
    assert len(bob.page.errors) == 1
    assert offers(app) == []


@pytest.mark.parametrize("name", ["submission", "drop"])
@pytest.mark.parametrize("value", ["", "abc", "99999999999999999999", "\x00", "²", "ä" * 10_000])
def test_hidden_values_that_are_not_ours_do_no_harm(
    name: str, value: str, app: Flask, cast: Cast, client_of: ClientOf
) -> None:
    bob = client_of(cast.bob)
    bob.see(cast.ost.path("angebote", "neu"))
    data = {"csrf_token": token(bob.page.html), "title": "Kurs", "organisation_name": "Schule", name: value}
    assert bob.post(cast.ost.path("angebote", "neu"), data=data).status_code == 302
    assert len(offers(app)) == 1


def test_german_dates_can_be_typed(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    client_of(cast.bob).submit(cast.ost.path("angebote", "neu"), {"title": "Kurs", "starts_on": "1.2.2027"})
    assert str(offers(app)[0].starts_on) == "2027-02-01"


def test_an_outsider_cannot_enter_an_offer(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    wim = client_of(cast.wim)
    wim.see(cast.west.path("angebote", "neu"))
    data = {"csrf_token": token(wim.page.html), "title": "Kurs", "organisation_name": "Fremd"}
    assert wim.post(cast.ost.path("angebote", "neu"), data=data).status_code == 404
    assert offers(app) == []


def test_a_stranger_gets_the_sign_in_page(cast: Cast, anonymous: Browser) -> None:
    assert "/anmelden" in anonymous.get(cast.ost.path("angebote", "neu")).location


def test_a_closed_network_takes_no_offer(app: Flask, cast: Cast, client_of: ClientOf, given: Given) -> None:
    bob = client_of(cast.bob)
    bob.see(cast.ost.path("angebote", "neu"))
    with given():
        db.session.get_one(Network, cast.ost.id).closed_at = utc_now()
    assert bob.send({"title": "Zu spät"}).status_code == 400
    assert bob.get(cast.ost.path("angebote", "neu")).status_code == 403
    assert offers(app) == []


def _drafts(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Draft.id)))


def _file_owners(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(StoredFile.owner)))


def _kept(app: Flask) -> dict[str, bytes]:
    """What the files say, by their owners."""
    with app.app_context():
        said = {}
        for file in db.session.scalars(select(StoredFile)):
            with open_file(file) as content:
                said[file.owner] = content.read()
        return said
