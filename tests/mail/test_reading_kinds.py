"""What kind of mail came in, told by its head."""

from __future__ import annotations

import pytest

from app.mail import reading


def mail(body: str = "Guten Tag\n", **fields: str) -> bytes:
    """A mail with these fields; underscores stand for dashes."""
    head = {"From": "Bob <bob@example.org>", "Subject": "Hallo"}
    head |= {name.replace("_", "-"): value for name, value in fields.items()}
    return ("".join(f"{name}: {value}\r\n" for name, value in head.items()) + "\r\n" + body).encode()


class TestAutomaticMail:
    @pytest.mark.parametrize(
        "fields",
        [
            {"Auto_Submitted": "auto-replied"},
            {"Auto_Submitted": "auto-generated; owner-email=x@example.org"},
            {"X_Autoreply": "yes"},
            {"X_Autorespond": "Hallo"},
            {"Precedence": "auto_reply"},
            {"Return_Path": "<>"},
            {"Subject": "Abwesenheitsnotiz: Hallo"},
            {"Subject": "Automatische Antwort: Hallo"},
            {"Subject": "Out of Office: Hallo"},
            {"From": "MAILER-DAEMON@example.org"},
            {"List_Unsubscribe": "<https://example.org/x>", "Precedence": "bulk"},
        ],
    )
    def test_what_a_program_sent_is_no_mail(self, fields: dict[str, str]) -> None:
        received = reading.read(mail(**fields))
        assert received.kind == "automatic"
        assert received.reason

    @pytest.mark.parametrize(
        "fields",
        [
            {"Auto_Submitted": "no"},
            {"Auto_Submitted": "no (a person wrote it)"},
            {"X_Auto_Response_Suppress": "All"},
            {"Subject": "AW: Abwesenheitsnotiz: Hallo"},
            {"Subject": "Re: Out of Office: Hallo", "In_Reply_To": "<a@example.org>"},
            {"List_Id": "<ost.example.org>", "Precedence": "list"},
        ],
    )
    def test_what_a_person_wrote_stays_a_mail(self, fields: dict[str, str]) -> None:
        assert reading.read(mail(**fields)).kind == "mail"


@pytest.mark.parametrize(
    ("written", "address", "name"),
    [
        ('"Anna <anna@town.example>" <evil@evil.example>', "evil@evil.example", "Anna <anna@town.example>"),
        ("(<anna@town.example>) Eva <evil@evil.example>", "evil@evil.example", None),
        ("(a (b) <anna@town.example>) <evil@evil.example>", "evil@evil.example", None),
        ("anna@town.example <evil@evil.example>", "evil@evil.example", "anna@town.example"),
        ("<anna@town.example> <evil@evil.example>", "evil@evil.example", None),
        (r'"A \" <anna@town.example>" <evil@evil.example>', "evil@evil.example", None),
        ('<"anna@town.example> "@evil.example>', "", None),
        ("evil@evil.example, Anna <anna@town.example>", "evil@evil.example", ""),
        ("Bau, Anna <Anna@town.example>", "anna@town.example", "Bau, Anna"),
        ("anna@town.example (Anna Bau)", "anna@town.example", "Anna Bau"),
        ('"Anna <anna@town.example>', "anna@town.example", "Anna"),
        ("=?utf-8?q?J=C3=BCrgen?= <j@town.example>", "j@town.example", "Jürgen"),
    ],
)
def test_the_sender_is_who_stands_in_the_brackets_not_in_the_name(written: str, address: str, name: str | None) -> None:
    received = reading.read(mail(From=written))
    assert received.sender == address
    assert name is None or received.sender_name == name


def test_no_control_character_is_left_in_the_head() -> None:
    """PostgreSQL takes no NUL."""
    received = reading.read(
        mail(
            From="=?utf-8?q?Bo=00=01b?= \0\1 <bo\0b@example.org>, <bob@example.org>",
            Subject="Ha\0llo =?utf-8?q?=00=07?=",
            Message_ID="<a\0b@example.org>",
            References="<c\0@example.org>",
        )
    )
    head = (received.sender, received.sender_name, received.subject, received.message_id, *received.references)
    assert all(character.isprintable() for text in head for character in text)
