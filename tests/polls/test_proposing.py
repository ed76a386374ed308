"""A lead proposes dates to one or several networks; everybody gets one mail with all of them."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.forum import taking_down
from app.forum.models import Thread
from app.meetings.models import Meeting
from app.networks.models import Network, Participant, Rhythm
from app.networks.wishes import pause, set_rhythm
from app.polls.models import Poll
from tests.at_once import at_once
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer
from tests.polls.conftest import FIRST, PROPOSAL, SECOND, THIRD, LinkTo, date_fields


def count(given: Given) -> int:
    with given():
        return db.session.query(Poll).count()


def test_everybody_gets_one_mail_with_the_dates_and_one_button(asked: int, cast: Cast, smtp: MailServer) -> None:
    assert sorted(mail.to for mail in smtp.messages) == sorted(person.email for person in cast.everyone_in_ost)
    [mail] = smtp.to(cast.bob.email)
    assert_expected(mail, "message-poll")
    for text in (mail.text, mail.html):
        assert all(date in text for date in (FIRST, SECOND, THIRD))
    assert mail.html.count("Termine ankreuzen") == 1


def test_verwaltung_asks_several_networks_and_each_person_gets_one_mail(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    client_of(cast.anke).submit(
        cast.ost.path("terminumfragen", "neu"), PROPOSAL | {"also_for": [cast.west.id]}, form="terminumfragen"
    )
    deliver()

    assert sorted(mail.to for mail in smtp.messages) == sorted(
        person.email for person in (*cast.everyone_in_ost, cast.wim)
    )
    assert "[Sprache im Beruf] Terminumfrage: 9. Netzwerktreffen" in smtp.to(cast.wim.email)[0].subject
    assert "9. Netzwerktreffen" in client_of(cast.wim).see(cast.west.path("sitzungen")).text


def test_a_lead_does_not_ask_a_network_they_do_not_lead(cast: Cast, client_of: ClientOf, given: Given) -> None:
    lena = client_of(cast.lena)
    form = next(form for form in lena.see(cast.ost.path("terminumfragen", "neu")).forms if "title" in form.names)

    lena.post(cast.ost.path("terminumfragen", "neu"), data=form.values() | PROPOSAL | {"also_for": [cast.west.id]})

    with given():
        networks = [network.slug for poll in db.session.query(Poll) for network in poll.thread.networks]
    assert networks in ([], ["ost"])


def test_who_pauses_gets_none_and_who_collects_gets_it_at_once(
    cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver, smtp: MailServer
) -> None:
    with given():
        pause(cast.carla.id, cast.ost.id)
        set_rhythm(cast.bob.id, cast.ost.id, Rhythm.WEEKLY)
    client_of(cast.lena).submit(cast.ost.path("terminumfragen", "neu"), PROPOSAL, form="terminumfragen")
    deliver()

    assert {mail.to for mail in smtp.messages} == {cast.lena.email, cast.bob.email, cast.gast.email}


@pytest.mark.once
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "Bitte geben Sie der Sitzung einen Titel."),
        ({"title": "x" * 10_000}, "Bitte kürzen Sie auf höchstens 200 Zeichen."),
        ({"body": ""}, "Bitte schreiben Sie einen Text."),
        ({"deadline": ""}, "Bitte geben Sie an, bis wann Sie Antworten brauchen."),
        ({"deadline": "2026-11-15"}, "Dieser Tag ist schon vorbei."),
        ({"deadline": "2026-12-08"}, "Die Antwortfrist muss vor dem ersten Termin enden."),
        ({"day2": "", "day3": "", "starts3": "", "ends3": ""}, "Bitte schlagen Sie mindestens zwei Termine vor."),
        ({"day2": "gestern"}, "Bitte geben Sie ein Datum wie 3.12.2026 an."),
        ({"day2": "2026-11-10"}, "Dieser Tag ist schon vorbei."),
        ({"starts1": ""}, "Bitte geben Sie die Uhrzeit an."),
        ({"ends3": "09:00"}, "Das Ende muss nach dem Beginn liegen."),
        ({"day3": ""}, "Bitte geben Sie auch das Datum an."),
        ({"day3": "2027-03-28", "starts3": "02:30", "ends3": "04:00"}, "Diese Uhrzeit gibt es an dem Tag nicht"),
        ({"starts2": "halb drei"}, "Bitte geben Sie eine Uhrzeit wie 14:00 an."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(
    wrong: dict[str, str], sentence: str, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    lena = client_of(cast.lena)

    lena.submit(cast.ost.path("terminumfragen", "neu"), PROPOSAL | wrong, form="terminumfragen")

    assert any(sentence in error for error in lena.page.errors), lena.page.errors
    assert PROPOSAL["place"] in lena.page.html
    assert count(given) == 0


def test_the_same_date_twice_is_no_choice(cast: Cast, client_of: ClientOf, given: Given) -> None:
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("terminumfragen", "neu"), PROPOSAL | {"day2": "2026-12-08"}, form="terminumfragen")

    assert "Ein Termin steht zweimal in der Liste." in lena.page.text
    assert count(given) == 0


def test_there_is_room_for_ten_dates_without_a_script(cast: Cast, client_of: ClientOf, given: Given) -> None:
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("terminumfragen", "neu"), PROPOSAL, form="terminumfragen", button="Platz für weitere")
    days = {f"day{number}": f"2026-12-{number + 10}" for number in range(1, 11)}

    lena.send(days | {"starts3": "", "ends3": ""}, form="terminumfragen")

    with given():
        [poll] = db.session.query(Poll)
        assert len(poll.dates) == 10


def test_a_date_that_many_cannot_keep_is_asked_about_first(cast: Cast, client_of: ClientOf, given: Given) -> None:
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("terminumfragen", "neu"), PROPOSAL | {"day3": "2026-12-25"}, form="terminumfragen")

    assert "Freitag, 25. Dezember 2026, 09:30–11:00 Uhr: An diesem Tag ist ein Feiertag: 1. Weihnachtstag." in (
        lena.page.text
    )
    assert count(given) == 0
    lena.send(button="Trotzdem fragen")
    assert count(given) == 1


def test_the_form_sent_twice_asks_once(cast: Cast, client_of: ClientOf, given: Given) -> None:
    lena = client_of(cast.lena)
    form = next(form for form in lena.see(cast.ost.path("terminumfragen", "neu")).forms if "title" in form.names)
    for _ in range(2):
        lena.post(cast.ost.path("terminumfragen", "neu"), data=form.values() | PROPOSAL)

    assert count(given) == 1


def proposal_form(lena: Browser, cast: Cast) -> dict[str, object]:
    """The form of a poll, filled in, with the id it came with."""
    page = lena.see(cast.ost.path("terminumfragen", "neu"))
    return {**next(form for form in page.forms if "title" in form.names).values(), **PROPOSAL}


@pytest.mark.parametrize("changed", [{"body": "Doch lieber so?"}, {"day3": "2026-12-16"}, {"place": "Online"}])
def test_other_words_or_dates_in_the_same_form_are_another_poll(
    cast: Cast, client_of: ClientOf, given: Given, changed: dict[str, str]
) -> None:
    """After "back" the browser shows the form as it was, with the id it had."""
    lena = client_of(cast.lena)
    form = proposal_form(lena, cast)
    for fields in (form, form | changed, form | changed, form):
        assert lena.post(cast.ost.path("terminumfragen", "neu"), data=fields).status_code == 302

    assert count(given) == 2


def test_the_id_of_another_leads_form_is_no_hindrance(cast: Cast, client_of: ClientOf, given: Given) -> None:
    for person in (cast.lena, cast.anke):
        browser = client_of(person)
        form = proposal_form(browser, cast) | {"submission": str(UUID(int=1))}
        assert browser.post(cast.ost.path("terminumfragen", "neu"), data=form).status_code == 302
    assert count(given) == 2


@pytest.mark.parametrize(("other", "made"), [(PROPOSAL["body"], 1), ("Doch lieber so?", 2)])
def test_the_form_sent_twice_at_the_same_moment_asks_once_with_the_same_words(
    other: str, made: int, app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    tabs = [client_of(cast.lena) for _ in range(2)]
    forms = [
        proposal_form(tab, cast) | {"submission": str(UUID(int=1)), "body": body}
        for tab, body in zip(tabs, (PROPOSAL["body"], other), strict=True)
    ]
    presses = [
        lambda tab=tab, form=form: tab.post(cast.ost.path("terminumfragen", "neu"), data=form).status_code
        for tab, form in zip(tabs, forms, strict=True)
    ]
    assert at_once(app, "thread", *presses) == [302, 302]
    assert count(given) == made


def test_only_leads_and_verwaltung_propose(cast: Cast, client_of: ClientOf) -> None:
    path = cast.ost.path("terminumfragen", "neu")
    bob = client_of(cast.bob)

    assert bob.get(path).status_code == 403
    assert "Termin finden" not in bob.see(cast.ost.path("sitzungen")).text
    assert client_of(cast.wim).get(path).status_code == 404
    assert client_of(cast.anke).get(path).status_code == 200


def test_it_can_be_taken_back_and_stands_in_its_form_again(
    cast: Cast, client_of: ClientOf, configured: Configured, given: Given, deliver: Deliver, smtp: MailServer
) -> None:
    lena = client_of(cast.lena)
    with configured(MAIL_UNDO_SECONDS=300):
        lena.submit(cast.ost.path("terminumfragen", "neu"), PROPOSAL, form="terminumfragen")
        with given():
            thread = db.session.query(Thread.id).scalar()
        lena.submit(cast.ost.path("nachrichten", thread), form="zurueckholen")
        assert lena.page.heading == "Termin finden"
        assert count(given) == 0
        lena.send({"title": "Neuntes Treffen"}, form="terminumfragen")
    with given():
        [poll] = db.session.query(Poll)
        assert (poll.title, poll.place, len(poll.dates)) == ("Neuntes Treffen", PROPOSAL["place"], 3)


def test_taken_back_and_sent_again_from_the_old_tab_it_is_not_offered_once_more(
    cast: Cast, client_of: ClientOf, configured: Configured, given: Given
) -> None:
    lena = client_of(cast.lena)
    with configured(MAIL_UNDO_SECONDS=300):
        form = proposal_form(lena, cast)
        for _ in range(2):
            lena.post(cast.ost.path("terminumfragen", "neu"), data=form, follow_redirects=True)
            thread = lena.page.path.rpartition("/")[2]
            lena.submit(cast.ost.path("nachrichten", thread), form="zurueckholen")
        assert PROPOSAL["title"] in lena.see(cast.ost.path("terminumfragen", "neu")).html
        lena.post(cast.ost.path("terminumfragen", "neu"), data=form, follow_redirects=True)
    assert count(given) == 1
    assert PROPOSAL["title"] not in lena.see(cast.ost.path("terminumfragen", "neu")).html


def test_it_cannot_be_taken_back_once_somebody_has_answered(
    cast: Cast, client_of: ClientOf, configured: Configured, given: Given
) -> None:
    lena, bob = client_of(cast.lena), client_of(cast.bob)
    with configured(MAIL_UNDO_SECONDS=300):
        lena.submit(cast.ost.path("terminumfragen", "neu"), PROPOSAL, form="terminumfragen")
        thread = lena.page.path.rpartition("/")[2]
        answers = dict.fromkeys(date_fields(given), "yes")
        bob.submit(cast.ost.path("terminumfragen", thread), answers, form="terminumfragen")
        lena.submit(cast.ost.path("nachrichten", thread), form="zurueckholen", follow=False)

    assert "schon jemand geantwortet" in lena.page.text
    assert count(given) == 1


def test_a_message_of_the_forum_is_never_a_poll(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.lena).see(cast.ost.path("nachrichten", "neu") + "?art=poll")
    assert "poll" not in [field.attrs.get("value") for field in page.query('input[name="kind"]')]
    assert len(page.query('input[name="kind"][checked]')) == 1


def test_a_closed_network_is_not_asked(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        db.session.get_one(Network, cast.ost.id).closed_at = db.session.get_one(Network, cast.ost.id).created_at
    assert client_of(cast.anke).get(cast.ost.path("terminumfragen", "neu")).status_code == 403


def test_who_was_removed_is_not_asked_and_finds_nothing(
    cast: Cast, client_of: ClientOf, given: Given, asked: int, anonymous: Browser, link_to: LinkTo
) -> None:
    with given():
        participant = db.session.get_one(Participant, cast.ost.participant(cast.bob))
        participant.until = participant.since
    answer = anonymous.get(link_to(cast.bob))
    assert answer.status_code == 400
    assert "nehmen an diesem Netz nicht mehr teil" in answer.text
    assert FIRST not in answer.text
    with given():
        assert db.session.query(Meeting).count() == 0


def test_taken_down_its_page_names_the_place_no_more(asked: int, cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        message = db.session.scalars(select(Poll)).one().message
        taking_down.take_down(message, db.session.get_one(User, cast.anke.id), "Wohnung einer Klientin")
    carla = client_of(cast.carla)
    for page in (("terminumfragen", asked), ("nachrichten", asked), ("sitzungen",)):
        assert PROPOSAL["place"] not in carla.see(cast.ost.path(*page)).text
