"""The charset a sender names: what is one is read by it, what is none neither costs time nor makes odd characters."""

from __future__ import annotations

import encodings
import time
from collections.abc import Callable

import pytest

from app.mail import reading
from app.mail.bounces import Report
from app.mail.bounces_parts import take_apart
from app.mail.reading_fields import parsed
from app.mail.reading_parts import content_of
from app.mail.reading_words import characters, field

HEAD = b"From: mailer-daemon@example.net\r\nSubject: Undeliverable\r\nMIME-Version: 1.0\r\n"
TYPE = b"Content-Type: text/plain; charset=%s\r\n\r\n"
SAID = b"Your mail could not be delivered: user unknown\r\n<wer@example.org>\r\n"

#: What Python knows as an encoding, and no mail is written in.
NO_CHARSETS = [
    "punycode",
    "idna",
    "utf-7",
    "unicode_escape",
    "raw_unicode_escape",
    "undefined",
    "rot13",
    "hex",
    "base64",
    "quopri",
    "uu",
    "zlib",
    "bz2",
    "charmap",
    "palmos",
]


def reported(charset: str, octets: bytes) -> Report:
    report = reading.read(HEAD + TYPE % charset.encode() + octets).report
    assert report is not None
    return report


def cost(octets: bytes, of: Callable[[bytes], object] = reading.read) -> float:
    """Return the seconds of a processor this takes, the shortest of three."""
    seconds: list[float] = []
    for _ in range(3):
        begun = time.process_time()
        of(octets)
        seconds.append(time.process_time() - begun)
    return min(seconds)


def parts_of(octets: bytes) -> object:
    message = parsed(octets)
    return take_apart(message), content_of(message)


@pytest.mark.parametrize(
    ("charset", "codec", "words"),
    [
        ("iso-8859-15", "iso8859-15", "Empfänger 10 €"),
        ("windows-1252", "cp1252", "„Empfänger“ 10 €"),
        ("x-cp1252", "cp1252", "„Empfänger“"),
        ("koi8-r", "koi8-r", "пользователь не найден"),
        ("gb18030", "gb18030", "用户不存在 😀"),
        ("gb2312", "gbk", "用户不存在"),
        ("big5", "big5", "無此使用者"),
        ("iso-2022-jp", "iso-2022-jp", "宛先が見つかりません"),
        ("shift_jis", "cp932", "宛先①"),
        ("ks_c_5601-1987", "cp949", "사용자"),
        ("utf-16", "utf-16", "Empfänger"),
        ("utf-16le", "utf-16-le", "Empfänger"),
        ("UTF8", "utf-8", "Empfänger"),
        ("'utf-8'", "utf-8", "Empfänger"),
        ("iso_8859-1:1987", "iso8859-1", "Empfänger"),
        ("x-unknown", "utf-8", "Empfänger"),
        ("x-unknown", "iso8859-1", "Empfänger"),
        ("uft-8", "utf-8", "Empfänger"),
        ("iso-8859-1111", "iso8859-1", "Empfänger"),
        ("utf-8-" + "x" * 500, "utf-8", "Empfänger"),
        ("", "utf-8", "Empfänger"),
    ],
)
def test_what_mail_is_written_in_is_read(charset: str, codec: str, words: str) -> None:
    octets = f"{SAID.decode()}{words}\r\n".encode(codec)
    assert words in reported(charset, octets).words
    assert words in reading.read(HEAD.replace(b"mailer-daemon", b"anna") + TYPE % charset.encode() + octets).untrimmed


@pytest.mark.parametrize("charset", NO_CHARSETS)
def test_what_is_no_charset_of_mail_is_read_as_if_none_were_named(charset: str) -> None:
    octets = "Postfach für „\\ud800“ +2AA- xn--a-ecp".encode()
    assert characters(octets, charset) == octets.decode()
    report = reported(charset, SAID + b"user \\ud800 +2AA-\r\n")
    assert report.bounced == ("wer@example.org",)
    assert report.words.isascii()
    subject = take_apart(parsed(b"Subject: =?%s?q?=5Cud800+2AA-?=\r\n\r\n" % charset.encode())).headers["subject"]
    assert subject == "\\ud800+2AA-"


@pytest.mark.parametrize("charset", [*NO_CHARSETS, "utf-8\udc80", "\udcff", "utf-8\0", "gb/../x", "."])
def test_no_name_of_a_charset_makes_a_mail_unreadable(charset: str) -> None:
    name = charset.encode("utf-8", "surrogateescape")
    types = [b"text/plain", b"application/octet-stream", b"multipart/alternative", b"message/rfc822", b"text/calendar"]
    for kind in types:
        mail = reading.read(b"From: a@example.org\r\nContent-Type: %s; charset=%s\r\n\r\nHallo \xff\r\n" % (kind, name))
        assert mail.kind == "mail"
    parts = HEAD + b"Content-Type: multipart/mixed; boundary*=%s''xy\r\n\r\n--xy\r\n\r\n%s--xy--\r\n" % (name, SAID)
    assert reading.read(parts).kind == "bounce"


def test_neither_lone_surrogates_nor_nul_come_into_a_report() -> None:
    octets = (
        SAID + b"\x00 \xed\xa0\x80\r\n\r\nFrom: a@example.org\r\nTo: b@example.org\r\nMessage-ID: <\x00\xed\xa0\x80x>"
    )
    for charset in ("utf-8", "utf-16", "unicode_escape", "iso-2022-jp", "x"):
        report = reading.read(HEAD + TYPE % charset.encode() + octets).report
        said = f"{report.words}{report.message_id}{report.bounced}" if report else ""
        said.encode()
        assert "\0" not in said


@pytest.mark.parametrize(
    ("kind", "begin"),
    # What is no multipart is decoded where it is asked for its payload, if it has octets beyond ASCII.
    [(b"text/plain", b""), (b"multipart/alternative", b"\xff"), (b"application/pdf", b"\xff")],
)
def test_a_part_costs_the_same_whatever_charset_is_named(kind: bytes, begin: bytes) -> None:
    octets = begin + b"a" * 40_000 + b"-" + b"b" * 40_000
    head = HEAD + TYPE.replace(b"text/plain", kind)
    usual = cost(head % b"iso-8859-1" + octets, parts_of)
    assert cost(head % b"punycode" + octets, parts_of) < 5 * usual + 0.01


def test_an_octet_no_charset_knows_does_not_make_a_text_dear() -> None:
    octets = "Grüße ".encode("cp1252") * 100_000
    assert cost(octets + b"\x81", characters) < 10 * cost(octets, characters)
    assert characters(b"\x80\x81\xfc") == "€\x81ü"


def test_a_boundary_costs_the_same_however_it_is_written() -> None:
    def bounded(written: bytes) -> bytes:
        return HEAD + b"Content-Type: multipart/mixed; boundary%s\r\n\r\nHallo\r\n" % written

    usual = cost(bounded(b'="' + b"a" * 19_000 + b'"'))
    assert cost(bounded(b"*=punycode''" + b"a" * 9_500 + b"-" + b"b" * 9_500)) < 5 * usual + 0.01
    assert cost(bounded(b'="' + b";" * 19_000 + b'"')) < 10 * usual + 0.01


def test_charsets_nobody_knows_are_not_looked_up() -> None:
    # Python searches its folders for each, and remembers it for good.
    before = len(encodings._cache)
    for number in range(20_000, 20_100):
        assert field(f"=?gb{number}?q?a?=") == "a"
    assert len(encodings._cache) - before < 5


def test_of_many_long_texts_a_report_reads_a_million_octets() -> None:
    one = b"--b\r\nContent-Type: text/%s\r\n\r\n" + b"Wort und " * 30_000 + b"\r\n"
    head = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    told = take_apart(parsed(head + (one % b"plain" + one % b"html" + one % b"rfc822-headers") * 30 + b"--b--\r\n"))
    assert 700_000 < sum(map(len, told.texts + told.pages)) <= 1_000_000


def test_a_text_too_long_is_cut_between_two_lines() -> None:
    line = "Empfänger unbekannt"
    for start in ("x", "xy"):  # so that one of them would be cut within a character
        told = take_apart(parsed(HEAD + TYPE % b"" + f"{start}\r\n".encode() + f"{line}\r\n".encode() * 20_000))
        assert set(told.texts[0].splitlines()) == {start, line}
