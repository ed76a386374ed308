"""Whose a mail is, and its links, where somebody stands in now and then."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import User
from app.database import db, utc_now
from app.forum.models import Thread
from app.inbound import take
from app.mail import envelope
from app.mail.models import Delivery, Mail
from app.networks import absences, wishes
from app.networks.models import Network, Rhythm
from app.templating import berlin
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.factories import make_participant, make_seat, make_user
from tests.mailserver import MailServer, Received
from tests.networks.conftest import Leave

MINUTES = timedelta(minutes=1)


def write(cast: Cast, client_of: ClientOf, **fields: str) -> None:
    typed = {"subject": "Tür", "body": "Am Freitag."} | fields
    client_of(cast.carla).submit(cast.ost.path("nachrichten", "neu"), typed)


def got(smtp: MailServer, person: Person, words: str = "Am Freitag.") -> list[Received]:
    return [mail for mail in smtp.to(person.email) if words in mail.text]


def link_in(mail: Received, words: str) -> str:
    found = re.search(rf"{words}:\s+(\S+)", mail.text)
    assert found
    return urlsplit(found[1]).path


def one_click(mail: Received) -> str:
    return urlsplit(str(mail.message["List-Unsubscribe"]).strip("<>")).path


def join(cast: Cast, client_of: ClientOf, person: Person) -> None:
    """Let somebody take part only now, so that what was written before reaches them by standing in alone."""
    typed = {"email": person.email, "name": person.name, "organisation": person.organisation}
    client_of(cast.anke).submit(cast.ost.path("teilnehmende", "neu"), typed)


def report_of(mail: Received) -> bytes:
    """What whoever has a mail can write to its return path: that it was refused."""
    return (
        "From: MAILER-DAEMON@x.example\r\nSubject: Undelivered Mail\r\nMessage-ID: <r1@x.example>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nRefused.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.example\r\n\r\n"
        f"Final-Recipient: rfc822; {mail.to}\r\nAction: failed\r\nStatus: 5.7.1\r\n"
        "Diagnostic-Code: smtp; 550 5.7.1 rejected by policy\r\n\r\n--b--\r\n"
    ).encode()


def try_in_vain(app: Flask, smtp: MailServer) -> None:
    """Let the worker claim what is due and give it back untried, because the mail server is away."""
    smtp.stop()
    app.extensions["run_job"].call_local("outbox")
    smtp.start()


def test_nobody_gets_into_the_settings_of_whom_they_name_as_deputy(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given, anonymous: Browser, app: Flask,
    configured: Configured,
) -> None:  # fmt: skip
    """Carla posts, says that her own copy came back, names Nora and has the mail sent again: to Nora."""
    with configured(MAIL_IS_READ=True):
        carla = client_of(cast.carla)
        write(cast, client_of)
        deliver()
        [own] = got(smtp, cast.carla)
        settings = link_in(own, "E-Mails einstellen")
        with given():
            nora = make_user("Nora Neu", "nora@example.org")
            make_participant(db.session.get_one(Network, cast.ost.id), seat=make_seat(nora))
            nora_id = nora.id
        with app.app_context():
            assert take(report_of(own), own.mail_from).is_kept
        prefix = f"netz{cast.ost.id}-"
        day = berlin(utc_now()).date() + timedelta(days=5)
        away = {f"{prefix}away_until": day.isoformat(), f"{prefix}deputy": "Nora Neu"}
        anonymous.submit(settings, away, button="Abwesenheit speichern")
        listing = carla.see(cast.ost.path("nachrichten"))
        thread = next(link for link in listing.links if re.search(r"nachrichten/\d+$", link))
        carla.submit(f"{thread}/zustellung", {}, form="/zustellung/erneut")
        deliver()
    [noras] = [mail for mail in smtp.to("nora@example.org") if "Am Freitag." in mail.text]
    assert link_in(noras, "E-Mails einstellen") != settings
    own_data = [link for link in anonymous.see(settings).links if "/mail/" in link][-1]
    anonymous.submit(own_data, {"name": "Carla Anders"})
    with given():
        assert db.session.get_one(User, nora_id).name == "Nora Neu"
        assert db.session.get_one(User, cast.carla.id).name == "Carla Anders"


def test_a_deputys_links_stay_the_deputys_when_the_person_gets_the_mail_after_all(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given, anonymous: Browser,
    app: Flask, configured: Configured,
) -> None:  # fmt: skip
    with configured(MAIL_UNDO_SECONDS=300):
        write(cast, client_of)
        deliver()
    join(cast, client_of, cast.wim)
    leave(cast.lena, cast.wim)
    with time_machine.travel(utc_now() + 6 * MINUTES), configured(MAIL_IS_READ=True):
        deliver()
        [wims] = got(smtp, cast.wim)
        with app.app_context():
            assert take(report_of(wims), wims.mail_from).is_kept
        with given():
            absences.come_back(cast.lena.id, cast.ost.id)
        deliver()
        [lenas] = got(smtp, cast.lena)
        anonymous.post(one_click(wims))
        with given():
            assert wishes.has_mail(cast.lena.id, cast.ost.id)
            assert wishes.has_mail(cast.wim.id, cast.ost.id)
        anonymous.post(one_click(lenas))
        with given():
            assert not wishes.has_mail(cast.lena.id, cast.ost.id)


@pytest.mark.parametrize("deputy", [None, "bob", "lena"])
def test_an_older_link_that_does_not_say_whose_it_is_works_while_nobody_stood_in(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given, anonymous: Browser, app: Flask,
    deputy: str | None,
) -> None:  # fmt: skip
    write(cast, client_of)
    deliver()
    of_lena = Delivery.recipient_key == cast.lena.key
    with given():
        delivery_id = db.session.scalars(select(Delivery.id).where(of_lena)).one()
        key = {"bob": cast.bob.key, "lena": cast.lena.key}.get(deputy or "")
        db.session.execute(update(Delivery).where(of_lena).values(stood_in_by=key))
        link = f"/mail/{envelope.seal(envelope.signing_key(), 'pause', delivery_id, cast.ost.id)}"
    answer = anonymous.post(link)
    assert answer.status_code == (404 if deputy else 200)
    with given():
        assert wishes.has_mail(cast.lena.id, cast.ost.id) == bool(deputy)
        assert wishes.has_mail(cast.bob.id, cast.ost.id)


def test_what_was_claimed_for_the_deputy_while_the_server_was_away_is_the_persons_when_they_are_back(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given, anonymous: Browser,
    app: Flask,
) -> None:  # fmt: skip
    leave(cast.lena, cast.bob, days=30)
    write(cast, client_of, kind="request", subject="Wer hilft?", body="Bitte bald.")
    deliver()
    with time_machine.travel(utc_now() + timedelta(days=12)):
        app.extensions["run_job"].call_local("requests")
        try_in_vain(app, smtp)
        with given():
            absences.come_back(cast.lena.id, cast.ost.id)
    with time_machine.travel(utc_now() + timedelta(days=12, hours=1)):
        deliver()
        [mail] = got(smtp, cast.lena, "kümmert sich noch niemand")
        with given():
            noted = select(Delivery.stood_in_by).where(Delivery.recipient_key == cast.lena.key)
            assert db.session.scalars(noted.where(Delivery.state == "sent")).all() == [cast.lena.key]
        anonymous.post(link_in(mail, "Ich kümmere mich"))
        deliver()
    [told] = got(smtp, cast.carla, "kümmert sich um Ihre Anfrage")
    assert "Lena Leitner kümmert sich" in told.text


def test_the_persons_own_mail_after_an_outage_can_be_left_by_one_click(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given, anonymous: Browser,
    app: Flask, configured: Configured,
) -> None:  # fmt: skip
    with configured(MAIL_UNDO_SECONDS=300):
        write(cast, client_of)
        deliver()
    join(cast, client_of, cast.wim)
    leave(cast.lena, cast.wim)
    deliver()
    with time_machine.travel(utc_now() + 6 * MINUTES):
        try_in_vain(app, smtp)
        with given():
            absences.come_back(cast.lena.id, cast.ost.id)
    with time_machine.travel(utc_now() + timedelta(hours=2)):
        deliver()
        [mail] = got(smtp, cast.lena)
        anonymous.post(one_click(mail), data={"List-Unsubscribe": "One-Click"})
        with given():
            assert not wishes.has_mail(cast.lena.id, cast.ost.id)


def test_the_deputy_who_has_a_removed_message_is_asked_to_delete_it_and_the_person_is_not(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, configured: Configured
) -> None:
    with configured(MAIL_UNDO_SECONDS=300):
        write(cast, client_of)
        deliver()
    join(cast, client_of, cast.wim)
    leave(cast.lena, cast.wim)
    with time_machine.travel(utc_now() + 6 * MINUTES):
        deliver()
        assert got(smtp, cast.wim)
        smtp.forget()
        anke = client_of(cast.anke)
        listing = anke.see(cast.ost.path("nachrichten"))
        thread = next(link for link in listing.links if re.search(r"nachrichten/\d+$", link))
        removing = next(link for link in anke.see(thread).links if "/entfernen/" in link)
        anke.submit(removing, {"reason": "Namen"}, form="entfernen")
        deliver()
    asked = [mail.to for mail in smtp.messages if "entfernt" in mail.text]
    assert cast.wim.email in asked
    assert cast.lena.email not in asked


@pytest.mark.parametrize("is_reported_later", [False, True])
def test_a_deputy_whose_mailbox_refuses_does_not_swallow_the_mail(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given, app: Flask,
    configured: Configured, is_reported_later: bool,
) -> None:  # fmt: skip
    leave(cast.lena, cast.bob)
    deliver()
    if not is_reported_later:
        smtp.answers[cast.bob.email] = "550 5.2.2 mailbox full"
    write(cast, client_of)
    deliver()
    if is_reported_later:
        [bobs] = got(smtp, cast.bob)
        with configured(MAIL_IS_READ=True), app.app_context():
            assert take(report_of(bobs), bobs.mail_from).is_kept
        deliver()
    [mail] = got(smtp, cast.lena)
    assert "in Vertretung" not in mail.text
    with given():
        states = select(Delivery.state).where(Delivery.recipient_key.in_((cast.lena.key, cast.bob.key)))
        message = states.join(Mail).where(Mail.about.startswith("message:"))
        assert set(db.session.scalars(message)) == {"sent", "failed"}


def test_what_went_to_a_deputy_alone_and_is_refused_goes_to_all_it_was_for(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given,
    configured: Configured,
) -> None:  # fmt: skip
    """Wim has no copy of his own, so it is Lena's that goes to him, for Carla as well."""
    with configured(MAIL_UNDO_SECONDS=300):
        write(cast, client_of)
        deliver()
    join(cast, client_of, cast.wim)
    leave(cast.lena, cast.wim)
    leave(cast.carla, cast.wim)
    deliver()
    smtp.answers[cast.wim.email] = "550 5.2.2 mailbox full"
    with time_machine.travel(utc_now() + 6 * MINUTES):
        deliver()
        assert len(got(smtp, cast.lena)) == len(got(smtp, cast.carla)) == 1
        assert got(smtp, cast.wim) == []
        with given():
            thread_id = db.session.scalars(select(Thread.id)).one()
        report = client_of(cast.carla).see(cast.ost.path("nachrichten", thread_id, "zustellung")).text
    assert "an die Vertretung" not in report
    assert cast.wim.email not in report


@pytest.mark.parametrize("reader", ["lena", "bob", "both"])
def test_where_a_digest_is_read_what_does_not_reach_the_deputy_reaches_the_person(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given, app: Flask,
    reader: str,
) -> None:  # fmt: skip
    with given():
        for person in (cast.lena, cast.bob):
            if reader in (person.name.split()[0].lower(), "both"):
                wishes.set_rhythm(person.id, cast.ost.id, Rhythm.DAILY)
    leave(cast.lena, cast.bob)
    deliver()
    smtp.answers[cast.bob.email] = "550 5.2.2 mailbox full"
    write(cast, client_of)
    deliver()
    for days in (2, 3):
        with time_machine.travel(utc_now() + timedelta(days=days)):
            app.extensions["run_job"].call_local("digests")
            deliver()
    assert len(got(smtp, cast.lena)) == 1


def test_a_deputy_who_gets_no_mail_any_more_leaves_it_to_the_person(
    cast: Cast, leave: Leave, client_of: ClientOf, deliver: Deliver, smtp: MailServer, given: Given, app: Flask
) -> None:
    """Bob's copy waited for his server when Lena's was left out; then he pauses, so that it is not sent at all."""
    leave(cast.lena, cast.bob)
    deliver()
    smtp.answers[cast.bob.email] = "451 4.2.1 later"
    write(cast, client_of)
    app.extensions["run_job"].call_local("outbox")
    assert got(smtp, cast.lena) == []
    with given():
        wishes.pause(cast.bob.id, cast.ost.id)
    smtp.answers.clear()
    with time_machine.travel(utc_now() + timedelta(hours=1)):
        deliver()
    assert len(got(smtp, cast.lena)) == 1
    assert got(smtp, cast.bob) == []
