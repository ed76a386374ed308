"""The Zustellbericht: figures for all, names and the server's words for those they concern."""

from __future__ import annotations

from app.database import db
from app.forum.models import Message
from app.networks.wishes import pause
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.forum.test_posting import post


def report_path(cast: Cast, given: Given) -> str:
    with given():
        return cast.ost.path("nachrichten", db.session.query(Message.thread_id).scalar(), "zustellung")


def test_before_the_mails_go_out_all_are_waiting(
    cast: Cast, client_of: ClientOf, given: Given, configured: Configured
) -> None:
    browser = client_of(cast.bob)
    with configured(MAIL_UNDO_SECONDS=300):
        post(browser, cast)
    page = browser.see(report_path(cast, given))
    assert "0 übergeben, 4 wartend, 0 unzustellbar, 0 abgebrochen" in page.text
    assert page.query("progress[max='4'][value='0']")


def test_the_author_sees_each_recipient_with_the_servers_words(
    cast: Cast, client_of: ClientOf, deliver: Deliver, given: Given
) -> None:
    browser = client_of(cast.bob)
    post(browser, cast)
    deliver()
    page = browser.see(report_path(cast, given))
    assert "4 übergeben, 0 wartend, 0 unzustellbar, 0 abgebrochen" in page.text
    for person in cast.everyone_in_ost:
        assert person.name in page.text
        assert person.email in page.text
    assert "250" in page.text
    table = browser.get(f"{report_path(cast, given)}/csv").get_data(as_text=True)
    assert len(table.splitlines()) == 5


def test_other_participants_see_figures_only(cast: Cast, client_of: ClientOf, deliver: Deliver, given: Given) -> None:
    post(client_of(cast.bob), cast)
    deliver()
    browser = client_of(cast.carla)
    page = browser.see(report_path(cast, given))
    assert "4 übergeben" in page.text
    assert cast.lena.email not in page.text
    assert browser.get(f"{report_path(cast, given)}/csv").status_code == 403


def test_leads_see_who_pauses(cast: Cast, client_of: ClientOf, deliver: Deliver, given: Given) -> None:
    with given():
        pause(cast.carla.id, cast.ost.id)
    post(client_of(cast.bob), cast)
    deliver()
    page = client_of(cast.lena).see(report_path(cast, given))
    assert "3 übergeben, 0 wartend, 0 unzustellbar, 1 abgebrochen" in page.text
    assert "pausiert" in page.text


def test_an_outsider_finds_no_report(cast: Cast, client_of: ClientOf, given: Given) -> None:
    post(client_of(cast.bob), cast)
    assert client_of(cast.wim).get(report_path(cast, given)).status_code == 404
