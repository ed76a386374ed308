"""What somebody could do to keep the portal from others, and that it does not work."""

from __future__ import annotations

import bz2
import io
import os
import re
import time
import zipfile

import pytest
from flask import Flask
from sqlalchemy import text

from app.database import db
from app.forum.subjects import answered_once, bare_subject
from app.marks import markdown
from app.meetings import minutes_pdf
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Given
from tests.forum.test_posting import form_to, post, token

PIECES = [
    "http://[",
    "http://a.",
    "http://1.1",
    "http://1.de/(",
    "www.a.",
    "a@b.",
    "((",
    ":// ",
    "x http:// ",
    "[",
    "a* ",
]


@pytest.mark.parametrize("piece", PIECES)
def test_no_text_takes_more_than_moments_to_show(piece: str) -> None:
    source = (piece * 50_000)[:50_000]
    began = time.process_time()
    markdown(source)
    assert time.process_time() - began < 5  # seconds of the processor; unguarded it is minutes


def test_no_subject_takes_more_than_moments_to_bare() -> None:
    subject = f"re{' ' * 100_000}x"
    began = time.process_time()
    assert (bare_subject(subject), answered_once(subject)) == (subject, subject)
    assert time.process_time() - began < 5  # seconds of the processor; unguarded it is half a minute


@pytest.mark.parametrize("sign", ["\u200b", "\u0301"])
def test_no_minutes_take_more_than_moments_to_print(app: Flask, sign: str) -> None:
    began = time.process_time()
    with app.app_context():
        minutes_pdf.pdf("Protokoll", [], sign * 50_000)
    assert time.process_time() - began < 5  # seconds of the processor; unguarded it is minutes


def test_links_are_live_in_ordinary_texts() -> None:
    assert 'href="https://example.org/a"' in markdown("Siehe https://example.org/a und mehr.")
    assert "<p>Für den Plan: <a href=" in markdown("Für den Plan: https://example.org/_plan_/a*b*c und mehr.")
    assert ">https://example.org/_plan_/a*b*c</a>" in markdown(
        "Für den Plan: https://example.org/_plan_/a*b*c und mehr."
    )


def test_markdown_cannot_write_the_placeholders_of_mails() -> None:
    assert "\ue000" not in markdown("Bitte: &#xE000;pause:2&#xE001;")


@pytest.mark.once
def test_a_head_request_changes_nothing(cast: Cast, client_of: ClientOf, app: Flask, given: Given) -> None:
    bob = client_of(cast.bob)
    post(bob, cast)
    bob.submit(cast.ost.path("angebote", "neu"), {"title": "Probearbeiten"})
    anke = client_of(cast.anke)
    before = everything(given)
    for url in addresses(app):
        anke.head(url)
        bob.head(url)
    assert everything(given) == before


def addresses(app: Flask) -> list[str]:
    """Every address of the portal, for the network ost and the first things of each kind."""
    rules = [rule.rule for rule in app.url_map.iter_rules() if "token" not in rule.rule and rule.endpoint != "static"]
    filled = [re.sub(r"<network:\w+>", "ost", rule) for rule in rules]
    return [re.sub(r"<[^>]+>", str(number), address) for address in filled for number in (1, 2)]


def everything(given: Given) -> dict[str, list[str]]:
    with given():
        return {
            table.name: sorted(map(repr, db.session.execute(text(f'SELECT * FROM "{table.name}"')).all()))
            for table in db.metadata.sorted_tables
            if table.name != "device"
        }


def test_a_page_number_beyond_all_reason_is_an_empty_page(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.bob)
    for number in ("1" + "0" * 30, "9223372036854775807", "-5", "unsinn"):
        assert browser.get(cast.ost.path(f"nachrichten?seite={number}")).status_code == 200


def test_a_draft_nobody_can_have_is_no_draft(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.bob)
    for id in ("%00", "' OR 1=1", "x" * 5000):
        assert browser.get(cast.ost.path(f"nachrichten/neu?entwurf={id}")).status_code == 200


def test_a_meeting_in_the_year_one_gets_a_sentence(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.lena).submit(
        cast.ost.path("sitzungen", "neu"),
        {"title": "Früh", "date": "0001-01-01", "starts": "00:00", "ends": "01:00", "place": ""},
    )
    assert answer.status_code == 200


def test_a_text_of_many_megabytes_is_refused(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.bob)
    page = browser.see(cast.ost.path("nachrichten", "neu"))
    answer = browser.post(
        cast.ost.path("nachrichten", "neu"), data={"csrf_token": token(page), "subject": "S", "body": "x" * 5_000_000}
    )
    assert answer.status_code == 413


def test_files_of_strangers_are_not_stored(anonymous: Browser, uploads: os.PathLike[str]) -> None:
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="f{n}"; filename="f{n}"\r\n\r\nx\r\n' for n in range(500)
    )
    anonymous.post("/anmelden", data=f"{parts}--b--\r\n", content_type="multipart/form-data; boundary=b")
    stored = [name for _, _, names in os.walk(uploads) for name in names]
    assert stored == []


def test_more_files_than_anybody_chooses_are_refused_at_once(cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(cast.bob)
    page = browser.see(cast.ost.path("nachrichten", "neu"))
    fields = form_to(page, "neu").values() | {"subject": "S", "body": "B"}
    data = {**fields, "files": [(io.BytesIO(b"x"), f"{n}.txt") for n in range(100)]}
    assert browser.post(cast.ost.path("nachrichten", "neu"), data=data).status_code == 413


def test_archives_packed_in_unusual_ways_are_refused(cast: Cast, client_of: ClientOf) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.txt", bz2.compress(b"0" * 100_000))
    answer = client_of(cast.bob).submit(
        cast.ost.path("nachrichten", "neu"), {"subject": "S", "body": "B"}, {"files": [("a.zip", packed.getvalue())]}
    )
    assert answer.status_code == 200
    assert "a.zip" in answer.text


@pytest.mark.parametrize(("headers", "status"), [({}, 302), ({"Origin": "http://localhost"}, 403)])
def test_a_signed_out_cookie_uploads_nothing(
    cast: Cast, client_of: ClientOf, headers: dict[str, str], status: int
) -> None:
    browser = client_of(cast.bob)
    kept = browser.get_cookie("netz")
    assert kept is not None
    browser.submit("/profil", {}, form="/abmelden")
    browser.set_cookie("netz", kept.value)
    field, file = (b'--b\r\nContent-Disposition: form-data; name="%s"' % name for name in (b"body", b"files"))
    text = field + b"\r\n\r\nzwei Worte\r\n"
    body = io.BytesIO(text + file + b'; filename="x.txt"\r\n\r\n' + b"x" * 5_000_000 + b"\r\n--b--\r\n")
    answer = browser.post(
        cast.ost.path("nachrichten", "neu"),
        input_stream=body,
        content_type="multipart/form-data; boundary=b",
        content_length=len(body.getvalue()),
        headers=headers,
    )
    assert answer.status_code == status
    assert body.tell() < 300_000


def test_who_answers_from_a_network_that_shares_a_thread_is_led_back_there(cast: Cast, client_of: ClientOf) -> None:
    post(client_of(cast.carla), cast, also_to=["west"])
    wim = client_of(cast.wim)
    page = wim.see(cast.west.path("nachrichten"))
    [link] = [link for link in page.links if link.endswith("#antworten")]
    answer = wim.submit(link.partition("#")[0], {"body": "Aus West"}, form="antworten")
    assert answer.status_code == 200
    assert "Ihre Nachricht geht an" in answer.text
