"""The parts of a mail: files and their names, calendars, what is signed, and what cannot be read."""

from __future__ import annotations

import base64
import time

import pytest

from app.mail import reading

HEAD = b"From: bob@example.org\r\nSubject: Neues\r\nMIME-Version: 1.0\r\n"


def part(fields: str, body: bytes = b"inhalt") -> bytes:
    return fields.encode() + b"\r\n\r\n" + body + b"\r\n"


def mixed(*parts: bytes) -> bytes:
    head = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    return head + b"".join(b"--b\r\n" + one for one in parts) + b"--b--\r\n"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ('Content-Type: application/pdf; name="a.pdf"', "a.pdf"),
        ("Content-Type: application/pdf; name==?utf-8?q?Gr=C3=BC=C3=9Fe.pdf?=", "Grüße.pdf"),
        ('Content-Type: application/pdf; name="=?utf-8?b?R3LDvMOf?= =?utf-8?b?ZS5wZGY=?="', "Grüße.pdf"),
        ("Content-Type: a/b\r\nContent-Disposition: attachment; filename*=iso-8859-1'de'Gr%FC%DFe.pdf", "Grüße.pdf"),
        (
            "Content-Type: a/b\r\nContent-Disposition: attachment; filename*0*=utf-8''Gr%C3%BC;\r\n filename*1=sse.pdf",
            "Grüsse.pdf",
        ),
        ('Content-Type: a/b; name="../../etc/passwd"', "passwd"),
        ('Content-Type: a/b; name="C:\\\\Ordner\\\\Liste.xls"', "Liste.xls"),
        ('Content-Type: a/b; name="Protokoll 3/2026.pdf"', "Protokoll 3-2026.pdf"),
        ("Content-Type: application/octet-stream", ""),
    ],
)
def test_files_keep_the_name_they_were_given(fields: str, name: str) -> None:
    received = reading.read(mixed(part(fields)))
    assert [file.name for file in received.files] == [name]


def test_pictures_within_the_text_are_kept() -> None:
    picture = part("Content-Type: image/png; name=bild.png\r\nContent-ID: <x@y>\r\nContent-Disposition: inline", b"png")
    received = reading.read(mixed(part("Content-Type: text/plain", b"Siehe:"), picture))
    assert [(file.name, file.inline) for file in received.files] == [("bild.png", True)]
    assert received.text == "Siehe:"


def test_a_calendar_entry_is_found() -> None:
    received = reading.read(mixed(part("Content-Type: text/calendar; method=REQUEST", b"BEGIN:VCALENDAR")))
    assert received.calendar.startswith(b"BEGIN:VCALENDAR")


def test_an_attached_mail_is_kept_as_a_file() -> None:
    inner = b"From: c@example.org\r\nSubject: Innen\r\n\r\nTief drin"
    received = reading.read(mixed(part("Content-Type: message/rfc822", inner)))
    assert [file.name for file in received.files] == ["Innen.eml"]
    assert b"Tief drin" in received.files[0].octets


@pytest.mark.parametrize(
    "octets",
    [
        HEAD + b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
        HEAD + b"\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nabc\r\n-----END PGP MESSAGE-----\r\n",
        HEAD + b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nabc",
        mixed(part("Content-Type: application/ms-tnef; name=winmail.dat")),
    ],
)
def test_what_only_the_recipient_could_open_is_refused_with_a_sentence(octets: bytes) -> None:
    received = reading.read(octets)
    assert received.kind == "refused"
    assert "verschlüsselt" in received.reason or "winmail.dat" in received.reason


@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_mail_within_its_signature_is_read(in_pieces: bool) -> None:
    inner = b"Content-Type: text/plain; charset=utf-8\r\n\r\nUnterschrieben."
    octets = _value(0x24, _value(4, inner[:20]) + _value(4, inner[20:])) if in_pieces else _value(4, inner)
    data = bytes.fromhex("06092a864886f70d010701") + _value(0xA0, octets)
    signed = bytes.fromhex("020101") + _value(0x31, b"") + _value(0x30, data)
    info = _value(0x30, bytes.fromhex("06092a864886f70d010702") + _value(0xA0, _value(0x30, signed)))
    head = (
        HEAD
        + b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    received = reading.read(head + base64.encodebytes(info))
    assert (received.kind, received.text) == ("mail", "Unterschrieben.")


def _value(tag: int, content: bytes) -> bytes:
    """A value of BER whose end is marked where it holds values, as signing programs stream it."""
    if tag & 0x20 or tag == 0xA0:
        return bytes([tag, 0x80]) + content + b"\0\0"
    return bytes([tag, 0x81, len(content)]) + content


@pytest.mark.parametrize(
    ("label", "octets", "text"),
    [
        ("iso-8859-1", "Grüße – €".encode("cp1252"), "Grüße – €"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("", "Grüße".encode("cp1252"), "Grüße"),
        ("utf-8", "Grüße".encode("cp1252"), "Grüße"),
        ("gibt-es-nicht", "Grüße".encode(), "Grüße"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("utf-7", b"+ADw-script+AD4-", "+ADw-script+AD4-"),
        ("rot13", b"Hallo", "Hallo"),
        ("utf-8", b"vorher\0nachher", "vorhernachher"),
    ],
)
def test_any_charset_is_read(label: str, octets: bytes, text: str) -> None:
    received = reading.read(HEAD + f"Content-Type: text/plain; charset={label}\r\n\r\n".encode() + octets)
    assert received.text == text


@pytest.mark.parametrize(
    "octets",
    [
        HEAD + b"Content-Type: message/delivery-status\r\n\r\n" + b"a: b\r\n\r\n" * 100_000,
        HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000)),
        HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 3000,
        b"Subject: " + b"=?utf-8?q?a?= " * 200_000 + b"\r\n" + HEAD + b"\r\nText",
        b"".join(b"X-%d: y\r\n" % n for n in range(50_000)) + HEAD + b"\r\nText",
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000,
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<!--" * 100_000,
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<style>" * 100_000,
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<![if" * 100_000,
        HEAD + b"\r\n" + b"Von: x\r\n" * 100_000,
        HEAD + b"\r\n" + b"> x\r\nAm 1.2.2026 um 10:00 schrieb Bob <b@example.org>:\r\n" * 30_000,
    ],
    ids=[
        "reports",
        "parts",
        "mails",
        "words",
        "fields",
        "tags",
        "comments",
        "styles",
        "conditions",
        "heads",
        "attributions",
    ],
)
def test_a_bomb_takes_no_longer_than_its_size(octets: bytes) -> None:
    begun = time.process_time()
    reading.read(octets)
    assert time.process_time() - begun < 15


def test_a_mail_of_more_than_a_thousand_parts_is_refused_with_a_sentence() -> None:
    head = b"From: a@example.org\r\nContent-Type: multipart/mixed; %s\r\n\r\n"
    for boundary in (b"boundary=b", b'boundary*0="b"', b"boundary*=us-ascii''b"):
        octets = head % boundary + b"--b\r\nContent-Type: image/png\r\n\r\nhi\r\n" * 1001 + b"--b--\r\n"
        mail = reading.read(octets)
        assert (mail.kind, "tausend Teilen" in mail.reason) == ("refused", True)


def test_parts_without_number_cost_no_time() -> None:
    octets = b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 3_000_000
    begin = time.monotonic()
    assert reading.read(octets).kind == "refused"
    assert time.monotonic() - begin < 4


@pytest.mark.parametrize("line", [b"Wort " * 1_000_000, b"Wort " * 500 + b"\r\n"], ids=["one", "many"])
def test_long_lines_cost_no_time_and_no_word(line: bytes) -> None:
    octets = HEAD + b"\r\n" + line * (5_000_000 // len(line))
    begin = time.process_time()
    assert len(reading.read(octets).text.split()) == octets.count(b"Wort")
    assert time.process_time() - begin < 5


def test_many_levels_of_a_long_mail_cost_no_time() -> None:
    levels = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number) for number in range(90)
    )
    octets = HEAD + levels + b"\r\n" + b"xxxxxxxxxx\r\n" * 300_000
    begin = time.process_time()
    assert reading.read(octets).kind == "refused"
    assert time.process_time() - begin < 4
