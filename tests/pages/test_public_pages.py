"""Impressum, Datenschutz and their like: everyone reads them, Verwaltung writes them."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf

SLUGS = ("impressum", "datenschutz", "barrierefreiheit", "hilfe", "leichte-sprache")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_stranger_reads_the_page(anonymous: Browser, slug: str) -> None:
    page = anonymous.see(f"/{slug}")
    assert "Musterstadt" in page.text


@pytest.mark.parametrize("slug", SLUGS)
def test_the_page_is_linked_from_the_foot_of_every_page(anonymous: Browser, slug: str) -> None:
    anonymous.see("/anmelden")
    assert f'href="/{slug}"' in anonymous.page.html


def test_verwaltung_rewrites_a_page_and_takes_the_default_back(
    cast: Cast, client_of: ClientOf, anonymous: Browser
) -> None:
    anke = client_of(cast.anke)
    anke.submit("/verwaltung/seiten/impressum", {"title": "Wer wir sind", "body": "# Amt\n\n**Zimmer** 12\nEtage 3"})
    html = anonymous.see("/impressum").html
    assert ">Wer wir sind</h1>" in html
    assert "<h2>Amt</h2>" in html
    assert "<strong>Zimmer</strong> 12<br>" in html

    anke.submit("/verwaltung/seiten/impressum", button="Mustertext wiederherstellen")
    assert "Wer wir sind" not in anonymous.see("/impressum").html


def test_the_city_fills_in_the_default_texts(cast: Cast, client_of: ClientOf, anonymous: Browser) -> None:
    anke = client_of(cast.anke)
    assert "Hier fehlen noch Angaben" in anke.see("/impressum").text
    anke.submit(
        "/verwaltung/stadt",
        {
            "responsible": "Anke Amtmann",
            "address": "Rathausplatz 1\n99999 Musterstadt",
            "email": "netz@stadt.example.org",
            "privacy_contact": "datenschutz@stadt.example.org",
        },
    )
    assert "Hier fehlen noch Angaben" not in anke.see("/impressum").text
    assert "Rathausplatz 1" in anonymous.see("/impressum").text
    assert "netz@stadt.example.org" in anonymous.see("/barrierefreiheit").text
    assert "datenschutz@stadt.example.org" in anonymous.see("/datenschutz").text


def test_what_verwaltung_writes_brings_no_markup_or_script_of_its_own(
    cast: Cast, client_of: ClientOf, anonymous: Browser
) -> None:
    body = "<script>alert(1)</script> [Link](javascript:alert(1)) ![Bild](https://example.org/x.png) <b>fett</b>"
    client_of(cast.anke).submit("/verwaltung/seiten/hilfe", {"title": "<i>Hilfe</i>", "body": body})
    html = anonymous.see("/hilfe").html
    main = html[html.index("<main") : html.index("</main>")]
    assert "<script" not in main
    assert 'href="javascript' not in main
    assert "<img" not in main
    assert "&lt;i&gt;Hilfe&lt;/i&gt;" in main


def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(cast: Cast, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    anke.submit("/verwaltung/seiten/hilfe", {"title": "", "body": "Das soll bleiben."})
    assert "Bitte geben Sie der Seite einen Titel." in anke.page.text
    assert "Das soll bleiben." in anke.page.html

    answer = anke.submit("/verwaltung/seiten/hilfe", {"title": "x" * 10_000, "body": "\0\u202e😀" * 100})
    assert answer.status_code == HTTPStatus.OK
    assert "Titel:" in anke.page.text


@pytest.mark.parametrize("path", ["/verwaltung/seiten", "/verwaltung/seiten/impressum", "/verwaltung/stadt"])
def test_only_verwaltung_edits(cast: Cast, client_of: ClientOf, anonymous: Browser, path: str) -> None:
    assert client_of(cast.lena).get(path).status_code == HTTPStatus.FORBIDDEN
    answer = anonymous.get(path)
    assert answer.status_code == HTTPStatus.FOUND
    assert answer.location.startswith("/anmelden")


def test_there_is_no_page_of_another_name(cast: Cast, client_of: ClientOf, anonymous: Browser) -> None:
    assert anonymous.get("/kontoauszug").status_code == HTTPStatus.NOT_FOUND
    assert client_of(cast.anke).get("/verwaltung/seiten/kontoauszug").status_code == HTTPStatus.NOT_FOUND
