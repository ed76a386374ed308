"""Downloads: for whom, under which name, in which pieces."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.files import samples
from tests.files.conftest import Keep

Readable = Callable[..., None]


def path(file: tuple[int, str]) -> str:
    return f"/dateien/{file[0]}/{quote(file[1])}"


def test_whoever_may_read_gets_the_file(cast: Cast, client_of: ClientOf, keep: Keep, readable: Readable) -> None:
    readable(cast.bob)
    document = samples.pdf()
    file = keep(document, "Protokoll 3. März.pdf")
    answer = client_of(cast.bob).get(path(file))
    assert answer.status_code == 200
    assert answer.data == document
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content_length == len(document)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"Protokoll 3. M_rz.pdf\"; filename*=UTF-8''Protokoll%203.%20M%C3%A4rz.pdf"
    )
    assert "private" in answer.headers["Cache-Control"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_outsider_and_the_stranger_find_nothing(
    cast: Cast, client_of: ClientOf, anonymous: Browser, keep: Keep, readable: Readable
) -> None:
    readable(cast.bob)
    file = keep(b"Guten Tag", "a.txt")
    assert client_of(cast.wim).get(path(file)).status_code == 404
    assert client_of(cast.wim).get(f"/dateien/{file[0]}/anders.txt").status_code == 404
    assert "/anmelden" in anonymous.get(path(file)).headers["Location"]


def test_a_file_of_an_unknown_owner_is_read_by_nobody(cast: Cast, client_of: ClientOf, keep: Keep) -> None:
    assert client_of(cast.anke).get(path(keep(b"x", "a.txt", "unknown:1"))).status_code == 404


def test_ids_nobody_has_are_not_found(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.bob)
    for number in ("0", "999999", str(2**63), "9" * 40):
        assert browser.get(f"/dateien/{number}/a.txt").status_code == 404


def test_a_wrong_name_leads_to_the_right_one(cast: Cast, client_of: ClientOf, keep: Keep, readable: Readable) -> None:
    readable(cast.bob)
    file_id, _ = keep(b"Guten Tag", "a.txt")
    browser = client_of(cast.bob)
    for wrong in ("b.txt", "etc/passwd", "a.txt/x"):
        answer = browser.get(f"/dateien/{file_id}/{wrong}")
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/dateien/{file_id}/a.txt"
    assert browser.get(f"/dateien/{file_id}/a%0d%0aX-Evil: 1").status_code == 404


def test_a_name_of_three_hundred_characters_comes_back(
    cast: Cast, client_of: ClientOf, keep: Keep, readable: Readable
) -> None:
    readable(cast.bob)
    file = keep(b"Guten Tag", "ü" * 400 + '"\\;%.txt')
    answer = client_of(cast.bob).get(path(file))
    assert answer.status_code == 200
    assert quote(file[1], safe="") in answer.headers["Content-Disposition"]


def test_only_pictures_and_pdf_are_shown_and_only_when_asked(
    cast: Cast, client_of: ClientOf, keep: Keep, readable: Readable
) -> None:
    readable(cast.bob)
    browser = client_of(cast.bob)
    drawing, text, pdf = keep(samples.svg(), "a.svg"), keep(b"Guten Tag", "a.txt"), keep(samples.pdf(), "a.pdf")
    assert disposition(browser, path(pdf)).startswith("attachment")
    assert disposition(browser, path(pdf) + "?ansehen=1").startswith("inline")
    assert disposition(browser, path(drawing) + "?ansehen=1").startswith("attachment")
    assert disposition(browser, path(text) + "?ansehen=1").startswith("attachment")
    moved = browser.get(f"/dateien/{pdf[0]}/b.pdf?ansehen=1")
    assert moved.headers["Location"].endswith("/a.pdf?ansehen=1")


def test_a_download_that_broke_off_goes_on_where_it_stopped(
    cast: Cast, client_of: ClientOf, keep: Keep, readable: Readable
) -> None:
    readable(cast.bob)
    file = keep(b"0123456789" * 1000, "a.txt")
    browser = client_of(cast.bob)
    answer = browser.get(path(file), headers={"Range": "bytes=9995-"})
    assert (answer.status_code, answer.data) == (206, b"56789")
    assert answer.headers["Content-Range"] == "bytes 9995-9999/10000"
    changed = browser.get(path(file), headers={"Range": "bytes=9995-", "If-Range": '"another"'})
    assert (changed.status_code, len(changed.data)) == (200, 10_000)
    beyond = browser.get(path(file), headers={"Range": "bytes=10000-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, "bytes */10000")


def test_who_has_the_file_already_gets_no_second_copy(
    cast: Cast, client_of: ClientOf, keep: Keep, readable: Readable
) -> None:
    readable(cast.bob)
    file = keep(b"Guten Tag", "a.txt")
    browser = client_of(cast.bob)
    tag = browser.get(path(file)).headers["ETag"]
    again = browser.get(path(file), headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    readable()
    assert browser.get(path(file), headers={"If-None-Match": tag}).status_code == 404


def disposition(browser: Browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer.headers["Content-Disposition"]
