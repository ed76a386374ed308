"""Removed text is known again however it is quoted, and nothing else is taken for it."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from flask import Flask

from app.mail import removed
from app.mail.reading import ReceivedFile, ReceivedMail, read
from app.mail.removed import Removed

TEXT = (
    "Hallo zusammen,\n\nHerr Max Muster, geboren am 3.4.2001, BG-Nummer 12345BG6789, sucht ab sofort einen Platz in "
    "der Küche.\nTel. 0999 12345\n\nMit freundlichen Grüßen\nAnna Weber\nJobcenter Neustadt, Zimmer 12, Team U25"
)


@pytest.fixture(autouse=True)
def _in_the_portal(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def known(quoted_only: bool = False) -> Removed:
    words = frozenset(removed.digests(TEXT).split())
    return Removed(quoted=words) if quoted_only else Removed(anywhere=words)


@pytest.mark.parametrize(
    "quoted",
    [
        TEXT,
        "\n".join(f"> {line}" for line in TEXT.splitlines()),
        "> Hallo zusammen, Herr Max Muster, geboren am\n> 3.4.2001, BG-Nummer 12345BG6789, sucht\n> Tel. 0999 12345",
        ">> HERR MAX MUSTER, geboren am 3.4.2001, BG-Nummer 12345BG6789,",
        "| Tel. 0999 12345",
    ],
)
def test_a_quote_is_known_however_it_is_wrapped(quoted: str) -> None:
    told = removed.struck_out(f"Das passt bei uns.\n\n{quoted}\n\nGruß, Bob", known())
    for word in ("Muster", "3.4.2001", "12345"):
        assert word not in told
    assert told.startswith("Das passt bei uns.")
    assert told.endswith("Gruß, Bob")
    assert "[Entfernter Text]" in told


def test_a_quote_is_known_without_the_marks_that_mails_leave_out() -> None:
    typed = "_Herr_ __Max Muster__, _geboren_ am *3.4.2001*, wohnt in K&ouml;ln"
    words = Removed(anywhere=frozenset(removed.digests(typed).split()))
    for quoted in (typed, "Herr Max Muster, geboren am 3.4.2001, wohnt in Köln"):
        assert removed.struck_out(f"> {quoted}\n\nJa.", words) == "[Entfernter Text]\n\nJa."


def test_own_words_stay() -> None:
    own = (
        "Wir haben ab sofort einen Platz in der Küche frei, und das von Montag bis Freitag, auch für Anfänger.\n\nMit "
    )
    own += "freundlichen Grüßen\nAnna Klein"
    assert removed.struck_out(own, known()) == own


@pytest.mark.parametrize(
    "greeting",
    ["Hallo zusammen,", "Guten Morgen!", "Sehr geehrte Damen und Herren,", "Liebe Kolleginnen und Kollegen,"],
)
def test_who_greets_in_the_same_words_repeats_nothing(greeting: str) -> None:
    words = frozenset(removed.digests(f"{greeting}\n\n{TEXT}").split())
    own = f"{greeting}\n\nam Freitag kann ich leider nicht kommen."
    assert removed.struck_out(own, Removed(words)) == own
    again = TEXT.replace("Hallo zusammen,", greeting)
    assert removed.struck_out(again, Removed(words)).startswith(f"{greeting}\n\n[Entfernter Text]")


def mail_with(*attached: bytes) -> ReceivedMail:
    message = EmailMessage()
    message.set_content("Anbei.")
    for number, octets in enumerate(attached):
        message.add_attachment(octets, "application", "octet-stream", filename=f"{number}.eml")
    return read(message.as_bytes())


def mail_of(words: int) -> bytes:
    return b"Subject: x\n\n" + b"".join(b"wort%d anders ganz viel hier\n" % line for line in range(words // 5))


def test_of_many_attached_mails_each_is_looked_at() -> None:
    mail = mail_with(mail_of(55_000), mail_of(55_000), b"Subject: y\n\n" + TEXT.encode())
    cut = removed.without(mail, known(), removed.attached_to(mail))
    assert [file.name for file in cut.files] == ["0.eml", "1.eml"]
    assert cut.text == "Anbei.\n\n[Angehängte Mail mit entferntem Text]"


def test_an_attached_mail_too_long_to_look_at_is_left_out_and_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = "[Angehängte Mail, zu umfangreich für die Suche nach entferntem Text]"
    mail = mail_with(mail_of(100_005), mail_of(50))
    cut = removed.without(mail, known(), removed.attached_to(mail))
    assert ([file.name for file in cut.files], cut.text) == (["1.eml"], f"Anbei.\n\n{sentence}")
    monkeypatch.setattr(removed, "_MOST_IN_ALL", 120)
    mail = mail_with(mail_of(50), mail_of(50), mail_of(50))
    cut = removed.without(mail, known(), removed.attached_to(mail))
    assert ([file.name for file in cut.files], cut.text) == (["0.eml", "1.eml"], f"Anbei.\n\n{sentence}")


def test_who_wrote_what_was_removed_keeps_their_signature() -> None:
    own = "Bitte löschen Sie das.\n\nAnna Weber\nJobcenter Neustadt, Zimmer 12, Team U25"
    assert removed.struck_out(own, known(quoted_only=True)) == own
    assert "Muster" not in removed.struck_out("> " + TEXT.replace("\n", "\n> "), known(quoted_only=True))


def test_the_digests_say_nothing() -> None:
    assert "muster" not in removed.digests(TEXT).lower()
    assert removed.struck_out(TEXT, Removed()) == TEXT


def test_a_mail_made_anew_keeps_its_head_and_its_files() -> None:
    head = b"From: b@example.org\r\nSubject: AW: x\r\nMessage-ID: <a@example.org>\r\nMIME-Version: 1.0\r\n"
    octets = (
        head
        + b"Content-Type: multipart/mixed;\r\n boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nJa, gern.\r\n\r\n"
        + "\r\n".join(f"> {line}" for line in TEXT.splitlines()).encode()
        + b"\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1\r\n--b--\r\n"
    )
    mail = read(octets)
    cut = removed.without(mail, known(), removed.attached_to(mail))
    assert cut is not mail
    again = read(removed.octets_without(octets, cut))
    assert (again.text, again.subject, again.message_id) == ("Ja, gern.\n\n[Entfernter Text]", "AW: x", "a@example.org")
    assert again.files == (ReceivedFile("a.pdf", "application/pdf", b"%PDF-1", False),)
    assert removed.without(again, known(), {}) is again
