"""A participant as a vCard: what RFC 2426 asks, and what Outlook can read."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from app.networks.vcard import vcard
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf


def card(**fields: str) -> dict[str, str]:
    """The properties of a card, unfolded, with their parameters as part of the name."""
    row = SimpleNamespace(
        **{"name": "Bob Bergmann", "organisation": "Schule", "task": "", "phone": "", "email": "", "website": ""}
        | fields
    )
    lines = vcard(row, "Netz").decode().replace("\r\n ", "").split("\r\n")
    return dict(line.split(":", 1) for line in lines if line)


def test_a_participant_downloads_anothers_card(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.bob).get(cast.ost.path("teilnehmende", cast.ost.participant(cast.carla), "vcard"))
    assert answer.status_code == 200
    assert answer.content_type == "text/vcard; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    text = answer.data.decode()
    assert text.startswith("BEGIN:VCARD\r\nVERSION:3.0\r\n")
    assert text.endswith("END:VCARD\r\n")
    assert "FN;CHARSET=UTF-8:Carla Çelik\r\n" in text
    assert "N;CHARSET=UTF-8:Çelik;Carla;;;\r\n" in text
    assert "EMAIL;TYPE=INTERNET,PREF:carla.celik@sprachwerk.example.org\r\n" in text
    assert "TEL;TYPE=WORK,VOICE:0999 123 45\r\n" in text


def test_an_outsider_gets_no_card(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(cast.wim).get(cast.ost.path("teilnehmende", 1, "vcard")).status_code == 404


def test_a_participant_of_another_network_has_no_card_here(cast: Cast, client_of: ClientOf) -> None:
    url = cast.ost.path("teilnehmende", cast.west.participant(cast.wim), "vcard")
    assert client_of(cast.bob).get(url).status_code == 404


def test_a_stranger_signs_in_first(cast: Cast, anonymous: Browser) -> None:
    assert anonymous.get(cast.ost.path("teilnehmende", 1, "vcard")).status_code == 302


def test_signs_with_a_meaning_are_escaped() -> None:
    assert card(organisation="A; B, C\\D")["ORG"] == r"A\; B\, C\\D"
    assert card(task="eins\nzwei\r\ndrei")["NOTE"] == r"eins\nzwei\ndrei"


def test_a_short_task_is_the_position_and_a_long_one_a_note() -> None:
    assert card(task="Beratung")["TITLE"] == "Beratung"
    assert "TITLE" not in card(task="x" * 101)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300))
def test_no_line_is_longer_than_75_octets_and_none_breaks_a_letter(name: str) -> None:
    row = SimpleNamespace(name=name, organisation=name, task=name, phone="", email="", website="")
    data = vcard(row, "Netz")
    for line in data.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    unfolded = data.decode().replace("\r\n ", "")
    escaped = name.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    assert ":" + r"\n".join(escaped.splitlines()) + "\r\n" in unfolded
