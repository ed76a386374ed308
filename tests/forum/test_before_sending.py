"""Before a message goes out the form says whom it reaches, and that is whom it then goes to."""

from __future__ import annotations

import random
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import User
from app.database import db, utc_now
from app.deliveries import report
from app.forum.listing import mails_of
from app.forum.models import Draft, Message
from app.mail.models import Address, Delivery, Mail
from app.networks.absence_models import Absence
from app.networks.models import Network, Participant, Posting, Preference, Rhythm
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.factories import make_network, make_organisation, make_participant, make_seat, make_user
from tests.forum.test_posting import form_to, post
from tests.mailserver import MailServer
from tests.page import Page, text_of

SAID = re.compile(r"Geht an (\d+) Person(?:en)? in (\d+) Organisation")


def said(page: Page) -> tuple[int, int]:
    found = SAID.search(page.text)
    assert found, page.text
    return int(found[1]), int(found[2])


@pytest.mark.parametrize("seed", range(5))
def test_the_number_shown_is_that_of_the_mails_waiting_and_then_handed_over(
    cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver, smtp: MailServer, seed: int
) -> None:
    """Any mixture of people with several seats and networks, pauses, digests, former people and closed networks; some
    are away, with a deputy or without, and nothing arrives at the addresses of some."""
    chance = random.Random(seed)
    with given():
        networks = [db.session.get_one(Network, cast.ost.id), *(make_network() for _ in range(3))]
        author = db.session.get_one(User, cast.carla.id)
        for network in networks[1:]:
            make_participant(network, author)
        organisations = [make_organisation() for _ in range(4)]
        made = [author]
        for _ in range(25):
            user = make_user()
            if chance.random() < 0.15:
                db.session.add(Address(email=user.email.lower(), permanent_failures=2, failed_at=utc_now()))
            for network in chance.sample(networks, chance.randint(1, 3)):
                seat = make_seat(user, chance.choice(organisations))
                make_participant(network, seat=seat, until=utc_now() if chance.random() < 0.1 else None)
                if chance.random() < 0.5:
                    db.session.add(_wish(chance, user.id, network.id))
                if chance.random() < 0.3:
                    deputy_id = chance.choice([author.id, made[-1].id, None])
                    away = Absence(user_id=user.id, network_id=network.id, deputy_id=deputy_id)
                    away.until = utc_now() + timedelta(days=3)
                    db.session.add(away)
            made.append(user)
        if chance.random() < 0.5:
            networks[2].closed_at = utc_now()
        open_slugs = [network.slug for network in networks[1:] if not network.closed_at]
    also_to = chance.sample(open_slugs, chance.randint(0, len(open_slugs)))
    browser = client_of(cast.carla)
    query = "&".join(f"also_to={slug}" for slug in also_to)
    people, organisations_said = said(browser.see(cast.ost.path("nachrichten", f"empfaenger?{query}")))
    listed = len(browser.page.query("#empfaenger .kern-accordion__body li"))
    post(browser, cast, also_to=also_to)
    with given():
        counts = dict(db.session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())
        assert listed == sum(counts.values())
        [mails] = mails_of(db.session.scalars(select(Message.id))).values()
        assert people == mails.waiting + mails.collected
    smtp.messages.clear()
    deliver()
    assert len(smtp.messages) == mails.waiting
    with given():
        progress = report.progress_of(db.session.scalars(select(Message)).one())
        assert (progress.sent, progress.collected) == (mails.waiting, mails.collected)
        assert progress.all == listed
    assert 0 < organisations_said <= people


def _wish(chance: random.Random, user_id: int, network_id: int) -> Preference:
    paused = utc_now() if chance.random() < 0.5 else None
    return Preference(user_id=user_id, network_id=network_id, rhythm=chance.choice(list(Rhythm)), paused_at=paused)


def test_after_sending_a_closed_network_is_not_counted(cast: Cast, client_of: ClientOf, given: Given) -> None:
    carla = client_of(cast.carla)
    post(carla, cast, also_to=["west"])
    with given():
        db.session.get_one(Network, cast.west.id).closed_at = utc_now()
        thread_id = db.session.query(Message.thread_id).one()[0]
    answer = carla.submit(cast.ost.path("nachrichten", thread_id), {"body": "Noch etwas"}, form="antworten")
    assert "geht an 4 Teilnehmende in 4 Organisationen" in answer.text
    assert "Lesen können das die 5 Teilnehmenden von" in answer.text


def test_an_answer_counts_no_network_where_only_leads_write(cast: Cast, client_of: ClientOf, given: Given) -> None:
    post(client_of(cast.carla), cast, also_to=["west"])
    with given():
        db.session.get_one(Network, cast.ost.id).posting = Posting.LEADS
        thread_id = db.session.query(Message.thread_id).one()[0]
    wim = client_of(cast.wim)
    assert said(wim.see(cast.west.path("nachrichten", thread_id, "empfaenger"))) == (2, 2)
    answer = wim.submit(cast.west.path("nachrichten", thread_id), {"body": "Aus West"}, form="antworten")
    assert "geht an 2 Teilnehmende in 2 Organisationen" in answer.text


def test_an_answer_names_nobody_of_networks_whose_participants_one_does_not_know(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    post(client_of(cast.carla), cast, also_to=["west"])
    with given():
        db.session.add(Preference(user_id=cast.bob.id, network_id=cast.ost.id, paused_at=utc_now()))
        db.session.add(Address(email=cast.lena.email, permanent_failures=2, failed_at=utc_now()))
        thread_id = db.session.query(Message.thread_id).one()[0]
    page = client_of(cast.wim).see(cast.west.path("nachrichten", thread_id, "empfaenger"))
    assert said(page) == (3, 3)
    assert "Carla Çelik, Sprachwerk e. V." in page.text
    assert "weil sie pausieren: 1 Person aus einem anderen Netz" in page.text
    for hidden in (cast.bob.name, cast.lena.name, cast.gast.name, "Jobcenter"):
        assert hidden not in page.text
    assert cast.bob.name in client_of(cast.carla).see(cast.ost.path("nachrichten", thread_id, "empfaenger")).text


def test_the_list_names_people_and_sets_apart_who_gets_no_mail_now(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        db.session.add(Preference(user_id=cast.gast.id, network_id=cast.ost.id, paused_at=utc_now()))
        db.session.add(Preference(user_id=cast.lena.id, network_id=cast.ost.id, rhythm=Rhythm.DAILY))
    page = client_of(cast.bob).see(cast.ost.path("nachrichten", "neu"))
    assert said(page) == (3, 3)
    assert "Carla Çelik, Sprachwerk e. V." in page.text
    assert re.search(r"Zusammenfassung: Lena Leitner, Jobcenter", page.text)
    for query in ("kind=invitation", "kind=request&urgent=y"):
        at_once = client_of(cast.bob).see(cast.ost.path("nachrichten", f"empfaenger?{query}"))
        assert said(at_once) == (3, 3)
        assert "Zusammenfassung" not in at_once.text, "it goes to all of them at once"
    assert re.search(r"weil sie pausieren: Gaststelle Beirat", page.text)
    assert "Lesen können das die 4 Teilnehmenden dieses Netzes" in page.text


def test_the_preview_shows_the_mail_and_what_is_attached_and_linked_and_sends_all_of_it(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, configured: Configured, given: Given
) -> None:
    carla = client_of(cast.carla)
    with configured(MAIL_ATTACH_LIMIT=1000):
        carla.submit(
            cast.ost.path("nachrichten", "neu"),
            {"subject": "Größe & Maß", "body": "Zeile eins\n\n**Zeile** zwei", "also_to": ["west"]},
            {"files": [("Klein.txt", b"klein"), ("Groß.txt", b"gross " * 400)]},
            button="Vorschau",
        )
        page = carla.page
        deliver()
        assert smtp.messages == []
        assert said(page) == (5, 5)
        assert "[Jugendliche in Ausbildung] Größe & Maß" in page.text
        assert re.search(r"Hängen an der Mail: .*Klein\.txt.* Stehen als Link .*Groß\.txt", page.text)
        frame = page.query("iframe")[0].attrs["src"]
        mail = super(Browser, carla).open(frame)
        assert "<strong>Zeile</strong> zwei" in mail.text
        assert "\ue000" not in mail.text
        assert mail.headers["Content-Security-Policy"].endswith("sandbox allow-same-origin"), "no script runs in it"
        carla.send(form="neu", button="An alle 5 senden")
        deliver()
    assert len(smtp.messages) == 5
    [to_lena] = smtp.to(cast.lena.email)
    assert to_lena.files == {"Klein.txt": b"klein"}
    assert to_lena.subject == "[Jugendliche in Ausbildung] Größe & Maß"
    with given():
        assert db.session.query(Message.body).one()[0] == "Zeile eins\n\n**Zeile** zwei"
        assert db.session.query(Draft).count() == 0


def test_looking_at_a_preview_writes_nothing_and_only_its_author_may(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("nachrichten", "neu"), {"subject": "S", "body": "B"}, button="Vorschau")
    path = bob.page.path
    with given():
        assert db.session.query(Mail).count() == db.session.query(Message).count() == 0
    assert client_of(cast.lena).get(path).status_code == 404
    assert client_of(cast.wim).get(path).status_code == 404
    assert client_of(cast.wim).get(cast.ost.path("nachrichten", "empfaenger")).status_code == 404


def test_from_the_preview_one_goes_on_writing(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.submit(
        cast.ost.path("nachrichten", "neu"),
        {"subject": "Entwurf", "body": "B", "confidential": True, "send_now": True},
        button="Vorschau",
    )
    assert "Vertrauliche Nachricht von Bob Bergmann" in bob.page.text
    link = next(link for link in bob.page.query("a") if "Weiter bearbeiten" in text_of(link))
    values = form_to(bob.see(str(link.attrs["href"])), "neu").values()
    assert values["subject"] == ["Entwurf"]
    assert "confidential" in values
    assert "send_now" in values


def test_a_preview_of_what_is_not_right_yet_says_so(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.bob).submit(
        cast.ost.path("nachrichten", "neu"), {"subject": "", "body": "Ein Text"}, button="Vorschau"
    )
    assert "Bitte geben Sie einen Betreff an." in answer.text
    assert "Ein Text" in answer.text


def test_former_people_are_in_no_list(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.carla)).until = utc_now()
    page = client_of(cast.bob).see(cast.ost.path("nachrichten", "neu"))
    assert said(page) == (3, 3)
    assert "Carla" not in page.text


def test_the_preview_shows_the_ways_to_answer_where_mail_is_read(
    cast: Cast, client_of: ClientOf, configured: Configured
) -> None:
    bob = client_of(cast.bob)
    with configured(MAIL_IS_READ=True):
        answer = bob.submit(cast.ost.path("nachrichten", "neu"), {"subject": "S", "body": "B"}, button="Vorschau")
        assert "Antwort an alle" in answer.text
        mail = super(Browser, bob).open(bob.page.query("iframe")[0].attrs["src"])
    assert "\ue000" not in mail.text
    assert "Antwort an alle" in mail.text
