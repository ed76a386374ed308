"""A sent message is taken down: what it said is nowhere any more, and those who got it are asked to delete it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, text, update

from app.audit.models import AuditEntry
from app.database import db, utc_now
from app.files.models import Blob, StoredFile
from app.forum.models import Message
from app.mail.models import Delivery, DeliveryState, Mail
from app.networks.models import Participant, Rhythm
from app.templating import berlin
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.expected import assert_expected
from tests.forum.digesting import Town
from tests.forum.test_posting import post
from tests.mailserver import MailServer

SECRET = "Herr Kruse hat Schulden und keine Stelle"
REASON = {"reason": "Name eines Klienten"}


def ids(given: Given) -> tuple[int, int]:
    with given():
        thread_id, id = db.session.query(Message.thread_id, Message.id).order_by(Message.id).first() or (0, 0)
        return thread_id, id


def posted(browser: Browser, cast: Cast) -> None:
    post(browser, cast, [("Kruse.txt", b"Akte Kruse")], subject="Fall Kruse", body=f"Guten Tag,\n{SECRET}.")


def down(cast: Cast, given: Given) -> str:
    thread_id, id = ids(given)
    return cast.ost.path("nachrichten", thread_id, "entfernen", id)


def kept(given: Given, words: str) -> list[str]:
    """The tables any row of which still holds these words."""
    with given():
        return [
            table.name
            for table in db.metadata.sorted_tables
            if any(words in str(tuple(row)) for row in db.session.execute(text(f'SELECT * FROM "{table.name}"')))
        ]


def test_text_subject_and_files_are_gone_everywhere(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given, uploads: Path
) -> None:
    bob, lena = client_of(cast.bob), client_of(cast.lena)
    posted(bob, cast)
    deliver()
    thread_id, _id = ids(given)
    link = next(str(a.attrs["href"]) for a in lena.see(cast.ost.path("nachrichten")).query("a.file-chip"))
    assert lena.get(link).status_code == 200
    smtp.forget()
    answer = bob.submit(down(cast, given), REASON)
    assert "4 Personen haben sie schon und werden gebeten, sie zu löschen" in answer.text
    assert "von Bob Bergmann entfernt" in answer.text
    for page in (cast.ost.path("nachrichten"), cast.ost.path("nachrichten", thread_id)):
        assert "Kruse" not in lena.see(page).text
    assert lena.get(link).status_code == bob.get(link).status_code == client_of(cast.anke).get(link).status_code == 404
    for words in ("Kruse", "Schulden"):
        assert kept(given, words) == []
    assert not [path for path in uploads.rglob("*") if path.is_file()]
    with given():
        assert db.session.scalar(select(func.count(StoredFile.id))) == 0
        assert db.session.scalar(select(func.count(Blob.id))) == 0


def test_those_who_got_it_are_asked_to_delete_it_without_a_word_of_it(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    bob = client_of(cast.bob)
    posted(bob, cast)
    smtp.answers[cast.gast.email] = "550 5.1.1 unknown"
    deliver()
    [original] = smtp.to(cast.lena.email)
    with given():
        # Whoever left since got it all the same.
        db.session.get_one(Participant, cast.ost.participant(cast.carla)).until = utc_now()
    smtp.forget()
    bob.submit(down(cast, given), REASON)
    deliver()
    assert {mail.to for mail in smtp.messages} == {cast.lena.email, cast.bob.email, cast.carla.email}
    for mail in smtp.messages:
        for words in ("Kruse", "Schulden", "Klienten"):
            assert words.encode() not in mail.raw
            assert words not in mail.text + mail.html + mail.subject
    [notice] = smtp.to(cast.lena.email)
    assert notice.message["In-Reply-To"] == original.message["Message-ID"]
    id = ids(given)[1]
    with given():
        written = db.session.get_one(Message, id).created_at
    day = berlin(written).strftime("%H:%M")
    assert day in notice.text
    stamp = next(line for line in notice.text.splitlines() if "geschrieben" in line).split(" am ")[1].split(" an ")[0]
    assert_expected(notice, "taken-down", {stamp: "1. Dezember 2026, 14:00 Uhr"})


def test_what_waits_goes_to_nobody(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given, configured: Configured
) -> None:
    bob = client_of(cast.bob)
    with configured(MAIL_UNDO_SECONDS=300):
        posted(bob, cast)
    answer = bob.submit(down(cast, given), REASON)
    assert "Per Mail hatte sie noch niemand" in answer.text
    with given():
        assert set(db.session.scalars(select(Delivery.state))) == {DeliveryState.CANCELLED}
        assert db.session.scalar(select(func.count(Mail.id)).where(Mail.event == "taken-down")) == 0
    deliver()
    assert smtp.messages == []


def test_the_link_to_a_large_file_ends_at_once(
    cast: Cast, client_of: ClientOf, anonymous: Browser, smtp: MailServer, deliver: Deliver, given: Given,
    configured: Configured,
) -> None:  # fmt: skip
    bob = client_of(cast.bob)
    with configured(MAIL_ATTACH_LIMIT=10):
        post(bob, cast, [("Gross.txt", b"gross " * 400)])
        deliver()
    [mail] = smtp.to(cast.lena.email)
    line = next(at for at, words in enumerate(mail.text.splitlines()) if "Gross.txt" in words)
    link = "/" + mail.text.splitlines()[line + 1].split("/", 3)[3]
    assert anonymous.post(link).data == b"gross " * 400
    bob.submit(down(cast, given), REASON)
    assert anonymous.get(link).status_code == anonymous.post(link).status_code == 404


def test_leads_and_verwaltung_may_and_others_may_not(cast: Cast, client_of: ClientOf, given: Given) -> None:
    allowed: list[tuple[Person, int]] = [(cast.lena, 200), (cast.anke, 200), (cast.carla, 403), (cast.wim, 404)]
    posted(client_of(cast.bob), cast)
    path = down(cast, given)
    for person, status in allowed:
        browser = client_of(person)
        assert browser.get(path).status_code == status
        if status != 200:
            token = browser.see("/profil").forms[0].values()["csrf_token"][0]
            assert browser.post(path, data={"csrf_token": token} | REASON).status_code == status
    thread = cast.ost.path("nachrichten", ids(given)[0])
    assert "Entfernen" in client_of(cast.lena).see(thread).text
    assert "Entfernen" in client_of(cast.bob).see(thread).text
    assert "Entfernen" not in client_of(cast.carla).see(thread).text
    client_of(cast.lena).submit(path, REASON)
    assert "von Lena Leitner entfernt" in client_of(cast.carla).see(thread).text


def test_it_is_recorded_who_removed_what_when_and_why(cast: Cast, client_of: ClientOf, given: Given) -> None:
    posted(client_of(cast.bob), cast)
    client_of(cast.lena).submit(down(cast, given), REASON)
    page = client_of(cast.anke).see("/verwaltung/protokoll")
    for words in ("Lena Leitner", "von Bob Bergmann", "Jugendliche in Ausbildung", "Name eines Klienten"):
        assert words in page.text
    assert client_of(cast.lena).get("/verwaltung/protokoll").status_code == 403
    id = ids(given)[1]
    with given():
        assert db.session.scalars(select(AuditEntry.about)).one() == f"message:{id}"


def test_without_a_reason_nothing_is_removed(cast: Cast, client_of: ClientOf, given: Given) -> None:
    bob = client_of(cast.bob)
    posted(bob, cast)
    for reason in ("", "x" * 1001):
        assert bob.submit(down(cast, given), {"reason": reason}).status_code == 200
    assert "Fall Kruse" in bob.see(cast.ost.path("nachrichten")).text


def test_removed_twice_it_says_so(cast: Cast, client_of: ClientOf, given: Given) -> None:
    bob = client_of(cast.bob)
    posted(bob, cast)
    bob.see(down(cast, given))
    other = client_of(cast.lena)
    other.submit(down(cast, given), REASON)
    answer = bob.send(REASON)
    assert answer.status_code == 400
    assert "schon entfernt" in answer.text
    with given():
        assert db.session.scalar(select(func.count(AuditEntry.id))) == 1


def test_answers_that_quote_it_are_listed_and_stay(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    bob, carla = client_of(cast.bob), client_of(cast.carla)
    posted(bob, cast)
    thread = cast.ost.path("nachrichten", ids(given)[0])
    carla.submit(thread, {"body": f"> {SECRET}.\n\nDas tut mir leid."}, form="antworten")
    client_of(cast.lena).submit(thread, {"body": "Ich rufe an."}, form="antworten")
    page = bob.see(down(cast, given))
    assert "Diese Antworten wiederholen Stellen daraus" in page.text
    assert "Carla Çelik" in page.text
    assert "Lena Leitner" not in page.text
    bob.submit(down(cast, given), REASON)
    shown = bob.see(thread).text
    assert "Das tut mir leid." in shown
    assert "Fall Kruse" not in shown
    deliver()
    assert not any("Fall Kruse" in mail.subject + mail.text + mail.html for mail in smtp.messages)


def test_an_answer_is_removed_and_its_thread_stays(cast: Cast, client_of: ClientOf, given: Given) -> None:
    bob = client_of(cast.bob)
    posted(bob, cast)
    thread_id, _first = ids(given)
    thread = cast.ost.path("nachrichten", thread_id)
    bob.submit(thread, {"body": "Noch mehr davon"}, form="antworten")
    with given():
        answer_id = db.session.scalar(select(func.max(Message.id)))
    bob.submit(cast.ost.path("nachrichten", thread_id, "entfernen", answer_id), REASON)
    shown = bob.see(thread).text
    assert "Noch mehr davon" not in shown
    assert "Fall Kruse" in shown


def test_in_the_mails_of_answers_only_the_subject_is_replaced(
    cast: Cast, client_of: ClientOf, given: Given, configured: Configured
) -> None:
    bob = client_of(cast.bob)
    for subject in ("span", "Räume & <Zeiten> 'heute'"):
        with configured(MAIL_IS_READ=True):
            post(bob, cast, subject=subject)
            with given():
                last = db.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
                thread_id, first_id = last.thread_id, last.id
            answer = {"body": f"Ein {subject} und wie es weitergeht"}
            bob.submit(cast.ost.path("nachrichten", thread_id), answer, form="antworten")
        with given():
            before = db.session.scalars(select(Mail).order_by(Mail.id.desc()).limit(1)).one()
            mail_id, html, text_before = before.id, before.html, before.text
        bob.submit(cast.ost.path("nachrichten", thread_id, "entfernen", first_id), REASON)
        with given():
            after = db.session.get_one(Mail, mail_id)
            assert after.subject == "AW: [Jugendliche in Ausbildung] Entfernte Nachricht"
            assert after.text == text_before.replace(f"\n{subject}\n", "\nEntfernte Nachricht\n", 1)
            assert f"Ein {subject} und" in after.text
            assert "Entfernte Nachricht</h1>" in after.html
            assert after.html.count("subject=") == html.count("subject=") > 0
            assert after.html.count("%20Entfernte%20Nachricht") == html.count("subject=")
            assert after.html.count("<span") == html.count("<span")
            assert f"Ein {escape_as_mail(subject)} und" in after.html


def escape_as_mail(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_a_digest_on_its_way_while_a_message_is_removed_says_no_more_of_it_after_the_night(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    town = Town(app, given)
    town.wish(cast.lena, cast.ost, Rhythm.DAILY)
    bob = client_of(cast.bob)
    posted(bob, cast)
    with town.when(utc_now() + timedelta(days=2)):
        town.run()
    with given():
        of_digest = Delivery.mail_id.in_(select(Mail.id).where(Mail.event == "digest"))
        sending = update(Delivery).where(of_digest).values(state=DeliveryState.SENDING)
        assert len(db.session.scalars(sending.returning(Delivery.id)).all()) == 1
    bob.submit(down(cast, given), REASON)
    app.extensions["run_job"].call_local("retention")
    assert kept(given, SECRET) == ["mail"]
    with given():
        db.session.execute(update(Delivery).where(of_digest).values(state=DeliveryState.SENT))
    app.extensions["run_job"].call_local("retention")
    assert kept(given, SECRET) == []
    assert kept(given, "Kruse") == []
