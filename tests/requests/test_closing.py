"""The end of a request: giving it back, closing with two answers, withdrawing, opening again; by whom."""

from __future__ import annotations

import pytest

from app.requests.models import State, Success
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer
from tests.requests.conftest import RETURN, TAKE, LinkOf, last_to, press, request_now, within_the_hour

CLOSE = "Ist erledigt"


@pytest.fixture
def taken(asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, deliver: Deliver) -> int:
    """The thread of a request that Carla takes care of; Lena helps."""
    first, second = link_of(cast.carla, TAKE), link_of(cast.lena, TAKE)
    press(anonymous, first)
    press(anonymous, second)
    deliver()
    return asked


def test_who_owns_it_gives_it_back_from_the_mail_and_it_is_open_again(
    taken: int, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    path = link_of(cast.carla, RETURN)
    smtp.forget()
    assert "zurückgegeben" in press(anonymous, path)
    assert anonymous.post(path).status_code == 200
    request = request_now(given)
    assert (request.state, request.owner_id, request.owner_name) == (State.OPEN, None, "")
    with within_the_hour():
        deliver()
    names = {f"/nachrichten/{taken}\n": "/nachrichten/1\n"}
    assert sorted(mail.to for mail in smtp.messages) == sorted([cast.bob.email, cast.lena.email])
    assert_expected(last_to(smtp, cast.bob), "request-call-open-again", names)
    assert_expected(last_to(smtp, cast.lena), "request-call-given-back", names)
    press(anonymous, link_of(cast.lena, TAKE))
    deliver()
    assert request_now(given).owner_id == cast.lena.id
    assert request_now(given).helpers == []
    assert not [mail for mail in smtp.to(cast.gast.email) if "kümmert sich" in mail.text], "the network is told once"


def test_a_helper_can_stop_and_the_owner_stays(taken: int, cast: Cast, client_of: ClientOf, given: Given) -> None:
    client_of(cast.lena).submit(cast.ost.path("nachrichten", taken), form="zurueckgeben")
    request = request_now(given)
    assert (request.owner_id, request.helpers) == (cast.carla.id, [])


def test_who_owns_it_closes_it_from_the_mail_with_two_answers(
    taken: int, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver, given: Given,
    client_of: ClientOf,
) -> None:  # fmt: skip
    path = link_of(cast.carla, CLOSE)
    smtp.forget()
    anonymous.submit(path, {"success": "partly", "outcome": "Ein Platz von zweien."}, form=path)
    assert "abgeschlossen" in anonymous.page.text
    request = request_now(given)
    assert (request.state, request.success, request.outcome) == (State.DONE, Success.PARTLY, "Ein Platz von zweien.")
    with within_the_hour():
        deliver()
    assert sorted(mail.to for mail in smtp.messages) == sorted([cast.bob.email, cast.lena.email])
    assert_expected(last_to(smtp, cast.bob), "request-closed")
    page = client_of(cast.bob).see(cast.ost.path("nachrichten", taken))
    assert "Ein Platz von zweien." in page.text
    assert "Teilweise" in page.text


def test_what_is_corrected_before_the_mail_goes_out_stands_in_no_mail(
    taken: int, cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    carla, form = client_of(cast.carla), cast.ost.path("anfragen", taken, "erledigt")
    assert "in der Mail an alle, die mit ihr zu tun hatten" in carla.see(form).text
    carla.send({"outcome": "Frau Fallbach kam unter."}, form="erledigt")
    assert "in der Mail" not in carla.see(form).text
    carla.send({"outcome": "Eine kam unter."}, form="erledigt")
    smtp.forget()
    with within_the_hour():
        deliver()
    assert sorted(mail.to for mail in smtp.messages) == sorted([cast.bob.email, cast.lena.email])
    assert all("Ergebnis: Eine kam unter." in mail.text for mail in smtp.messages)
    carla.submit(form, {"outcome": "Zwei kamen unter."}, form="erledigt")
    with within_the_hour():
        deliver()
    assert len(smtp.messages) == 2, "nobody is told a second time"


def test_of_a_confidential_one_the_mail_does_not_say_what_came_of_it(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    bob, carla = client_of(cast.bob), client_of(cast.carla)
    fields = {"kind": "request", "subject": "Geheim", "body": "Wer?", "confidential": True}
    bob.submit(cast.ost.path("nachrichten", "neu"), fields)
    thread = bob.page.path
    deliver()
    carla.submit(thread, form="uebernehmen")
    deliver()
    carla.submit(thread.replace("nachrichten", "anfragen") + "/erledigt", {"outcome": "Ein Platz."}, form="erledigt")
    with within_the_hour():
        deliver()
    closed = last_to(smtp, cast.bob)
    assert "Die Anfrage ist abgeschlossen" in closed.text
    assert "Ein Platz." not in closed.text + closed.html


def test_both_questions_are_voluntary(taken: int, cast: Cast, client_of: ClientOf, given: Given) -> None:
    client_of(cast.bob).submit(cast.ost.path("anfragen", taken, "erledigt"), {}, form="erledigt")
    request = request_now(given)
    assert (request.state, request.success, request.outcome) == (State.DONE, None, "")


@pytest.mark.parametrize(("success", "outcome"), [("perhaps", ""), ("yes", "x" * 10_000)])
def test_answers_that_cannot_be_are_refused(
    taken: int, cast: Cast, client_of: ClientOf, given: Given, success: str, outcome: str
) -> None:
    bob = client_of(cast.bob)
    path = cast.ost.path("anfragen", taken, "erledigt")
    csrf = next(form for form in bob.see(path).forms if form.action == path).values()["csrf_token"][0]
    answer = bob.post(path, data={"csrf_token": csrf, "success": success, "outcome": outcome})
    assert "Bitte prüfen Sie Ihre Angaben" in answer.text
    assert request_now(given).state is State.TAKEN


def test_a_link_from_an_old_mail_does_nothing_once_it_is_closed(
    taken: int, cast: Cast, anonymous: Browser, link_of: LinkOf, client_of: ClientOf, smtp: MailServer,
    deliver: Deliver, given: Given,
) -> None:  # fmt: skip
    old = [link_of(cast.carla, RETURN), link_of(cast.carla, CLOSE)]
    client_of(cast.bob).submit(cast.ost.path("nachrichten", taken), form="zurueckziehen")
    deliver()
    smtp.forget()
    for path in old:
        anonymous.see(path)
        anonymous.post(path)
    deliver()
    assert smtp.messages == []
    assert request_now(given).state is State.WITHDRAWN


def test_who_only_helps_can_neither_close_nor_withdraw(
    taken: int, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    carla = client_of(cast.carla)
    csrf = carla.see(cast.ost.path("nachrichten", taken)).forms[0].values()["csrf_token"][0]
    assert carla.post(cast.ost.path("anfragen", taken, "zurueckziehen"), data={"csrf_token": csrf}).status_code == 403
    carla.submit(cast.ost.path("nachrichten", taken), form="zurueckgeben")
    for verb in ("erledigt", "wieder-oeffnen", "zurueckgeben"):
        assert carla.post(cast.ost.path("anfragen", taken, verb), data={"csrf_token": csrf}).status_code == 403
    assert request_now(given).state is State.OPEN


def test_a_lead_frees_withdraws_and_opens_again(
    asked: int, cast: Cast, client_of: ClientOf, anonymous: Browser, link_of: LinkOf, given: Given
) -> None:
    press(anonymous, link_of(cast.carla, TAKE))
    thread = cast.ost.path("nachrichten", asked)
    lena = client_of(cast.lena)
    lena.submit(thread, form="zurueckgeben")
    assert request_now(given).state is State.OPEN
    lena.submit(thread, form="zurueckziehen")
    assert request_now(given).state is State.WITHDRAWN
    lena.submit(thread, form="wieder-oeffnen")
    assert request_now(given).state is State.OPEN


def test_verwaltung_closes_without_taking_part(asked: int, cast: Cast, client_of: ClientOf, given: Given) -> None:
    client_of(cast.anke).submit(cast.ost.path("anfragen", asked, "erledigt"), {"success": "yes"})
    assert request_now(given).state is State.DONE


def test_the_list_shows_states_counts_what_is_open_and_shows_only_that(
    asked: int, cast: Cast, client_of: ClientOf, anonymous: Browser, link_of: LinkOf
) -> None:
    client_of(cast.bob).submit(cast.ost.path("nachrichten", "neu"), {"subject": "Sommerfest", "body": "Am Freitag."})
    carla = client_of(cast.carla)
    page = carla.see(cast.ost.path("nachrichten"))
    assert "Anfrage: offen" in page.text
    assert "1 offene Anfrage zeigen" in page.text
    only = carla.see(cast.ost.path("nachrichten") + "?nur=offene-anfragen")
    assert "Praktikum gesucht" in only.text
    assert "Sommerfest" not in only.text
    press(anonymous, link_of(cast.carla, TAKE))
    page = carla.see(cast.ost.path("nachrichten"))
    assert "Anfrage: übernommen" in page.text
    assert "offene Anfrage" not in page.text
    assert "Hier steht gerade nichts" in carla.see(cast.ost.path("nachrichten") + "?nur=offene-anfragen").text
    assert "Sommerfest" in carla.see(cast.ost.path("nachrichten") + "?nur=%00unsinn").text


def test_an_answer_to_all_says_in_its_subject_how_far_the_request_is(
    taken: int, cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    client_of(cast.bob).submit(cast.ost.path("nachrichten", taken), {"body": "Danke!"}, form="antworten")
    deliver()
    received = last_to(smtp, cast.gast)
    assert received.subject == "AW: [Jugendliche in Ausbildung] Anfrage (übernommen): Praktikum gesucht"
    assert TAKE not in received.text
