"""Away until a day, with a deputy from the same network (row F4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.forum.models import Thread
from app.mail import health
from app.mail.models import Delivery, Mail
from app.networks import absences, wishes
from app.networks.absence_models import Absence
from app.networks.joining import remove_participant
from app.networks.models import Network, Participant, Rhythm
from app.templating import berlin
from tests.at_once import at_once
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer, Received
from tests.networks.conftest import Leave


def write(cast: Cast, client_of: ClientOf, deliver: Deliver, subject: str = "Offene Tür") -> None:
    client_of(cast.carla).submit(cast.ost.path("nachrichten", "neu"), {"subject": subject, "body": "Am Freitag."})
    deliver()


def got(smtp: MailServer, person: Person, words: str = "Am Freitag.") -> list[Received]:
    return [mail for mail in smtp.to(person.email) if words in mail.text]


def reasons(given: Given, person: Person) -> list[str]:
    with given():
        query = select(Delivery.reply).where(Delivery.recipient_key == person.key).order_by(Delivery.id)
        return list(db.session.scalars(query))


def test_the_deputy_gets_one_copy_that_says_in_whose_place_and_the_person_none(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given
) -> None:
    leave(cast.lena, cast.bob)
    write(cast, client_of, deliver)
    assert got(smtp, cast.lena) == []
    [mail] = got(smtp, cast.bob)
    assert "Nachricht · in Vertretung für Lena Leitner\n" in mail.text.replace("\r", "")
    assert "in Vertretung für Lena Leitner" in mail.html
    [other] = got(smtp, cast.gast)
    assert "Vertretung" not in other.text + other.html
    assert "vertreten durch Bob Bergmann" in reasons(given, cast.lena)


def test_a_deputy_at_a_silent_address_does_not_swallow_the_persons_mail(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given
) -> None:
    leave(cast.lena, cast.bob)
    with given():
        for _time in range(2):
            health.count(db.session, cast.bob.email, health.HARD, "550 nobody here")
    write(cast, client_of, deliver)
    [mail] = got(smtp, cast.lena)
    assert "Vertretung" not in mail.text
    assert got(smtp, cast.bob) == []


def test_what_is_asked_of_the_person_alone_goes_to_the_deputy_and_its_links_are_the_deputys(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given, anonymous: Browser,
    app: Flask,
) -> None:  # fmt: skip
    """Lena as lead is reminded of Carla's request; Bob gets that in her place, and takes it for himself."""
    leave(cast.lena, cast.bob, days=30)
    asked = {"kind": "request", "subject": "Wer hilft?", "body": "Bitte bald."}
    client_of(cast.carla).submit(cast.ost.path("nachrichten", "neu"), asked)
    with time_machine.travel(utc_now() + timedelta(days=12)):
        app.extensions["run_job"].call_local("requests")
        deliver()
        [reminder] = got(smtp, cast.bob, "Um diese Anfrage kümmert sich noch niemand")
        assert "in Vertretung für Lena Leitner" in reminder.text
        assert got(smtp, cast.lena, "Um diese Anfrage") == []
        take = re.search(r"^Ich kümmere mich:\s+(\S+)", reminder.text, re.MULTILINE)
        assert take
        anonymous.post(urlsplit(take[1]).path)
        deliver()
    [told] = got(smtp, cast.carla, "kümmert sich um Ihre Anfrage")
    assert "Bob Bergmann kümmert sich" in told.text


def test_personal_mail_still_goes_to_the_person(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, anonymous: Browser
) -> None:
    leave(cast.lena, cast.bob)
    deliver()
    smtp.forget()
    anonymous.submit("/anmelden", {"email": cast.lena.email})
    letter = cast.ost.path("teilnehmende", cast.ost.participant(cast.lena), "schreiben")
    client_of(cast.carla).submit(letter, {"subject": "Nur an Sie", "body": "Am Freitag."})
    deliver()
    assert len(smtp.to(cast.lena.email)) == 2
    assert smtp.to(cast.bob.email) == []


def test_it_ends_by_itself_after_the_last_day(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    leave(cast.lena, cast.bob, days=2)
    with time_machine.travel(utc_now() + timedelta(days=3)):
        write(cast, client_of, deliver)
    assert len(got(smtp, cast.lena)) == 1
    assert "Vertretung" not in got(smtp, cast.bob)[0].text


def test_two_who_are_away_are_one_mail_to_the_deputy(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    leave(cast.lena, cast.bob)
    leave(cast.carla, cast.bob)
    write(cast, client_of, deliver)
    [mail] = got(smtp, cast.bob)
    assert "in Vertretung für Lena Leitner, Carla Çelik" in mail.text


def _deputy_leaves_the_network(cast: Cast) -> None:
    remove_participant(db.session.get_one(Participant, cast.ost.participant(cast.bob)))


def _deputy_pauses(cast: Cast) -> None:
    wishes.pause(cast.bob.id, cast.ost.id)


def _deputy_reads_the_website(cast: Cast) -> None:
    wishes.set_rhythm(cast.bob.id, cast.ost.id, Rhythm.WEB)


def _deputy_is_away_and_names_another(cast: Cast) -> None:
    bob, carla = db.session.get_one(User, cast.bob.id), db.session.get_one(User, cast.carla.id)
    day = berlin(utc_now()).date() + timedelta(days=5)
    absences.leave(bob, db.session.get_one(Network, cast.ost.id), day, carla)


@pytest.mark.parametrize(
    "happening",
    [_deputy_leaves_the_network, _deputy_pauses, _deputy_reads_the_website, _deputy_is_away_and_names_another],
)
def test_without_a_deputy_who_gets_mail_it_goes_to_the_person(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given,
    happening: Callable[[Cast], None],
) -> None:  # fmt: skip
    leave(cast.lena, cast.bob)
    with given():
        happening(cast)
    write(cast, client_of, deliver)
    assert len(got(smtp, cast.lena)) == 1


def test_a_person_who_was_removed_is_stood_in_for_no_more(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given
) -> None:
    leave(cast.lena, cast.bob)
    with given():
        remove_participant(db.session.get_one(Participant, cast.ost.participant(cast.lena)))
    write(cast, client_of, deliver)
    assert "Vertretung" not in got(smtp, cast.bob)[0].text


def test_a_message_that_waits_goes_to_the_deputy_who_came_later_as_well(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given,
    configured: Configured, anonymous: Browser,
) -> None:  # fmt: skip
    """Wim joins ost after the message was written, so only Lena's copy can reach him; leaving it ends that only."""
    with configured(MAIL_UNDO_SECONDS=300):
        write(cast, client_of, deliver)
    anke = client_of(cast.anke)
    wim = {"email": cast.wim.email, "name": cast.wim.name, "organisation": cast.wim.organisation}
    anke.submit(cast.ost.path("teilnehmende", "neu"), wim)
    leave(cast.lena, cast.wim)
    with time_machine.travel(utc_now() + timedelta(minutes=6)):
        deliver()
    assert got(smtp, cast.lena) == []
    [mail] = got(smtp, cast.wim)
    assert "in Vertretung für Lena Leitner" in mail.text
    with given():
        thread_id = db.session.scalars(select(Thread.id)).one()
    report = client_of(cast.carla).see(cast.ost.path("nachrichten", thread_id, "zustellung")).text
    assert "Lena Leitner (an die Vertretung)" in report
    assert cast.wim.email not in report
    smtp.forget()
    leaving = urlsplit(str(mail.message["List-Unsubscribe"]).strip("<>")).path
    for _ in range(10):
        assert "nicht mehr vertreten?" in anonymous.get(leaving).text
    anonymous.post(leaving)
    anonymous.post(leaving)
    deliver()
    with given():
        assert db.session.scalars(select(Absence)).one().deputy_id is None
        assert wishes.has_mail(cast.lena.id, cast.ost.id)
        assert wishes.has_mail(cast.wim.id, cast.ost.id)
    [told] = smtp.to(cast.lena.email)
    assert_expected(told, "deputy-declined")


def test_whoever_reads_a_digest_is_stood_in_for_too(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given, app: Flask
) -> None:
    with given():
        wishes.set_rhythm(cast.lena.id, cast.ost.id, Rhythm.DAILY)
    leave(cast.lena, cast.bob)
    write(cast, client_of, deliver)
    with time_machine.travel(utc_now() + timedelta(days=2)):
        app.extensions["run_job"].call_local("digests")
        deliver()
    assert got(smtp, cast.lena) == []
    assert len(got(smtp, cast.bob)) == 1
    assert "vertreten durch Bob Bergmann" in reasons(given, cast.lena)


def test_away_from_one_of_two_networks_mail_to_both_still_comes(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    leave(cast.carla, cast.bob)
    client_of(cast.carla).submit(
        cast.ost.path("nachrichten", "neu"), {"subject": "Beide", "body": "Am Freitag.", "also_to": [cast.west.slug]}
    )
    deliver()
    assert len(got(smtp, cast.carla)) == 1
    assert len(got(smtp, cast.bob)) == 1


def settings_of(smtp: MailServer, person: Person) -> str:
    found = re.search(r"E-Mails einstellen: (\S+)", smtp.to(person.email)[-1].text)
    assert found
    return urlsplit(found[1]).path


def test_from_the_mail_somebody_is_away_and_comes_back(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer, anonymous: Browser, given: Given
) -> None:
    write(cast, client_of, deliver)
    path = settings_of(smtp, cast.lena)
    day = berlin(utc_now()).date() + timedelta(days=12)
    prefix = f"netz{cast.ost.id}-"
    fields = {f"{prefix}away_until": day.isoformat(), f"{prefix}deputy": "bob  bergmann"}
    anonymous.submit(path, fields, button="Abwesenheit speichern")
    assert "bekommt Bob Bergmann für Sie die Mails" in anonymous.page.text
    deliver()
    told, asked = smtp.to(cast.lena.email)[-1], smtp.to(cast.bob.email)[-1]
    names = {told.message["Subject"].split("bis ")[1].split(" abwesend")[0]: "3. Dezember"}
    assert "Ich bin wieder da" in told.text
    assert "Ich kann nicht vertreten" in asked.text
    carla, page = client_of(cast.carla), cast.ost.path("teilnehmende")
    assert f"abwesend bis {day.day}.{day.month}., Vertretung: Bob Bergmann" in carla.see(page).text
    assert f"away until {day.day} {day:%b}, deputy: Bob" in carla.get(page, headers={"Accept-Language": "en"}).text
    assert_expected(told, "away", {**names, str(day.year): "2026"})
    assert_expected(asked, "deputy", {**names, str(day.year): "2026"})
    back = re.search(r"Ich bin wieder da:\s+(\S+)", told.text)
    assert back
    for _ in range(10):
        anonymous.get(urlsplit(back[1]).path)
    with given():
        assert absences.absence_of(cast.lena.id, cast.ost.id)
    anonymous.post(urlsplit(back[1]).path)
    anonymous.post(urlsplit(back[1]).path)
    with time_machine.travel(utc_now() + timedelta(minutes=61)):
        deliver()
    assert "Sie vertreten Lena Leitner nicht mehr" in smtp.to(cast.bob.email)[-1].text
    assert len([mail for mail in smtp.to(cast.bob.email) if "nicht mehr" in mail.subject]) == 1
    assert "abwesend" not in client_of(cast.carla).see(cast.ost.path("teilnehmende")).text


def test_whom_a_mail_is_forwarded_to_learns_no_names_from_its_links(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer, anonymous: Browser
) -> None:
    write(cast, client_of, deliver)
    page = anonymous.see(settings_of(smtp, cast.carla))
    assert not any(person.name in page.text for person in (cast.bob, cast.lena, cast.wim))


@pytest.mark.parametrize(
    ("named", "said"), [("Wim Weber", "So heißt in diesem Netz niemand"), ("Bob Bergmann", "So heißen mehrere.")]
)
def test_a_name_that_is_nobodys_or_of_two_people_is_told_and_kept(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer, anonymous: Browser, given: Given,
    named: str, said: str,
) -> None:  # fmt: skip
    with given():
        db.session.get_one(User, cast.carla.id).name = "Bob Bergmann"
    write(cast, client_of, deliver)
    prefix = f"netz{cast.ost.id}-"
    day = berlin(utc_now()).date() + timedelta(days=3)
    wish = {f"{prefix}away_until": day.isoformat(), f"{prefix}deputy": named}
    anonymous.submit(settings_of(smtp, cast.lena), wish, button="Abwesenheit speichern")
    assert any(said in error for error in anonymous.page.errors)
    [form] = [form for form in anonymous.page.forms if f"{prefix}deputy" in form.names]
    assert form.values()[f"{prefix}deputy"] == [named]
    anonymous.send({f"{prefix}deputy": cast.carla.email.upper()}, button="Abwesenheit speichern")
    assert "bekommt Bob Bergmann für Sie die Mails" in anonymous.page.text


def test_who_has_a_forwarded_mail_does_not_fill_its_owners_mailbox_with_absences(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer, anonymous: Browser, given: Given
) -> None:
    def be_away(days: int) -> None:
        day = berlin(utc_now()).date() + timedelta(days=days)
        typed = {f"netz{cast.ost.id}-away_until": day.isoformat()}
        assert anonymous.post(path, data={"network": cast.ost.id, "wanted": "away"} | typed).status_code == 200

    def come_back() -> None:
        anonymous.post(path, data={"network": cast.ost.id, "wanted": "back"})

    def told(minutes: int) -> int:
        with time_machine.travel(utc_now() + timedelta(minutes=minutes)):
            deliver()
        number = len([mail for mail in smtp.to(cast.lena.email) if "Ich bin wieder da" in mail.text])
        smtp.forget()
        return number

    write(cast, client_of, deliver)
    path = settings_of(smtp, cast.lena)
    for _ in range(10):
        be_away(5)
        deliver()
    assert told(61) == 1, "the same again is nothing new"
    for days in range(6, 16):
        be_away(days)
        deliver()
    assert told(0) == 0
    assert told(61) == 1, "how it is then"
    for _ in range(5):
        come_back()
        be_away(9)
    assert told(125) == 1, "away once more is told once more"
    be_away(8)
    come_back()
    assert told(190) == 0, "what is not so any more is not said"


def test_two_presses_at_the_same_moment_end_an_absence_once(
    cast: Cast, leave: Leave, app: Flask, given: Given, deliver: Deliver, smtp: MailServer
) -> None:
    def come_back() -> None:
        with given():
            absences.come_back(cast.lena.id, cast.ost.id)

    leave(cast.lena, cast.bob)
    deliver()
    smtp.forget()
    at_once(app, "absence", come_back, come_back)
    with given():
        made = db.session.scalars(select(Mail.id).where(Mail.about.endswith("ended"))).all()
    assert len(made) == 1, "the second one neither makes a mail of its own nor stops the first"
    with time_machine.travel(utc_now() + timedelta(minutes=61)):
        deliver()
    assert [mail.subject for mail in smtp.to(cast.bob.email)] == [
        "Sie vertreten Lena Leitner in „Jugendliche in Ausbildung“ nicht mehr"
    ]


def test_a_deputy_is_told_what_is_new_and_no_more_than_once_an_hour(
    cast: Cast, leave: Leave, given: Given, deliver: Deliver, smtp: MailServer
) -> None:
    def subjects(minutes: int) -> list[str]:
        with time_machine.travel(utc_now() + timedelta(minutes=minutes)):
            deliver()
        found = [mail.subject.partition(" Lena")[0] for mail in smtp.to(cast.carla.email)]
        smtp.forget()
        return found

    for days in (5, 5, 6, 7, 5):
        leave(cast.lena, cast.carla, days)
        deliver()
    assert subjects(61) == ["Sie vertreten"], "in the end it is the day they know"

    for days in (6, 5, 7):
        leave(cast.lena, cast.carla, days)
    assert subjects(0) == []
    assert subjects(61) == ["Sie vertreten"]

    leave(cast.lena, None, 7)
    leave(cast.lena, cast.carla, 7)
    assert subjects(130) == []
    with given():
        absences.come_back(cast.lena.id, cast.ost.id)
    assert subjects(130) == ["Sie vertreten"]


@pytest.mark.parametrize("ending", ["come back", "another deputy", "change the day, then come back"])
def test_a_deputy_is_told_of_the_end_of_a_long_absence_too(
    cast: Cast, leave: Leave, given: Given, deliver: Deliver, smtp: MailServer, app: Flask, ending: str
) -> None:
    leave(cast.lena, cast.bob, 20)
    deliver()
    smtp.forget()
    with time_machine.travel(utc_now() + timedelta(days=8)):
        app.extensions["run_job"].call_local("retention")  # the mail that asked Bob is forgotten
        if ending.startswith("change"):
            leave(cast.lena, cast.bob, 17)
        if ending.endswith("come back"):
            with given():
                absences.come_back(cast.lena.id, cast.ost.id)
        else:
            leave(cast.lena, cast.carla, 12)
        deliver()
    [told] = smtp.to(cast.bob.email)
    assert told.subject == "Sie vertreten Lena Leitner in „Jugendliche in Ausbildung“ nicht mehr"


def test_who_declined_is_asked_anew_when_they_are_named_again(
    cast: Cast, leave: Leave, given: Given, deliver: Deliver, smtp: MailServer
) -> None:
    leave(cast.lena, cast.bob)
    deliver()
    with given():
        absence = db.session.scalars(select(Absence)).one()
        absences.decline(absence, db.session.get_one(User, cast.bob.id))
    deliver()
    leave(cast.lena, cast.bob)
    with time_machine.travel(utc_now() + timedelta(minutes=61)):
        deliver()
    assert len(smtp.to(cast.bob.email)) == 2
    assert len(smtp.to(cast.lena.email)) == 1


@pytest.mark.parametrize("is_away", [True, False])
def test_a_deputys_digest_says_in_whose_place_it_is_too(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given, app: Flask,
    is_away: bool,
) -> None:  # fmt: skip
    with given():
        wishes.set_rhythm(cast.bob.id, cast.ost.id, Rhythm.DAILY)
    if is_away:
        leave(cast.lena, cast.bob)
    write(cast, client_of, deliver)
    with time_machine.travel(utc_now() + timedelta(days=2)):
        app.extensions["run_job"].call_local("digests")
        deliver()
    [digest] = got(smtp, cast.bob)
    for part in (digest.text, digest.html):
        assert ("in Vertretung für Lena Leitner" in part) is is_away
    assert len(got(smtp, cast.lena)) == (0 if is_away else 1)


def test_a_deputy_declines_from_the_mail_and_on_the_profile(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, anonymous: Browser
) -> None:
    leave(cast.lena, cast.bob)
    deliver()
    found = re.search(r"Ich kann nicht vertreten:\s+(\S+)", smtp.to(cast.bob.email)[-1].text)
    assert found
    anonymous.post(urlsplit(found[1]).path)
    leave(cast.lena, cast.carla)
    carla = client_of(cast.carla)
    carla.submit("/profil", {}, form="/vertretung/", button="Nicht mehr vertreten")
    assert "Sie vertreten Lena Leitner nicht mehr." in carla.page.text
    deliver()
    subjects = [mail.subject for mail in smtp.to(cast.lena.email)]
    assert subjects == ["Bob Bergmann kann Sie nicht vertreten", "Carla Çelik kann Sie nicht vertreten"]
    assert anonymous.post(urlsplit(found[1]).path).status_code == 200


def test_a_deputy_who_declines_twice_at_the_same_moment_is_one_mail(
    cast: Cast, leave: Leave, client_of: ClientOf, given: Given, app: Flask
) -> None:
    leave(cast.lena, cast.bob)
    bob = client_of(cast.bob)
    form = next(form for form in bob.see("/profil").forms if "/vertretung/" in form.action)
    cookie = bob.get_cookie("netz")
    assert cookie

    def press() -> int:
        other = Browser(app, app.response_class)
        other.set_cookie("netz", cookie.value)
        return other.post(form.action, data=dict(form.values())).status_code

    assert set(at_once(app, "absence", press, press)) <= {302, 404}
    with given():
        assert len(db.session.scalars(select(Mail.id).where(Mail.event == "deputy-declined")).all()) == 1


def test_nobody_ends_what_others_stand_in_for(cast: Cast, leave: Leave, client_of: ClientOf, given: Given) -> None:
    leave(cast.lena, cast.bob)
    with given():
        id = db.session.scalars(select(Absence.id)).one()
    carla = client_of(cast.carla)
    token = carla.see("/profil").query("input[name=csrf_token]")[0].attrs["value"]
    assert carla.post(f"/profil/vertretung/{id}/abgeben", data={"csrf_token": token}).status_code == 404


@pytest.mark.parametrize("who", ["wim", "gast", "lena"])
def test_only_who_gets_the_mail_of_the_network_can_stand_in(
    cast: Cast, client_of: ClientOf, given: Given, who: str
) -> None:
    lena = client_of(cast.lena)
    token = lena.see("/profil").query("input[name=csrf_token]")[0].attrs["value"]
    prefix = f"netz{cast.ost.id}-"
    lena.post(
        "/profil/e-mails",
        data={
            "csrf_token": token, "network": cast.ost.id, "wanted": "away",
            f"{prefix}away_until": (utc_now() + timedelta(days=3)).date().isoformat(),
            f"{prefix}deputy": str(getattr(cast, who).id),
        },
    )  # fmt: skip
    with given():
        assert db.session.scalars(select(Absence)).all() == []


def test_who_is_away_from_a_network_stands_in_for_nobody_there(
    cast: Cast, leave: Leave, client_of: ClientOf, given: Given
) -> None:
    leave(cast.bob, None)
    with given():
        network, lena = db.session.get_one(Network, cast.ost.id), db.session.get_one(User, cast.lena.id)
        assert [person.name for person in absences.who_could_stand_in(lena, network)] == [cast.carla.name]
        assert absences.deputies_offered(lena, network) == [(cast.carla.id, "Carla Çelik, Sprachwerk e. V.")]
    with pytest.raises(DomainError, match="muss selbst da sein"):
        leave(cast.lena, cast.bob)
    with given():
        absences.come_back(cast.bob.id, cast.ost.id)
    leave(cast.lena, cast.bob)


def test_before_sending_stands_who_is_represented_by_whom_and_how_many_mails_go_out(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    leave(cast.lena, cast.bob)
    deliver()
    smtp.forget()
    page = client_of(cast.carla).see(cast.ost.path("nachrichten", "neu"))
    assert "Geht an 3 Personen in 3 Organisationen. 1 Person ist abwesend und wird vertreten." in page.text
    assert "die Vertretung: Lena Leitner, Jobcenter, vertreten durch Bob Bergmann" in page.text
    assert "Nachricht an 3 Personen" in client_of(cast.carla).see(cast.ost.path("nachrichten")).text
    write(cast, client_of, deliver)
    assert len(smtp.messages) == 3


def test_verwaltung_sees_who_is_away_who_gets_their_mail_and_the_last_day_of_a_pause(
    cast: Cast, leave: Leave, client_of: ClientOf, given: Given
) -> None:
    last = berlin(utc_now()).date() + timedelta(days=5)
    assert "Niemand macht eine Pause, ist abwesend" in client_of(cast.anke).see("/verwaltung").text
    leave(cast.lena, cast.bob)
    leave(cast.wim, None, net=cast.west)
    with given():
        wishes.pause(cast.carla.id, cast.west.id, last)
    desk = client_of(cast.anke).see("/verwaltung").text
    assert re.search(r"Lena Leitner ist in „[^“]*“ bis einschließlich .* abwesend; die Mails bekommt Bob", desk)
    assert re.search(r"Wim Weber ist in .* abwesend und bekommt die Mails selbst", desk)
    assert re.search(rf"Carla Çelik pausiert .* bis einschließlich [^0-9]*{last.day}\.", desk)
    with given():
        remove_participant(db.session.get_one(Participant, cast.ost.participant(cast.lena)))
    assert "Lena Leitner ist in" not in client_of(cast.anke).see("/verwaltung").text


@pytest.mark.parametrize("day", ["", "gestern", "2020-01-01", "2999-01-01"])
def test_a_day_that_cannot_be_is_told(cast: Cast, client_of: ClientOf, given: Given, day: str) -> None:
    lena = client_of(cast.lena)
    lena.submit("/profil", {f"netz{cast.ost.id}-away_until": day}, button="Abwesenheit speichern")
    assert lena.page.query(".kern-alert--danger")
    with given():
        assert db.session.scalars(select(Absence)).all() == []
