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
