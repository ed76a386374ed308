""" "Ich weiß jemanden" and "Kann ich nicht": a hint goes to who asked and to who was named, a refusal to nobody."""

from __future__ import annotations

import pytest

from app.requests.taking import MOST_HINTS
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer
from tests.requests.conftest import CANNOT, KNOWS, TAKE, LinkOf, last_to, press, request_now


def test_whom_somebody_names_is_asked_and_who_asked_gets_their_phone(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    path = link_of(cast.lena, KNOWS)
    smtp.forget()
    line = "Carla kennt <b>viele</b> Betriebe."
    anonymous.submit(path, {"participant": cast.ost.participant(cast.carla), "line": line}, form=path)
    assert "Ihr Hinweis ist angekommen" in anonymous.page.text
    deliver()
    names = {f"/nachrichten/{asked}\n": "/nachrichten/1\n"}
    assert sorted(mail.to for mail in smtp.messages) == sorted([cast.bob.email, cast.carla.email])
    assert_expected(last_to(smtp, cast.bob), "request-contact-hint", names)
    assert_expected(last_to(smtp, cast.carla), "request-call-suggested", names)
    assert "Sie kümmern sich" in press(anonymous, link_of(cast.carla, TAKE))
    [hint] = request_now(given).hints
    assert (hint.name, hint.line) == (cast.lena.name, line)


def test_a_line_alone_is_enough_and_only_who_asked_and_leads_read_it(
    asked: int, cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    carla = client_of(cast.carla)
    smtp.forget()
    carla.submit(cast.ost.path("anfragen", asked, "hinweis"), {"line": "Fragt im Stadtteilbüro."})
    deliver()
    assert [mail.to for mail in smtp.messages] == [cast.bob.email]
    thread = cast.ost.path("nachrichten", asked)
    assert "Fragt im Stadtteilbüro." in client_of(cast.bob).see(thread).text
    assert "Fragt im Stadtteilbüro." in client_of(cast.lena).see(thread).text
    assert "Fragt im Stadtteilbüro." not in carla.see(thread).text


@pytest.mark.parametrize("line", ["", " \t\x00", "x" * 501])
def test_an_empty_or_endless_hint_is_refused_with_what_was_typed(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, line: str, given: Given
) -> None:
    path = link_of(cast.carla, KNOWS)
    anonymous.submit(path, {"line": line}, form=path)
    assert "Bitte prüfen Sie Ihre Angaben" in anonymous.page.text
    assert request_now(given).hints == []


@pytest.mark.parametrize("participant", ["999999", "-1", "west", "9" * 30])
def test_somebody_of_another_network_cannot_be_named(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, participant: str, given: Given
) -> None:
    chosen = cast.west.participant(cast.wim) if participant == "west" else participant
    answer = anonymous.post(link_of(cast.carla, KNOWS), data={"participant": chosen, "line": "Wim"})
    assert "Bitte prüfen Sie Ihre Angaben" in answer.text
    assert request_now(given).hints == []


def test_the_same_hint_twice_is_one_and_nobody_gives_endlessly_many(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, given: Given
) -> None:
    path = link_of(cast.carla, KNOWS)
    for number in range(MOST_HINTS + 2):
        for _ in range(2):
            answer = anonymous.post(path, data={"participant": "0", "line": f"Hinweis {number}"})
    assert "schon fünf Hinweise" in answer.text
    assert len(request_now(given).hints) == MOST_HINTS


def test_who_cannot_is_noted_and_nobody_is_told(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, client_of: ClientOf, smtp: MailServer,
    deliver: Deliver, given: Given,
) -> None:  # fmt: skip
    path = link_of(cast.carla, CANNOT)
    smtp.forget()
    for _ in range(2):
        assert "Danke für die Antwort" in press_or_see(anonymous, path)
    deliver()
    assert smtp.messages == []
    assert [answer.user_id for answer in request_now(given).refusals] == [cast.carla.id]
    assert "1 Person hat gesagt" in client_of(cast.bob).see(cast.ost.path("nachrichten", asked)).text


def test_who_could_not_may_take_it_after_all(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, given: Given
) -> None:
    press(anonymous, link_of(cast.carla, CANNOT))
    press(anonymous, link_of(cast.carla, TAKE))
    request = request_now(given)
    assert (request.owner_id, request.refusals) == (cast.carla.id, [])


def press_or_see(browser: Browser, path: str) -> str:
    browser.post(path)
    return str(browser.page.text)
