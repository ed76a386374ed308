"""Vertraulich: a mail says who wrote where, and leads to the text; the text itself is in no mail."""

from __future__ import annotations

import re
from email.message import EmailMessage
from urllib.parse import urlsplit

from app.database import db, utc_now
from app.forum.models import Message
from app.networks.models import Participant
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.forum.test_posting import post
from tests.mailserver import MailServer, Received

LINK = re.compile(r"https?://\S+(/mail/[a-z2-7]+)")
SIGN_IN = re.compile(r"https?://\S+(/anmelden/[0-9a-f]+)")
SECRETS = ["Kündigung", "Frau Mertens", "Mertens", "Zeugnis", "zeugnis-inhalt", "geheim"]


def written(browser: Browser, cast: Cast) -> None:
    files = [("Zeugnis Mertens.txt", b"zeugnis-inhalt")]
    post(browser, cast, files, subject="Frau Mertens", body="Kündigung, **geheim**", confidential=True, kind="request")


def octets(mail: Received) -> bytes:
    """The raw octets and every part decoded, one after another."""
    parts = [mail.raw]
    for part in mail.message.walk():
        assert isinstance(part, EmailMessage)
        decoded = part.get_payload(decode=True)
        parts += [str(part.items()).encode(), decoded if isinstance(decoded, bytes) else b""]
    return b"\n".join(parts)


def reading_link(mail: Received) -> str:
    found = LINK.search(mail.text)
    assert found
    return found[1]


def test_neither_text_nor_subject_nor_file_names_are_in_any_octet(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    written(client_of(cast.bob), cast)
    with given():
        thread_id = db.session.query(Message.thread_id).one()[0]
    client_of(cast.carla).submit(
        cast.ost.path("nachrichten", thread_id),
        {"body": "Zu Mertens: geheim"},
        {"files": [("Zeugnis.txt", b"geheim")]},
        form="antworten",
    )
    deliver()
    assert len(smtp.messages) == 8
    for mail in smtp.messages:
        for secret in SECRETS:
            assert secret.encode() not in octets(mail), secret
        assert mail.files == {}
    first, second = sorted(smtp.to(cast.lena.email), key=lambda mail: mail.subject.startswith("AW"))
    assert first.subject == "[Jugendliche in Ausbildung] Vertrauliche Nachricht von Bob Bergmann"
    assert second.subject == "AW: [Jugendliche in Ausbildung] Vertrauliche Nachricht von Carla Çelik"
    assert_expected(first, "message-confidential")


def test_the_link_leads_by_one_more_mail_to_the_text(
    cast: Cast, client_of: ClientOf, anonymous: Browser, smtp: MailServer, deliver: Deliver
) -> None:
    written(client_of(cast.bob), cast)
    deliver()
    [hint] = smtp.to(cast.lena.email)
    smtp.forget()
    page = anonymous.see(reading_link(hint))
    assert "Mertens" not in page.html
    anonymous.send(button="Link zum Lesen schicken")
    assert "unterwegs an" in anonymous.page.text
    deliver()
    [link] = smtp.messages
    assert link.to == cast.lena.email
    found = SIGN_IN.search(link.text)
    assert found
    answer = anonymous.submit(found[1])
    assert "Kündigung" in answer.text
    assert "Zeugnis Mertens.txt" in answer.text


def test_who_is_signed_in_is_there_at_once_and_nobody_else(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    written(client_of(cast.bob), cast)
    deliver()
    [hint] = smtp.to(cast.lena.email)
    assert "Kündigung" in client_of(cast.lena).see(reading_link(hint)).text
    # Forwarded to somebody else the link only offers to mail its owner.
    wim = client_of(cast.wim)
    assert "Kündigung" not in wim.see(reading_link(hint)).html
    smtp.forget()
    wim.send(button="Link zum Lesen schicken")
    deliver()
    assert [mail.to for mail in smtp.messages] == [cast.lena.email]


def test_a_mailbox_that_only_receives_is_told_so(
    cast: Cast, client_of: ClientOf, anonymous: Browser, smtp: MailServer, deliver: Deliver
) -> None:
    written(client_of(cast.bob), cast)
    deliver()
    [hint] = smtp.to(cast.gast.email)
    path = reading_link(hint)
    smtp.forget()
    assert "empfängt nur Mails" in anonymous.see(path).text
    assert anonymous.post(path).status_code == 200
    deliver()
    assert smtp.messages == []


def test_a_link_to_what_is_gone_or_not_ours_opens_nothing(
    cast: Cast, client_of: ClientOf, anonymous: Browser, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    written(client_of(cast.bob), cast)
    deliver()
    [hint] = smtp.to(cast.carla.email)
    path = reading_link(hint)
    assert anonymous.get(path[:-3] + "aaa").status_code == 404
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.carla)).until = utc_now()
    assert anonymous.get(path).status_code == anonymous.post(path).status_code == 404


def test_too_many_links_are_refused_and_said(
    cast: Cast, client_of: ClientOf, anonymous: Browser, smtp: MailServer, deliver: Deliver
) -> None:
    written(client_of(cast.bob), cast)
    deliver()
    [hint] = smtp.to(cast.lena.email)
    answers = [anonymous.post(reading_link(hint)).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert urlsplit(anonymous.page.path).path == reading_link(hint)


def test_who_only_receives_is_not_counted_among_the_readers(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    written(client_of(cast.bob), cast)
    deliver()
    [hint] = smtp.to(cast.lena.email)
    assert "Lesen können das die 3 Teilnehmenden dieses Netzes" in hint.text
