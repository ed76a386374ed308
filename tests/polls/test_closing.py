"""Who looks after a poll sees the answers with the best date marked, and ends it: by a meeting or without one."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from icalendar import Calendar
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, utc_now
from app.forum.models import Message
from app.forum.taking_down import take_down
from app.forum.withdrawing import take_back
from app.meetings.clashing import Span
from app.meetings.models import Meeting
from app.networks.absences import leave
from app.networks.models import Network, Participant, Posting, Rhythm
from app.networks.wishes import pause, set_rhythm
from app.polls import closing
from app.polls.beginning import propose
from app.polls.models import Poll
from app.polls.tally import tally_of
from tests.browser import Browser
from tests.cast import Cast, Net, Person
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.expected import assert_expected
from tests.factories import make_participant
from tests.mailserver import MailServer
from tests.page import text_of
from tests.polls.conftest import FIRST, PROPOSAL, SECOND, LinkTo, SayTo, date_fields, said


def close(browser: Browser, cast: Cast, given: Given, asked: int, number: int = 1) -> None:
    chosen = date_fields(given)[number].removeprefix("date")
    browser.submit(cast.ost.path("terminumfragen", asked), {"date": chosen}, form="abschliessen")


def test_the_table_counts_marks_the_best_and_names_who_is_missing(
    asked: int, cast: Cast, client_of: ClientOf, say: SayTo
) -> None:
    say(cast.bob, "yes", "yes", "no")
    say(cast.carla, "maybe", "yes", "no")
    lena = client_of(cast.lena)

    page = lena.see(cast.ost.path("terminumfragen", asked))

    assert "2 Personen haben geantwortet." in page.text
    rows = [text_of(row) for row in page.query("tbody tr")]
    assert rows[0] == f"{FIRST} 1 Bob Bergmann 1 Carla Çelik 0"
    assert rows[1] == f"{SECOND} passt am besten 2 Bob Bergmann, Carla Çelik 0 0"
    assert "Noch nicht geantwortet 1 Person: Lena Leitner" in page.text
    [chosen] = page.query('input[name="date"][checked]')
    assert chosen.attrs["value"] == page.query('input[name="date"]')[1].attrs["value"]


def away(given: Given, network: Net, person: Person, deputy: Person | None = None, day: int = 20) -> None:
    with given():
        home = db.session.get_one(Network, network.id)
        stands_in = db.session.get_one(User, deputy.id) if deputy else None
        leave(db.session.get_one(User, person.id), home, date(2026, 12, day), stands_in)


def test_who_is_away_is_named_apart_with_the_day_and_the_deputy(
    asked: int, cast: Cast, client_of: ClientOf, given: Given, say: SayTo
) -> None:
    lena, path = client_of(cast.lena), cast.ost.path("terminumfragen", asked)
    away(given, cast.ost, cast.carla, cast.bob)
    text = lena.see(path).text
    assert "Noch nicht geantwortet 2 Personen: Bob Bergmann, Lena Leitner" in text
    assert "Abwesend und nicht geantwortet Carla Çelik, abwesend bis 20.12., Vertretung: Bob Bergmann" in text
    away(given, cast.ost, cast.lena)
    say(cast.bob, "yes", "yes", "no")
    text = lena.see(path).text
    assert "Alle, die da sind, haben geantwortet." in text
    assert "Lena Leitner, abwesend bis 20.12." in text
    say(cast.carla, "maybe", "yes", "no")
    say(cast.lena, "maybe", "yes", "no")
    text = lena.see(path).text
    assert "Alle haben geantwortet." in text
    assert "abwesend" not in text.lower()


def test_who_is_away_from_one_of_several_networks_is_there(
    cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver
) -> None:
    anke = client_of(cast.anke)
    anke.submit(cast.ost.path("terminumfragen", "neu"), PROPOSAL | {"also_for": [cast.west.id]}, form="terminumfragen")
    path = anke.page.path.replace("nachrichten", "terminumfragen")
    away(given, cast.ost, cast.carla)
    assert "4 Personen: Bob Bergmann, Carla Çelik, Lena Leitner, Wim Weber" in anke.see(path).text
    away(given, cast.west, cast.carla)
    away(given, cast.west, cast.wim)
    assert "2 Personen: Bob Bergmann, Lena Leitner" in anke.see(path).text
    text = client_of(cast.lena).see(path).text
    assert "Abwesend und nicht geantwortet 2 Personen Carla Çelik, abwesend bis 20.12." in text
    assert "Wim" not in text


def test_of_an_absence_a_lead_reads_what_concerns_their_own_networks(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    anke = client_of(cast.anke)
    anke.submit(cast.ost.path("terminumfragen", "neu"), PROPOSAL | {"also_for": [cast.west.id]}, form="terminumfragen")
    path = anke.page.path.replace("nachrichten", "terminumfragen")
    away(given, cast.ost, cast.carla)
    away(given, cast.west, cast.carla, cast.wim, day=10)

    lena = client_of(cast.lena)
    assert lena.get(cast.west.path()).status_code == 404
    text = lena.see(path).text
    assert "Carla Çelik, abwesend bis 20.12." in text
    assert "10.12." not in text
    assert "Wim" not in text
    assert "Carla Çelik, abwesend bis 10.12., Vertretung: Wim Weber" in anke.see(path).text


def test_a_deputy_who_takes_part_no_longer_is_not_named(
    asked: int, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    away(given, cast.ost, cast.carla, cast.bob)
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.bob)).until = utc_now()
    text = client_of(cast.lena).see(cast.ost.path("terminumfragen", asked)).text
    assert "Carla Çelik, abwesend bis 20.12." in text
    assert "Bob" not in text


def test_of_equal_dates_the_one_with_more_maybe_is_best_and_then_the_earlier(
    asked: int, cast: Cast, client_of: ClientOf, say: SayTo
) -> None:
    lena = client_of(cast.lena)
    path = cast.ost.path("terminumfragen", asked)
    assert "passt am besten" not in lena.see(path).text
    say(cast.bob, "yes", "yes", "yes")
    assert f"{FIRST} passt am besten" in lena.see(path).text
    say(cast.carla, "no", "maybe", "no")
    assert f"{SECOND} passt am besten" in lena.see(path).text


def test_who_was_removed_does_not_count_any_more(
    asked: int, cast: Cast, client_of: ClientOf, say: SayTo, given: Given
) -> None:
    say(cast.bob, "yes", "yes", "no")
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.bob)).until = utc_now()

    page = client_of(cast.lena).see(cast.ost.path("terminumfragen", asked))
    assert "0 Personen haben geantwortet." in page.text
    assert "Bob" not in page.text


def test_closing_makes_the_meeting_and_invites_everybody_in_one_step(
    asked: int, cast: Cast, client_of: ClientOf, say: SayTo, given: Given, deliver: Deliver, smtp: MailServer
) -> None:
    say(cast.bob, "no", "yes", "no")
    with given():
        set_rhythm(cast.carla.id, cast.ost.id, Rhythm.DAILY)
    smtp.forget()
    lena = client_of(cast.lena)

    close(lena, cast, given, asked)
    deliver()

    assert lena.page.heading == "9. Netzwerktreffen"
    assert "Donnerstag, 10. Dezember 2026, 14:00 bis 16:00 Uhr" in lena.page.text
    assert sorted(mail.to for mail in smtp.messages) == sorted(person.email for person in cast.everyone_in_ost)
    [mail] = smtp.to(cast.bob.email)
    assert "Der Termin für „9. Netzwerktreffen“ steht fest" in mail.text
    assert "Einladung: 9. Netzwerktreffen am 10. Dezember 2026" in mail.subject
    [(_name, octets)] = [file for file in mail.files.items() if file[0].endswith(".ics")]
    [event] = Calendar.from_ical(octets).walk("VEVENT")
    assert event["location"] == "Rathaus, Raum 12"


def test_pressed_twice_it_makes_one_meeting(
    asked: int, cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver, smtp: MailServer
) -> None:
    lena = client_of(cast.lena)
    page = lena.see(cast.ost.path("terminumfragen", asked))
    form = next(form for form in page.forms if form.action.endswith("abschliessen"))
    smtp.forget()
    for field in date_fields(given)[:2]:
        data = form.values() | {"date": field.removeprefix("date")}
        assert lena.post(cast.ost.path("terminumfragen", asked, "abschliessen"), data=data).status_code == 302
    deliver()

    with given():
        assert db.session.query(Meeting).count() == 1
    assert len(smtp.to(cast.bob.email)) == 1


def test_the_invitation_can_be_taken_back_like_any_mail(
    asked: int,
    cast: Cast,
    client_of: ClientOf,
    given: Given,
    configured: Configured,
    deliver: Deliver,
    smtp: MailServer,
) -> None:
    lena = client_of(cast.lena)
    smtp.forget()
    with configured(MAIL_UNDO_SECONDS=300):
        close(lena, cast, given, asked)
        thread = next(link for link in lena.page.links if "/nachrichten/" in link and "zustellung" not in link)
        lena.submit(thread, form="zurueckholen")
    deliver()

    assert smtp.messages == []
    with given():
        assert db.session.query(Meeting).one().notices == []


def test_after_closing_a_clear_sentence_and_nothing_else(
    asked: int, cast: Cast, client_of: ClientOf, given: Given, anonymous: Browser, link_to: LinkTo, say: SayTo
) -> None:
    say(cast.bob, "yes", "no", "no")
    close(client_of(cast.lena), cast, given, asked)
    before = said(given)
    path = link_to(cast.bob)

    text = anonymous.see(path).text
    assert f"Diese Terminumfrage ist abgeschlossen. Der Termin: {SECOND}. Sie müssen nichts mehr tun." in text
    answer = anonymous.post(path, data=dict.fromkeys(date_fields(given), "no"))
    assert (answer.status_code, said(given)) == (200, before)
    bob = client_of(cast.bob)
    assert "ist abgeschlossen" in bob.see(cast.ost.path("terminumfragen", asked)).text
    token = {"csrf_token": bob.page.query('input[name="csrf_token"]')[0].attrs["value"]}
    bob.post(cast.ost.path("terminumfragen", asked), data=token | dict.fromkeys(date_fields(given), "no"))
    assert said(given) == before


def test_without_a_date_everybody_is_told_too(
    asked: int, cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver, smtp: MailServer
) -> None:
    smtp.forget()
    lena = client_of(cast.lena)
    page = lena.see(cast.ost.path("terminumfragen", asked))
    form = next(form for form in page.forms if form.action.endswith("ohne-termin"))
    for _ in range(2):
        lena.post(cast.ost.path("terminumfragen", asked, "ohne-termin"), data=form.values(), follow_redirects=True)
    deliver()

    assert sorted(mail.to for mail in smtp.messages) == sorted(person.email for person in cast.everyone_in_ost)
    assert_expected(
        smtp.to(cast.bob.email)[0], "message-poll-without-date", {f"/nachrichten/{asked}": "/nachrichten/1"}
    )
    assert "Diese Terminumfrage ist ohne Termin beendet." in lena.page.text
    with given():
        assert db.session.query(Meeting).count() == 0


def test_other_words_after_it_was_ended_are_given_back(
    asked: int, cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    lena = client_of(cast.lena)
    page = lena.see(cast.ost.path("terminumfragen", asked))
    form = next(form for form in page.forms if form.action.endswith("ohne-termin"))
    for text in ("Schade.", "Schade. Im Januar fragen wir neu."):
        answer = lena.post(form.action, data=form.values() | {"body": text}, follow_redirects=True)
    assert "Diese Terminumfrage ist schon abgeschlossen." in answer.text
    assert "Schade. Im Januar fragen wir neu." in answer.text
    deliver()

    assert not [mail for mail in smtp.messages if "Im Januar" in mail.text]


def test_ended_without_a_date_it_cannot_be_settled(asked: int, cast: Cast, client_of: ClientOf, given: Given) -> None:
    lena = client_of(cast.lena)
    page = lena.see(cast.ost.path("terminumfragen", asked))
    form = next(form for form in page.forms if form.action.endswith("abschliessen"))
    lena.submit(cast.ost.path("terminumfragen", asked), form="ohne-termin")

    data = form.values() | {"date": date_fields(given)[0].removeprefix("date")}
    answer = lena.post(cast.ost.path("terminumfragen", asked, "abschliessen"), data=data)

    assert "Diese Terminumfrage ist schon abgeschlossen." in answer.text
    with given():
        assert db.session.query(Meeting).count() == 0


@pytest.mark.parametrize("act", ["abschliessen", "ohne-termin"])
def test_only_leads_of_the_home_and_verwaltung_end_it(act: str, asked: int, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    path = cast.ost.path("terminumfragen", asked)
    token = {"csrf_token": bob.see(path).query('input[name="csrf_token"]')[0].attrs["value"]}
    wim = client_of(cast.wim)
    own = {"csrf_token": wim.see("/profil").query('input[name="csrf_token"]')[0].attrs["value"]}

    assert bob.post(f"{path}/{act}", data=token | {"body": "Schluss", "date": "1"}).status_code == 403
    assert wim.post(f"{path}/{act}", data=own | {"body": "Schluss", "date": "1"}).status_code == 404


@pytest.mark.parametrize("date", ["", "0", "999999", "abc", "9" * 5000, "\x00"])
def test_only_a_date_of_the_poll_can_be_chosen(
    date: str, asked: int, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    lena = client_of(cast.lena)
    page = lena.see(cast.ost.path("terminumfragen", asked))
    form = next(form for form in page.forms if form.action.endswith("abschliessen"))

    answer = lena.post(cast.ost.path("terminumfragen", asked, "abschliessen"), data=form.values() | {"date": date})

    assert answer.status_code == 200
    with given():
        assert db.session.query(Meeting).count() == 0
        assert db.session.query(Poll).one().closed_at is None


def test_a_lead_of_the_home_sees_no_names_of_a_network_that_is_not_theirs(
    cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver
) -> None:
    anke, lena = client_of(cast.anke), client_of(cast.lena)
    anke.submit(cast.ost.path("terminumfragen", "neu"), PROPOSAL | {"also_for": [cast.west.id]}, form="terminumfragen")
    path = anke.page.path.replace("nachrichten", "terminumfragen")

    assert "Wim Weber" in anke.see(path).text
    text = lena.see(path).text
    assert "4 Personen: Bob Bergmann, Carla Çelik, Lena Leitner" in text
    assert "Wim" not in text


def test_who_pauses_is_not_invited_and_the_others_are(
    asked: int, cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver, smtp: MailServer
) -> None:
    with given():
        pause(cast.bob.id, cast.ost.id)
    smtp.forget()
    close(client_of(cast.lena), cast, given, asked)
    deliver()
    assert cast.bob.email not in {mail.to for mail in smtp.messages}
    assert len(smtp.messages) == 3


def test_where_only_leads_write_the_poll_goes_on(
    asked: int, cast: Cast, client_of: ClientOf, given: Given, say: SayTo
) -> None:
    with given():
        db.session.get_one(Network, cast.ost.id).posting = Posting.LEADS
    say(cast.bob, "yes", "yes", "yes")
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("terminumfragen", asked), form="ohne-termin")
    assert "ohne Termin beendet" in lena.page.text


@pytest.mark.parametrize("delivered", [False, True])
def test_a_farewell_nobody_got_lets_the_poll_run_on(
    delivered: bool, asked: int, cast: Cast, given: Given, configured: Configured, deliver: Deliver
) -> None:
    with configured(MAIL_UNDO_SECONDS=0 if delivered else 300):
        with given():
            poll = db.session.scalars(select(Poll)).one()
            farewell = closing.give_up(db.session.get_one(User, cast.lena.id), poll, "Kein Termin passt allen.")
            assert farewell is not None
            id = farewell.id
        deliver()
        with given():
            message = db.session.get_one(Message, id)
            if delivered:
                take_down(message, db.session.get_one(User, cast.anke.id), "Name")
            else:
                take_back(message)
        with given():
            assert db.session.scalars(select(Poll)).one().is_running is not delivered


def test_who_proposed_the_dates_sees_no_names_of_a_network_they_have_left(cast: Cast, given: Given) -> None:
    with given():
        lena = db.session.get_one(User, cast.lena.id)
        networks = [db.session.get_one(Network, network.id) for network in (cast.ost, cast.west)]
        seat = make_participant(networks[1], lena, is_lead=True)
        starts = [utc_now() + timedelta(days=days) for days in (20, 21)]
        propose(
            lena, networks, [Span(start, start + timedelta(hours=1)) for start in starts], title="Treffen", place="",
            body="Wann?", deadline=(utc_now() + timedelta(days=9)).date(), submission=str(uuid4()),
        )  # fmt: skip
        poll = db.session.scalars(select(Poll)).one()
        assert cast.wim.name in tally_of(poll, lena).missing.names
        seat.until = utc_now()
    with given():
        missing = tally_of(db.session.scalars(select(Poll)).one(), db.session.get_one(User, cast.lena.id)).missing
        assert cast.wim.name not in missing.names
        assert missing.people > len(missing.names)
