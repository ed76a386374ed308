"""Zusage, vielleicht, Absage by the buttons of an invitation: without signing in, changed by pressing again."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from app.database import db
from app.meetings.attendance_models import Coming
from app.meetings.models import Meeting
from app.networks.models import Network, Participant
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer
from tests.meetings.conftest import THEN, TODAY, AnswerOf, Invited, Tell, link_in

LABELS = {Coming.YES: "Zusage", Coming.MAYBE: "Vielleicht", Coming.NO: "Absage"}


def newest(smtp: MailServer, person: Person, button: str) -> str:
    return link_in(smtp.to(person.email)[-1], button)


def test_the_invitation_has_three_buttons_in_both_its_texts(
    cast: Cast, invited: Invited, smtp: MailServer, reads_mail: None
) -> None:
    invited()
    (mail,) = smtp.to(cast.bob.email)
    for label in LABELS.values():
        assert label in mail.html
        assert link_in(mail, label).startswith("/mail/")
    assert_expected(mail, "message-invitation")


@pytest.mark.parametrize("coming", Coming)
def test_one_press_is_enough(
    coming: Coming, cast: Cast, invited: Invited, smtp: MailServer, anonymous: Browser, answer_of: AnswerOf
) -> None:
    meeting = invited()
    page = anonymous.see(newest(smtp, cast.bob, LABELS[coming]))
    assert "Donnerstag, 3. Dezember 2026, 14:00 bis 16:00 Uhr" in page.text
    assert answer_of(meeting, cast.bob) is None
    anonymous.send(form="/mail/")
    assert "ist eingetragen" in anonymous.page.text
    kept = answer_of(meeting, cast.bob)
    assert kept
    assert (kept.answer, kept.number, kept.remark, kept.sequence) == (coming, 1, "", 0)
    assert (kept.name, kept.organisation) == (cast.bob.name, cast.bob.organisation)


def test_number_and_remark_are_kept_and_pressing_another_button_changes_the_answer(
    cast: Cast, invited: Invited, smtp: MailServer, anonymous: Browser, answer_of: AnswerOf
) -> None:
    meeting = invited()
    anonymous.submit(newest(smtp, cast.bob, "Zusage"), {"number": "3", "remark": "Mit zwei Kolleginnen 🎉"})
    assert "Personen, Sie mitgezählt 3 Bemerkung Mit zwei Kolleginnen 🎉" in anonymous.page.text
    kept = answer_of(meeting, cast.bob)
    assert kept
    assert (kept.answer, kept.number, kept.remark) == (Coming.YES, 3, "Mit zwei Kolleginnen 🎉")

    page = anonymous.see(newest(smtp, cast.bob, "Absage"))
    assert "Bisher eingetragen: Zusage." in page.text
    anonymous.send(form="/mail/")
    kept = answer_of(meeting, cast.bob)
    assert kept
    assert (kept.answer, kept.number) == (Coming.NO, 1)


def test_ten_looks_at_each_link_change_nothing(
    cast: Cast, invited: Invited, smtp: MailServer, anonymous: Browser, answer_of: AnswerOf
) -> None:
    meeting = invited()
    for label in LABELS.values():
        for _ in range(10):
            anonymous.get(newest(smtp, cast.bob, label))
        anonymous.head(newest(smtp, cast.bob, label))
    assert answer_of(meeting, cast.bob) is None


def test_a_program_that_posts_nothing_but_the_link_says_what_its_button_says(
    cast: Cast, invited: Invited, smtp: MailServer, anonymous: Browser, answer_of: AnswerOf
) -> None:
    meeting = invited()
    for _ in range(2):
        assert anonymous.post(newest(smtp, cast.bob, "Vielleicht")).status_code == 200
    kept = answer_of(meeting, cast.bob)
    assert kept
    assert kept.answer is Coming.MAYBE


@pytest.mark.once
@pytest.mark.parametrize(("typed", "number"), [("", 1), (" \t", 1), (" 4\u00a0", 4), ("07", 7)])
def test_a_number_may_be_padded_and_none_means_one(
    typed: str,
    number: int,
    cast: Cast,
    invited: Invited,
    smtp: MailServer,
    anonymous: Browser,
    answer_of: AnswerOf,
) -> None:
    meeting = invited()
    anonymous.submit(newest(smtp, cast.bob, "Zusage"), {"number": typed})
    kept = answer_of(meeting, cast.bob)
    assert kept
    assert (kept.answer, kept.number) == (Coming.YES, number)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"number": "0"}, "Bitte geben Sie eine Zahl von 1 bis 50 an."),
        ({"number": "9" * 10_000}, "Bitte geben Sie eine Zahl von 1 bis 50 an."),
        ({"number": "-1"}, "Bitte geben Sie eine Zahl von 1 bis 50 an."),
        ({"number": "²"}, "Bitte geben Sie eine Zahl von 1 bis 50 an."),
        ({"number": "viele"}, "Bitte geben Sie eine Zahl von 1 bis 50 an."),
        ({"remark": "x" * 10_000}, "Bitte kürzen Sie auf höchstens 500 Zeichen."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    wrong: dict[str, str],
    sentence: str,
    cast: Cast,
    invited: Invited,
    smtp: MailServer,
    anonymous: Browser,
    answer_of: AnswerOf,
) -> None:
    meeting = invited()
    anonymous.submit(newest(smtp, cast.bob, "Zusage"), wrong)
    assert sentence in anonymous.page.errors
    assert answer_of(meeting, cast.bob) is None


def test_an_answer_that_does_not_exist_is_refused(
    cast: Cast, invited: Invited, smtp: MailServer, anonymous: Browser, answer_of: AnswerOf
) -> None:
    meeting = invited()
    assert anonymous.post(newest(smtp, cast.bob, "Zusage"), data={"answer": "<script>"}).status_code == 200
    assert answer_of(meeting, cast.bob) is None


def test_a_forged_or_strange_link_leads_nowhere(
    cast: Cast, invited: Invited, smtp: MailServer, anonymous: Browser
) -> None:
    invited()
    path = newest(smtp, cast.bob, "Zusage")
    forged = path[:-1] + ("a" if path[-1] != "a" else "b")
    assert anonymous.get(forged).status_code == 404
    assert anonymous.post(forged).status_code == 404


def test_who_takes_part_no_longer_is_not_counted(
    cast: Cast, invited: Invited, smtp: MailServer, anonymous: Browser, answer_of: AnswerOf, given: Given
) -> None:
    meeting = invited()
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.bob)).until = TODAY
    page = anonymous.see(newest(smtp, cast.bob, "Zusage"))
    assert "nur die Teilnehmenden ihrer Netze eingeladen" in page.text
    for fact in ("Netzwerktreffen", "Dezember", "Begegnungszentrum"):
        assert fact not in page.text, "where it is now is for those who take part"
    anonymous.post(newest(smtp, cast.bob, "Zusage"))
    assert answer_of(meeting, cast.bob) is None


def test_in_a_closed_network_nobody_answers(
    cast: Cast, invited: Invited, smtp: MailServer, anonymous: Browser, answer_of: AnswerOf, given: Given
) -> None:
    meeting = invited()
    with given():
        db.session.get_one(Network, cast.ost.id).closed_at = TODAY
    anonymous.post(newest(smtp, cast.bob, "Zusage"))
    assert answer_of(meeting, cast.bob) is None


def test_after_a_cancellation_or_the_meeting_itself_no_answer_is_needed(
    cast: Cast, invited: Invited, smtp: MailServer, anonymous: Browser, answer_of: AnswerOf, given: Given
) -> None:
    meeting = invited()
    path = newest(smtp, cast.bob, "Zusage")
    with time_machine.travel(THEN + timedelta(days=1)):
        assert "schon vorbei" in anonymous.see(path).text
        anonymous.post(path)
    with given():
        db.session.get_one(Meeting, meeting).cancel()
    assert "abgesagt" in anonymous.see(path).text
    anonymous.post(path)
    assert answer_of(meeting, cast.bob) is None


def test_a_new_date_asks_again_and_the_old_answer_counts_for_the_old_date(
    cast: Cast,
    client_of: ClientOf,
    invited: Invited,
    tell: Tell,
    smtp: MailServer,
    anonymous: Browser,
    answer_of: AnswerOf,
) -> None:
    meeting = invited()
    old = newest(smtp, cast.bob, "Zusage")
    anonymous.submit(old)
    client_of(cast.lena).submit(cast.ost.path("sitzungen", meeting, "bearbeiten"), {"date": "2026-12-10"})
    tell(meeting, "Änderung mitteilen")

    change = smtp.to(cast.bob.email)[-1]
    assert "Bitte antworten Sie noch einmal" in change.text
    page = anonymous.see(newest(smtp, cast.bob, "Zusage"))
    assert "Ihre Antwort von vorher galt dem alten Termin." in page.text
    anonymous.see(old)
    anonymous.send(form="/mail/")
    kept = answer_of(meeting, cast.bob)
    assert kept
    assert (kept.answer, kept.sequence) == (Coming.YES, 1)


def test_another_room_leaves_the_answers_as_they_are(
    cast: Cast, client_of: ClientOf, invited: Invited, tell: Tell, smtp: MailServer, anonymous: Browser
) -> None:
    meeting = invited()
    anonymous.submit(newest(smtp, cast.bob, "Zusage"))
    client_of(cast.lena).submit(cast.ost.path("sitzungen", meeting, "bearbeiten"), {"place": "Stadthalle"})
    tell(meeting, "Änderung mitteilen")

    change = smtp.to(cast.bob.email)[-1]
    assert "noch einmal" not in change.text
    assert "Bisher eingetragen: Zusage." in anonymous.see(link_in(change, "Absage")).text


def test_a_page_opened_before_the_date_changed_does_not_accept_the_new_one(
    cast: Cast, client_of: ClientOf, invited: Invited, smtp: MailServer, anonymous: Browser, answer_of: AnswerOf
) -> None:
    meeting = invited()
    anonymous.see(newest(smtp, cast.bob, "Zusage"))
    client_of(cast.lena).submit(cast.ost.path("sitzungen", meeting, "bearbeiten"), {"date": "2026-12-10"})
    anonymous.send(form="/mail/")
    assert "haben sich gerade geändert" in anonymous.page.text
    assert answer_of(meeting, cast.bob) is None
    anonymous.send(form="/mail/")
    assert answer_of(meeting, cast.bob)
