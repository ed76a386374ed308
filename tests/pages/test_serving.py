"""Static files and the headers of every answer."""

from __future__ import annotations

from http import HTTPStatus

from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured


def test_a_page_allows_nothing_from_elsewhere_and_nothing_inline(anonymous: Browser) -> None:
    headers = anonymous.get("/impressum").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_errors_carry_the_headers_too(anonymous: Browser) -> None:
    assert "Content-Security-Policy" in anonymous.get("/gibt-es-nicht").headers


def test_what_a_signed_in_person_saw_is_not_stored(cast: Cast, client_of: ClientOf) -> None:
    assert "no-store" in client_of(cast.bob).get("/impressum").headers["Cache-Control"]


def test_browsers_are_told_to_insist_on_https_only_where_it_is_spoken(
    anonymous: Browser, configured: Configured
) -> None:
    assert "Strict-Transport-Security" not in anonymous.get("/impressum").headers
    with configured(BASE_URL="https://netz.example.org"):
        assert "Strict-Transport-Security" in anonymous.get("/impressum").headers


def test_a_static_file_may_be_kept_for_ever_because_its_address_changes_with_it(anonymous: Browser) -> None:
    html = anonymous.see("/impressum").html
    address = next(part for part in html.split('"') if part.endswith("/netz.css"))
    sheet = anonymous.get(address)
    assert sheet.status_code == HTTPStatus.OK
    assert "max-age=315360000" in sheet.headers["Cache-Control"]
    assert sheet.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in sheet.headers


def test_a_large_style_sheet_comes_compressed(anonymous: Browser) -> None:
    html = anonymous.see("/impressum").html
    address = next(part for part in html.split('"') if part.endswith("/kern.min.css"))
    sheet = anonymous.get(address, headers={"Accept-Encoding": "br"})
    assert sheet.headers["Content-Encoding"] == "br"
    assert len(sheet.data) < 50_000
