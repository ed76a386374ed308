"""What came by mail and was taken down stands nowhere, not even in the mail it came with or was answered by."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.files.models import StoredFile
from app.forum import taking_down
from app.forum.models import Message
from app.forum.posting import post_message, reply
from app.inbound import carrying_out, link_views
from app.inbound.carrying_out import held, removed_for
from app.inbound.doors import Door
from app.mail import removed
from app.mail.incoming import Fate, IncomingMail
from app.mail.models import Mail
from app.mail.reading import ReceivedMail, read
from app.mail.removed import Removed
from app.networks.models import Network
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import Deliver, Given
from tests.inbound.conftest import Arrives, Kept, letter
from tests.inbound.test_answering_by_mail import button_of
from tests.mailserver import MailServer


def test_the_whole_text_of_an_answer_does_not_bring_it_back(
    cast: Cast, given: Given, arrives: Arrives, thread_id: int, address: Callable[[str, Person, int], str]
) -> None:
    with given():
        first = db.session.scalars(select(Message).filter_by(thread_id=thread_id)).one()
        quoted = "\n".join(f"> {line}" for line in first.body.splitlines())
        body = first.body
    to = address("antwort", cast.carla, thread_id)
    octets = letter(cast.carla.email, to, f"Ich komme gern.\n\nAm Freitag schrieb Lena:\n{quoted}\n")
    arrives(octets, to)
    with given():
        assert db.session.scalars(select(IncomingMail)).one().octets
        message = db.session.scalars(select(Message).order_by(Message.id)).first()
        assert message
        taking_down.take_down(message, db.session.get_one(User, cast.anke.id), "Test")
    with given():
        incoming = db.session.scalars(select(IncomingMail)).one()
        assert incoming.octets == b""
        assert body not in incoming.untrimmed
        assert incoming.fingerprint
        answer = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert answer
        assert "Ich komme gern." in answer.body


TEXT = "Herr Max Fallbach, geboren am 3.4.2001, sucht ab sofort einen Platz in der Küche."


@pytest.fixture
def thread_of_anke(given: Given, cast: Cast) -> int:
    """A thread with a message that is taken down later."""
    with given():
        author, network = db.session.get_one(User, cast.bob.id), db.session.get_one(Network, cast.ost.id)
        return post_message(author, network, subject="Küche", body=TEXT).thread_id


@pytest.fixture
def take_down(given: Given, cast: Cast, thread_of_anke: int) -> Callable[[], None]:
    def taken() -> None:
        with given():
            first = db.session.scalars(select(Message).filter_by(thread_id=thread_of_anke)).first()
            assert first
            taking_down.take_down(first, db.session.get_one(User, cast.anke.id), "Test")
            db.session.commit()

    return taken


def everything_kept(given: Given) -> str:
    """All that the portal keeps of texts, decoded."""
    with given():
        found = [message.body for message in db.session.scalars(select(Message))]
        for incoming in db.session.scalars(select(IncomingMail)):
            found += [incoming.untrimmed, incoming.octets.decode(errors="replace"), read(incoming.octets).untrimmed]
        found += [mail.text + mail.html for mail in db.session.scalars(select(Mail))]
    return "\n".join(found)


INLINE = f"Am 3.4.2028 um 10:00 schrieb Bob Bergmann:\n> {TEXT[:45]}\n> {TEXT[45:]}\n\nBei uns ist einer frei."


def test_an_answer_that_comes_later_does_not_bring_it_back(
    cast: Cast, given: Given, arrives: Arrives, thread_of_anke: int, take_down: Callable[[], None],
    address: Callable[[str, Person, int], str], smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    take_down()
    to = address("antwort", cast.carla, thread_of_anke)
    arrives(letter(cast.carla.email, to, INLINE), to)
    deliver()
    assert "Fallbach" not in everything_kept(given)
    assert "Bei uns ist einer frei." in everything_kept(given)
    assert not any(b"Fallbach" in mail.raw for mail in smtp.messages)
    assert any("Bei uns ist einer frei." in mail.text for mail in smtp.messages)


def test_what_waits_for_a_button_is_cut_and_can_be_sent(
    cast: Cast, given: Given, arrives: Arrives, thread_of_anke: int, take_down: Callable[[], None],
    address: Callable[[str, Person, int], str], smtp: MailServer, deliver: Deliver, anonymous: Browser,
) -> None:  # fmt: skip
    to = address("antwort", cast.carla, thread_of_anke)
    arrives(letter("carla@andere.example.net", to, INLINE, files={"Plan.txt": b"eins"}), to)
    take_down()
    arrives(letter("carla@andere.example.net", to, f"{INLINE} Noch einer."), to)
    deliver()
    assert "Fallbach" not in everything_kept(given)
    questions = [mail for mail in smtp.messages if "Haben Sie das geschrieben?" in mail.message["Subject"]]
    for question in questions:
        anonymous.submit(button_of(question), button="Ja, senden")
    with given():
        bodies = [message.body for message in db.session.scalars(select(Message).order_by(Message.id))]
        files = [file.name for file in db.session.scalars(select(StoredFile))]
    assert [body.rpartition("]")[2].strip() for body in bodies[1:]] == [
        "Bei uns ist einer frei.",
        "Bei uns ist einer frei. Noch einer.",
    ]
    assert files == ["Plan.txt"]


def test_a_private_answer_does_not_bring_it_back(
    cast: Cast, given: Given, arrives: Arrives, thread_of_anke: int, take_down: Callable[[], None],
    address: Callable[[str, Person, int], str], smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    with given():
        message_id = db.session.scalars(select(Message.message_id).filter_by(thread_id=thread_of_anke)).one()
    take_down()
    deliver()
    smtp.forget()
    to = address("nur", cast.carla, cast.bob.id)
    arrives(letter(cast.carla.email, to, INLINE, In_Reply_To=f"<{message_id}>"), to)
    deliver()
    [mail] = smtp.messages
    assert "Bei uns ist einer frei." in mail.text
    assert b"Fallbach" not in mail.raw


def test_elsewhere_the_same_words_are_nobodys_quote(
    cast: Cast, given: Given, arrives: Arrives, thread_id: int, thread_of_anke: int, take_down: Callable[[], None],
    address: Callable[[str, Person, int], str],
) -> None:  # fmt: skip
    take_down()
    to = address("antwort", cast.carla, thread_id)
    arrives(letter(cast.carla.email, to, TEXT), to)
    with given():
        assert TEXT in [message.body for message in db.session.scalars(select(Message))]


def test_an_attached_mail_does_not_bring_it_back(
    cast: Cast, given: Given, arrives: Arrives, thread_of_anke: int, take_down: Callable[[], None],
    address: Callable[[str, Person, int], str], smtp: MailServer, deliver: Deliver, anonymous: Browser,
) -> None:  # fmt: skip
    to = address("antwort", cast.carla, thread_of_anke)
    forwarded = letter(cast.bob.email, to, f"Zur Erinnerung:\n\n{TEXT}\n", Subject="Fall")
    files = {"Fall.eml": letter(cast.bob.email, to, "Anbei.", files={"innen.eml": forwarded}), "Plan.txt": b"eins"}
    arrives(letter("carla@andere.example.net", to, "Wartet.", files=files), to)
    take_down()
    arrives(letter(cast.carla.email, to, "Bei uns ist einer frei.", files=files), to)
    deliver()
    [question] = [mail for mail in smtp.messages if "Haben Sie das geschrieben?" in mail.message["Subject"]]
    anonymous.submit(button_of(question), button="Ja, senden")
    deliver()
    with given():
        names = [file.name for file in db.session.scalars(select(StoredFile))]
        octets = b"".join(mail.octets for mail in db.session.scalars(select(IncomingMail)))
        bodies = [message.body for message in db.session.scalars(select(Message).order_by(Message.id))]
    assert any("[Angehängte Mail mit entferntem Text]" in body and "Wartet." in body for body in bodies)
    assert names == ["Plan.txt", "Plan.txt"]
    assert b"Fallbach" not in octets
    assert b"Fall.eml" not in octets
    [told] = [mail for mail in smtp.to(cast.carla.email) if "der im Portal entfernt wurde" in mail.text]
    assert "Fall.eml" in told.text


def test_who_takes_a_message_down_is_told_of_an_answer_with_a_mail_that_holds_it_at_any_depth(
    cast: Cast, given: Given, arrives: Arrives, thread_of_anke: int, address: Callable[[str, Person, int], str]
) -> None:
    to = address("antwort", cast.carla, thread_of_anke)
    holding, other = (letter(cast.bob.email, to, text) for text in (f"{TEXT}\n", "Etwas ganz anderes, ebenso lang."))
    within = letter(cast.bob.email, to, "Anbei.", files={"innen.eml": holding})
    for text, attached in (("Eins.", holding), ("Zwei.", other), ("Drei.", within)):
        arrives(letter(cast.carla.email, to, text, files={"Fall.eml": attached}), to)
    with given():
        first, one, _two, three = db.session.scalars(select(Message).order_by(Message.id))
        assert taking_down.quoting(first) == [one, three]


def test_who_answers_with_the_same_greeting_is_not_said_to_repeat_it(cast: Cast, given: Given) -> None:
    with given():
        bob, carla = db.session.get_one(User, cast.bob.id), db.session.get_one(User, cast.carla.id)
        network = db.session.get_one(Network, cast.ost.id)
        body = f"Hallo zusammen,\n\n{TEXT}\nDas ist dringend\nFallbach, Küchenhilfe ab Montag"
        first = post_message(bob, network, subject="Küche", body=body)
        db.session.flush()
        reply(carla, first.thread, body="Hallo zusammen,\n\nam Freitag kann ich leider nicht kommen.\nDas ist dringend")
        short = reply(carla, first.thread, body="Gemeint ist:\nFallbach, Küchenhilfe ab Montag")
        db.session.flush()
        assert taking_down.quoting(first) == [short]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each attached mail that is read whether a unit of work was open meanwhile."""
    seen: list[bool] = []

    def spied(octets: bytes) -> ReceivedMail:
        seen.append(db.session().in_transaction())
        return read(octets)

    monkeypatch.setattr(removed, "read", spied)
    return seen


def test_nobody_waits_while_attached_mails_are_read_each_of_them_once(
    cast: Cast, arrives: Arrives, thread_of_anke: int, take_down: Callable[[], None],
    address: Callable[[str, Person, int], str], reads: list[bool], kept: Callable[[], list[Kept]],
) -> None:  # fmt: skip
    take_down()
    reads.clear()
    to = address("antwort", cast.carla, thread_of_anke)
    within = letter(cast.bob.email, to, "Anbei.", files={"innen.eml": letter(cast.bob.email, to, "Etwas anderes.")})
    arrives(letter(cast.carla.email, to, "Hallo.", files={"Plan.eml": within}), to)
    assert reads == [False, False]
    assert kept()[0].fate is Fate.USED


def test_what_is_taken_down_while_attached_mails_are_read_does_not_come_back(
    cast: Cast, given: Given, arrives: Arrives, thread_of_anke: int, take_down: Callable[[], None],
    address: Callable[[str, Person, int], str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    to = address("antwort", cast.carla, thread_of_anke)
    moments = iter([take_down])

    def meanwhile(octets: bytes) -> ReceivedMail:
        for happens in moments:
            happens()
        return read(octets)

    monkeypatch.setattr(removed, "read", meanwhile)
    arrives(letter(cast.carla.email, to, "Hallo.", files={"Fall.eml": letter(cast.bob.email, to, f"{TEXT}\n")}), to)
    with given():
        assert list(db.session.scalars(select(StoredFile))) == []
        assert db.session.scalars(select(Message.body).order_by(Message.id.desc())).first() == "Hallo."
    assert "Fallbach" not in everything_kept(given)


def test_what_is_taken_down_while_an_answer_is_kept_does_not_come_back(
    cast: Cast, given: Given, arrives: Arrives, thread_of_anke: int, take_down: Callable[[], None],
    address: Callable[[str, Person, int], str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    to = address("antwort", cast.carla, thread_of_anke)
    taking = threading.Thread(target=take_down)

    def looked(mail: ReceivedMail, door: Door) -> Removed:
        found = removed_for(mail, door)
        taking.start()
        taking.join(1)  # it would be done by then if it did not wait for this mail to be kept
        return found

    monkeypatch.setattr(carrying_out, "removed_for", looked)
    arrives(letter(cast.carla.email, to, f"Bei uns ist einer frei.\n\nAm Freitag schrieb Bob:\n> {TEXT}\n"), to)
    taking.join()
    with given():
        first, _answer = db.session.scalars(select(Message).order_by(Message.id))
        assert first.taken_down_at
    assert "Fallbach" not in everything_kept(given)
    assert "Bei uns ist einer frei." in everything_kept(given)


def test_an_answer_that_is_confirmed_while_something_is_taken_down_does_not_bring_it_back(
    cast: Cast, given: Given, arrives: Arrives, thread_of_anke: int, take_down: Callable[[], None],
    address: Callable[[str, Person, int], str], smtp: MailServer, deliver: Deliver, anonymous: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    to = address("antwort", cast.carla, thread_of_anke)
    arrives(letter("carla@andere.example.net", to, INLINE), to)
    deliver()
    [question] = [mail for mail in smtp.messages if "Haben Sie das geschrieben?" in mail.message["Subject"]]
    taking = threading.Thread(target=take_down)

    def decided(id: int, mail: ReceivedMail) -> IncomingMail | None:
        found = held(id, mail)
        taking.start()
        taking.join(1)
        return found

    monkeypatch.setattr(link_views, "held", decided)
    anonymous.submit(button_of(question), button="Ja, senden")
    taking.join()
    with given():
        first, answer = db.session.scalars(select(Message).order_by(Message.id))
        assert first.taken_down_at
        assert "Bei uns ist einer frei." in answer.body
        assert not db.session.scalars(select(IncomingMail)).one().octets


def test_mails_within_mails_without_end_hold_nothing_up(
    cast: Cast, given: Given, arrives: Arrives, thread_of_anke: int, take_down: Callable[[], None],
    address: Callable[[str, Person, int], str],
) -> None:  # fmt: skip
    take_down()
    to = address("antwort", cast.carla, thread_of_anke)
    octets = b"Subject: innen\n\nEtwas anderes.\n"
    for _ in range(500):
        octets = b'Subject: x\nContent-Type: application/octet-stream; name="x.eml"\n\n' + octets
    assert arrives(letter(cast.carla.email, to, "Hallo.", files={"Plan.eml": octets}), to).is_kept
    with given():
        assert list(db.session.scalars(select(StoredFile))) == []


def test_who_attaches_a_mail_too_long_to_look_at_is_told_so(
    cast: Cast, given: Given, arrives: Arrives, thread_of_anke: int, take_down: Callable[[], None],
    address: Callable[[str, Person, int], str], smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    take_down()
    deliver()
    smtp.forget()
    to = address("antwort", cast.carla, thread_of_anke)
    long = letter(cast.bob.email, to, "\n".join(f"Zeile {line} von sehr vielen" for line in range(20_001)))
    arrives(letter(cast.carla.email, to, "Hallo.", files={"Lang.eml": long}), to)
    deliver()
    [told] = [mail for mail in smtp.to(cast.carla.email) if "Lang.eml" in mail.text]
    assert "zu umfangreich, um darin nach entferntem Text zu suchen" in told.text
    with given():
        assert list(db.session.scalars(select(StoredFile))) == []
