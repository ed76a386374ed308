"""Minutes: a draft that nobody else sees, sent to all, corrected until a day, approved."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from app.database import db
from app.inbound import take
from app.mail import answering
from app.meetings.attendance_models import Attendance, Coming
from app.meetings.drawing_out import drawn_out
from app.meetings.minutes_models import Minutes, MinutesCorrection
from app.meetings.models import Document
from app.networks.models import Network, Participant, Rhythm
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.expected import assert_expected
from tests.factories import make_participant, make_user
from tests.forum.digesting import Town
from tests.inbound.conftest import letter
from tests.mailserver import MailServer
from tests.meetings.conftest import PDF, TODAY, MakeMeeting

THEN = datetime(2026, 11, 19, 13, tzinfo=UTC)
TEXT = "**1. Begrüßung**\n\nLena begrüßt.\n\nBeschluss: Die Liste kommt jeden Monat.\n\n- Aufgabe: Bob fragt an."

#: `said(cast.bob, Coming.YES)` is Bob's answer to the invitation.
Said = Callable[[Person, Coming], None]


@pytest.fixture
def meeting(cast: Cast, given: Given, make_meeting: MakeMeeting) -> int:
    """The id of a meeting of ost two days ago, when all of the cast took part already."""
    with given():
        db.session.execute(db.update(Participant).values(since=THEN - timedelta(days=30)))
    return make_meeting(cast.ost, starts_at=THEN)


@pytest.fixture
def said(given: Given, meeting: int) -> Said:
    def answer(person: Person, coming: Coming) -> None:
        with given():
            fields = {"name": person.name, "organisation": person.organisation, "answer": coming}
            db.session.add(Attendance(meeting_id=meeting, user_id=person.id, **fields))

    return answer


@pytest.fixture
def path(cast: Cast, meeting: int) -> Callable[..., str]:
    """`path("versenden")` is a page of the minutes."""
    return lambda *parts: cast.ost.path("sitzungen", meeting, "protokoll", *parts)


Path = Callable[..., str]


def write(browser: Browser, path: Path, files: Any = None, **typed: Any) -> None:
    browser.submit(path("bearbeiten"), {"text": TEXT} | typed, files)


def stage_of(given: Given) -> str:
    with given():
        return db.session.scalars(db.select(Minutes.stage)).one().value


def papers_of(given: Given) -> list[list[str]]:
    with given():
        return [[file.name for file in each.files] for each in db.session.scalars(db.select(Document)).all()]


class TestDraft:
    def test_it_begins_with_the_agenda_and_with_those_ticked_who_had_said_yes(
        self, cast: Cast, client_of: ClientOf, said: Said, path: Path
    ) -> None:
        said(cast.bob, Coming.YES)
        said(cast.carla, Coming.NO)
        page = client_of(cast.lena).see(path("bearbeiten"))
        assert "**1. Begrüßung**" in page.html
        ticked = [box.attrs["value"] for box in page.query('input[name="there"]') if "checked" in box.attrs]
        assert ticked == [str(cast.bob.id)]
        assert "Gaststelle" not in page.text

    def test_nobody_else_sees_it_anywhere(
        self,
        cast: Cast,
        client_of: ClientOf,
        given: Given,
        meeting: int,
        path: Path,
        deliver: Deliver,
        smtp: MailServer,
    ) -> None:
        lena, anke, bob = client_of(cast.lena), client_of(cast.anke), client_of(cast.bob)
        write(lena, path, {"files": ("Protokoll.pdf", PDF)}, there=[cast.bob.id])
        deliver()
        page = lena.see(path())
        assert "Die Liste kommt jeden Monat." in page.text
        assert "Die Liste kommt jeden Monat." in anke.see(path()).text
        [file] = [link for link in page.links if "/dateien/" in link]
        assert lena.get(file).data == PDF
        for url in (path(), path("korrektur"), file):
            assert bob.get(url).status_code in (403, 404), url
        assert bob.get(path()).status_code == 404
        for url in ("sitzungen", "unterlagen", f"sitzungen/{meeting}", "nachrichten"):
            assert "Protokoll.pdf" not in bob.see(cast.ost.path(url)).html
            assert "Entwurf" not in bob.page.text
        assert bob.get(path("bearbeiten")).status_code == bob.get(path("versenden")).status_code == 403
        assert client_of(cast.wim).get(path()).status_code == 404
        assert papers_of(given) == []
        assert smtp.messages == []

    def test_what_was_ticked_is_kept(
        self, cast: Cast, client_of: ClientOf, given: Given, said: Said, path: Path
    ) -> None:
        said(cast.bob, Coming.YES)
        write(client_of(cast.lena), path, there=[cast.lena.id, cast.carla.id])
        with given():
            noted = {each.user_id: each.was_there for each in db.session.scalars(db.select(Attendance))}
        assert noted == {cast.bob.id: False, cast.lena.id: True, cast.carla.id: True}
        assert "Carla Çelik, Sprachwerk" in client_of(cast.lena).see(path()).text

    def test_a_file_is_left_out_again_and_a_refused_one_costs_no_other(
        self, cast: Cast, client_of: ClientOf, path: Path
    ) -> None:
        lena = client_of(cast.lena)
        files = {"files": [("Gut.pdf", PDF), ("Leer.pdf", b"")]}
        write(lena, path, files, text="Mein Text")
        assert any("ist leer" in error for error in lena.page.errors)
        assert "Gut.pdf" in lena.page.text
        assert "Mein Text" in lena.page.html
        [box] = lena.page.query('input[name="without"]')
        lena.send({"without": [box.attrs["value"]]})
        assert "Gut.pdf" not in lena.page.text

    @pytest.mark.parametrize("text", ["x" * 50_001])
    def test_what_is_too_long_is_said_at_the_field(
        self, text: str, cast: Cast, client_of: ClientOf, path: Path
    ) -> None:
        lena = client_of(cast.lena)
        write(lena, path, text=text)
        assert "Bitte kürzen Sie auf höchstens 50000 Zeichen." in lena.page.errors

    def test_of_a_meeting_to_come_there_are_none(
        self, cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
    ) -> None:
        coming = make_meeting(cast.ost)
        lena = client_of(cast.lena)
        assert lena.get(cast.ost.path("sitzungen", coming, "protokoll", "bearbeiten")).status_code == 400
        assert "Protokoll schreiben" not in lena.see(cast.ost.path("sitzungen", coming)).text


@pytest.fixture
def sent(cast: Cast, client_of: ClientOf, said: Said, path: Path, deliver: Deliver) -> Browser:
    """Lena's browser after she has sent minutes; Carla had said no, Bob was there, Gast is a mailbox."""
    said(cast.carla, Coming.NO)
    lena = client_of(cast.lena)
    write(lena, path, there=[cast.lena.id, cast.bob.id])
    lena.submit(path("versenden"))
    deliver()
    return lena


class TestSent:
    def test_everybody_gets_one_mail_and_who_was_absent_decisions_and_tasks(
        self, cast: Cast, given: Given, sent: Browser, meeting: int, smtp: MailServer
    ) -> None:
        assert sorted(mail.to for mail in smtp.messages) == sorted(each.email for each in cast.everyone_in_ost)
        [to_bob], [to_carla] = smtp.to(cast.bob.email), smtp.to(cast.carla.email)
        replaced = {f"sitzungen/{meeting}/": "sitzungen/<id>/"}
        assert_expected(to_bob, "message-minutes")
        assert_expected(to_carla, "minutes-absent", replaced)
        assert to_bob.message["Message-ID"] == to_carla.message["Message-ID"]
        for mail in (to_bob, to_carla):
            [name] = mail.files
            assert name == "Protokoll 8. Netzwerktreffen.pdf"
            assert mail.files[name].startswith(b"%PDF-")
        assert "Lena begrüßt" in to_bob.text
        assert "Lena begrüßt" not in to_carla.text

    def test_who_joined_after_the_meeting_was_not_absent(
        self, cast: Cast, client_of: ClientOf, given: Given, path: Path, deliver: Deliver, smtp: MailServer
    ) -> None:
        with given():
            newcomer = make_user("Neu Neumann", "neu@example.org")
            make_participant(db.session.get_one(Network, cast.ost.id), newcomer)
        lena = client_of(cast.lena)
        write(lena, path, there=[cast.lena.id, cast.bob.id])
        lena.submit(path("versenden"))
        deliver()
        [to_newcomer], [to_bob] = smtp.to("neu@example.org"), smtp.to(cast.bob.email)
        [to_carla] = smtp.to(cast.carla.email)
        assert to_newcomer.subject == to_bob.subject
        assert "Sie waren nicht dabei" not in to_newcomer.text
        assert "Lena begrüßt." in to_newcomer.text
        assert "Lena begrüßt." not in to_carla.text

    def test_participants_find_page_and_paper(
        self, cast: Cast, client_of: ClientOf, given: Given, sent: Browser, meeting: int, path: Path
    ) -> None:
        bob = client_of(cast.bob)
        assert "versandt, Korrekturen bis 5. Dezember 2026" in bob.see(path()).text
        assert papers_of(given) == [["Protokoll 8. Netzwerktreffen.pdf"]]
        [paper] = {link for link in bob.see(cast.ost.path("unterlagen")).links if "/dateien/" in link}
        assert bob.get(paper).data.startswith(b"%PDF-")
        assert client_of(cast.wim).get(paper).status_code == 404

    def test_pressed_twice_it_goes_out_once(
        self, cast: Cast, client_of: ClientOf, path: Path, deliver: Deliver, smtp: MailServer
    ) -> None:
        lena = client_of(cast.lena)
        write(lena, path, there=[cast.lena.id])
        [form] = [form for form in lena.see(path("versenden")).forms if "subject" in form.names]
        for _ in range(2):
            assert lena.post(form.action, data=form.values()).status_code == 302
        values = form.values() | {"submission": "0c3ab7a6-2bd5-4f4d-9a52-7bd9dbdb5a55"}
        assert "Dieses Protokoll ist schon verschickt." in lena.post(form.action, data=values).text
        deliver()
        assert len(smtp.to(cast.bob.email)) == 1

    def test_other_words_after_it_went_out_are_given_back(
        self, cast: Cast, client_of: ClientOf, path: Path, deliver: Deliver, smtp: MailServer
    ) -> None:
        lena = client_of(cast.lena)
        write(lena, path, there=[cast.lena.id])
        [form] = [form for form in lena.see(path("versenden")).forms if "subject" in form.names]
        lena.post(form.action, data=form.values())
        answer = lena.post(form.action, data=form.values() | {"body": "Bitte lesen Sie Punkt 3."})
        assert "Dieses Protokoll ist schon verschickt." in answer.text
        assert "Bitte lesen Sie Punkt 3." in answer.text
        deliver()
        assert len(smtp.to(cast.bob.email)) == 1

    def test_taken_back_it_is_a_draft_again_and_its_words_are_kept(
        self, cast: Cast, client_of: ClientOf, given: Given, path: Path, configured: Configured, deliver: Deliver,
        smtp: MailServer,
    ) -> None:  # fmt: skip
        lena = client_of(cast.lena)
        write(lena, path, there=[cast.lena.id])
        with configured(MAIL_UNDO_SECONDS=300):
            lena.submit(path("versenden"), {"subject": "Mein Betreff"})
            assert stage_of(given) == "sent"
            lena.send(button="Zurückholen")
        deliver()
        assert smtp.messages == []
        assert stage_of(given) == "draft"
        assert papers_of(given) == []
        assert client_of(cast.bob).get(path()).status_code == 404
        assert lena.page.path == path("versenden")
        assert "Mein Betreff" in lena.page.html
        lena.send(form="versenden")
        deliver()
        assert len(smtp.to(cast.bob.email)) == 1
        assert len(smtp.to(cast.bob.email)[0].files) == 1

    def test_corrected_after_it_was_taken_back_the_mail_says_what_the_minutes_say(
        self, cast: Cast, client_of: ClientOf, given: Given, path: Path, configured: Configured, deliver: Deliver,
        smtp: MailServer,
    ) -> None:  # fmt: skip
        lena = client_of(cast.lena)
        write(lena, path, text="Beschluss: 100 Euro.\n\n***\n\nEnde.", there=[cast.bob.id])
        with configured(MAIL_UNDO_SECONDS=300):
            lena.submit(path("versenden"), {"subject": "Mein Betreff"})
            lena.send(button="Zurückholen")
        write(lena, path, text="Beschluss: 1000 Euro.", there=[cast.bob.id])
        lena.submit(path("versenden"))
        deliver()
        [mail] = smtp.to(cast.bob.email)
        assert "Mein Betreff" in mail.subject
        assert "1000 Euro" in mail.text
        assert "100 Euro" not in mail.text
        assert "Ende." not in mail.text

    def test_taken_down_it_is_a_draft_again(
        self, cast: Cast, client_of: ClientOf, given: Given, sent: Browser, path: Path
    ) -> None:
        down = cast.ost.path("nachrichten", given_thread(given), "entfernen", 1)
        with given():
            message = db.session.scalars(db.select(Minutes.message_id)).one()
        sent.submit(down.replace("/entfernen/1", f"/entfernen/{message}"), {"reason": "Name stand darin"})
        assert stage_of(given) == "draft"
        assert papers_of(given) == []
        assert client_of(cast.bob).get(path()).status_code == 404

    def test_who_collects_mail_gets_decisions_and_tasks_at_once_and_who_pauses_nothing(
        self, app: Flask, cast: Cast, client_of: ClientOf, given: Given, path: Path, deliver: Deliver, smtp: MailServer
    ) -> None:
        town = Town(app, given)
        town.wish(cast.carla, cast.ost, Rhythm.WEEKLY)
        town.wish(cast.bob, cast.ost, Rhythm.WEB)
        lena = client_of(cast.lena)
        write(lena, path, there=[cast.lena.id])
        lena.submit(path("versenden"))
        deliver()
        assert "Für Sie" in smtp.to(cast.carla.email)[0].text
        assert smtp.to(cast.bob.email) == []
        with town.when(TODAY + timedelta(days=9)):
            town.run()
            deliver()
        assert len(smtp.to(cast.carla.email)) == 1

    def test_without_decisions_all_get_the_same_mail_and_a_file_suffices(
        self, cast: Cast, client_of: ClientOf, path: Path, deliver: Deliver, smtp: MailServer
    ) -> None:
        lena = client_of(cast.lena)
        write(lena, path, {"files": ("Protokoll.pdf", PDF)}, text="", there=[cast.lena.id])
        assert "Alle bekommen dieselbe Mail" in lena.see(path("versenden")).text
        lena.send()
        deliver()
        assert {tuple(mail.files.items()) for mail in smtp.messages} == {(("Protokoll.pdf", PDF),)}
        assert "Für Sie" not in smtp.to(cast.carla.email)[0].text

    def test_empty_minutes_are_not_sent_and_a_wrong_day_is_said(
        self, cast: Cast, client_of: ClientOf, given: Given, path: Path
    ) -> None:
        lena = client_of(cast.lena)
        write(lena, path, text="")
        lena.submit(path("versenden"))
        assert "Das Protokoll ist noch leer." in lena.page.text
        for day in ("2026-11-01", "2030-01-01"):
            lena.submit(path("versenden"), {"corrections_until": day})
            assert "Bitte geben Sie einen Tag im kommenden Jahr an." in lena.page.errors
        assert stage_of(given) == "draft"

    def test_every_network_of_the_meeting_gets_them(
        self, cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, deliver: Deliver, smtp: MailServer
    ) -> None:
        both = make_meeting(cast.ost, cast.west, starts_at=THEN)
        lena, page = client_of(cast.lena), cast.ost.path("sitzungen", both, "protokoll")
        lena.submit(f"{page}/bearbeiten", {"text": TEXT, "there": [cast.lena.id, cast.wim.id]})
        lena.submit(f"{page}/versenden")
        deliver()
        assert sorted(mail.to for mail in smtp.messages) == sorted(
            each.email for each in [*cast.everyone_in_ost, cast.wim]
        )
        assert client_of(cast.wim).get(cast.west.path("sitzungen", both, "protokoll")).status_code == 200


def given_thread(given: Given) -> int:
    with given():
        message = db.session.scalars(db.select(Minutes)).one().message
        assert message is not None
        return message.thread_id


def corrections(given: Given) -> list[tuple[str, str]]:
    with given():
        return [
            (each.name, each.words)
            for each in db.session.scalars(db.select(MinutesCorrection).order_by(MinutesCorrection.id))
        ]


class TestCorrections:
    def test_one_from_the_page_reaches_the_lead_alone(
        self, cast: Cast, client_of: ClientOf, given: Given, sent: Browser, meeting: int, path: Path, deliver: Deliver,
        smtp: MailServer,
    ) -> None:  # fmt: skip
        smtp.forget()
        bob = client_of(cast.bob)
        for _ in range(2):
            bob.submit(path("korrektur"), {"text": "Es sind **fünf** Plätze."})
        deliver()
        [mail] = smtp.messages
        assert mail.to == cast.lena.email
        assert_expected(mail, "minutes-correction")
        assert corrections(given) == [(cast.bob.name, "Es sind **fünf** Plätze.")]
        assert "fünf" in bob.see(path()).text
        assert "fünf" not in client_of(cast.carla).see(path()).text
        assert "1 Korrektur wartet" in sent.see(cast.ost.path("sitzungen", meeting)).text
        sent.submit(path(), form="erledigt")
        assert "wartet" not in sent.see(cast.ost.path("sitzungen", meeting)).text

    def test_what_one_person_adds_within_an_hour_comes_in_one_mail(
        self, cast: Cast, client_of: ClientOf, sent: Browser, meeting: int, path: Path, deliver: Deliver,
        smtp: MailServer,
    ) -> None:  # fmt: skip
        smtp.forget()
        bob, carla = client_of(cast.bob), client_of(cast.carla)
        for number in range(1, 6):
            bob.submit(path("korrektur"), {"text": f"Fehler {number}"})
            deliver()
        carla.submit(path("korrektur"), {"text": "Ich war da."})
        deliver()
        assert [mail.subject.partition("] ")[2] for mail in smtp.to(cast.lena.email)] == [
            "Korrektur zum Protokoll 8. Netzwerktreffen"
        ] * 2
        assert all(f"Fehler {number}" in sent.see(path()).text for number in range(1, 6))
        smtp.forget()
        with time_machine.travel(TODAY + timedelta(hours=1, minutes=1)):
            deliver()
            [mail] = smtp.messages
            assert_expected(mail, "minutes-corrections")
            client_of(cast.bob).submit(path("korrektur"), {"text": "Fehler 6"})
            deliver()
        with time_machine.travel(TODAY + timedelta(hours=4)):
            deliver()
            client_of(cast.bob).submit(path("korrektur"), {"text": "Fehler 7"})
            deliver()
        assert [re.findall(r"Fehler \d", mail.text) for mail in smtp.messages[1:]] == [["Fehler 6"], ["Fehler 7"]]

    @pytest.mark.parametrize("settled", [["Fehler 2"], ["Fehler 1", "Fehler 2", "Fehler 3"]])
    def test_what_is_dealt_with_before_the_mail_goes_out_is_not_told(
        self, cast: Cast, client_of: ClientOf, given: Given, sent: Browser, path: Path, deliver: Deliver,
        smtp: MailServer, settled: list[str],
    ) -> None:  # fmt: skip
        bob = client_of(cast.bob)
        for number in range(4):
            bob.submit(path("korrektur"), {"text": f"Fehler {number}"})
            deliver()
        smtp.forget()
        with given():
            ids = {each.text: each.id for each in db.session.scalars(db.select(MinutesCorrection))}
        for words in settled:
            sent.submit(path(), form=f"/{ids[words]}/erledigt")
        with time_machine.travel(TODAY + timedelta(hours=1, minutes=1)):
            deliver()
        told = [re.findall(r"Fehler \d", mail.text) for mail in smtp.messages]
        assert told == ([["Fehler 1", "Fehler 3"]] if len(settled) == 1 else [])

    def test_the_first_one_is_not_told_either_if_it_was_dealt_with_while_the_mail_server_was_away(
        self, cast: Cast, client_of: ClientOf, sent: Browser, path: Path, deliver: Deliver, smtp: MailServer
    ) -> None:
        smtp.forget()
        client_of(cast.bob).submit(path("korrektur"), {"text": "Fehler"})
        sent.submit(path(), form="erledigt")
        deliver()
        assert smtp.messages == []

    def test_the_one_and_twentieth_open_one_waits_and_its_text_stays(
        self,
        app: Flask,
        cast: Cast,
        client_of: ClientOf,
        given: Given,
        sent: Browser,
        configured: Configured,
        path: Path,
    ) -> None:
        with given():
            found = db.session.scalars(db.select(Minutes)).one()
            db.session.add_all(
                MinutesCorrection(minutes=found, user_id=cast.bob.id, name="Bob", text=f"Fehler {number}")
                for number in range(20)
            )
        bob = client_of(cast.bob)
        bob.submit(path("korrektur"), {"text": "Noch einer"})
        assert "Sie haben schon zwanzig Korrekturen geschickt" in bob.page.text
        assert "Noch einer" in bob.page.html
        thread = given_thread(given)
        with configured(MAIL_IS_READ=True), app.app_context():
            to_all = answering.address("antwort", cast.bob.id, thread)
            take(letter(cast.bob.email, to_all, "Und per Mail"), to_all)
        assert len(corrections(given)) == 20
        sent.submit(path(), form="erledigt")
        bob.send({"text": "Noch einer"})
        assert corrections(given)[-1] == (cast.bob.name, "Noch einer")

    def test_an_answer_to_the_mail_is_one_and_the_senders_own_is_none(
        self, app: Flask, cast: Cast, given: Given, sent: Browser, configured: Configured, path: Path
    ) -> None:
        thread = given_thread(given)
        with configured(MAIL_IS_READ=True), app.app_context():
            for person, text in ((cast.carla, "Es sind fünf."), (cast.lena, "Danke!")):
                to_all = answering.address("antwort", person.id, thread)
                take(letter(person.email, to_all, text), to_all)
        assert corrections(given) == [(cast.carla.name, "Es sind fünf.")]
        assert "Es sind fünf." in sent.see(path()).text

    def test_after_the_last_day_it_is_too_late(
        self, cast: Cast, client_of: ClientOf, given: Given, sent: Browser, path: Path
    ) -> None:
        bob = client_of(cast.bob)
        bob.see(path("korrektur"))
        with time_machine.travel(TODAY + timedelta(days=15)):
            late = client_of(cast.bob)
            assert "Die Zeit für Korrekturen ist vorbei." in late.see(path("korrektur")).text
            token = late.see("/profil").query('input[name="csrf_token"]')[0].attrs["value"]
            answer = late.post(path("korrektur"), data={"csrf_token": token, "text": "Zu spät"})
            assert "Für Korrekturen ist es zu spät." in answer.text
        assert corrections(given) == []

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            (" ", "Bitte schreiben Sie, was anders sein soll."),
            ("x" * 10_000, "Bitte kürzen Sie auf höchstens 5000 Zeichen."),
        ],
    )
    def test_what_is_wrong_is_said_at_the_field(
        self, text: str, sentence: str, cast: Cast, client_of: ClientOf, sent: Browser, path: Path
    ) -> None:
        bob = client_of(cast.bob)
        bob.submit(path("korrektur"), {"text": text})
        assert sentence in bob.page.errors

    def test_the_lead_works_them_in_and_the_paper_says_so(
        self, cast: Cast, client_of: ClientOf, given: Given, sent: Browser, path: Path, deliver: Deliver,
        smtp: MailServer,
    ) -> None:  # fmt: skip
        smtp.forget()
        write(sent, path, text="Nun richtig.")
        deliver()
        assert smtp.messages == []
        assert papers_of(given) == [["Protokoll 8. Netzwerktreffen.pdf"]]
        assert "Nun richtig." in client_of(cast.bob).see(path()).text


class TestApproval:
    def test_the_lead_approves_and_nothing_changes_any_more(
        self, cast: Cast, client_of: ClientOf, given: Given, sent: Browser, path: Path
    ) -> None:
        sent.submit(path(), form="genehmigen")
        bob = client_of(cast.bob)
        assert "genehmigt am 21. November 2026 von Lena Leitner" in bob.see(path()).text
        bob.send(form="/sprache", button="English")
        assert "approved on 21 November 2026 by Lena Leitner" in bob.see(path()).text
        assert stage_of(given) == "approved"
        assert papers_of(given) == [["Protokoll 8. Netzwerktreffen.pdf"]]
        assert sent.get(path("bearbeiten")).status_code == 400
        assert client_of(cast.bob).see(path("korrektur")).path == path()

    def test_or_the_next_meeting_does(
        self, cast: Cast, client_of: ClientOf, given: Given, sent: Browser, path: Path, make_meeting: MakeMeeting
    ) -> None:
        later = make_meeting(cast.ost, starts_at=TODAY - timedelta(hours=1), title="9. Netzwerktreffen")
        sent.submit(path(), {"genehmigt-meeting": str(later)}, form="genehmigen")
        assert "genehmigt in der Sitzung „9. Netzwerktreffen“" in client_of(cast.bob).see(path()).text

    def test_a_choice_that_is_none_approves_nothing(self, given: Given, sent: Browser, path: Path) -> None:
        token = sent.see(path()).query('input[name="csrf_token"]')[0].attrs["value"]
        for choice in ("99999", "x" * 10_000, ""):
            page = sent.post(path("genehmigen"), data={"csrf_token": token, "genehmigt-meeting": choice})
            assert "Genehmigen" in page.text
        assert stage_of(given) == "sent"

    def test_a_participant_approves_nothing_and_a_draft_is_not_approved(
        self, cast: Cast, client_of: ClientOf, given: Given, path: Path
    ) -> None:
        lena, bob = client_of(cast.lena), client_of(cast.bob)
        write(lena, path)
        for browser, status in ((bob, 403), (lena, 400)):
            token = browser.see("/profil").query('input[name="csrf_token"]')[0].attrs["value"]
            assert browser.post(path("genehmigen"), data={"csrf_token": token}).status_code == status
        assert stage_of(given) == "draft"


@pytest.mark.parametrize(
    ("text", "decisions", "tasks"),
    [
        ("Beschluss: A\nAufgabe: B", ["A"], ["B"]),
        ("- **Beschluss:** A\n  2. Aufgabe : B \n* __Aufgabe__: C", ["A"], ["B", "C"]),
        ("BESCHLUSS: A\nBeschluss: A\nBeschluß: B", ["A", "B"], []),
        ("Der Beschluss: nein\nBeschluss:\nBeschluss\nAufgaben: viele", [], []),
        ("Aufgabe: Die [Liste](https://example.org/l) *prüfen*", [], ["Die Liste <https://example.org/l> prüfen"]),
        ("Beschluss: " + "x" * 5000, ["x" * 1000], []),
    ],
)
def test_lines_that_begin_so_are_drawn_out(text: str, decisions: list[str], tasks: list[str]) -> None:
    assert drawn_out(text) == (decisions, tasks)


def test_a_text_file_is_read_too_and_a_pdf_is_not(
    cast: Cast, client_of: ClientOf, path: Path, deliver: Deliver, smtp: MailServer
) -> None:
    lena = client_of(cast.lena)
    files = {"files": [("Protokoll.txt", "Beschluss: Größer\r\n".encode("cp1252")), ("Protokoll.pdf", PDF)]}
    write(lena, path, files, text="", there=[cast.lena.id])
    lena.submit(path("versenden"))
    deliver()
    assert "- Größer" in smtp.to(cast.carla.email)[0].text
