"""Who takes care may change as often as somebody presses: people hear at once, then once an hour how it is by then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.database import db, utc_now
from app.forum.models import Thread
from app.mail.models import Mail
from app.networks import wishes
from app.networks.models import Rhythm
from app.templating import berlin
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.inbound.test_answering_by_mail import button_of
from tests.mailserver import MailServer
from tests.requests.conftest import RETURN, TAKE, LinkOf, press, within_the_hour

TAKEN, OPEN_AGAIN = "kümmert sich um Ihre Anfrage", "Ihre Anfrage ist wieder offen"

#: told(person) delivers, until the hour is over with `later`, and returns the first lines of what they got.
Told = Callable[..., list[str]]


@pytest.fixture
def told(smtp: MailServer, deliver: Deliver) -> Told:
    def first_lines(person: Person, *, later: bool = False) -> list[str]:
        deliver()
        if later:
            with within_the_hour():
                deliver()
        return [mail.text.replace("\r", "").split("\n\n")[1].strip() for mail in smtp.to(person.email)]

    return first_lines


#: look_after(timedelta(minutes=61)) runs the portal's own looking after requests so much later, and delivers.
LookAfter = Callable[[timedelta], None]


@pytest.fixture
def look_after(app: Flask, deliver: Deliver) -> LookAfter:
    def run(later: timedelta) -> None:
        with time_machine.travel(utc_now() + later):
            app.extensions["run_job"].call_local("requests")
            deliver()

    return run


def take_down(by: Browser, thread: str) -> None:
    link = next(link for link in by.see(thread).links if link.endswith("/entfernen") or "/entfernen/" in link)
    by.submit(link, {"reason": "Ein Name stand darin."})


@pytest.fixture
def give_back(asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver) -> str:
    """Carla takes care, and Bob has been told; this is her link to give it back."""
    press(anonymous, link_of(cast.carla, TAKE))
    deliver()
    return link_of(cast.carla, RETURN)


def test_taking_and_giving_back_forever_is_told_once_an_hour(
    give_back: str, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver, told: Told
) -> None:
    take = link_of(cast.carla, TAKE)
    smtp.forget()
    for _ in range(10):
        anonymous.post(give_back)
        anonymous.post(take)
        deliver()
    assert told(cast.bob, later=True) == [], "in the end it is as Bob knows it"
    assert len(told(cast.carla, later=True)) == 1, "she is told once more, for she may not have pressed herself"
    anonymous.post(give_back)
    with within_the_hour():
        assert told(cast.bob) == [OPEN_AGAIN]


def test_everybody_is_told_after_an_hour_that_nobody_takes_care_any_more_and_of_the_next_one(
    give_back: str, cast: Cast, anonymous: Browser, smtp: MailServer, deliver: Deliver, look_after: LookAfter
) -> None:
    smtp.forget()
    anonymous.post(give_back)
    look_after(timedelta(minutes=59))
    assert smtp.to(cast.lena.email) == []
    look_after(timedelta(minutes=61))
    look_after(timedelta(minutes=62))
    [told] = smtp.to(cast.lena.email)
    assert_expected(told, "request-note-left")
    assert [mail.subject for mail in smtp.to(cast.carla.email)] == [told.subject]
    smtp.forget()
    press(anonymous, button_of(told))
    deliver()
    [told] = smtp.to(cast.carla.email)
    assert f"{cast.lena.name} kümmert sich" in told.text


@pytest.mark.parametrize("happening", ["taken again", "withdrawn", "taken down"])
def test_nobody_else_is_told_of_what_lasted_less_than_an_hour(
    give_back: str, asked: int, cast: Cast, anonymous: Browser, client_of: ClientOf, link_of: LinkOf, smtp: MailServer,
    look_after: LookAfter, happening: str,
) -> None:  # fmt: skip
    take = link_of(cast.carla, TAKE)
    smtp.forget()
    anonymous.post(give_back)
    if happening == "taken again":
        anonymous.post(take)
    elif happening == "withdrawn":
        client_of(cast.bob).submit(cast.ost.path("nachrichten", asked), form="zurueckziehen")
    else:
        take_down(client_of(cast.anke), cast.ost.path("nachrichten", asked))
    look_after(timedelta(minutes=61))
    assert [mail for mail in smtp.to(cast.lena.email) if "Um die Anfrage" in mail.text] == []


def test_who_never_heard_that_somebody_takes_care_does_not_hear_that_nobody_does(
    asked: int, cast: Cast, given: Given, anonymous: Browser, link_of: LinkOf, smtp: MailServer, look_after: LookAfter,
    deliver: Deliver, app: Flask,
) -> None:  # fmt: skip
    with given():
        wishes.set_rhythm(cast.lena.id, cast.ost.id, Rhythm.DAILY)
    press(anonymous, link_of(cast.carla, TAKE))
    deliver()
    anonymous.post(link_of(cast.carla, RETURN))
    smtp.forget()
    look_after(timedelta(minutes=61))
    assert len(smtp.to(cast.gast.email)) == 1
    with time_machine.travel(utc_now() + timedelta(days=2)):
        app.extensions["run_job"].call_local("digests")
        deliver()
    assert smtp.to(cast.lena.email) == []


def test_a_request_that_was_taken_down_is_over(
    asked: int, cast: Cast, client_of: ClientOf, smtp: MailServer, look_after: LookAfter, deliver: Deliver
) -> None:
    thread = cast.ost.path("nachrichten", asked)
    take_down(client_of(cast.anke), thread)
    deliver()
    smtp.forget()
    bob = client_of(cast.bob)
    page = bob.see(thread)
    assert "Ich kümmere mich" not in page.text
    assert "Wieder öffnen" not in page.text
    csrf = page.forms[0].values()["csrf_token"][0]
    bob.post(cast.ost.path("anfragen", asked, "wieder-oeffnen"), data={"csrf_token": csrf})
    assert thread not in bob.see(cast.ost.path("nachrichten") + "?nur=offene-anfragen").links
    look_after(timedelta(days=9))
    assert smtp.messages == [], "nobody is reminded"


def test_everybody_is_told_of_two_rounds_and_last_that_nobody_takes_care(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver, app: Flask
) -> None:
    """Whoever has a forwarded mail presses for half a day; it costs the network four mails."""
    take = link_of(cast.carla, TAKE)
    smtp.forget()
    with time_machine.travel(utc_now(), tick=True) as clock:
        for _ in range(12):
            anonymous.post(take)
            deliver()
            anonymous.post(link_of(cast.carla, RETURN))
            clock.shift(timedelta(minutes=61))
            app.extensions["run_job"].call_local("requests")
            deliver()
    said = [mail.text for mail in smtp.to(cast.gast.email)]
    assert ["kümmert sich jetzt niemand mehr" in text for text in said] == [False, True, False, True]


def test_who_cannot_and_who_was_told_by_name_are_not_asked_again(
    give_back: str, asked: int, cast: Cast, anonymous: Browser, client_of: ClientOf, link_of: LinkOf, smtp: MailServer,
    look_after: LookAfter,
) -> None:  # fmt: skip
    """Lena cannot; Carla is told at once that Verwaltung took the request from her."""
    anonymous.post(link_of(cast.lena, "Kann ich nicht"))
    smtp.forget()
    client_of(cast.anke).submit(cast.ost.path("nachrichten", asked), form="zurueckgeben")
    look_after(timedelta(minutes=61))
    assert smtp.to(cast.lena.email) == []
    assert len(smtp.to(cast.carla.email)) == len(smtp.to(cast.bob.email)) == len(smtp.to(cast.gast.email)) == 1


def test_nobody_is_asked_when_help_would_come_too_late(
    give_back: str, cast: Cast, anonymous: Browser, smtp: MailServer, look_after: LookAfter, given: Given
) -> None:
    with given():
        db.session.scalars(select(Thread)).one().deadline = berlin(utc_now()).date() - timedelta(days=1)
    smtp.forget()
    anonymous.post(give_back)
    look_after(timedelta(minutes=61))
    assert smtp.to(cast.lena.email) == []


@pytest.mark.parametrize("ending", ["taken", "withdrawn"])
def test_what_waits_of_asking_all_goes_when_nobody_needs_to(
    give_back: str, asked: int, cast: Cast, anonymous: Browser, client_of: ClientOf, link_of: LinkOf, smtp: MailServer,
    deliver: Deliver, app: Flask, ending: str,
) -> None:  # fmt: skip
    """The worker is away when the network would be told."""
    take = link_of(cast.carla, TAKE)
    anonymous.post(give_back)
    smtp.forget()
    with time_machine.travel(utc_now() + timedelta(minutes=61)):
        app.extensions["run_job"].call_local("requests")
        if ending == "taken":
            anonymous.post(take)
        else:
            client_of(cast.bob).submit(cast.ost.path("nachrichten", asked), form="zurueckziehen")
        deliver()
    assert [mail for mail in smtp.to(cast.gast.email) if "niemand mehr" in mail.text] == []


@pytest.mark.parametrize("again", [True, False])
def test_a_digest_within_the_hour_tells_neither_and_the_next_one_how_it_is(
    asked: int, cast: Cast, given: Given, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver,
    app: Flask, again: bool,
) -> None:  # fmt: skip
    with given():
        wishes.set_rhythm(cast.lena.id, cast.ost.id, Rhythm.DAILY)
    take = link_of(cast.carla, TAKE)
    press(anonymous, take)
    deliver()
    give_back = link_of(cast.carla, RETURN)
    smtp.forget()
    job = app.extensions["run_job"].call_local
    with time_machine.travel(utc_now() + timedelta(days=2), tick=True) as clock:
        anonymous.post(give_back)
        job("digests")
        deliver()
        assert smtp.to(cast.lena.email) == []
        if again:
            anonymous.post(take)
        clock.shift(timedelta(minutes=61))
        job("requests")
        clock.shift(timedelta(days=2))
        job("digests")
        deliver()
    texts = [mail.text for mail in smtp.to(cast.lena.email)]
    assert ["kümmert sich. Sie müssen nichts mehr tun." in text for text in texts] == ([True] if again else [])


def test_who_takes_it_after_somebody_gave_it_back_is_told_instead(
    give_back: str, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, told: Told
) -> None:
    lenas = link_of(cast.lena, TAKE)
    smtp.forget()
    anonymous.post(give_back)
    assert told(cast.bob) == []
    anonymous.post(lenas)
    assert told(cast.bob, later=True) == [f"{cast.lena.name} {TAKEN}"]
    assert told(cast.lena) == ["Danke, dass Sie sich kümmern"]


def test_helping_and_stopping_forever_is_told_once_an_hour(
    give_back: str, asked: int, cast: Cast, anonymous: Browser, client_of: ClientOf, link_of: LinkOf, smtp: MailServer,
    told: Told,
) -> None:  # fmt: skip
    help_along, lena = link_of(cast.lena, TAKE), client_of(cast.lena)
    smtp.forget()
    for _ in range(5):
        anonymous.post(help_along)
        told(cast.bob)
        lena.submit(cast.ost.path("nachrichten", asked), form="zurueckgeben")
    for person in (cast.bob, cast.carla, cast.lena):
        assert len(told(person, later=True)) == 1
    anonymous.post(help_along)
    assert len(told(cast.bob, later=True)) == 2


def test_withdrawing_and_opening_again_forever_is_told_once_an_hour(
    give_back: str, asked: int, cast: Cast, client_of: ClientOf, smtp: MailServer, told: Told
) -> None:
    bob, thread = client_of(cast.bob), cast.ost.path("nachrichten", asked)
    smtp.forget()
    for _ in range(5):
        bob.submit(thread, form="zurueckziehen")
        bob.submit(thread, form="wieder-oeffnen")
    assert told(cast.carla, later=True) == [], "it is open"
    bob.submit(thread, form="zurueckziehen")
    assert told(cast.carla, later=True) == ["Die Anfrage ist abgeschlossen"]


def test_no_mail_repeats_a_message_that_was_taken_down(
    give_back: str, asked: int, cast: Cast, anonymous: Browser, client_of: ClientOf, given: Given, link_of: LinkOf,
    smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    """Neither one that waits, nor what the portal keeps of those that went."""
    hint = {"participant": str(cast.ost.participant(cast.gast))}
    client_of(cast.lena).submit(cast.ost.path("anfragen", asked, "hinweis"), hint)
    anonymous.post(give_back)
    anonymous.post(link_of(cast.lena, TAKE))
    with given():
        texts = db.session.scalars(select(Mail.text).where(Mail.about.startswith("request:"))).all()
        assert any("Wer hat einen Platz im Mai?" in text for text in texts)
        assert sum("Praktikum gesucht" in text for text in texts) > 3
    take_down(client_of(cast.anke), cast.ost.path("nachrichten", asked))
    with given():
        kept = [mail.subject + mail.text + mail.html for mail in db.session.scalars(select(Mail))]
    smtp.forget()
    deliver()
    for said in [*kept, *(mail.subject + mail.text + mail.html for mail in smtp.messages)]:
        assert "Praktikum gesucht" not in said
        assert "Wer hat einen Platz" not in said
