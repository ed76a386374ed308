"""Links that act for a person, and addresses that speak for them, do not survive in what is kept from a mail."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from flask import Flask

from app.mail import envelope, reading

TOKEN = "abcdefgh234567abcdefgh234567"


@pytest.fixture
def link(app: Flask) -> str:
    with app.app_context():
        return envelope.link_prefix() + TOKEN


def neutral(app: Flask, text: str) -> str:
    with app.app_context():
        return reading.neutralise(text)


def test_a_link_loses_its_token(app: Flask, link: str) -> None:
    assert TOKEN not in neutral(app, f"Hier abmelden: {link}\nGruß")


@pytest.mark.parametrize("local", ["antwort", "nur", "termin", "ruecklauf"])
def test_an_address_loses_its_token(app: Flask, local: str) -> None:
    with app.app_context():
        address = envelope.address_of(f"{local}+{TOKEN}")
    for written in (address, address.upper(), quote(address, safe=""), quote(quote(address, safe=""), safe="")):
        assert TOKEN not in neutral(app, f"Antwort an <{written}>.").lower()


def test_a_rewritten_link_loses_its_token(app: Flask, link: str) -> None:
    for written in (
        f"https://eur01.safelinks.protection.example.org/?url={quote(link, safe='')}&data=05",
        f"https://urldefense.example.org/v2/url?u={quote(quote(link, safe=''), safe='')}",
        f"https://urldefense.example.org/v3/__{link}__;!!x",
        f'<a href="{link.upper()}">',
        link.replace("/", "&#x2F;"),
        link.replace("https", "http"),
    ):
        assert TOKEN not in neutral(app, f"vorher {written} nachher").lower()


def test_a_wrapped_link_loses_its_token(app: Flask, link: str) -> None:
    for written in (f"{link[:-9]}=\r\n{link[-9:]}", f"{link[:-20]}\n{link[-20:]}", f"{link[:-20]}\r\n> {link[-20:]}"):
        assert TOKEN[-9:] not in neutral(app, f"vorher <{written}> nachher")


@pytest.mark.parametrize("between", ["\n", "\r\n> ", "=\r\n"])
def test_what_is_wrapped_just_before_its_token_loses_it(app: Flask, link: str, between: str) -> None:
    with app.app_context():
        address = envelope.address_of(f"antwort+{TOKEN}")
    for written in (link, address):
        assert TOKEN not in neutral(app, f"vorher <{written.replace(TOKEN, between + TOKEN)}> nachher")


def test_words_around_a_link_stay(app: Flask, link: str) -> None:
    neutralised = neutral(app, f"Siehe {link}\nviele worte und\n\nViele Grüße")
    assert neutralised.startswith("Siehe http")
    assert neutralised.endswith("\nviele worte und\n\nViele Grüße")


def test_what_is_not_ours_stays(app: Flask) -> None:
    text = "https://anders.example.org/mail/abcdefgh234567 und antwort+abcdefgh234567@anders.example.org"
    assert neutral(app, text) == text


def test_an_attached_mail_is_made_harmless_within_its_encodings(app: Flask, link: str) -> None:
    inner = (
        b"From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(f"Ein Link: {link}\n".encode())
    )
    with app.app_context():
        harmless = reading.neutralise_octets(inner)
    again = reading.read(harmless)
    assert "Ein Link: http" in again.text
    assert TOKEN not in again.text


def test_a_received_mail_is_neutral_as_a_whole(app: Flask, link: str) -> None:
    mail = (
        "From: a@example.org\r\nSubject: Fwd: x\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\n\r\nSiehe {link}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"From: c@example.org\r\nSubject: innen\r\n\r\nUnd {link}\r\n--b--\r\n"
    ).encode()
    with app.app_context():
        received = reading.read(mail).neutral()
    assert TOKEN not in received.text + received.untrimmed
    assert [file.name for file in received.files] == ["innen.eml"]
    assert TOKEN.encode() not in received.files[0].octets
