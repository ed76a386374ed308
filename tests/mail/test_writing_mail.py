"""A mail as it leaves: what stands in it, how it is encoded, what nobody can smuggle into it."""

from __future__ import annotations

import email
import email.policy
import os
from collections.abc import Callable
from email.header import decode_header
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import given as generated
from hypothesis import strategies as st

from app.files import keeping
from app.mail import outbox
from app.mail.headers import mailbox_field, split_mailbox, text_field
from app.mail.models import DeliveryState, Mail
from app.mail.rendering import prepare
from app.registry import Recipient
from tests.conftest import Deliver, Given
from tests.mailserver import MailServer, Received

Post = Callable[..., int]

UMLAUTS = "Grüße, „Übergang“ – 100 % & <b> \U0001f600"


@pytest.fixture
def sent(post: Post, smtp: MailServer, deliver: Deliver) -> Callable[..., Received]:
    """`sent(title=..., body=...)` is that mail as the server got it."""

    def send(to: str = "a@example.org", **options: Any) -> Received:
        post(to, **options)
        deliver()
        (received,) = smtp.messages
        return received

    return send


def test_text_and_html_arrive_as_written(sent: Callable[..., Received]) -> None:
    received = sent(title=UMLAUTS, body=UMLAUTS)
    assert received.subject == UMLAUTS
    assert received.text.replace("\r\n", "\n") == f"{UMLAUTS}\n"
    assert "100 % &amp; &lt;b&gt; \U0001f600" in received.html
    assert [part.get_content_type() for part in received.message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_styles_stand_at_the_elements(sent: Callable[..., Received]) -> None:
    html = sent().html
    assert '<p style="color:red">' in html
    assert "<style>" not in html


def test_the_mail_says_who_when_and_which(
    sent: Callable[..., Received], post: Post, mail_of: Callable[..., Mail]
) -> None:
    message = sent(message_id="abc@netz.example.org", reply_to="Anna Müller, JC <anna@example.org>").message
    assert message["From"] == '"Bob (Ost)" <noreply@netz.example.org>'
    assert message["To"] == "a@example.org"
    assert message["Message-ID"] == "<abc@netz.example.org>"
    assert message["Reply-To"].addresses[0].display_name == "Anna Müller, JC"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime.tzinfo is not None


def test_mail_of_a_network_can_be_left_by_one_click(sent: Callable[..., Received], app: Flask) -> None:
    message = sent(audience="networks:3,5", headers={"List-Id": "<ost.netz.example.org>"}).message
    assert message["List-Unsubscribe"].startswith(f"<{app.config['BASE_URL']}/mail/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Precedence"] == "list"
    assert message["Auto-Submitted"] is None


def test_a_usual_header_can_be_left_out_or_replaced(sent: Callable[..., Received]) -> None:
    message = sent(headers={"Auto-Submitted": "", "X-Eigenes": "Grüße"}).message
    assert message["Auto-Submitted"] is None
    assert message["X-Eigenes"] == "Grüße"


@pytest.mark.once
@pytest.mark.parametrize(
    "body",
    ["", ".", "..", ".\n.\n..\n.a", "ohne Ende", "\n\n", "a\r\nb\rc\n", "From jemand\n", "=20 = =3D", "x" * 5000,
     "ä" * 3000, "Leerzeichen am Ende   \n\tTab am Ende\t", "--=_x\n--\n-- \nGruß"],
)  # fmt: skip
def test_any_text_arrives_unchanged(body: str, sent: Callable[..., Received]) -> None:
    received = sent(body=body)
    expected = body.replace("\r\n", "\n").replace("\r", "\n").strip() + "\n"
    assert received.text.replace("\r\n", "\n") == expected


def test_no_line_is_longer_than_a_terminal(sent: Callable[..., Received]) -> None:
    received = sent(title="Sehr " * 150 + "lang" * 50, body="wort " * 500 + "ü" * 999 + "a" * 2000)
    assert [line for line in received.raw.split(b"\r\n") if len(line) > 78] == []
    assert b"\n" not in received.raw.replace(b"\r\n", b"")
    assert received.raw.isascii()


@pytest.mark.parametrize(
    "evil", ["\r\nBcc: x@example.org", "\nBcc: x@example.org", "\rBcc: x@example.org", "\0", "\u2028Bcc: x"]
)
def test_nobody_smuggles_a_header_in(evil: str, sent: Callable[..., Received], members: dict[str, Any]) -> None:
    members["email:a@example.org"] = Recipient("a@example.org", f"Anna{evil}")
    message = sent(title=f"Hallo{evil}", headers={"X-Netz": f"Ost{evil}"}, reply_to=f"B{evil} <b@example.org>").message
    assert message["Bcc"] is None
    assert message["Subject"].startswith("Hallo")
    assert not message.defects


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@generated(st.text(max_size=300))
def test_any_name_and_subject_make_one_header_field(text: str) -> None:
    raw = text_field("Subject", text) + mailbox_field("To", text, "a@example.org")
    message = email.message_from_bytes(raw + b"\r\n", policy=email.policy.default)
    assert set(message.keys()) <= {"Subject", "To"}
    assert len(raw.split(b"\r\n\r\n")) == 1
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert [address.addr_spec for address in message["To"].addresses] == ["a@example.org"]


@pytest.mark.parametrize(
    "name", ["Änne Müller", "Müller, Anna (JC)", 'Otto "Otti" B\\', "Anna", "=?utf-8?q?x?=", "a" * 200, "ü" * 200]
)
def test_a_name_arrives_as_it_is(name: str) -> None:
    raw = mailbox_field("To", name, "a@example.org")
    value = email.message_from_bytes(raw + b"\r\n")["To"]
    # Decoded by hand: the parser of Python 3.11 puts spaces between the encoded words of a name.
    written = "".join(part.decode() if isinstance(part, bytes) else part for part, _ in decode_header(value))
    assert written.removesuffix("<a@example.org>").strip() in (name, f'"{name}"', '"Otto \\"Otti\\" B\\\\"')


def test_name_and_address_of_a_mailbox_are_told_apart() -> None:
    assert split_mailbox("Anna, JC <a@example.org>") == ("Anna, JC", "a@example.org")
    assert split_mailbox('"Anna" <a@example.org>') == ("Anna", "a@example.org")
    assert split_mailbox("a@example.org") == ("", "a@example.org")


def test_attachments_arrive_octet_for_octet(
    app: Flask, given: Given, members: Any, smtp: MailServer, deliver: Deliver
) -> None:
    contents = {"Flyer Übergang.pdf": b"%PDF-1.4\n" + os.urandom(1_500_000), "a.txt": b".\r\n..\r\nEnde ohne Umbruch",
                "genau.txt": b"x" * 57 * 3, f"{'langer Name ' * 15}ä.txt": b"x"}  # fmt: skip
    with given():
        files = [keeping.keep_bytes(content, name, "message:1") for name, content in contents.items()]
        mail = outbox.compose("note", audience="list:1", from_name="Bob", files=files, title="T", body="B")
        outbox.enqueue(mail, ["email:a@example.org", "email:b@example.org"])
    deliver()
    assert [received.files for received in smtp.messages] == [contents, contents]
    assert {received.to for received in smtp.messages} == {"a@example.org", "b@example.org"}
    assert max(len(line) for line in smtp.messages[0].raw.split(b"\r\n")) <= 78


@pytest.mark.once
@pytest.mark.parametrize(
    "name", ["a\r\nX: y.pdf", 'a"b;c.pdf', "ä/ö.pdf", "..pdf", "\u202egnp.exe", "💾.pdf", "a  b.pdf", "x" * 290]
)
def test_any_file_name_stays_inside_its_header(name: str, app: Flask, mail_of: Any, post: Post) -> None:
    from io import BytesIO

    from app.files.models import StoredFile

    mail = mail_of(post("a@example.org"))
    with app.app_context():
        file = StoredFile(name=name, media_type="application/pdf\r\nX: y")
        copy = prepare(mail, [file], lambda _: BytesIO(b"content")).copy_for(1, Recipient("a@example.org", ""))
    message: EmailMessage = email.message_from_bytes(b"".join(copy.content), policy=email.policy.default)
    (part,) = message.iter_attachments()
    assert part["X"] is None
    assert part.get_content_type() == "application/octet-stream"
    assert part.get_filename() == " ".join(name.split())
    assert part.get_payload(decode=True) == b"content"
    assert max(map(len, b"".join(copy.content).split(b"\r\n"))) <= 998


def test_an_appointment_is_an_alternative_and_a_file(sent: Callable[..., Received]) -> None:
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Sitzung mit Grüßen\r\nEND:VCALENDAR\r\n"
    received = sent(calendar=calendar)
    kinds = [part.get_content_type() for part in received.message.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    part = next(part for part in received.message.walk() if part.get_content_type() == "text/calendar")
    assert part["Content-Type"].params["method"] == "REQUEST"
    assert part.get_payload(decode=True) == calendar.encode()
    assert received.files == {"termin.ics": calendar.encode()}


def test_an_address_with_an_international_domain_crosses_in_ascii(sent: Callable[..., Received]) -> None:
    received = sent("anna@müllerhaus.example.org")
    assert received.to == "anna@xn--mllerhaus-q9a.example.org"
    assert "xn--mllerhaus-q9a" in received.message["To"]


@pytest.mark.once
@pytest.mark.parametrize(
    "address", ["a b@example.org", "a@example.org>\r\nRCPT TO:<b@example.org", "nichts", "a@", "@x", "a@b@c", ""]
)
def test_what_is_no_address_is_never_spoken_to_the_server(
    address: str, post: Post, smtp: MailServer, deliver: Deliver, delivered: Any, members: Any
) -> None:
    members["email:odd"] = Recipient(address, "")
    post("odd", "b@example.org")
    deliver()
    assert [received.to for received in smtp.messages] == ["b@example.org"]
    assert delivered()["odd"] == (DeliveryState.FAILED, "Die Adresse ist ungültig.")


def test_every_copy_has_its_own_return_path_and_links_but_one_message_id(
    post: Post, smtp: MailServer, deliver: Deliver
) -> None:
    post("a@example.org", "b@example.org", body="x")
    deliver()
    one, other = smtp.messages
    assert one.mail_from != other.mail_from
    assert one.mail_from.startswith("ruecklauf+")
    assert len(one.mail_from.partition("@")[0]) <= 64
    assert one.html != other.html
    assert one.message["Message-ID"] == other.message["Message-ID"]
    assert one.message["To"] != other.message["To"]
