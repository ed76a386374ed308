"""How often mail comes, chosen from a mail without signing in, or on the profile (row F3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from app.database import db, utc_now
from app.networks.models import Network, Preference, Rhythm
from app.networks.recipients import audience_of
from app.networks.wishes import is_paused, set_rhythm
from app.templating import berlin
from tests.browser import Browser
from tests.cast import Cast, Net, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.mailserver import MailServer, Received


@pytest.fixture
def mail_to_carla(cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver) -> Received:
    """A message that Carla, who is in both networks, got by mail."""
    browser = client_of(cast.lena)
    browser.submit(cast.ost.path("nachrichten", "neu"), {"subject": "Offene Tür", "body": "Am Freitag."})
    deliver()
    [received] = smtp.to(cast.carla.email)
    smtp.forget()
    return received


def settings_path(received: Received) -> str:
    line = next(line for line in received.text.splitlines() if line.startswith("E-Mails einstellen"))
    return urlsplit(line.rpartition(" ")[2]).path


def name(net: Net, field: str) -> str:
    return f"netz{net.id}-{field}"


def wish(given: Given, person: Person, net: Net) -> Rhythm:
    with given():
        row = db.session.scalar(select(Preference).filter_by(user_id=person.id, network_id=net.id))
        return row.rhythm if row else Rhythm.AT_ONCE


def day_in(days: int) -> str:
    return (berlin(utc_now()).date() + timedelta(days=days)).isoformat()


def sent(browser: Browser, path: str, net: Net, wanted: str, **fields: Any) -> Any:
    data = {"network": str(net.id), "wanted": wanted} | {name(net, field): value for field, value in fields.items()}
    return browser.post(path, data=data)


def test_looking_changes_nothing_and_shows_every_network_of_the_person(
    mail_to_carla: Received, cast: Cast, anonymous: Browser, given: Given
) -> None:
    for _ in range(10):
        page = anonymous.get(settings_path(mail_to_carla))
        anonymous.head(settings_path(mail_to_carla))
    assert page.status_code == 200
    assert cast.ost.name in page.text
    assert cast.west.name in page.text
    with given():
        assert db.session.scalars(select(Preference)).all() == []


@pytest.mark.parametrize("rhythm", [Rhythm.DAILY, Rhythm.WEEKLY])
def test_a_rhythm_is_chosen_without_cookie_or_redirect_for_one_network(
    rhythm: Rhythm, mail_to_carla: Received, cast: Cast, anonymous: Browser, given: Given,
    smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    answer = anonymous.submit(
        settings_path(mail_to_carla), {name(cast.west, "rhythm"): rhythm}, button="Speichern", follow=False
    )
    assert answer.status_code == 200
    assert "Gespeichert" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert (wish(given, cast.carla, cast.west), wish(given, cast.carla, cast.ost)) == (rhythm, Rhythm.AT_ONCE)
    deliver()
    assert smtp.messages == []


def test_a_rhythm_chosen_during_a_pause_is_kept_for_the_time_after_it(
    mail_to_carla: Received, cast: Cast, anonymous: Browser, given: Given
) -> None:
    sent(anonymous, settings_path(mail_to_carla), cast.ost, "pause")
    answer = sent(anonymous, settings_path(mail_to_carla), cast.ost, "rhythm", rhythm="daily")
    assert "Gespeichert für die Zeit nach Ihrer Pause." in answer.text
    assert wish(given, cast.carla, cast.ost) is Rhythm.DAILY


def test_reading_the_website_only_is_confirmed_once_and_can_be_undone(
    mail_to_carla: Received, cast: Cast, anonymous: Browser, given: Given, client_of: ClientOf,
    smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    for _ in range(2):
        assert sent(anonymous, settings_path(mail_to_carla), cast.ost, "rhythm", rhythm="web").status_code == 200
    assert wish(given, cast.carla, cast.ost) is Rhythm.WEB
    assert (
        "Carla Çelik liest „Jugendliche in Ausbildung“ nur auf der Website"
        in client_of(cast.anke).see("/verwaltung").text
    )
    page = client_of(cast.bob).see(cast.ost.path("nachrichten", "neu"))
    assert "1 Person liest nur auf der Website. Lesen können" in page.text
    deliver()
    [confirmation] = smtp.to(cast.carla.email)
    [link] = [word for word in confirmation.text.split() if "/mail/" in word]
    anonymous.submit(urlsplit(link).path, {})
    assert wish(given, cast.carla, cast.ost) is Rhythm.AT_ONCE


def test_a_pause_until_a_day_is_confirmed_with_its_end_and_ended_from_the_mail(
    mail_to_carla: Received, cast: Cast, anonymous: Browser, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    path = settings_path(mail_to_carla)
    answer = sent(anonymous, path, cast.ost, "pause", until=day_in(9))
    assert "bis einschließlich" in answer.text
    with given():
        assert is_paused(cast.carla.id, cast.ost.id)
        assert not is_paused(cast.carla.id, cast.west.id)
    deliver()
    [confirmation] = smtp.to(cast.carla.email)
    assert confirmation.subject.startswith("Keine Mails von „Jugendliche in Ausbildung“ bis einschließlich ")
    assert "danach kommen sie von selbst wieder" in confirmation.text
    assert "die letzte" not in confirmation.text
    assert "wieder Mails" in anonymous.submit(path, {}, button="Mails wieder bekommen").text
    with given():
        assert not is_paused(cast.carla.id, cast.ost.id)


def test_the_end_of_a_pause_can_be_moved(
    mail_to_carla: Received, cast: Cast, anonymous: Browser, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    for days in (3, 9):
        sent(anonymous, settings_path(mail_to_carla), cast.ost, "pause", until=day_in(days))
    deliver()
    assert len(smtp.messages) == 1
    with given():
        until = db.session.scalar(select(Preference.paused_until))
        assert until is not None
        assert berlin(until).date().isoformat() == day_in(10)


@pytest.mark.parametrize("until", ["2020-01-01", "9999-12-31", "morgen", "<script>", "1" * 10_000])
def test_a_day_that_cannot_be_is_a_sentence_at_the_field(
    until: str, mail_to_carla: Received, cast: Cast, anonymous: Browser, given: Given
) -> None:
    answer = sent(anonymous, settings_path(mail_to_carla), cast.ost, "pause", until=until)
    assert answer.status_code == 200
    assert "Bitte prüfen Sie Ihre Angaben" in answer.text
    with given():
        assert not is_paused(cast.carla.id, cast.ost.id)


def test_what_no_form_sends_is_refused(mail_to_carla: Received, cast: Cast, anonymous: Browser, given: Given) -> None:
    path = settings_path(mail_to_carla)
    assert sent(anonymous, path, cast.ost, "rhythm", rhythm="hourly").status_code == 200
    assert sent(anonymous, path, cast.ost, "rhythm").status_code == 200
    assert sent(anonymous, path, cast.ost, "delete").status_code == 400
    for network in ("", "99999", "x"):
        assert anonymous.post(path, data={"network": network, "wanted": "pause"}).status_code == 404
    with given():
        assert {row.rhythm for row in db.session.scalars(select(Preference))} <= {Rhythm.AT_ONCE}


def test_nobody_changes_networks_they_do_not_take_part_in(cast: Cast, client_of: ClientOf, given: Given) -> None:
    browser = client_of(cast.wim)
    browser.see("/profil")
    [form, *_] = [form for form in browser.page.forms if form.action.endswith("/profil/e-mails")]
    token = dict(form.values())["csrf_token"]
    data = {"csrf_token": token, "network": str(cast.ost.id), "wanted": "pause"}
    assert browser.post("/profil/e-mails", data=data).status_code == 404
    assert (
        browser.post("/profil/e-mails", data=data | {"csrf_token": "x", "network": str(cast.west.id)}).status_code
        == 400
    )
    with given():
        assert not is_paused(cast.wim.id, cast.west.id)


def test_the_profile_offers_the_same(cast: Cast, client_of: ClientOf, given: Given) -> None:
    browser = client_of(cast.carla)
    page = browser.submit("/profil", {name(cast.ost, "rhythm"): "weekly"}, button="Speichern")
    assert "Gespeichert" in page.text
    assert wish(given, cast.carla, cast.ost) is Rhythm.WEEKLY
    assert (
        "schon vorbei"
        in browser.submit("/profil", {name(cast.ost, "until"): "2020-01-01"}, button="Mails pausieren").text
    )


def test_who_comes_back_gets_everything_at_once(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        set_rhythm(cast.bob.id, cast.ost.id, Rhythm.WEB)
    anke = client_of(cast.anke)
    anke.submit(cast.ost.path("teilnehmende", cast.ost.participant(cast.bob)), {}, form="entfernen")
    bob = {"email": cast.bob.email, "name": cast.bob.name, "organisation": cast.bob.organisation}
    anke.submit(cast.ost.path("teilnehmende", "neu"), bob)
    assert wish(given, cast.bob, cast.ost) is Rhythm.AT_ONCE
    with given():
        assert audience_of([db.session.get_one(Network, cast.ost.id)]).at_once == 4
