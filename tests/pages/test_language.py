"""The language of the pages, chosen by a button and kept on the device."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.browser import Browser


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
