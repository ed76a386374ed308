"""Verwaltung reads a list in: a preview first, then all of it at once, and for a day the way back."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Organisation, User
from app.database import db, utc_now
from app.mail.models import Mail
from app.networks.import_models import ListImport
from app.networks.joining import Entry, add_participant, remove_participant
from app.networks.models import Network, Participant
from app.networks.wishes import is_paused, pause
from tests.browser import Browser
from tests.cast import Cast, Net
from tests.conftest import ClientOf, Deliver, Given
from tests.factories import make_seat
from tests.mailserver import MailServer

HEAD = "E-Mail;Name;Organisation;Aufgabe;Telefon\r\n"
INA = "ina.imhof@example.org;Ina Imhof;Jugendhilfe e. V.;Übergang;0999 88\r\n"


def upload(browser: Browser, net: Net, text: str, *, removes: bool = False, encoding: str = "utf-8-sig") -> Browser:
    """Upload a list and be on its preview, or on the form with what is wrong."""
    file = ("liste.csv", text.encode(encoding))
    browser.submit(net.path("teilnehmende", "import"), {"removes": removes}, {"file": file})
    return browser


def listed(app: Flask, net: Net) -> set[tuple[str, str, str, str, str]]:
    """Who takes part, as the list shows them."""
    with app.app_context():
        rows = db.session.execute(Participant.listed_in(net.id))
        return {(row.email, row.name, row.organisation, row.task, row.phone) for row in rows}


def exported(browser: Browser, net: Net) -> str:
    return bytes(browser.get(net.path("teilnehmende", "csv")).data).decode("utf-8-sig")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_who_is_new_in_the_list_takes_part_and_is_welcomed(
    app: Flask, cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer, encoding: str
) -> None:
    anke = upload(client_of(cast.anke), cast.ost, HEAD + INA, encoding=encoding)
    assert "1 Person kommt dazu" in anke.page.text
    assert "Ina Imhof" in anke.page.text
    assert "ina.imhof@example.org" not in str(listed(app, cast.ost)), "a preview changes nothing"
    anke.send(button="So übernehmen")
    assert "1 Person ist dazugekommen" in anke.page.text
    expected = ("ina.imhof@example.org", "Ina Imhof", "Jugendhilfe e. V.", "Übergang", "0999 88")
    assert expected in listed(app, cast.ost)
    assert len(listed(app, cast.ost)) == 5, "nobody is removed unasked"
    deliver()
    (welcome,) = smtp.messages
    assert welcome.to == "ina.imhof@example.org"
    assert "Anke Amtmann" in welcome.text


def test_what_is_exported_and_read_again_changes_nothing(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        ost, verwaltung = db.session.get_one(Network, cast.ost.id), db.session.get_one(User, cast.anke.id)
        odd = Entry("odd+tag@example.org", '=HYPERLINK("x")', '-Verein; "gut"', "@eins\nzwei", "+49 999 1")
        add_participant(ost, odd, verwaltung)
        add_participant(ost, Entry("odd+tag@example.org", "", "Zweite Stelle", "'=1"), verwaltung)
    anke = client_of(cast.anke)
    before = listed(app, cast.ost)
    for encoding in ("utf-8-sig", "utf-16"):
        upload(anke, cast.ost, exported(anke, cast.ost), removes=True, encoding=encoding)
        assert "Nichts zu ändern." in anke.page.text
        assert not [form for form in anke.page.forms if "import/" in form.action]
    assert listed(app, cast.ost) == before


def test_corrections_are_shown_old_and_new_and_then_made(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    line = "BOB.Bergmann@berufskolleg.example.org;Robert Bergmann;Kolleg Süd;;0999 77\r\n"
    anke = upload(client_of(cast.anke), cast.ost, HEAD + line)
    assert "Bob Bergmann" in anke.page.text
    assert "Berufskolleg am Kanal" in anke.page.text
    assert "Kolleg Süd" in anke.page.text
    anke.send(button="So übernehmen")
    assert "Bei 1 Person sind Angaben geändert." in anke.page.text
    changed = (cast.bob.email, "Robert Bergmann", "Kolleg Süd", "Aufgabe von Bob Bergmann", "0999 77")
    assert changed in listed(app, cast.ost)
    assert len(listed(app, cast.ost)) == 4


def test_an_empty_cell_leaves_name_and_organisation_as_they_are(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    anke = upload(client_of(cast.anke), cast.ost, f"{HEAD}{cast.bob.email};;;;0999 77\r\n")
    anke.send(button="So übernehmen")
    (bob,) = [row for row in listed(app, cast.ost) if row[0] == cast.bob.email]
    assert bob[1:3] == ("Bob Bergmann", "Berufskolleg am Kanal")
    assert bob[4] == "0999 77"


def test_who_is_new_needs_a_name_and_an_organisation(cast: Cast, client_of: ClientOf) -> None:
    lines = "n1@example.org;;Verein;;\r\nn2@example.org;Nina Neu;;;\r\n"
    anke = upload(client_of(cast.anke), cast.ost, HEAD + lines)
    assert "Zeile 2: Bei n1@example.org fehlt der Name." in anke.page.text
    assert "Zeile 3: Bei n2@example.org fehlt die Organisation." in anke.page.text


def test_afterwards_every_line_that_was_left_out_is_named(cast: Cast, client_of: ClientOf) -> None:
    other = INA.replace("Ina Imhof", "Ina Anders").replace("Jugendhilfe", "Altenhilfe")
    anke = upload(client_of(cast.anke), cast.ost, f"{HEAD}{INA}{other}keine Adresse;X;Y;;\r\n")
    anke.send(button="So übernehmen")
    assert "2 Zeilen sind ausgelassen" in anke.page.text
    assert "Zeile 3: ina.imhof@example.org heißt in Zeile 2 anders" in anke.page.text
    assert "Zeile 4: " in anke.page.text


def test_only_who_is_ticked_to_go_goes_and_gets_no_mail_any_more(
    app: Flask, cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    anke, bob = client_of(cast.anke), client_of(cast.bob)
    without_carla = "".join(
        line for line in exported(anke, cast.ost).splitlines(keepends=True) if cast.carla.email not in line
    )
    upload(anke, cast.ost, without_carla)
    assert "1 Person steht nicht in der Datei und bleibt" in anke.page.text
    url = cast.ost.path("teilnehmende", cast.ost.participant(cast.carla), "schreiben")
    bob.submit(url, {"subject": "wartet", "body": "noch"})
    upload(anke, cast.ost, without_carla, removes=True)
    assert "1 Person wird entfernt" in anke.page.text
    anke.send(button="So übernehmen")
    assert cast.carla.email not in str(listed(app, cast.ost))
    assert cast.carla.email in str(listed(app, cast.west)), "other networks are none of this list's business"
    deliver()
    assert not smtp.to(cast.carla.email)


def test_an_unreadable_line_is_left_out_and_puts_nobody_out(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    text = HEAD + INA.replace("ina.", "süna.") + "bob.bergmann(at)example.org;Bob;Kolleg;;\r\n;Wer;Wo;;\r\n"
    anke = upload(client_of(cast.anke), cast.ost, text, removes=True)
    assert "Vor dem @ steht ein seltenes Zeichen." in anke.page.text
    assert "2 Zeilen werden ausgelassen" in anke.page.text
    assert "Zeile 3: „bob.bergmann(at)example.org“ ist keine E-Mail-Adresse." in anke.page.text
    assert "Solange Zeilen unklar sind, wird niemand entfernt." in anke.page.text
    anke.send(button="So übernehmen")
    assert "2 Zeilen sind ausgelassen." in anke.page.text
    assert len(listed(app, cast.ost)) == 5


def test_doubled_and_contradicting_lines_are_named(cast: Cast, client_of: ClientOf) -> None:
    text = HEAD + INA + INA.upper() + "ina.imhof@example.org;Ina Iden;Schule;;\r\n"
    anke = upload(client_of(cast.anke), cast.ost, text)
    assert "Zeile 3: INA.IMHOF@EXAMPLE.ORG steht für „JUGENDHILFE E. V.“ schon in Zeile 2." in anke.page.text
    assert "Zeile 4: ina.imhof@example.org heißt in Zeile 2 anders: „Ina Imhof“." in anke.page.text


def test_one_person_may_speak_for_two_organisations(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    text = HEAD + INA + "INA.imhof@example.org;Ina Imhof;Schule;;\r\n"
    anke = upload(client_of(cast.anke), cast.ost, text)
    anke.send(button="So übernehmen")
    assert len(listed(app, cast.ost)) == 6
    with app.app_context():
        assert db.session.scalar(select(func.count(User.id)).where(User.name == "Ina Imhof")) == 1
    upload(anke, cast.ost, text)
    assert "Nichts zu ändern." in anke.page.text


def test_somebody_known_from_elsewhere_keeps_their_seat_and_organisation(
    app: Flask, cast: Cast, client_of: ClientOf
) -> None:
    text = HEAD + f"{cast.wim.email};Wim Weber;KREISHANDWERKERSCHAFT;;0999 55\r\n"
    anke = upload(client_of(cast.anke), cast.ost, text)
    anke.send(button="So übernehmen")
    wim = (cast.wim.email, "Wim Weber", "Kreishandwerkerschaft", "Aufgabe von Wim Weber", "0999 55")
    assert wim in listed(app, cast.ost)
    assert wim in listed(app, cast.west), "the seat is the same, so is its phone"
    upload(anke, cast.ost, text)
    assert "Nichts zu ändern." in anke.page.text


def test_a_namesake_with_another_address_is_pointed_out(cast: Cast, client_of: ClientOf) -> None:
    anke = upload(
        client_of(cast.anke), cast.ost, HEAD + "bob@neu.example.org;Bob  BERGMANN;Berufskolleg am Kanal;;\r\n"
    )
    assert "Unter diesem Namen nimmt schon jemand teil" in anke.page.text
    assert cast.bob.email in anke.page.text


def test_an_organisation_new_in_two_spellings_is_made_once(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    text = HEAD + "a@example.org;A;Ärztehaus  Süd;;\r\nb@example.org;B;ärztehaus süd;;\r\n"
    upload(client_of(cast.anke), cast.ost, text).send(button="So übernehmen")
    with app.app_context():
        names = db.session.scalars(select(Organisation.name).where(Organisation.name.ilike("%rztehaus%"))).all()
    assert names == ["Ärztehaus Süd"]


def test_what_changed_since_the_preview_is_shown_before_anything_is_done(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    anke = upload(client_of(cast.anke), cast.ost, HEAD + INA, removes=True)
    with given():
        remove_participant(db.session.get_one(Participant, cast.ost.participant(cast.bob)))
    before = listed(app, cast.ost)
    answer = anke.send(button="So übernehmen")
    assert answer.status_code == 409
    assert "hat sich inzwischen geändert" in anke.page.text
    assert listed(app, cast.ost) == before
    anke.send(button="So übernehmen")
    assert listed(app, cast.ost) == {("ina.imhof@example.org", "Ina Imhof", "Jugendhilfe e. V.", "Übergang", "0999 88")}


def test_confirming_twice_does_it_once(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    anke = upload(client_of(cast.anke), cast.ost, HEAD + INA)
    form = next(form for form in anke.page.forms if "import/" in form.action)
    for _ in range(2):
        assert anke.post(form.action, data=dict(form.values())).status_code == 302
    assert len(listed(app, cast.ost)) == 5
    with app.app_context():
        assert db.session.scalar(select(func.count(Mail.id)).where(Mail.event == "welcome")) == 1


def test_within_a_day_everything_can_be_taken_back(
    app: Flask, cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    anke = client_of(cast.anke)
    before = listed(app, cast.ost)
    upload(anke, cast.ost, HEAD + INA + f"{cast.bob.email};Robert;Kolleg;neu;0999 9\r\n", removes=True)
    anke.send(button="So übernehmen")
    assert len(listed(app, cast.ost)) == 2
    done = anke.page.path
    anke.send(button="Import zurücknehmen")
    assert listed(app, cast.ost) == before
    deliver()
    assert not smtp.messages, "a welcome that still waited is not sent"
    assert "zurückgenommen" in anke.see(done).text


def test_what_somebody_corrected_since_stays_when_it_is_taken_back(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    upload(anke, cast.ost, HEAD + f"{cast.bob.email};Robert;Berufskolleg am Kanal;;0999 9\r\n").send(
        button="So übernehmen"
    )
    done = anke.page.path
    url = cast.ost.path("teilnehmende", cast.ost.participant(cast.bob))
    anke.submit(url, {"phone": "0999 10"}, button="Speichern")
    anke.submit(done, button="Import zurücknehmen")
    assert (cast.bob.email, "Bob Bergmann", cast.bob.organisation, "Aufgabe von Bob Bergmann", "0999 10") in listed(
        app, cast.ost
    )


def test_after_a_day_it_stays_as_it_is(cast: Cast, client_of: ClientOf) -> None:
    anke = upload(client_of(cast.anke), cast.ost, HEAD + INA)
    anke.send(button="So übernehmen")
    form = next(form for form in anke.page.forms if "zuruecknehmen" in form.action)
    with time_machine.travel(utc_now() + timedelta(hours=25)):
        later = client_of(cast.anke)
        token = later.see(cast.ost.path("teilnehmende", "import")).query("input[name=csrf_token]")[0].attrs["value"]
        assert later.post(form.action, data={"csrf_token": token}).status_code == 400
        assert "nicht mehr zurücknehmen" in later.page.text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "leer"),
        (b"PK\x03\x04", "Excel-Mappe"),
        (b"bob@example.org;Bob;Schule", "keine Überschriften"),
        (b"E-Mail;Name\r\nbob@example.org;Bob", "Es fehlt die Spalte „Organisation“."),
        (b"\x00\xff" * 5000, "Überschriften"),
    ],
)
def test_a_file_that_is_no_list_is_answered_with_a_sentence(
    cast: Cast, client_of: ClientOf, data: bytes, sentence: str
) -> None:
    anke = client_of(cast.anke)
    anke.submit(cast.ost.path("teilnehmende", "import"), files={"file": ("liste.csv", data)})
    assert sentence in " ".join(anke.page.errors)


@pytest.mark.parametrize("name", ["a\x00\x07b.csv", "../../etc/passwd", "<b>.csv", "ü" * 2000, "\u202efdp.csv"])
def test_any_name_of_the_file_will_do(cast: Cast, client_of: ClientOf, name: str) -> None:
    anke = client_of(cast.anke)
    file = (name, (HEAD + INA).encode())
    anke.submit(cast.ost.path("teilnehmende", "import"), files={"file": file})
    assert "1 Person kommt dazu" in anke.page.text


def test_without_a_file_the_form_asks_for_one(cast: Cast, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    anke.submit(cast.ost.path("teilnehmende", "import"), button="Vorschau")
    assert "Bitte wählen Sie die Datei mit der Liste." in anke.page.errors


def test_a_name_that_is_a_script_stays_a_name(cast: Cast, client_of: ClientOf) -> None:
    text = HEAD + "x@example.org;<script>alert(1)</script>;<b>X</b>;<i>Y;\u202e123\r\n"
    anke = upload(client_of(cast.anke), cast.ost, text)
    assert "<script>alert(1)</script>" in anke.page.text
    anke.send(button="So übernehmen")
    assert "dazugekommen" in anke.page.text


def test_only_verwaltung_reads_lists_in(cast: Cast, client_of: ClientOf, anonymous: Browser) -> None:
    done = upload(client_of(cast.anke), cast.ost, HEAD + INA).page.path
    for url in (cast.ost.path("teilnehmende", "import"), done):
        assert client_of(cast.lena).get(url).status_code == 403, "leads add nobody"
        assert client_of(cast.bob).get(url).status_code == 403
        assert client_of(cast.wim).get(url).status_code == 404
        assert anonymous.get(url).status_code == 302


def test_a_preview_belongs_to_its_network(cast: Cast, client_of: ClientOf) -> None:
    anke = upload(client_of(cast.anke), cast.ost, HEAD + INA)
    assert anke.get(anke.page.path.replace("/ost/", "/west/")).status_code == 404
    assert anke.get(cast.ost.path("teilnehmende", "import", 999)).status_code == 404


def test_two_previews_of_one_person_do_not_disturb_each_other(cast: Cast, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    previews = [upload(anke, net, HEAD + INA).page.path for net in (cast.ost, cast.west)]
    for preview in previews:
        anke.submit(preview, button="So übernehmen")
        assert "1 Person ist dazugekommen" in anke.page.text


def test_a_list_that_nobody_confirmed_or_can_take_back_is_forgotten_in_the_night(
    app: Flask, cast: Cast, client_of: ClientOf
) -> None:
    anke = upload(client_of(cast.anke), cast.ost, HEAD + INA)
    upload(anke, cast.west, HEAD + INA).send(button="So übernehmen")
    for hours, kept in [(23, 2), (25, 0)]:
        with time_machine.travel(utc_now() + timedelta(hours=hours)):
            app.extensions["run_job"].call_local("lists")
        with app.app_context():
            assert db.session.scalar(select(func.count(ListImport.id))) == kept


def test_who_comes_back_with_a_list_gets_every_mail_again_and_who_stayed_keeps_their_pause(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    anke = client_of(cast.anke)
    lines = exported(anke, cast.ost)
    with given():
        for person in (cast.bob, cast.carla):
            pause(person.id, cast.ost.id)
        remove_participant(db.session.get_one(Participant, cast.ost.participant(cast.bob)))
    second = f"{cast.carla.email};Carla Çelik;Zweite Stelle;;\r\n"
    upload(anke, cast.ost, lines + second).send(button="So übernehmen")
    with app.app_context():
        assert not is_paused(cast.bob.id, cast.ost.id)
        assert is_paused(cast.carla.id, cast.ost.id)


def test_who_works_elsewhere_now_has_another_seat_in_this_network_only(
    app: Flask, cast: Cast, client_of: ClientOf
) -> None:
    anke = client_of(cast.anke)
    before = listed(app, cast.ost), listed(app, cast.west)
    upload(anke, cast.ost, HEAD + f"{cast.carla.email};Carla Çelik;Volkshochschule;;0999 1\r\n").send(
        button="So übernehmen"
    )
    done = anke.page.path
    moved = (cast.carla.email, cast.carla.name, "Volkshochschule", "Aufgabe von Carla Çelik", "0999 1")
    assert moved in listed(app, cast.ost)
    assert listed(app, cast.west) == before[1]
    anke.submit(done, button="Import zurücknehmen")
    assert (listed(app, cast.ost), listed(app, cast.west)) == before


def test_a_seat_that_two_people_hold_is_not_lost_with_one_of_them(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        bob = db.session.get_one(Participant, cast.ost.participant(cast.bob))
        bob.seat.holdings.append(make_seat(db.session.get_one(User, cast.wim.id)).holdings[0])
    anke = client_of(cast.anke)
    lines = exported(anke, cast.ost).splitlines(keepends=True)
    upload(anke, cast.ost, "".join(line for line in lines if cast.wim.email not in line), removes=True)
    assert "Nichts zu ändern." in anke.page.text


@pytest.mark.once
def test_three_thousand_lines_are_read_shown_and_done_in_seconds(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    lines = [f"p{n}@example.org;Person Nummer {n};Organisation {n % 300};Aufgabe {n};0999 {n}\r\n" for n in range(3000)]
    anke = client_of(cast.anke)
    began = time.perf_counter()
    answer = anke.post(
        cast.ost.path("teilnehmende", "import"),
        data={"csrf_token": _token(anke, cast.ost), "file": (_file(HEAD + "".join(lines)), "liste.csv")},
    )
    form = {"csrf_token": _token(anke, cast.ost), "digest": _digest(anke, answer.location)}
    done = anke.post(answer.location, data=form)
    seconds = time.perf_counter() - began
    assert done.status_code == 302
    assert len(listed(app, cast.ost)) == 3004
    assert seconds < 30, f"{seconds:.1f} s"
    upload(anke, cast.ost, HEAD + "".join(lines))
    assert "Alle 3000 Personen der Datei stehen genau so in der Liste." in anke.page.text


def _token(browser: Browser, net: Net) -> str:
    return str(browser.see(net.path("teilnehmende", "import")).query("input[name=csrf_token]")[0].attrs["value"])


def _file(text: str) -> BytesIO:
    return BytesIO(text.encode("utf-8-sig"))


def _digest(browser: Browser, url: str) -> str:
    # Not through the checking browser: checking a page of three thousand rows takes longer than making it.
    html = super(Browser, browser).open(url).text
    found = re.search(r'name="digest" value="([0-9a-f]+)"', html)
    assert found
    return found[1]
