"""Digests (row F1): what is in them, when they come, that nothing is lost or doubled, whatever happens meanwhile."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Connection, Engine, event, func, select

from app.accounts.models import User
from app.database import db
from app.files import keeping
from app.forum import digest_mail, posting, withdrawing
from app.forum.models import Digest, Message, Thread
from app.mail import bounces, crashing, health, outbox
from app.mail.models import Delivery, Mail
from app.networks import wishes
from app.networks.joining import remove_participant
from app.networks.models import Network, Participant, Rhythm
from tests.browser import Browser
from tests.cast import Cast, Net, Person
from tests.conftest import Configured, Deliver, Given
from tests.expected import assert_expected
from tests.factories import make_participants
from tests.forum.digesting import Town, at
from tests.mail.test_crashing import die_of
from tests.mailserver import MailServer, Received
from tests.running import wait_until

MONDAY, TUESDAY = 2, 3


@pytest.fixture
def town(app: Flask, given: Given) -> Town:
    return Town(app, given)


@pytest.fixture
def daily_bob(town: Town, cast: Cast) -> Iterator[None]:
    """Bob gets the mail of ost in a daily digest; it is Monday, noon."""
    with town.when(at(MONDAY)):
        town.wish(cast.bob, cast.ost, Rhythm.DAILY)
        yield


def digests(smtp: MailServer, person: Person) -> list[Received]:
    return [mail for mail in smtp.to(person.email) if "Zusammenfassung" in mail.subject]


def states(given: Given, person: Person, event: str = "message") -> list[tuple[str, str]]:
    with given():
        query = select(Delivery.state, Delivery.reply).join(Mail)
        mine = query.where(Delivery.recipient_key == person.key, Mail.event == event)
        return [(state.value, reply) for state, reply in db.session.execute(mine.order_by(Delivery.id))]


def remove(cast_person: Person, net: Net, given: Given) -> None:
    with given():
        remove_participant(db.session.get_one(Participant, net.participant(cast_person)))


def morning(town: Town, deliver: Deliver, day: int, hour: int = 7, minute: int = 0) -> None:
    """Make and hand over what is due at this moment."""
    with town.when(at(day, hour, minute)):
        town.run()
        deliver()
        town.run()


def test_a_digest_holds_everything_of_several_networks_by_network_and_thread(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    with town.when(at(MONDAY)):
        town.wish(cast.carla, cast.ost, Rhythm.DAILY)
        town.wish(cast.carla, cast.west, Rhythm.DAILY)
        first = town.write(cast.lena, cast.ost, subject="Offene Tür", body="Am Freitag ab 9 Uhr, **Kaffee** gibt es.")
        town.write(cast.wim, cast.west, subject="Sprachkurs", body="Beginnt im Mai.")
        town.answer(cast.bob, first, "Ich komme.")
        town.write(cast.bob, cast.ost, subject="Fall", body="streng geheim", confidential=True)
        deliver()
        town.run()
        deliver()
        assert smtp.to(cast.carla.email) == []
    morning(town, deliver, TUESDAY)
    [digest] = smtp.to(cast.carla.email)
    assert_expected(digest, "digest", numbered(given))
    assert "streng geheim" not in digest.text + digest.html
    assert [state for state, _ in states(given, cast.carla)] == ["sent"] * 4


def numbered(given: Given) -> dict[str, str]:
    with given():
        ids = db.session.scalars(select(Thread.id).order_by(Thread.id)).all()
    return {f"/nachrichten/{id}\n": f"/nachrichten/{number}\n" for number, id in enumerate(ids, 1)}


@pytest.mark.usefixtures("daily_bob")
def test_it_is_told_truly_what_waits_and_what_was_handed_over(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    town.write(cast.lena, cast.ost)
    deliver()
    assert states(given, cast.bob) == [("digest", "tägliche Zusammenfassung")]
    with town.when(at(TUESDAY, 7)):
        town.run()
        assert states(given, cast.bob)[0][0] == "digest"
        deliver()
        town.run()
    [(state, reply)] = states(given, cast.bob)
    assert (state, reply[:3]) == ("sent", "250")
    with given():
        address = select(Delivery.address).join(Mail).where(Mail.event == "message")
        assert db.session.scalar(address.where(Delivery.recipient_key == cast.bob.key)) == cast.bob.email


@pytest.mark.usefixtures("daily_bob")
def test_a_digest_that_cannot_be_delivered_says_so_at_each_message(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    town.write(cast.lena, cast.ost)
    smtp.answers[cast.bob.email] = "550 5.1.1 unknown"
    morning(town, deliver, TUESDAY)
    assert states(given, cast.bob) == [("failed", "550 5.1.1 unknown")]


@pytest.mark.usefixtures("daily_bob")
def test_a_digest_that_comes_back_later_says_so_at_each_message(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    for _ in range(2):
        town.write(cast.lena, cast.ost)
    morning(town, deliver, TUESDAY)
    with town.when(at(TUESDAY, 9)), given():
        digest = db.session.scalars(select(Delivery).join(Mail).where(Mail.event == "digest")).one()
        report = bounces.Report("bounce", (cast.bob.email,), True, "Das Postfach gibt es nicht.", "5.1.1", "unknown")
        bounces.record(report, digest.id)
    for state, reply in states(given, cast.bob):
        assert (state, "Das Postfach gibt es nicht." in reply) == ("failed", True)


@pytest.mark.usefixtures("daily_bob")
def test_a_silent_address_ends_its_digest_once_and_for_all(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    town.write(cast.lena, cast.ost)
    with given():
        for _ in range(2):
            health.count(db.session, cast.bob.email, health.HARD, "550 unknown")
    for minute in range(3):
        morning(town, deliver, TUESDAY, 7, minute)
    [(state, reply)] = states(given, cast.bob)
    assert state == "cancelled"
    assert reply
    with given():
        assert db.session.scalar(select(func.count(Mail.id)).where(Mail.event == "digest")) == 1


@pytest.mark.usefixtures("daily_bob")
def test_a_digest_is_kept_as_long_as_its_messages(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    town.write(cast.lena, cast.ost)
    with town.when(at(TUESDAY)):
        town.run("retention")
    morning(town, deliver, TUESDAY, 12)
    for days, kept in ((85, 2), (95, 0)):
        with town.when(at(TUESDAY) + timedelta(days=days)):
            town.run("retention")
            with given():
                assert db.session.scalar(select(func.count(Mail.id))) == kept
    with given():
        assert db.session.scalar(select(func.count(Digest.id))) == 0


@pytest.mark.usefixtures("daily_bob")
def test_an_empty_day_is_no_mail(town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given) -> None:
    for day in (TUESDAY, TUESDAY + 1):
        morning(town, deliver, day)
    assert smtp.messages == []
    with given():
        assert db.session.scalar(select(func.count(Digest.id))) == 0


def test_the_weekly_one_comes_on_monday_at_seven(town: Town, cast: Cast, smtp: MailServer, deliver: Deliver) -> None:
    with town.when(at(TUESDAY)):
        town.wish(cast.bob, cast.ost, Rhythm.WEEKLY)
        town.write(cast.lena, cast.ost)
    for day, hour, minute, expected in [(8, 12, 0, 0), (9, 6, 59, 0), (9, 7, 0, 1), (10, 7, 0, 1)]:
        morning(town, deliver, day, hour, minute)
        assert len(digests(smtp, cast.bob)) == expected


def test_it_comes_at_seven_by_the_clock_also_when_the_clocks_change(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver
) -> None:
    with town.when(at(27)):
        town.wish(cast.bob, cast.ost, Rhythm.DAILY)
    for day in (28, 29, 30):
        with town.when(at(day - 1)):
            town.write(cast.lena, cast.ost)
        morning(town, deliver, day, 6, 59)
        assert len(digests(smtp, cast.bob)) == day - 28
        morning(town, deliver, day)
        assert len(digests(smtp, cast.bob)) == day - 27
    assert at(29, 7) - at(28, 7) == timedelta(hours=23)


@pytest.mark.usefixtures("daily_bob")
def test_after_three_days_without_a_worker_one_digest_has_everything(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver
) -> None:
    for day in (MONDAY, TUESDAY, TUESDAY + 1):
        with town.when(at(day)):
            town.write(cast.lena, cast.ost, body=f"Tag {day}.")
    morning(town, deliver, TUESDAY + 2, 15)
    morning(town, deliver, TUESDAY + 3)
    [digest] = digests(smtp, cast.bob)
    assert [digest.text.count(f"Tag {day}.") for day in (MONDAY, TUESDAY, TUESDAY + 1)] == [1, 1, 1]


@pytest.mark.usefixtures("daily_bob")
def test_while_the_mail_server_is_down_each_message_stays_in_one_digest(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver
) -> None:
    smtp.stop()
    for day in (MONDAY, TUESDAY):
        with town.when(at(day)):
            town.write(cast.lena, cast.ost, body=f"Tag {day}.")
        with town.when(at(day + 1, 7)):
            town.run()
            town.run("outbox")
    smtp.start()
    morning(town, deliver, TUESDAY + 1, 15)
    texts = "".join(mail.text for mail in digests(smtp, cast.bob))
    assert [texts.count(f"Tag {day}.") for day in (MONDAY, TUESDAY)] == [1, 1]


@pytest.mark.usefixtures("daily_bob")
def test_two_workers_at_once_make_one_digest(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    for _ in range(5):
        town.write(cast.lena, cast.ost)
    with town.when(at(TUESDAY, 7)):
        workers = [threading.Thread(target=town.run) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        deliver()
    assert len(digests(smtp, cast.bob)) == 1
    with given():
        assert db.session.scalar(select(func.count(Digest.id))) == 1


class Killed(BaseException):
    """What no code of ours may catch, as no code survives SIGKILL."""


def test_a_worker_killed_in_the_middle_neither_loses_nor_repeats(
    app: Flask, town: Town, cast: Cast, smtp: MailServer, deliver: Deliver
) -> None:
    people = [cast.lena, cast.bob, cast.carla, cast.gast]
    with town.when(at(MONDAY)):
        for person in people:
            town.wish(person, cast.ost, Rhythm.DAILY)
        town.write(cast.lena, cast.ost)
    with town.when(at(TUESDAY, 7)):
        for _ in range(3):
            commits = iter([False, True])

            def kill(_session: object, commits: Iterator[bool] = commits) -> None:
                if next(commits):
                    raise Killed

            event.listen(db.session, "before_commit", kill)
            with pytest.raises(Killed):
                town.run()
            event.remove(db.session, "before_commit", kill)
            deliver()
        town.run()
        deliver()
        town.run()
        deliver()
    assert sorted(mail.to for mail in smtp.messages) == sorted(person.email for person in people)


@pytest.mark.usefixtures("daily_bob")
def test_three_kills_from_outside_at_the_same_digest_delay_it_and_lose_nothing(
    app: Flask, town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    town.write(cast.lena, cast.ost, subject="Bleibt")
    with time_machine.travel(at(TUESDAY, 7), tick=False) as clock:
        town.run()
        with given():
            mail_id = db.session.scalars(select(Mail.id).where(Mail.event == "digest")).one()
        die_of(app, mail_id, clock, times=3)
        deliver()
        town.run()
        assert digests(smtp, cast.bob) == []
        assert [state for state, _ in states(given, cast.bob)] == ["digest"]
        clock.shift(crashing.RESTS[0])
        deliver()
        town.run()
    [digest] = digests(smtp, cast.bob)
    assert "Bleibt" in digest.text
    assert [state for state, _ in states(given, cast.bob)] == ["sent"]


@pytest.mark.usefixtures("daily_bob")
def test_what_is_kept_a_moment_too_late_is_in_the_next_one(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver
) -> None:
    town.write(cast.lena, cast.ost, subject="Früh")
    morning(town, deliver, TUESDAY)
    with town.when(at(TUESDAY, 6, 59)):  # its unit of work ended after the digest's had begun
        town.write(cast.lena, cast.ost, subject="Spät")
    for minute in (1, 2):
        morning(town, deliver, TUESDAY, 7, minute)
    assert len(digests(smtp, cast.bob)) == 1
    morning(town, deliver, TUESDAY + 1)
    first, second = digests(smtp, cast.bob)
    assert ("Spät" in first.text, "Spät" in second.text, "Früh" in second.text) == (False, True, False)


@pytest.mark.usefixtures("daily_bob")
def test_what_can_still_be_taken_back_is_not_in_it(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given, configured: Configured
) -> None:
    with configured(MAIL_UNDO_SECONDS=300):
        town.write(cast.lena, cast.ost, subject="Bleibt")
        with town.when(at(TUESDAY, 6, 58)):
            town.write(cast.lena, cast.ost, subject="Zurück")
        morning(town, deliver, TUESDAY)
        with town.when(at(TUESDAY, 7, 1)), given():
            thread = db.session.scalars(select(Thread).filter_by(subject="Zurück")).one()
            withdrawing.take_back(thread.messages[0])
        morning(town, deliver, TUESDAY + 1)
    [digest] = digests(smtp, cast.bob)
    assert "Bleibt" in digest.text
    assert "Zurück" not in digest.text


@pytest.mark.usefixtures("daily_bob")
def test_a_message_withdrawn_while_the_digest_waits_is_left_out(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    town.write(cast.lena, cast.ost, subject="Bleibt")
    town.write(cast.lena, cast.ost, subject="Geht")
    with town.when(at(TUESDAY, 7)):
        town.run()
        with given():
            gone = db.session.scalars(select(Message).join(Thread).where(Thread.subject == "Geht")).one()
            outbox.withdraw(gone.key)
        deliver()
        assert digests(smtp, cast.bob) == []
        town.run()
        deliver()
        town.run()
    [digest] = digests(smtp, cast.bob)
    assert ("Bleibt" in digest.text, "Geht" in digest.text) == (True, False)
    assert [state for state, _ in states(given, cast.bob)] == ["sent", "cancelled"]


def test_who_leaves_a_network_while_the_digest_waits_gets_nothing_more_of_it(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    with town.when(at(MONDAY)):
        for net in (cast.ost, cast.west):
            town.wish(cast.carla, net, Rhythm.DAILY)
        town.write(cast.lena, cast.ost, subject="Aus Ost")
        town.write(cast.wim, cast.west, subject="Aus West")
    with town.when(at(TUESDAY, 7)):
        town.run()
        remove(cast.carla, cast.ost, given)
        for _ in range(2):
            deliver()
            town.run()
    [digest] = digests(smtp, cast.carla)
    assert ("Aus West" in digest.text, "Aus Ost" in digest.text) == (True, False)
    assert states(given, cast.carla)[0] == ("cancelled", "nimmt nicht mehr teil")


@pytest.mark.usefixtures("daily_bob")
def test_who_left_or_pauses_or_reads_the_web_by_then_gets_no_digest(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    for person in (cast.lena, cast.carla):
        town.wish(person, cast.ost, Rhythm.DAILY)
    town.write(cast.anke, cast.ost)
    remove(cast.bob, cast.ost, given)
    town.wish(cast.lena, cast.ost, Rhythm.WEB)
    with given():
        wishes.pause(cast.carla.id, cast.ost.id)
    morning(town, deliver, TUESDAY)
    assert [mail.to for mail in smtp.messages] == [cast.gast.email]
    assert [states(given, person) for person in (cast.bob, cast.lena, cast.carla)] == [
        [("cancelled", "nimmt nicht mehr teil")],
        [("cancelled", "nur auf der Website")],
        [("cancelled", "pausiert")],
    ]


@pytest.mark.usefixtures("daily_bob")
def test_changing_the_rhythm_takes_what_waits_along(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    town.write(cast.lena, cast.ost)
    town.wish(cast.bob, cast.ost, Rhythm.WEEKLY)
    morning(town, deliver, TUESDAY)
    assert digests(smtp, cast.bob) == []
    assert states(given, cast.bob) == [("digest", "wöchentliche Zusammenfassung")]
    with town.when(at(TUESDAY, 9)):
        town.wish(cast.bob, cast.ost, Rhythm.AT_ONCE)
        town.run()
        deliver()
    [digest] = digests(smtp, cast.bob)
    assert "Von jetzt an bekommen Sie jede Mail sofort" in digest.text
    morning(town, deliver, 9)
    assert len(digests(smtp, cast.bob)) == 1


@pytest.mark.usefixtures("daily_bob")
def test_a_file_is_a_link_that_opens_without_signing_in_until_the_person_leaves(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given, anonymous: Browser
) -> None:
    with given():
        file = keeping.keep_bytes(b"ein Plan", "Plan.txt", "draft:x")
        network = db.session.get_one(Network, cast.ost.id)
        author = db.session.get_one(User, cast.lena.id)
        posting.post_message(author, network, subject="Plan", body="Anbei.", files=[file])
    morning(town, deliver, TUESDAY)
    [digest] = digests(smtp, cast.bob)
    assert digest.files == {}
    path = urlsplit(re.findall(r"Plan\.txt \(8 B\)\s+(\S+)", digest.text)[0]).path
    with town.when(at(31)):
        assert anonymous.post(path).data == b"ein Plan"
    with town.when(at(TUESDAY, 8)):
        remove(cast.bob, cast.ost, given)
        assert anonymous.post(path).status_code == 404


@pytest.mark.usefixtures("daily_bob")
def test_a_long_text_ends_in_a_link(town: Town, cast: Cast, smtp: MailServer, deliver: Deliver) -> None:
    town.write(cast.lena, cast.ost, body="Wort " * 2000 + "Ende")
    morning(town, deliver, TUESDAY)
    [digest] = digests(smtp, cast.bob)
    assert "Ende" not in digest.text
    assert "Weiterlesen auf der Website: http" in digest.text
    assert 3900 < digest.text.count("Wort") * 5 < 4100


def test_leaving_by_one_click_pauses_each_network_and_confirms_each_once(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, given: Given, anonymous: Browser
) -> None:
    with town.when(at(MONDAY)):
        for net in (cast.ost, cast.west):
            town.wish(cast.carla, net, Rhythm.DAILY)
        town.write(cast.lena, cast.ost)
        town.write(cast.wim, cast.west)
    morning(town, deliver, TUESDAY)
    [digest] = digests(smtp, cast.carla)
    assert digest.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = urlsplit(str(digest.message["List-Unsubscribe"]).strip("<>")).path
    with town.when(at(TUESDAY, 8)):
        for _ in range(10):
            assert "Mails dieser Netze pausieren?" in anonymous.get(path).text
        with given():
            assert not wishes.is_paused(cast.carla.id, cast.ost.id)
        for _ in range(2):
            assert anonymous.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        deliver()
    with given():
        assert wishes.is_paused(cast.carla.id, cast.ost.id)
        assert wishes.is_paused(cast.carla.id, cast.west.id)
    assert sorted(mail.subject for mail in smtp.to(cast.carla.email) if mail is not digest) == [
        "Sie bekommen keine Mails mehr von „Jugendliche in Ausbildung“",
        "Sie bekommen keine Mails mehr von „Sprache im Beruf“",
    ]


@pytest.mark.usefixtures("daily_bob")
def test_a_digest_that_cannot_be_written_holds_up_nobody_else(
    town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.wish(cast.carla, cast.ost, Rhythm.DAILY)
    town.write(cast.lena, cast.ost)
    write = digest_mail.digest

    def stumble(user: User, digest: Digest, parts: list[digest_mail.Part]) -> Mail:
        if user.id == cast.bob.id:
            raise RuntimeError("cannot be written")
        return write(user, digest, parts)

    with monkeypatch.context() as fault:
        fault.setattr(digest_mail, "digest", stumble)
        morning(town, deliver, TUESDAY)
        morning(town, deliver, TUESDAY, 7, 1)
    assert len(digests(smtp, cast.carla)) == 1
    morning(town, deliver, TUESDAY, 8, 1)
    assert len(digests(smtp, cast.bob)) == 1


def test_while_digests_are_made_others_get_to_write(
    app: Flask, town: Town, cast: Cast, given: Given, database_kind: str
) -> None:
    if database_kind != "sqlite":
        pytest.skip("writers to PostgreSQL do not wait for one another")
    with town.when(at(MONDAY)):
        with given():
            network = db.session.get_one(Network, cast.ost.id)
            for user in make_participants(network, 30):
                wishes.set_rhythm(user.id, network.id, Rhythm.DAILY)
        town.write(cast.lena, cast.ost)
    with closing(connected(app)) as other, time_machine.travel(at(TUESDAY, 7)):
        worker = threading.Thread(target=town.run)
        worker.start()
        made = 0
        for _ in range(3):
            wait_until(partial(_more_than, made, other), "another digest is made")
            other.execute("BEGIN IMMEDIATE")
            made = _made(other)
            other.execute("COMMIT")
        worker.join()
        assert made < 27
        assert _made(other) == 30


def test_a_database_that_is_locked_for_long_postpones_no_digest(
    app: Flask, town: Town, cast: Cast, smtp: MailServer, deliver: Deliver, database_kind: str
) -> None:
    if database_kind != "sqlite":
        pytest.skip("writers to PostgreSQL do not wait for one another")
    with town.when(at(MONDAY)):
        town.wish(cast.bob, cast.ost, Rhythm.DAILY)
        town.write(cast.lena, cast.ost)
    with closing(connected(app)) as other:
        other.execute("BEGIN IMMEDIATE")

        def let_go(_context: object) -> None:
            other.execute("ROLLBACK")

        event.listen(Engine, "begin", _wait_shortly, insert=True)
        event.listen(Engine, "handle_error", let_go)
        try:
            with town.when(at(TUESDAY, 7)):
                town.run()
        finally:
            event.remove(Engine, "begin", _wait_shortly)
            event.remove(Engine, "handle_error", let_go)
            with app.app_context():
                db.engine.dispose()  # its connections would not wait long for other tests either
        assert not other.in_transaction, "the digest did not meet the lock"
    assert digests(smtp, cast.bob) == []
    morning(town, deliver, TUESDAY, 7, 1)
    assert len(digests(smtp, cast.bob)) == 1


def connected(app: Flask) -> sqlite3.Connection:
    """Another process's connection to the database, as far as SQLite is concerned."""
    path = app.config["DATABASE_URL"].removeprefix("sqlite:///")
    return sqlite3.connect(path, timeout=20, isolation_level=None)


def _more_than(number: int, connection: sqlite3.Connection) -> bool:
    return _made(connection) > number


def _made(connection: sqlite3.Connection) -> int:
    [number] = connection.execute("SELECT count(*) FROM digest").fetchone()
    return int(number)


def _wait_shortly(connection: Connection) -> None:
    connection.connection.cursor().execute("PRAGMA busy_timeout = 100")
