"""Writing to one, several or all from the participant list: each gets their own mail, the forum knows nothing of it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.database import db, utc_now
from app.forum.models import Message, Thread
from app.mail.models import Delivery, Mail
from app.networks.joining import remove_participant
from app.networks.models import Network, Participant
from app.networks.wishes import pause
from tests.at_once import at_once
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.factories import make_participants
from tests.mailserver import MailServer
from tests.page import text_of

TEXT = {"subject": "Praktikum ab Mai", "body": "Hätten Sie **Platz**?\n\nViele Grüße"}


def to_one(cast: Cast, person: Person) -> str:
    return cast.ost.path("teilnehmende", cast.ost.participant(person), "schreiben")


def to_many(cast: Cast, *people: Person) -> str:
    chosen = "&".join(f"to={cast.ost.participant(person)}" for person in people)
    return f"{cast.ost.path('teilnehmende', 'schreiben')}?{chosen}"


def test_a_mail_to_one_reaches_that_one_and_the_answer_its_author(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    bob = client_of(cast.bob)
    assert bob.submit(to_one(cast, cast.carla), TEXT).status_code == 200
    assert f"Ihre Mail an {cast.carla.name} ist unterwegs." in bob.page.text
    deliver()
    (mail,) = smtp.messages
    assert mail.to == cast.carla.email
    assert mail.subject == "Praktikum ab Mai"
    assert cast.bob.email in mail.message["Reply-To"]
    assert mail.message["From"].addresses[0].domain == "netz.example.org"
    assert mail.message["From"].addresses[0].username == "noreply"
    assert mail.message["From"].addresses[0].display_name == "Bob Bergmann (Jugendliche in Ausbildung)"
    assert [address.addr_spec for address in mail.message["To"].addresses] == [cast.carla.email]
    assert mail.message["Auto-Submitted"] is None
    assert mail.message["List-Unsubscribe"] is None
    assert "Hätten Sie Platz?" in mail.text
    assert "<strong>Platz</strong>" in mail.html
    assert "Lesen können das nur Sie." in mail.text
    assert_expected(mail, "direct")


def test_nothing_of_it_stands_in_the_forum(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    client_of(cast.bob).submit(to_one(cast, cast.carla), TEXT)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0
        assert db.session.scalar(select(func.count()).select_from(Thread)) == 0


def test_several_get_one_mail_each_and_see_nobody_else(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    client_of(cast.bob).submit(to_many(cast, cast.carla, cast.gast), TEXT)
    deliver()
    assert sorted(mail.to for mail in smtp.messages) == sorted([cast.carla.email, cast.gast.email])
    for mail in smtp.messages:
        others = {cast.carla.email, cast.gast.email} - {mail.to}
        assert not any(other in mail.raw.decode() for other in others)
        assert "Sie und eine weitere Person" in mail.text


def test_all_get_it_but_the_author_and_a_copy_goes_to_the_author_if_wanted(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("teilnehmende", "schreiben"), TEXT | {"everyone": True, "copy": True})
    assert "an 3 Personen" in bob.page.text
    deliver()
    everyone_else = [person.email for person in cast.everyone_in_ost if person != cast.bob]
    assert sorted(mail.to for mail in smtp.messages) == sorted([*everyone_else, cast.bob.email])
    (copy,) = smtp.to(cast.bob.email)
    assert copy.subject == "Kopie: Praktikum ab Mai"
    assert_expected(copy, "direct-copy")


def test_without_the_wish_there_is_no_copy(cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer) -> None:
    client_of(cast.bob).submit(to_one(cast, cast.carla), TEXT)
    deliver()
    assert not smtp.to(cast.bob.email)


def test_the_list_leads_to_the_form_with_the_ticks_kept(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    page = bob.see(to_many(cast, cast.carla))
    ticked = [box.attrs["value"] for box in page.query("input[name=to]") if "checked" in box.attrs]
    assert ticked == [str(cast.ost.participant(cast.carla))]
    assert bob.see(cast.ost.path("teilnehmende")).query("button[name=everyone][value=y]")
    page = bob.see(cast.ost.path("teilnehmende", "schreiben") + "?everyone=y")
    assert "An alle in dieser Liste, außer mir (3)" in page.text
    (everyone,) = page.query("input[name=everyone]")
    assert "checked" in everyone.attrs


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"subject": ""}, "Bitte geben Sie einen Betreff an."),
        ({"subject": "x" * 201}, "höchstens 200 Zeichen"),
        ({"body": " \r\n\x00 "}, "Bitte schreiben Sie etwas."),
        ({"body": "x" * 50_001}, "höchstens 50 000 Zeichen"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    cast: Cast, client_of: ClientOf, typed: dict[str, str], sentence: str
) -> None:
    bob = client_of(cast.bob)
    bob.submit(to_one(cast, cast.carla), TEXT | typed)
    assert any(sentence in error for error in bob.page.errors)
    kept = (TEXT | typed)["body"].replace("\r\n\x00", "").strip()
    assert bob.page.query("textarea[name=body]")[0].text().strip() == kept


def test_without_anybody_chosen_nothing_goes_out(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("teilnehmende", "schreiben"), TEXT)
    assert bob.page.errors == ["Bitte wählen Sie, wem Sie schreiben."]
    assert "Viele Grüße" in text_of(bob.page.query("textarea")[0])
    with app.app_context():
        assert db.session.scalar(select(func.count(Mail.id)).where(Mail.event == "direct")) == 0


@pytest.mark.parametrize("id", ["999999", "0", "-1", "x", "9" * 40])
def test_an_id_of_nobody_here_is_refused_in_words(cast: Cast, client_of: ClientOf, id: str) -> None:
    bob = client_of(cast.bob)
    url = cast.ost.path("teilnehmende", "schreiben")
    token = bob.see(url).query("input[name=csrf_token]")[0].attrs["value"]
    answer = bob.post(url, data=TEXT | {"csrf_token": token, "to": [id]})
    assert answer.status_code == 200
    assert "nimmt zum Teil nicht mehr teil" in " ".join(bob.page.errors)
    assert bob.get(f"{url}?to={id}").status_code == 200


def test_a_participant_of_another_network_cannot_be_written_to(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    wims = cast.west.participant(cast.wim)
    assert bob.get(cast.ost.path("teilnehmende", wims, "schreiben")).status_code == 404
    url = cast.ost.path("teilnehmende", "schreiben")
    token = bob.see(url).query("input[name=csrf_token]")[0].attrs["value"]
    bob.post(url, data=TEXT | {"csrf_token": token, "to": [wims]})
    assert bob.page.errors


def test_an_outsider_finds_no_such_page(cast: Cast, client_of: ClientOf) -> None:
    wim = client_of(cast.wim)
    assert wim.get(to_one(cast, cast.carla)).status_code == 404
    assert wim.get(to_many(cast, cast.carla)).status_code == 404
    assert wim.post(to_many(cast, cast.carla), data=TEXT).status_code in (400, 404)


def test_a_stranger_gets_the_sign_in_page(cast: Cast, anonymous: Browser) -> None:
    answer = anonymous.get(to_many(cast, cast.carla))
    assert answer.status_code == 302
    assert "/anmelden" in answer.location


def test_verwaltung_writes_without_taking_part(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    client_of(cast.anke).submit(to_one(cast, cast.bob), TEXT | {"copy": True})
    deliver()
    assert sorted(mail.to for mail in smtp.messages) == sorted([cast.bob.email, cast.anke.email])


def test_who_pauses_the_network_still_gets_a_personal_mail(
    cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver, smtp: MailServer
) -> None:
    with given():
        pause(cast.carla.id, cast.ost.id)
    client_of(cast.bob).submit(to_one(cast, cast.carla), TEXT)
    deliver()
    assert smtp.to(cast.carla.email)


def test_who_is_removed_before_it_goes_out_gets_nothing(
    cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver, smtp: MailServer
) -> None:
    client_of(cast.bob).submit(to_many(cast, cast.carla, cast.lena), TEXT | {"copy": True})
    with given():
        remove_participant(db.session.get_one(Participant, cast.ost.participant(cast.carla)))
        remove_participant(db.session.get_one(Participant, cast.ost.participant(cast.bob)))
    deliver()
    assert [mail.to for mail in smtp.messages] == [cast.lena.email]


def test_the_same_form_sent_twice_is_one_mail(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    bob = client_of(cast.bob)
    form = {
        field.attrs["name"]: field.attrs["value"]
        for field in bob.see(to_one(cast, cast.carla)).query("form.form input[type=hidden]")
    }
    for _ in range(2):
        assert bob.post(to_one(cast, cast.carla), data=form | TEXT).status_code == 302
    deliver()
    assert len(smtp.messages) == 1


def letter_form(bob: Browser, cast: Cast, person: Person) -> dict[str, object]:
    """The form to several, filled in for one."""
    page = bob.see(to_many(cast))
    form = next(each for each in page.forms if "schreiben" in each.action and each.in_main)
    return {**form.values(), "to": [str(cast.ost.participant(person))], **TEXT}


def test_the_same_form_sent_twice_at_the_same_moment_is_one_mail(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    tabs = [client_of(cast.bob) for _ in range(2)]
    url, submission = cast.ost.path("teilnehmende", "schreiben"), {"submission": str(uuid.uuid4())}
    forms = [letter_form(tab, cast, cast.lena) | submission for tab in tabs]
    presses = [
        lambda tab=tab, form=form: tab.post(url, data=form).status_code for tab, form in zip(tabs, forms, strict=True)
    ]
    assert at_once(app, "mail", *presses) == [302, 302]
    with given():
        assert db.session.scalar(select(func.count(Mail.id)).where(Mail.event == "direct")) == 1


def test_other_words_or_people_in_the_same_form_are_another_letter(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    """After "back" the browser shows the form as it was, with the id it had."""
    bob = client_of(cast.bob)
    form, url = letter_form(bob, cast, cast.lena), cast.ost.path("teilnehmende", "schreiben")
    to_carla = form | {"to": [str(cast.ost.participant(cast.carla))]}
    for fields in (form, to_carla, to_carla, form | {"body": "Noch etwas"}):
        bob.post(url, data=fields, follow_redirects=True)
    assert f"Ihre Mail an {cast.lena.name} ist unterwegs." in bob.page.text
    deliver()
    assert sorted(mail.to for mail in smtp.messages) == sorted([cast.lena.email, cast.lena.email, cast.carla.email])
    assert [mail for mail in smtp.to(cast.lena.email) if "Noch etwas" in mail.text]


def test_past_the_hourly_limit_a_sentence_says_so_and_the_text_stays(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        make_participants(db.session.get_one(Network, cast.ost.id), 60)
    bob = client_of(cast.bob)
    url = cast.ost.path("teilnehmende", "schreiben")
    with time_machine.travel(utc_now(), tick=True) as now:
        assert "an 63 Personen" in bob.submit(url, TEXT | {"everyone": True}).text
        answer = bob.submit(url, TEXT | {"everyone": True})
        assert answer.status_code == 429
        assert "an viele Personen geschrieben" in bob.page.text
        assert "Viele Grüße" in text_of(bob.page.query("textarea")[0])
        assert client_of(cast.carla).submit(url, TEXT | {"everyone": True}).status_code == 200
        now.shift(timedelta(minutes=62))
        assert "an 63 Personen" in bob.submit(url, TEXT | {"everyone": True}).text
    with app.app_context():
        assert db.session.scalar(select(func.count(Delivery.id))) == 3 * 63


def test_a_large_network_may_still_be_written_to_once(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        make_participants(db.session.get_one(Network, cast.ost.id), 120)
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("teilnehmende", "schreiben"), TEXT | {"everyone": True})
    assert "an 123 Personen" in bob.page.text


def test_a_closed_network_mails_nobody(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        db.session.get_one(Network, cast.ost.id).closed_at = utc_now()
    anke = client_of(cast.anke)
    page = anke.see(to_one(cast, cast.bob))
    assert "Dieses Netz ist geschlossen" in page.text
    token = page.query("input[name=csrf_token]")[0].attrs["value"]
    assert anke.post(to_one(cast, cast.bob), data=TEXT | {"csrf_token": token}).status_code == 400


def test_what_people_type_becomes_neither_header_nor_markup(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    nasty = {
        "subject": "Hallo\r\nBcc: eve@example.org 🎉",
        "body": "<script>alert(1)</script> {{ 7*7 }} \u202e %(name)s",
    }
    client_of(cast.bob).submit(to_one(cast, cast.carla), nasty)
    deliver()
    (mail,) = smtp.messages
    assert mail.rcpt_to == [cast.carla.email]
    assert mail.message["Bcc"] is None
    assert mail.subject == "Hallo Bcc: eve@example.org 🎉"
    assert "<script" not in mail.html
    assert "{{ 7*7 }}" in mail.text
