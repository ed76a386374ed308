"""A mail to a network's own address begins a new thread, once its sender is known to be genuine."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from app.accounts.models import User
from app.database import db, utc_now
from app.forum.models import Thread
from app.mail import answering
from app.mail.incoming import Fate, IncomingMail
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.expected import assert_expected
from tests.inbound.conftest import Arrives, Kept, letter
from tests.inbound.test_answering_by_mail import button_of
from tests.mailserver import MailServer
from tests.networks.test_at_once import form_of

Messages = Callable[[], list[tuple[str, str, str]]]
KeptMails = Callable[[], list[Kept]]

OST = "ost@netz.example.org"
GENUINE = "mx.example.org; dkim=pass (2048-bit key) header.d=berufskolleg.example.org header.s=a; spf=none"


def test_the_known_sender_presses_a_button_first(
    cast: Cast, arrives: Arrives, messages: Messages, kept: KeptMails, smtp: MailServer, deliver: Deliver,
    anonymous: Browser,
) -> None:  # fmt: skip
    assert arrives(letter(cast.bob.email, OST, "Wer hilft?", Subject="WG: Praktikum"), OST).is_kept
    assert messages() == []
    assert kept()[0].fate is Fate.WAITING
    deliver()
    [question] = smtp.messages
    assert question.to == cast.bob.email
    assert "Jugendliche in Ausbildung" in question.text
    anonymous.submit(button_of(question), button="Ja, senden")
    anonymous.post(button_of(question))
    assert messages() == [("Praktikum", "Bob Bergmann", "Wer hilft?")]
    smtp.forget()
    deliver()
    assert sorted(mail.to for mail in smtp.messages) == sorted(person.email for person in cast.everyone_in_ost)


@pytest.mark.parametrize(
    "result",
    [
        GENUINE,
        "mx.example.org 1; spf=pass smtp.mailfrom=bob@berufskolleg.example.org",
        "MX.example.org; dmarc=pass (p=NONE) header.from=berufskolleg.example.org",
        "mx.example.org; dkim=fail header.d=berufskolleg.example.org; dkim=pass header.i=@example.org",
        '(by us) "mx.example.org"; dkim=pass (a (b; c) "d) header.d = "berufskolleg.example.org" header.b="a=";',
        'mx.example.org; spf=pass smtp.mailfrom="b; b"@berufskolleg.example.org; iprev=pass policy.iprev=192.0.2.1',
    ],
)
def test_whom_our_own_server_vouches_for_is_not_asked(
    result: str, cast: Cast, arrives: Arrives, messages: Messages
) -> None:
    arrives(letter(cast.bob.email, OST, Authentication_Results=result), OST)
    assert len(messages()) == 1


@pytest.mark.once
@pytest.mark.parametrize(
    "result",
    [
        "mx.elsewhere.example; dkim=pass header.d=berufskolleg.example.org",
        "mx.example.org; dkim=pass header.d=evil.example",
        "mx.example.org; dkim=pass header.d=kolleg.example.org.evil.example",
        "mx.example.org; dkim=fail header.d=berufskolleg.example.org",
        "mx.example.org; dkim=neutral (dkim=pass header.d=berufskolleg.example.org)",
        "mx.example.org; spf=pass smtp.helo=berufskolleg.example.org",
        'mx.example.org; spf=pass smtp.mailfrom="x; spf=pass smtp.mailfrom=berufskolleg.example.org; y"@evil.example',
        'mx.example.org; dkim=fail reason="bad; dkim=pass header.d=berufskolleg.example.org"',
        r'mx.example.org; dkim=fail reason="bad\"; dkim=pass header.d=berufskolleg.example.org"',
        "mx.example.org; dkim=fail (a (b) ; dkim=pass header.d=berufskolleg.example.org )",
        r"mx.example.org; dkim=fail (a \) ; dkim=pass header.d=berufskolleg.example.org )",
        "mx.example.org; dkim=fail (a ; dkim=pass header.d=berufskolleg.example.org",
        'mx.example.org; dkim=pass header.d=berufskolleg.example.org; spf=pass smtp.mailfrom="x',
        "mx.example.org; spf=pass smtp.mailfrom=x y; dkim=pass header.d=berufskolleg.example.org",
        'mx.example.org; spf=pass smtp.mailfrom="a@berufskolleg.example.org"@evil.example',
        "mx.example.org; none",
        "mx.example.org; dkim=pass header.d=org",
        "",
    ],
)
def test_nobody_else_vouches_for_a_sender(
    result: str, cast: Cast, arrives: Arrives, messages: Messages, kept: KeptMails
) -> None:
    arrives(letter(cast.bob.email, OST, Authentication_Results=result), OST)
    assert messages() == []
    assert kept()[0].fate is Fate.WAITING


def test_an_encoded_word_in_what_our_server_quotes_is_no_mark_of_its_own(
    cast: Cast, arrives: Arrives, messages: Messages
) -> None:
    hidden = b"=?utf-8?q?=22;dkim=3Dpass_header.d=3Dberufskolleg.example.org;x=3D=22?="
    above = b'Authentication-Results: mx.example.org; dkim=fail reason="' + hidden + b'"\r\n'
    arrives(above + letter(cast.bob.email, OST), OST)
    assert messages() == []


def test_only_the_topmost_word_of_our_server_counts(
    cast: Cast, arrives: Arrives, messages: Messages, configured: Configured
) -> None:
    """What stands below came with the mail."""
    above = b"Authentication-Results: mx.example.org; dkim=none\r\n"
    arrives(above + letter(cast.bob.email, OST, Authentication_Results=GENUINE), OST)
    assert messages() == []


def test_a_mail_to_two_networks_is_one_thread(cast: Cast, arrives: Arrives, messages: Messages, given: Given) -> None:
    both = f"{OST}, west@netz.example.org"
    vouched = "mx.example.org; dmarc=pass header.from=sprachwerk.example.org"
    octets = letter(cast.carla.email, both, Authentication_Results=vouched)
    for recipient in (OST, "west@netz.example.org"):
        assert arrives(octets, recipient).is_kept
    assert len(messages()) == 1
    with given():
        [thread] = db.session.query(Thread)
        assert {network.slug for network in thread.networks} == {"ost", "west"}


def test_somebody_of_another_network_is_told_that_they_cannot_write_there(
    cast: Cast, arrives: Arrives, messages: Messages, smtp: MailServer, deliver: Deliver
) -> None:
    octets = letter(
        cast.wim.email, OST, Authentication_Results="mx.example.org; dmarc=pass header.from=handwerk.example.org"
    )
    arrives(octets, OST)
    deliver()
    [answer] = smtp.messages
    assert answer.to == cast.wim.email
    assert "können im Netz „Jugendliche in Ausbildung“ nicht schreiben" in answer.text
    assert messages() == []
    assert_expected(answer, "incoming-refusal")


def test_the_question_shows_how_a_long_mail_begins(
    cast: Cast, arrives: Arrives, messages: Messages, smtp: MailServer, deliver: Deliver, anonymous: Browser
) -> None:
    """Else whoever writes under somebody's name reaches them with all they have to say."""
    arrives(letter(cast.bob.email, OST, "Wer hilft? " + "Lorem ipsum " * 200 + "Schluss."), OST)
    arrives(letter(cast.bob.email, OST, "".join(f"Zeile {number}\n" for number in range(30))), OST)
    deliver()
    for question, last in zip(smtp.messages, ("Schluss.", "Zeile 29"), strict=True):
        assert last not in question.raw.decode()
        assert len(question.text) < 2500
        assert "Den ganzen Text sehen Sie, bevor Sie senden." in question.text
        assert last in anonymous.see(button_of(question)).text
        anonymous.send(button="Ja, senden")
    assert [text.endswith(("Schluss.", "Zeile 29")) for _subject, _author, text in messages()] == [True, True]


def test_a_subject_loses_what_speaks_for_somebody(
    cast: Cast, arrives: Arrives, smtp: MailServer, deliver: Deliver, given: Given, app: Flask
) -> None:
    with app.app_context():
        address = answering.address(answering.TO_ONE, cast.lena.id, cast.wim.id)
    arrives(letter(cast.bob.email, OST, "Wer hilft?", Subject=f"Von {address}"), OST)
    deliver()
    assert "Von nur+entfernt@" in smtp.messages[0].message["Subject"]
    with given():
        assert db.session.query(IncomingMail.subject).one()[0] == "Von nur+entfernt@netz.example.org"


VOUCHED = "mx.example.org; spf=pass smtp.mailfrom=example.net"


def test_a_stranger_gets_one_polite_answer_a_day(
    cast: Cast, arrives: Arrives, messages: Messages, kept: KeptMails, smtp: MailServer, deliver: Deliver
) -> None:
    """It says nothing that they wrote: their address may be somebody else's, who would read it from us."""
    stranger = "Billige Uhren <fremd@example.net>"
    for _ in range(3):
        octets = letter(stranger, OST, "Mein Geheimnis", Subject="Teure Uhren", Authentication_Results=VOUCHED)
        assert arrives(octets, OST).is_kept
    deliver()
    [answer] = smtp.messages
    assert answer.to == "fremd@example.net"
    assert "Ihre Adresse kennen wir nicht" in answer.text
    assert answer.message["Subject"] == "Ihre Mail an das virtuelle Netz"
    for word in (b"Geheimnis", b"Uhren"):
        assert word not in answer.raw
    assert [mail.fate for mail in kept()] == [Fate.HELD] * 3
    assert messages() == []


def test_all_strangers_together_get_ten_answers_an_hour_and_thirty_a_day(
    cast: Cast, arrives: Arrives, smtp: MailServer, deliver: Deliver, configured: Configured
) -> None:
    """Whoever forges senders makes us write to people who never wrote to us."""
    begin = utc_now()
    with configured(TRUSTED_AUTHSERV_ID=""):
        for hour in range(5):
            with time_machine.travel(begin + timedelta(hours=hour, minutes=hour), tick=False):
                for number in range(12):
                    assert arrives(letter(f"fremd{hour}-{number}@example.net", OST), OST).is_kept
    with time_machine.travel(begin + timedelta(hours=6)):
        deliver()
    assert len(smtp.messages) == 30


@pytest.mark.once
@pytest.mark.parametrize(
    "head",
    [
        {"Return_Path": "<>"},
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.example.net>"},
        {"X_Autoreply": "yes"},
        {"Subject": "Abwesenheitsnotiz: Bin im Urlaub"},
        {"Authentication_Results": "mx.example.org; spf=fail smtp.mailfrom=example.net"},
        {"Authentication_Results": ""},
        {"X_Spam_Flag": "YES"},
        {"From": "ost@netz.example.org"},
        {"From": "noreply@netz.example.org"},
    ],
)
def test_machines_lists_and_ourselves_get_no_answer(
    head: dict[str, Any], cast: Cast, arrives: Arrives, messages: Messages, smtp: MailServer, deliver: Deliver
) -> None:
    octets = letter("fremd@example.net", OST, **({"Authentication_Results": VOUCHED} | head))
    assert arrives(octets, OST).is_kept
    deliver()
    assert smtp.messages == []
    assert messages() == []


def test_auto_submitted_no_is_a_person(cast: Cast, arrives: Arrives, messages: Messages) -> None:
    arrives(letter(cast.bob.email, OST, Auto_Submitted="no", Authentication_Results=GENUINE), OST)
    assert len(messages()) == 1


def test_a_loop_ends_by_itself(
    cast: Cast, arrives: Arrives, messages: Messages, kept: KeptMails, smtp: MailServer, deliver: Deliver
) -> None:
    for number in range(40):
        arrives(letter(cast.bob.email, OST, "Ich komme." * number), OST)
    deliver()
    assert len(smtp.messages) == 10
    assert kept()[-1].reason == "Von diesem Absender kamen in einer Stunde sehr viele Mails."


@pytest.mark.once
@pytest.mark.parametrize(
    "recipient",
    ["nichts@netz.example.org", "antwort+aaaaaaaaaaaaaaaaaaaaaaaa@netz.example.org",
     "termin+aaaaaaaaaaaaaaaaaaaaaaaa@netz.example.org", "ruecklauf+aaaa@netz.example.org",
     "ost@elsewhere.example", "@", "", "noreply@netz.example.org"],
)  # fmt: skip
def test_unknown_addresses_are_refused(recipient: str, cast: Cast, arrives: Arrives, kept: KeptMails) -> None:
    verdict = arrives(letter(cast.bob.email, OST), recipient)
    assert verdict.refusal == "Diese Adresse gibt es hier nicht."
    assert kept() == []


class TestVerwaltung:
    def test_looks_at_what_was_not_used_and_lets_it_through(
        self, cast: Cast, arrives: Arrives, messages: Messages, client_of: ClientOf
    ) -> None:
        octets = letter("Fr. Emd <fremd@example.net>", OST, "<script>alert(1)</script>", Subject="Plätze")
        arrives(octets, OST)
        browser = client_of(cast.anke)
        assert "1 Mail konnte" in browser.see("/verwaltung").text
        page = browser.see("/verwaltung/eingang")
        assert "Der Absender ist unbekannt." in page.text
        [path] = [link for link in page.links if link.startswith("/verwaltung/eingang/")]
        assert "alert(1)" in browser.see(path).text
        source = browser.get(f"{path}/quelltext")
        assert source.data == octets
        assert source.headers["Content-Disposition"].startswith("attachment")
        browser.see(path)
        browser.send(button="Freigeben")
        [(subject, author, text)] = messages()
        assert (subject, author) == ("Plätze", "Anke Amtmann")
        assert "Fr. Emd (fremd@example.net)" in text
        assert "Hier liegt nichts" in browser.see("/verwaltung/eingang").text

    def test_may_throw_it_away(self, cast: Cast, arrives: Arrives, kept: KeptMails, client_of: ClientOf) -> None:
        arrives(letter("fremd@example.net", OST), OST)
        browser = client_of(cast.anke)
        browser.see(f"/verwaltung/eingang/{kept()[0].id}")
        browser.send(button="Verwerfen")
        assert kept()[0].fate is Fate.DISCARDED

    def test_of_a_known_sender_lets_it_through_in_their_name(
        self, cast: Cast, arrives: Arrives, messages: Messages, kept: KeptMails, client_of: ClientOf
    ) -> None:
        arrives(letter(cast.bob.email, OST), OST)
        browser = client_of(cast.anke)
        browser.see(f"/verwaltung/eingang/{kept()[0].id}")
        browser.send(button="Freigeben")
        assert [author for _subject, author, _text in messages()] == ["Bob Bergmann"]

    def test_does_not_read_what_one_person_writes_to_another(
        self, app: Flask, cast: Cast, arrives: Arrives, kept: KeptMails, client_of: ClientOf, given: Given
    ) -> None:
        with app.app_context():
            address = answering.address(answering.TO_ONE, cast.lena.id, cast.bob.id)
        secret = letter(
            "kollegin@example.net", f"{address}, {OST}", "Mein Geheimnis",
            Subject="Geheimnis", files={"Geheimnis.txt": b"a"},
        )  # fmt: skip
        arrives(secret, address)
        browser = client_of(cast.anke)
        path = f"/verwaltung/eingang/{kept()[0].id}"
        assert "Geheimnis" not in browser.see("/verwaltung/eingang?stand=alle").text
        page = browser.see(path)
        assert "Geheimnis" not in page.text
        assert "Freigeben" not in page.text
        assert browser.get(f"{path}/quelltext").status_code == 403
        _browser, _action, token = form_of(browser, path, "verwerfen")
        assert "keine Adresse" in browser.post(f"{path}/freigeben", data=token, follow_redirects=True).text
        assert kept()[0].fate is Fate.WAITING
        arrives(letter(cast.lena.email, address), address)
        with given():
            assert db.session.get_one(IncomingMail, kept()[1].id).octets == b""

    @pytest.mark.parametrize("head", [{"Precedence": "bulk"}, {"Subject": "Abwesenheitsnotiz: Bin im Urlaub"}])
    def test_lets_through_what_was_taken_for_a_machines(
        self, head: dict[str, Any], cast: Cast, arrives: Arrives, messages: Messages, kept: KeptMails,
        client_of: ClientOf,
    ) -> None:  # fmt: skip
        arrives(letter(cast.bob.email, OST, **head), OST)
        assert kept()[0].fate is Fate.IGNORED
        browser = client_of(cast.anke)
        [path] = [
            link
            for link in browser.see("/verwaltung/eingang?stand=ignored").links
            if link.startswith("/verwaltung/eingang/")
        ]
        browser.see(path)
        browser.send(button="Freigeben")
        assert [author for _subject, author, _text in messages()] == ["Bob Bergmann"]

    def test_decides_about_a_mail_once(
        self, cast: Cast, arrives: Arrives, messages: Messages, kept: KeptMails, client_of: ClientOf
    ) -> None:
        arrives(letter(cast.bob.email, OST), OST)
        path = f"/verwaltung/eingang/{kept()[0].id}"
        presses = [form_of(client_of(cast.anke), path, "freigeben") for _ in range(4)]
        late, action, token = form_of(client_of(cast.anke), path, "verwerfen")
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda press: press[0].post(press[1], data=press[2]).status_code, presses))
        assert (len(messages()), answers) == (1, [302] * 4)
        assert late.post(action, data=token).status_code == 400
        assert kept()[0].fate is Fate.USED

    def test_is_the_only_one_who_sees_it(
        self, cast: Cast, arrives: Arrives, kept: KeptMails, client_of: ClientOf, given: Given
    ) -> None:
        arrives(letter("fremd@example.net", OST), OST)
        browser = client_of(cast.lena)
        with given():
            assert not db.session.get_one(User, cast.lena.id).is_admin
        for path in ("", f"/{kept()[0].id}", f"/{kept()[0].id}/quelltext"):
            assert browser.get(f"/verwaltung/eingang{path}").status_code == 403
