""" "Ich kümmere mich": the first to press owns the request, the next help, and only who needs it hears of it."""

from __future__ import annotations

from flask import Flask

from app.requests.models import State
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer
from tests.requests.conftest import CANNOT, KNOWS, RETURN, TAKE, LinkOf, follow, last_to, press, request_now


def test_the_mail_has_three_buttons(
    asked: int, cast: Cast, smtp: MailServer, link_of: LinkOf, anonymous: Browser
) -> None:
    received = last_to(smtp, cast.carla)
    for label in (TAKE, KNOWS, CANNOT):
        assert label in received.html
        assert anonymous.get(link_of(cast.carla, label)).status_code == 200


def test_who_presses_in_the_mail_owns_it_and_both_get_each_others_phone(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    path = link_of(cast.carla, TAKE)
    smtp.forget()
    said = press(anonymous, path)
    assert "Sie kümmern sich" in said
    request = request_now(given)
    assert (request.state, request.owner_id, request.owner_name) == (State.TAKEN, cast.carla.id, cast.carla.name)
    deliver()
    [to_bob] = smtp.to(cast.bob.email)
    [to_carla] = smtp.to(cast.carla.email)
    [to_lena] = smtp.to(cast.lena.email)
    assert_expected(to_bob, "request-contact-taken")
    assert_expected(to_carla, "request-contact-yours")
    assert_expected(to_lena, "request-note")
    assert to_lena.subject == "AW: [Jugendliche in Ausbildung] Anfrage (übernommen): Praktikum gesucht"
    assert cast.carla.email not in to_lena.text


def test_pressing_twice_does_and_tells_nothing_more(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver
) -> None:
    path = link_of(cast.carla, TAKE)
    press(anonymous, path)
    deliver()
    smtp.forget()
    assert anonymous.post(path).status_code == 200
    deliver()
    assert smtp.messages == []


def test_looking_at_the_links_changes_nothing(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, given: Given
) -> None:
    for label in (TAKE, KNOWS, CANNOT):
        for _ in range(3):
            anonymous.get(link_of(cast.carla, label))
            anonymous.head(link_of(cast.carla, label))
    request = request_now(given)
    assert (request.state, request.owner_id, request.answers) == (State.OPEN, None, [])


def test_the_next_helps_and_the_network_hears_nothing_of_that(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    first, second = link_of(cast.carla, TAKE), link_of(cast.lena, TAKE)
    press(anonymous, first)
    deliver()
    smtp.forget()
    assert "Sie helfen mit" in press(anonymous, second)
    assert [helper.name for helper in request_now(given).helpers] == [cast.lena.name]
    deliver()
    assert sorted(mail.to for mail in smtp.messages) == sorted(each.email for each in (cast.bob, cast.carla, cast.lena))
    names = {f"/nachrichten/{asked}\n": "/nachrichten/1\n"}
    assert_expected(last_to(smtp, cast.bob), "request-contact-helps", names)
    assert_expected(last_to(smtp, cast.lena), "request-contact-helping", names)


def test_the_page_after_taking_it_lets_one_give_it_back_and_says_who_hears_of_it(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, given: Given
) -> None:
    press(anonymous, link_of(cast.carla, TAKE))
    follow(anonymous, RETURN)
    assert "Möchten Sie die Anfrage zurückgeben?" in anonymous.page.text
    assert "Wer gefragt hat und wer mithilft, erfährt es gleich" in anonymous.page.text
    assert "nach einer Stunde, wenn sich bis dahin niemand sonst kümmert" in anonymous.page.text
    assert request_now(given).owner_id == cast.carla.id
    anonymous.send(form=anonymous.page.path)
    assert "Sie haben die Anfrage zurückgegeben" in anonymous.page.text
    assert request_now(given).state is State.OPEN


def test_whoever_helps_gives_back_only_that(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    press(anonymous, link_of(cast.carla, TAKE))
    press(anonymous, link_of(cast.lena, TAKE))
    deliver()
    smtp.forget()
    follow(anonymous, RETURN)
    assert "Carla Çelik kümmert sich weiter. Eine Mail darüber bekommt niemand." in anonymous.page.text
    anonymous.send(form=anonymous.page.path)
    assert "Carla Çelik kümmert sich. Sie müssen nichts mehr tun." in anonymous.page.text
    request = request_now(given)
    assert (request.owner_id, request.helpers) == (cast.carla.id, [])
    deliver()
    assert smtp.messages == []


def test_the_page_behind_a_link_leads_to_the_request_in_a_network_of_ones_own(
    cast: Cast, anonymous: Browser, client_of: ClientOf, link_of: LinkOf, deliver: Deliver
) -> None:
    typed = {"kind": "request", "subject": "Gemeinsam", "body": "Wer?", "also_to": ["west"]}
    client_of(cast.carla).submit(cast.ost.path("nachrichten", "neu"), typed)
    deliver()
    anonymous.see(link_of(cast.wim, TAKE))
    [website] = [link for link in anonymous.page.links if "/nachrichten/" in link]
    assert client_of(cast.wim).see(website).heading == "Gemeinsam"


def test_the_page_has_the_same_buttons(asked: int, cast: Cast, client_of: ClientOf, given: Given) -> None:
    carla = client_of(cast.carla)
    page = carla.see(cast.ost.path("nachrichten", asked))
    for label in (TAKE, KNOWS, CANNOT):
        assert label in page.text
    carla.submit(cast.ost.path("nachrichten", asked), form="uebernehmen")
    assert "Carla Çelik, Sprachwerk e. V. kümmert sich." in carla.page.text
    assert request_now(given).owner_id == cast.carla.id
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("nachrichten", asked), form="uebernehmen", button="Ich helfe mit")
    assert "Es hilft mit: Lena Leitner." in lena.page.text


def test_who_asked_reads_whom_to_call_and_nobody_else_is_told(
    asked: int, cast: Cast, client_of: ClientOf, anonymous: Browser, link_of: LinkOf
) -> None:
    own = link_of(cast.bob, TAKE)
    assert "Sobald sich jemand kümmert" in anonymous.see(own).text
    press(anonymous, link_of(cast.carla, TAKE))
    thread, dialled = cast.ost.path("nachrichten", asked), "tel:099912345"
    for page in (anonymous.see(own), client_of(cast.bob).see(thread)):
        assert cast.carla.name in page.text
        assert dialled in page.links
        assert f"mailto:{cast.carla.email}" in page.links
    assert dialled not in client_of(cast.lena).see(thread).links


def test_ones_own_request_cannot_be_taken(
    asked: int, cast: Cast, client_of: ClientOf, anonymous: Browser, link_of: LinkOf, given: Given
) -> None:
    page = client_of(cast.bob).see(cast.ost.path("nachrichten", asked))
    assert TAKE not in page.text
    path = link_of(cast.bob, TAKE)
    assert "Das ist Ihre eigene Anfrage" in anonymous.see(path).text
    assert anonymous.post(path).status_code == 400
    assert request_now(given).owner_id is None


def test_a_mailbox_that_only_receives_cannot_take_it(
    asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, given: Given
) -> None:
    path = link_of(cast.gast, TAKE)
    assert "bekommt nur Mails" in anonymous.see(path).text
    assert anonymous.post(path).status_code == 400
    assert request_now(given).owner_id is None


def test_a_forged_link_does_nothing(asked: int, cast: Cast, anonymous: Browser, link_of: LinkOf, given: Given) -> None:
    path = link_of(cast.carla, TAKE)
    token = path.rpartition("/")[2]
    for forged in (token[:-1], token[:-1] + ("a" if token[-1] != "a" else "b"), token + "a", "x" * 5000):
        assert anonymous.post(f"/mail/{forged}").status_code == 404
    assert request_now(given).owner_id is None


def test_who_left_the_network_gets_a_sentence(
    asked: int, cast: Cast, anonymous: Browser, client_of: ClientOf, link_of: LinkOf, given: Given
) -> None:
    path = link_of(cast.carla, TAKE)
    anke = client_of(cast.anke)
    anke.submit(cast.ost.path("teilnehmende", cast.ost.participant(cast.carla)), form="entfernen")
    answer = anonymous.get(path)
    assert answer.status_code == 400
    assert "nehmen an diesem Netz nicht mehr teil" in answer.text
    assert anonymous.post(path).status_code == 400
    assert request_now(given).owner_id is None


def test_an_outsider_finds_nothing_of_it(asked: int, cast: Cast, client_of: ClientOf, given: Given) -> None:
    wim = client_of(cast.wim)
    page = wim.see(cast.west.path("nachrichten", "neu"))
    csrf = page.forms[0].values()["csrf_token"][0]
    for net in (cast.ost, cast.west):
        for verb in (
            "uebernehmen",
            "kann-nicht",
            "zurueckgeben",
            "hinweis",
            "erledigt",
            "zurueckziehen",
            "wieder-oeffnen",
        ):
            assert wim.post(net.path("anfragen", asked, verb), data={"csrf_token": csrf}).status_code == 404
    assert request_now(given).state is State.OPEN


def test_a_message_of_another_kind_is_no_request(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, app: Flask
) -> None:
    client_of(cast.bob).submit(cast.ost.path("nachrichten", "neu"), {"subject": "Hallo", "body": "Text"})
    deliver()
    assert TAKE not in last_to(smtp, cast.carla).text


def test_the_mail_of_a_confidential_request_has_no_buttons_but_the_page_has(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    bob = client_of(cast.bob)
    fields = {"kind": "request", "subject": "Sehr geheim", "body": "Ein Fall", "confidential": True}
    bob.submit(cast.ost.path("nachrichten", "neu"), fields)
    path = bob.page.path
    deliver()
    assert TAKE not in last_to(smtp, cast.carla).text
    client_of(cast.carla).submit(path, form="uebernehmen")
    deliver()
    assert not [mail for mail in smtp.messages if "Sehr geheim" in mail.text + mail.subject]
    assert "kümmert sich" in last_to(smtp, cast.lena).text


def test_what_is_taken_in_the_undo_window_cannot_be_taken_back(cast: Cast, client_of: ClientOf, app: Flask) -> None:
    app.config["MAIL_UNDO_SECONDS"] = 300
    bob = client_of(cast.bob)
    fields = {"kind": "request", "subject": "Frage", "body": "Wer?", "internship_field": "Pflege"}
    bob.submit(cast.ost.path("nachrichten", "neu"), fields)
    path = bob.page.path
    client_of(cast.carla).submit(path, form="uebernehmen")
    answer = bob.submit(path, form="zurueckholen")
    assert answer.status_code == 400
    assert "schon jemand reagiert" in answer.text


def test_a_request_taken_back_is_written_again_with_its_facts(cast: Cast, client_of: ClientOf, app: Flask) -> None:
    app.config["MAIL_UNDO_SECONDS"] = 300
    bob = client_of(cast.bob)
    fields = {
        "kind": "request",
        "subject": "Frage",
        "body": "Wer?",
        "internship_field": "Pflege",
        "internship_starts_on": "2031-05-02",
    }
    bob.submit(cast.ost.path("nachrichten", "neu"), fields)
    bob.submit(bob.page.path, form="zurueckholen")
    [form] = [form for form in bob.page.forms if "internship_field" in form.names]
    assert form.values()["internship_field"] == ["Pflege"]
    assert form.values()["internship_starts_on"] == ["2031-05-02"]
