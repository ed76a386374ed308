"""The city's colour and logo."""

from __future__ import annotations

import zlib
from http import HTTPStatus

import pytest

from app.pages.colours import contrast_on_page
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf

CITY = "/verwaltung/stadt"


def png(side: int = 16) -> bytes:
    """A white square of `side` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress((b"\0" + b"\xff" * side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_the_colour_reaches_everyone_as_a_style_sheet_of_its_own(
    cast: Cast, client_of: ClientOf, anonymous: Browser
) -> None:
    assert anonymous.get("/stadt.css").text == ""
    client_of(cast.anke).submit(CITY, {"accent": "#7A1F3D"})
    sheet = anonymous.get("/stadt.css")
    assert sheet.mimetype == "text/css"
    assert "--kern-color-action-default:#7a1f3d" in sheet.text
    assert "prefers-color-scheme:dark" in sheet.text
    assert 'href="/stadt.css"' in anonymous.see("/anmelden").html


@pytest.mark.parametrize(
    ("colour", "ratio"), [("#000000", 19.1), ("#f3f4f7", 1), ("#707070", 4.5), ("#777777", 4.07), ("#2044aa", 7.8)]
)
def test_contrast_is_computed_as_wcag_says(colour: str, ratio: float) -> None:
    assert contrast_on_page(colour) == pytest.approx(ratio, abs=0.1)


@pytest.mark.parametrize(
    ("colour", "sentence"),
    [("#ffcc00", "zu hell"), ("#777777", "zu hell"), ("red;}body{display:none", "Farbe wie #2044aa"), ("#12", "wie")],
)
def test_a_colour_nobody_could_read_is_refused(cast: Cast, client_of: ClientOf, colour: str, sentence: str) -> None:
    anke = client_of(cast.anke)
    anke.submit(CITY, {"accent": colour})
    assert sentence in anke.page.text
    assert anke.get("/stadt.css").text == ""


def test_the_logo_is_public_and_can_be_removed(cast: Cast, client_of: ClientOf, anonymous: Browser) -> None:
    anke = client_of(cast.anke)
    assert anonymous.get("/stadt-logo").status_code == HTTPStatus.NOT_FOUND
    anke.submit(CITY, files={"logo": ("wappen.png", png())})
    logo = anonymous.get("/stadt-logo")
    assert (logo.mimetype, logo.data) == ("image/png", png())
    assert "/stadt-logo?v=" in anonymous.get("/stadt.css").text

    anke.submit(CITY, files={"logo": ("neu.png", png(32))})
    assert anonymous.get("/stadt-logo").data == png(32)

    anke.submit(CITY, {"remove_logo": True})
    assert anonymous.get("/stadt-logo").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("wappen.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "wappen.svg"),
        ("wappen.png", b"<!doctype html><script>alert(1)</script>", "wappen.png"),
        ("wappen.txt", b"nur Text", "PNG, JPEG oder WebP"),
        ("riesig.png", png() + b"\0" * 250_000, "200 KB"),
    ],
)
def test_only_a_small_picture_becomes_the_logo(
    cast: Cast, client_of: ClientOf, anonymous: Browser, name: str, content: bytes, sentence: str
) -> None:
    anke = client_of(cast.anke)
    anke.submit(CITY, {"phone": "0999 123 45"}, files={"logo": (name, content)})
    assert sentence in anke.page.text
    assert 'value="0999 123 45"' in anke.page.html
    assert anonymous.get("/stadt-logo").status_code == HTTPStatus.NOT_FOUND
