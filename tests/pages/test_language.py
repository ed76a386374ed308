"""The language of the pages, chosen by a button and kept on the device."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.page import text_of


def test_the_button_changes_the_language_and_leads_back(anonymous: Browser) -> None:
    anonymous.see("/impressum")
    anonymous.send(form="/sprache", button="English")
    assert anonymous.page.path == "/impressum"
    assert '<html lang="en">' in anonymous.page.html
    anonymous.send(form="/sprache", button="Deutsch")
    assert '<html lang="de">' in anonymous.page.html


def test_the_browsers_language_counts_until_one_is_chosen(anonymous: Browser) -> None:
    assert '<html lang="en">' in anonymous.get("/hilfe", headers={"Accept-Language": "en-GB,en"}).text
    assert '<html lang="de">' in anonymous.get("/hilfe", headers={"Accept-Language": "fr"}).text


def test_verwaltung_edits_the_german_text_whatever_language_they_read(
    cast: Cast, client_of: ClientOf, anonymous: Browser
) -> None:
    german = text_of(anonymous.see("/impressum").query("article h2")[0])
    anke = client_of(cast.anke)
    anke.see("/impressum")
    anke.send(form="/sprache", button="English")
    page = anke.see("/verwaltung/seiten/impressum")
    assert '<html lang="en">' in page.html
    assert [str(field.attrs["value"]) for field in page.query("#title")] == ["Impressum"]
    assert german in text_of(page.query("#body")[0])

    anke.send(form="/verwaltung/seiten/impressum", button="Save")

    assert anonymous.see("/impressum").heading == "Impressum"
    assert text_of(anonymous.page.query("article h2")[0]) == german


def test_who_reads_english_reads_the_default_until_verwaltung_writes_a_text(
    cast: Cast, client_of: ClientOf, anonymous: Browser
) -> None:
    anonymous.see("/impressum")
    anonymous.send(form="/sprache", button="English")
    assert anonymous.see("/impressum").heading == "Legal notice"

    client_of(cast.anke).submit("/verwaltung/seiten/impressum", {"title": "Impressum", "body": "Zimmer 12"})

    assert 'lang="de"' in anonymous.see("/impressum").html
    assert "Zimmer 12" in anonymous.page.text


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)"])
def test_it_never_leads_away_from_the_portal(anonymous: Browser, target: str) -> None:
    anonymous.see("/impressum")
    answer = anonymous.send({"weiter": target}, form="/sprache", button="English", follow=False)
    assert answer.status_code == HTTPStatus.FOUND
    assert "example.org" not in answer.location
    assert answer.location.startswith("/")


def test_an_unknown_language_changes_nothing(anonymous: Browser) -> None:
    anonymous.see("/impressum")
    token = str(anonymous.page.query('input[name="csrf_token"]')[0].attrs["value"])
    anonymous.post("/sprache", data={"language": "xx" * 5000, "weiter": "/", "csrf_token": token})
    assert '<html lang="de">' in anonymous.see("/impressum").html
