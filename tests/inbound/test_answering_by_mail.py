"""An answer by mail becomes an answer in the forum, if its address was made for whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User, UserAddress
from app.database import db, utc_now
from app.files import keeping
from app.files.models import StoredFile
from app.forum.models import Thread
from app.mail.answering import VALID_FOR
from app.mail.incoming import Fate
from app.networks.models import Network, Participant, Posting
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.expected import assert_expected
from tests.inbound.conftest import Arrives, Kept, letter
from tests.mailserver import MailServer, Received

Address = Callable[[str, Person, int], str]
Messages = Callable[[], list[tuple[str, str, str]]]
KeptMails = Callable[[], list[Kept]]


def to(person: Person, smtp: MailServer, subject: str) -> Received:
    return next(mail for mail in smtp.messages if mail.to == person.email and subject in mail.subject)


def button_of(mail: Received) -> str:
    return next(urlsplit(word).path for word in mail.text.split() if "/mail/" in word)


def test_an_answer_goes_to_all_at_once(
    thread_id: int,
    cast: Cast,
    address: Address,
    arrives: Arrives,
    messages: Messages,
    smtp: MailServer,
    deliver: Deliver,
) -> None:
    deliver()
    smtp.forget()
    assert arrives(letter(cast.lena.email, "x@y.example"), address("antwort", cast.lena, thread_id)).is_kept
    assert messages()[1:] == [("Plätze frei", "Lena Leitner", "Ich komme gern.")]
    deliver()
    assert sorted(mail.to for mail in smtp.messages) == sorted(person.email for person in cast.everyone_in_ost)


def test_any_address_of_the_person_will_do(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, messages: Messages, given: Given
) -> None:
    with given():
        user = db.session.get_one(User, cast.lena.id)
        user.addresses.append(UserAddress(email="L@amt.example", email_key="l@amt.example", is_primary=False))
    arrives(letter("Lena <L@AMT.example>", "x@y.example"), address("antwort", cast.lena, thread_id))
    assert len(messages()) == 2


def test_who_is_asked_if_our_own_server_says_that_the_sender_is_not_genuine(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, messages: Messages, kept: KeptMails
) -> None:
    said = "mx.example.org; dkim=fail header.d=evil.example; spf=fail smtp.mailfrom=evil.example"
    octets = letter(cast.lena.email, "x@y.example", Authentication_Results=said)
    arrives(octets, address("antwort", cast.lena, thread_id))
    assert len(messages()) == 1
    assert kept()[0].fate is Fate.WAITING


def test_a_colleague_to_whom_it_was_forwarded_does_not_speak_for_its_owner(
    thread_id: int,
    cast: Cast,
    address: Address,
    arrives: Arrives,
    messages: Messages,
    kept: KeptMails,
    smtp: MailServer,
    deliver: Deliver,
    anonymous: Browser,
    given: Given,
) -> None:
    with given():
        thread, west = db.session.get_one(Thread, thread_id), db.session.get_one(Network, cast.west.id)
        thread.networks.append(west)
        west.posting = Posting.LEADS  # so it gets nothing from Lena
    arrives(letter("kollegin@jobcenter.example.org", "x@y.example"), address("antwort", cast.lena, thread_id))
    assert len(messages()) == 1
    assert kept()[0].fate is Fate.WAITING
    deliver()
    question = to(cast.lena, smtp, "Haben Sie das geschrieben?")
    assert "kollegin@jobcenter.example.org" in question.text
    assert "Ich komme gern." in question.text
    assert not [mail for mail in smtp.messages if "kollegin" in mail.to]

    reached = f"„Plätze frei“: {len(cast.everyone_in_ost)} Teilnehmende in "
    assert reached in anonymous.see(button_of(question)).text
    assert len(messages()) == 1, "looking does nothing"
    anonymous.submit(button_of(question), button="Ja, senden")
    assert messages()[1:] == [("Plätze frei", "Lena Leitner", "Ich komme gern.")]
    anonymous.see(button_of(question))
    assert "geht hinaus" in anonymous.page.text
    assert_expected(question, "incoming-question")


def test_mails_that_only_bear_somebodys_address_use_up_nothing_of_theirs(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, messages: Messages, kept: KeptMails,
    smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    deliver()
    for number in range(31):
        arrives(letter(cast.lena.email, "ost@netz.example.org", f"Kauft {number} Uhren"), "ost@netz.example.org")
    token = address("antwort", cast.lena, thread_id)
    arrives(letter(cast.lena.email, token, "Meine Antwort"), token)
    assert (kept()[-2].fate, kept()[-1].fate) == (Fate.HELD, Fate.USED)
    assert messages()[-1] == ("Plätze frei", cast.lena.name, "Meine Antwort")
    smtp.forget()
    arrives(letter("lena@andere.example.net", token, "Von meiner anderen Adresse"), token)
    deliver()
    assert [mail.fate for mail in kept()][-1] is Fate.WAITING
    assert any(mail.to == cast.lena.email and "anderen Adresse" in mail.text for mail in smtp.messages)


def test_who_did_not_write_it_throws_it_away(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, messages: Messages, kept: KeptMails,
    smtp: MailServer, deliver: Deliver, anonymous: Browser,
) -> None:  # fmt: skip
    arrives(letter(cast.wim.email, "x@y.example"), address("antwort", cast.lena, thread_id))
    deliver()
    anonymous.submit(button_of(to(cast.lena, smtp, "Haben Sie")), button="Nein, verwerfen")
    assert kept()[0].fate is Fate.DISCARDED
    assert len(messages()) == 1


def test_only_the_author_gets_what_is_for_them_and_no_address_is_shown(
    thread_id: int,
    cast: Cast,
    address: Address,
    arrives: Arrives,
    messages: Messages,
    smtp: MailServer,
    deliver: Deliver,
) -> None:
    deliver()
    smtp.forget()
    octets = letter(cast.lena.email, "x@y.example", files={"Liste.txt": b"eins"}, In_Reply_To="<a@netz.example.org>")
    arrives(octets, address("nur", cast.lena, cast.bob.id))
    deliver()
    [mail] = smtp.messages
    assert mail.to == cast.bob.email
    assert cast.lena.email not in mail.raw.decode()
    assert "Lena Leitner" in str(mail.message["From"])
    assert mail.message["In-Reply-To"] == "<a@netz.example.org>"
    assert mail.files == {"Liste.txt": b"eins"}
    assert len(messages()) == 1
    assert_expected(mail, "private-answer")
    smtp.forget()
    # Bob answers in turn, and Lena learns his name only.
    back = mail.message["Reply-To"].addresses[0].addr_spec
    arrives(letter(cast.bob.email, back, "Danke"), back)
    deliver()
    [mail] = smtp.messages
    assert mail.to == cast.lena.email
    assert cast.bob.email not in mail.raw.decode()


def test_the_same_mail_again_is_one_message(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, messages: Messages, kept: KeptMails
) -> None:
    """As after a crash between the commit and the answer to the mail server."""
    octets = letter(cast.lena.email, "x@y.example")
    for trace in (b"", b"Received: from a by b; Sat, 1 Jan 2028 10:00:00 +0100\r\n"):
        assert arrives(trace + octets, address("antwort", cast.lena, thread_id)).is_kept
    assert len(messages()) == 2
    assert len(kept()) == 1


def test_reply_to_all_in_the_mail_program_is_one_message(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, messages: Messages
) -> None:
    """It addresses the network and the token; whichever copy comes first, the token decides."""
    token = address("antwort", cast.lena, thread_id)
    octets = letter(cast.lena.email, f"{token}, Ost <ost@netz.example.org>")
    for recipient in ("ost@netz.example.org", token, "ost@netz.example.org"):
        assert arrives(octets, recipient).is_kept
    assert [subject for subject, _author, _text in messages()] == ["Plätze frei", "Plätze frei"]


def test_an_answer_sent_to_another_network_as_well_is_a_mail_of_its_own_there(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, messages: Messages, kept: KeptMails
) -> None:
    """The thread belongs to ost only; west would never see what was taken for an answer."""
    token = address("antwort", cast.carla, thread_id)
    octets = letter(
        cast.carla.email,
        f"{token}, ost@netz.example.org",
        Cc="west@netz.example.org",
        Authentication_Results=f"mx.example.org; dkim=pass header.d={cast.carla.email.partition('@')[2]}",
    )
    for recipient in ("ost@netz.example.org", "west@netz.example.org", token):
        assert arrives(octets, recipient).is_kept
    assert [mail.fate for mail in kept()] == [Fate.USED, Fate.USED]
    assert sorted(subject for subject, *_rest in messages()) == ["Plätze frei"] * 3
    assert len({mail.about for mail in kept()}) == 2


def test_somebody_elses_address_for_answers_does_not_swallow_a_mail_to_the_network(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, kept: KeptMails
) -> None:
    token = address("antwort", cast.lena, thread_id)
    octets = letter(cast.bob.email, f"{token}, ost@netz.example.org")
    for recipient in ("ost@netz.example.org", token):
        assert arrives(octets, recipient).is_kept
    assert [mail.fate for mail in kept()] == [Fate.WAITING, Fate.WAITING]


def test_a_copy_to_the_network_of_an_answer_to_one_person_is_a_mail_of_its_own(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, kept: KeptMails
) -> None:
    token = address("nur", cast.lena, cast.bob.id)
    octets = letter(cast.lena.email, token, Cc="ost@netz.example.org")
    for recipient in ("ost@netz.example.org", token):
        assert arrives(octets, recipient).is_kept
    assert [mail.fate for mail in kept()] == [Fate.WAITING, Fate.USED]


@pytest.mark.parametrize(
    "head",
    [
        {"List_Id": "<liste.example.net>"},
        {"X_Spam_Flag": "YES"},
        {"Authentication_Results": "mx.example.org; dmarc=fail header.from=example.net"},
    ],
)
def test_an_address_that_has_ended_answers_no_stranger_who_may_be_somebody_else(
    head: dict[str, Any], thread_id: int, cast: Cast, address: Address, arrives: Arrives, kept: KeptMails,
    smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    token = address("antwort", cast.lena, thread_id)
    deliver()
    smtp.forget()
    with time_machine.travel(utc_now() + VALID_FOR + timedelta(days=1)):
        arrives(letter("fremd@example.net", token, **head), token)
        deliver()
    assert smtp.messages == []
    assert kept()[0].fate in (Fate.HELD, Fate.IGNORED)


def test_an_address_that_has_ended_is_answered_with_what_to_do(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, messages: Messages, kept: KeptMails,
    smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    token = address("antwort", cast.lena, thread_id)
    with time_machine.travel(utc_now() + VALID_FOR + timedelta(days=1)):
        arrives(letter(cast.lena.email, token), token)
        deliver()
    assert len(messages()) == 1
    assert kept()[0].fate is Fate.ANSWERED
    answer = to(cast.lena, smtp, "Nicht angekommen")
    assert "galt bis" in answer.text
    assert "Ich komme gern." in answer.text
    assert answer.message["Auto-Submitted"] == "auto-replied"


_SAID = {
    "closed": "geschlossen",
    "leads": "nur die Netzleitung",
    "gone": "gibt es nicht mehr",
    "left": "nicht schreiben",
}


@pytest.mark.parametrize("rule", _SAID)
def test_what_a_rule_forbids_is_answered_in_one_sentence_with_the_text(
    rule: str, thread_id: int, cast: Cast, address: Address, arrives: Arrives, messages: Messages, given: Given,
    smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    token = address("antwort", cast.carla, thread_id)
    with given():
        network = db.session.get_one(Network, cast.ost.id)
        if rule == "closed":
            network.closed_at = utc_now()
        elif rule == "leads":
            network.posting = Posting.LEADS
        elif rule == "gone":
            db.session.delete(db.session.get_one(Thread, thread_id))
        else:
            db.session.get_one(Participant, cast.ost.participant(cast.carla)).until = utc_now()
    arrives(letter(cast.carla.email, token), token)
    deliver()
    answer = to(cast.carla, smtp, "Nicht angekommen")
    words = {
        "closed": "geschlossen",
        "leads": "nur die Netzleitung",
        "gone": "gibt es nicht mehr",
        "left": "nicht schreiben",
    }
    assert words[rule] in answer.text
    assert "Ich komme gern." in answer.text
    assert [text for _subject, _author, text in messages()] == ([] if rule == "gone" else ["Drei Plätze."])


def test_files_are_kept_and_a_refused_one_is_answered_with_its_name(
    thread_id: int,
    cast: Cast,
    address: Address,
    arrives: Arrives,
    client_of: ClientOf,
    smtp: MailServer,
    deliver: Deliver,
) -> None:
    files = {"Liste.txt": b"eins", "Programm.exe": b"MZ" + bytes(100), "leer.txt": b""}
    arrives(letter(cast.lena.email, "x@y.example", files=files), address("antwort", cast.lena, thread_id))
    deliver()
    page = client_of(cast.carla).see(cast.ost.path("nachrichten", thread_id))
    assert "Liste.txt" in page.text
    assert "Programm.exe" not in page.text
    answer = to(cast.lena, smtp, "Nicht alle Dateien")
    assert "Programm.exe" in answer.text
    assert "25 MB" in answer.text
    assert_expected(answer, "incoming-files")


def test_an_appointment_without_a_file_name_is_kept_as_a_file(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, client_of: ClientOf
) -> None:
    mail = message_from_bytes(letter(cast.lena.email, "x@y.example"), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    mail.add_alternative("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", subtype="calendar")
    arrives(mail.as_bytes(), address("antwort", cast.lena, thread_id))
    assert "Termin.ics" in client_of(cast.carla).see(cast.ost.path("nachrichten", thread_id)).text


def test_another_text_under_the_same_message_id_is_another_mail(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, messages: Messages
) -> None:
    for text in ("Ich komme gern.", "Ich komme doch nicht.", "Ich komme gern."):
        octets = letter(cast.lena.email, "x@y.example", text, Message_ID="<immer@x.example>")
        arrives(octets, address("antwort", cast.lena, thread_id))
    assert [text for _subject, _author, text in messages()][1:] == ["Ich komme gern.", "Ich komme doch nicht."]


def test_attached_mails_and_texts_carry_no_address_of_ours(
    app: Flask, thread_id: int, cast: Cast, address: Address, arrives: Arrives, messages: Messages
) -> None:
    token = address("antwort", cast.lena, thread_id)
    files = {name: f"Subject: Weiter\n\nSchreib an {token}\n".encode() for name in ("Alte Mail.eml", "Notiz.txt")}
    arrives(letter(cast.lena.email, token, "Gern!", files=files), token)
    with app.app_context():
        kept = db.session.scalars(select(StoredFile).where(StoredFile.name.in_(files))).all()
        assert len(kept) == 2
        for file in kept:
            with keeping.open_file(file) as content:
                octets = content.read()
            assert b"Schreib an" in octets
            assert token.partition("@")[0].encode() not in octets


def test_characters_of_our_placeholders_do_not_act_in_an_answer(
    thread_id: int,
    cast: Cast,
    address: Address,
    arrives: Arrives,
    messages: Messages,
    smtp: MailServer,
    deliver: Deliver,
) -> None:
    text = "Gern! \ue000file:99999999999999999999999999\ue001 \ue000resume:1\ue001"
    arrives(letter(cast.lena.email, "x@y.example", text), address("antwort", cast.lena, thread_id))
    assert messages()[-1][2] == "Gern! file:99999999999999999999999999 resume:1"
    deliver()
    assert "file:99999999999999999999999999" in to(cast.carla, smtp, "AW:").text


def test_an_empty_mail_is_answered(
    thread_id: int,
    cast: Cast,
    address: Address,
    arrives: Arrives,
    messages: Messages,
    smtp: MailServer,
    deliver: Deliver,
) -> None:
    arrives(letter(cast.lena.email, "x@y.example", "\n\n"), address("antwort", cast.lena, thread_id))
    deliver()
    assert "kein eigener Text" in to(cast.lena, smtp, "Nicht angekommen").text
    assert len(messages()) == 1


def test_the_whole_text_is_one_click_away_without_our_tokens(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, client_of: ClientOf, messages: Messages
) -> None:
    token = address("antwort", cast.lena, thread_id)
    quoted = f"Gern!\n\nAm 3. Mai 2027 um 10:12 schrieb Bob Bergmann:\n> Drei Plätze.\n> Antwort an alle: {token}\n"
    arrives(letter(cast.lena.email, token, quoted), token)
    assert messages()[-1][2] == "Gern!"
    browser = client_of(cast.carla)
    page = browser.see(cast.ost.path("nachrichten", thread_id))
    [link] = [link for link in page.links if "ganzer-text" in link]
    page = browser.see(link)
    assert "> Drei Plätze." in page.text
    assert token.partition("@")[0].partition("+")[2] not in page.text
    assert client_of(cast.wim).get(link).status_code == 404


def test_a_message_whose_text_is_whole_has_no_such_link(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, client_of: ClientOf
) -> None:
    arrives(letter(cast.lena.email, "x@y.example"), address("antwort", cast.lena, thread_id))
    assert "ganzer-text" not in " ".join(client_of(cast.carla).see(cast.ost.path("nachrichten", thread_id)).links)


def test_a_private_answers_link_to_a_file_is_good_for_thirty_days(
    app: Flask,
    thread_id: int,
    cast: Cast,
    address: Address,
    arrives: Arrives,
    anonymous: Browser,
    smtp: MailServer,
    deliver: Deliver,
    configured: Configured,
) -> None:
    with configured(MAIL_ATTACH_LIMIT=10):
        octets = letter(cast.lena.email, "x@y.example", files={"Plan.txt": b"ein grosser Plan"}, Subject="Ein Plan")
        assert arrives(octets, address("nur", cast.lena, cast.bob.id)).is_kept
    deliver()
    link = button_of(to(cast.bob, smtp, "Ein Plan"))
    for days, status in ((8, 200), (29, 200), (32, 404)):
        with time_machine.travel(utc_now() + timedelta(days=days)):
            app.extensions["run_job"].call_local("retention")
            assert anonymous.get(link).status_code == status
