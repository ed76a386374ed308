""" "Ich weiß jemanden" and "Kann ich nicht": a hint goes to who asked and to who was named, a refusal to nobody."""

from __future__ import annotations

import pytest

from app.accounts.models import User, Visibility
from app.database import db
from app.networks.models import Network
from app.requests.taking import MOST_HINTS
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.factories import make_organisation, make_participant, make_seat, make_user
from tests.mailserver import MailServer
from tests.requests.conftest import CANNOT, KNOWS, TAKE, LinkOf, last_to, press, request_now


def test_whom_somebody_names_is_asked_and_who_asked_gets_their_phone(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    path = link_of(cast.lena, KNOWS)
    smtp.forget()
    line = "Carla kennt <b>viele</b> Betriebe."
    anonymous.submit(path, {"participant": cast.carla.name, "line": line}, form=path)
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
def test_somebody_of_another_network_cannot_be_chosen(
    asked: int, cast: Cast, client_of: ClientOf, participant: str, given: Given
) -> None:
    chosen = cast.west.participant(cast.wim) if participant == "west" else participant
    carla, path = client_of(cast.carla), cast.ost.path("anfragen", asked, "hinweis")
    form = next(form for form in carla.see(path).forms if "line" in form.names)
    answer = carla.post(path, data=form.values() | {"participant": chosen, "line": "Wim"})
    assert "Bitte prüfen Sie Ihre Angaben" in answer.text
    assert request_now(given).hints == []


def test_behind_a_link_that_may_be_forwarded_nobody_is_listed_and_signed_in_they_are(
    asked: int, cast: Cast, anonymous: Browser, client_of: ClientOf, link_of: LinkOf
) -> None:
    page = anonymous.see(link_of(cast.carla, KNOWS))
    for person in (cast.lena, cast.bob, cast.gast):
        assert person.name not in page.html
    assert cast.lena.name in client_of(cast.carla).see(cast.ost.path("anfragen", asked, "hinweis")).html


@pytest.mark.parametrize("words", ["lena  LEITNER", "Lena Leitner, Jobcenter", "Lena.Leitner@jobcenter.example.org"])
def test_a_name_or_an_address_finds_whom_somebody_means(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, given: Given, words: str
) -> None:
    path = link_of(cast.carla, KNOWS)
    anonymous.submit(path, {"participant": words}, form=path)
    assert "Ihr Hinweis ist angekommen" in anonymous.page.text
    [hint] = request_now(given).hints
    assert (hint.participant_id, hint.line) == (cast.ost.participant(cast.lena), "")


def test_an_address_that_is_hidden_names_nobody_and_after_five_nothing_is_answered(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, given: Given
) -> None:
    """Whoever was forwarded the mail could try addresses until one fits."""
    with given():
        db.session.get_one(User, cast.lena.id).email_seen_by = Visibility.HIDDEN
    link = link_of(cast.carla, KNOWS)
    anonymous.post(link, data={"participant": cast.lena.email})
    [hint] = request_now(given).hints
    assert (hint.participant_id, hint.line) == (None, cast.lena.email)
    for line in ("eins", "zwei", "drei", "vier"):
        anonymous.post(link, data={"participant": "", "line": line})
    assert "schon fünf Hinweise" in anonymous.post(link, data={"participant": "", "line": "vier"}).text


def test_whoever_was_named_is_asked_once_and_who_cannot_is_not(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver
) -> None:
    link, cannot = link_of(cast.carla, KNOWS), link_of(cast.lena, CANNOT)
    smtp.forget()
    anonymous.post(cannot)
    for line in ("eins", "zwei"):
        for named in (cast.lena, cast.gast):
            anonymous.post(link, data={"participant": named.name, "line": line})
    deliver()
    assert smtp.to(cast.lena.email) == []
    assert len(smtp.to(cast.gast.email)) == 1
    assert len(smtp.to(cast.bob.email)) == 4


@pytest.mark.parametrize("words", ["Wim Weber", "Bob Bergmann", "Carla Celik", "Frau Leitner vom Amt", "L", "<b>%s'"])
def test_whoever_is_not_found_is_passed_on_in_the_words_that_were_typed(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, given: Given, smtp: MailServer, deliver: Deliver,
    words: str,
) -> None:  # fmt: skip
    """Neither of another network, nor who asked, nor oneself."""
    path = link_of(cast.carla, KNOWS)
    smtp.forget()
    anonymous.submit(path, {"participant": words, "line": "Tel. 0999 123 45"}, form=path)
    assert "Ihr Hinweis ist angekommen" in anonymous.page.text
    [hint] = request_now(given).hints
    assert (hint.participant_id, hint.line) == (None, f"{words}\nTel. 0999 123 45")
    deliver()
    assert [mail.to for mail in smtp.messages] == [cast.bob.email]
    assert words in last_to(smtp, cast.bob).text


def test_a_name_that_fits_several_asks_for_the_organisation_and_names_nobody_else(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, given: Given
) -> None:
    with given():
        other = make_user(cast.lena.name, "l.leitner@musterhaus.example.org")
        seat = make_seat(other, make_organisation("Musterhaus"))
        twin = make_participant(db.session.get_one(Network, cast.ost.id), seat=seat).id
    path = link_of(cast.carla, KNOWS)
    anonymous.submit(path, {"participant": cast.lena.name, "line": "Bitte anrufen"}, form=path)
    assert "So heißen mehrere." in anonymous.page.text
    assert "Bitte anrufen" in anonymous.page.html
    for unsaid in ("Musterhaus", "Jobcenter", cast.lena.email):
        assert unsaid not in anonymous.page.html
    assert request_now(given).hints == []
    anonymous.send({"participant": f"{cast.lena.name}, Musterhaus"}, form=path)
    [hint] = request_now(given).hints
    assert (hint.participant_id, hint.line) == (twin, "Bitte anrufen")


@pytest.mark.parametrize("typed", ["x" * 255, "\u202e" * 300])
def test_an_endless_name_is_refused(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, given: Given, typed: str
) -> None:
    path = link_of(cast.carla, KNOWS)
    anonymous.submit(path, {"participant": typed}, form=path)
    assert "Bitte prüfen Sie Ihre Angaben" in anonymous.page.text
    assert request_now(given).hints == []


def test_the_same_hint_twice_is_one_and_nobody_gives_endlessly_many(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, given: Given
) -> None:
    path = link_of(cast.carla, KNOWS)
    for number in range(MOST_HINTS + 2):
        for _ in range(2):
            answer = anonymous.post(path, data={"participant": "", "line": f"Hinweis {number}"})
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
