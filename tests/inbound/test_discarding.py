"""Verwaltung comes back to a list full of spam and is done with it in a few presses, without losing the one letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from app.database import db
from app.inbound import room, views
from app.mail.incoming import Fate, IncomingMail
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Given
from tests.deliveries.test_silent_addresses import token_of
from tests.inbound.conftest import Arrives, Kept, letter

PAGE, DISCARD = "/verwaltung/eingang", "/verwaltung/eingang/verwerfen"
OST = "ost@netz.example.org"

KeptMails = Callable[[], list[Kept]]


@pytest.fixture
def spam(arrives: Arrives, cast: Cast, given: Given) -> list[int]:
    """The ids of sixty mails that wait for Verwaltung; the last one is Frau Celik's, and the first on the page."""
    arrives(letter("gewinn@example.net", OST, "x" * 5_000, Subject="Sie haben gewonnen"), OST)
    with given():  # strangers are not let in so often; this is what two hundred of them leave behind in weeks
        [one] = db.session.scalars(select(IncomingMail)).all()
        common = {column: getattr(one, column) for column in ("recipient", "sender", "subject", "octets", "fate")}
        for number in range(58):
            db.session.add(IncomingMail(fingerprint=f"{number}", full_size=one.full_size, **common))
    arrives(letter("celik@example.net", OST, "Guten Tag", Subject="Anfrage von Frau Celik"), OST)
    with given():
        return list(db.session.scalars(select(IncomingMail.id).order_by(IncomingMail.id)))


def fates(kept: KeptMails) -> Counter[Fate]:
    return Counter(mail.fate for mail in kept())


def test_all_of_a_page_but_one_are_discarded_at_once(
    spam: list[int], cast: Cast, client_of: ClientOf, kept: KeptMails
) -> None:
    anke = client_of(cast.anke)
    page = anke.see(PAGE)
    [choose_all] = [link for link in page.links if "alle=1" in link]
    page = anke.see(choose_all)
    assert "Keine auswählen" in page.text
    ticked = [str(id) for id in sorted(spam, reverse=True)[: views.PAGE_SIZE]]
    anke.send({"mail": ticked[1:]}, form=DISCARD)
    assert f"{views.PAGE_SIZE - 1} Mails sind verworfen." in anke.page.text
    assert "Anfrage von Frau Celik" in anke.page.text
    assert fates(kept) == {Fate.DISCARDED: views.PAGE_SIZE - 1, Fate.HELD: 60 - views.PAGE_SIZE + 1}
    assert kept()[-1].fate is Fate.HELD


def test_ticked_all_means_all_that_the_page_shows(
    spam: list[int], cast: Cast, client_of: ClientOf, kept: KeptMails, given: Given
) -> None:
    anke = client_of(cast.anke)
    for left in (10, 0):
        anke.submit(f"{PAGE}?alle=1", form=DISCARD)
        assert fates(kept)[Fate.HELD] == left
    assert "Hier liegt nichts" in anke.page.text
    with given():
        sizes = db.session.scalars(select(IncomingMail.size).where(IncomingMail.fate == Fate.DISCARDED)).all()
        assert max(sizes) < 2 * room.LEAST + 10


def test_looking_ticks_nothing_and_changes_nothing(
    spam: list[int], cast: Cast, client_of: ClientOf, kept: KeptMails
) -> None:
    anke = client_of(cast.anke)
    anke.submit(PAGE, form=DISCARD)
    assert "Sie haben keine Mail ausgewählt." in anke.page.text
    for _ in range(3):
        anke.see(f"{PAGE}?alle=1")
    assert fates(kept) == {Fate.HELD: 60}


def test_what_was_decided_meanwhile_stays_as_it_is_and_is_told(
    spam: list[int], cast: Cast, client_of: ClientOf, kept: KeptMails, given: Given
) -> None:
    first, second = client_of(cast.anke), client_of(cast.anke)
    first.see(f"{PAGE}?alle=1")
    second.see(f"{PAGE}?alle=1")
    with given():
        used = update(IncomingMail).where(IncomingMail.id == spam[-1])
        db.session.execute(used.values(fate=Fate.USED))
    first.send(form=DISCARD)
    assert f"{views.PAGE_SIZE - 1} Mails sind verworfen." in first.page.text
    assert "war schon entschieden" in first.page.text
    second.send(form=DISCARD)
    assert "sind verworfen" not in second.page.text
    assert "Über diese Mails war schon entschieden." in second.page.text
    assert kept()[-1].fate is Fate.USED


def test_nonsense_in_the_form_is_no_mail(spam: list[int], cast: Cast, client_of: ClientOf, kept: KeptMails) -> None:
    anke = client_of(cast.anke)
    token = token_of(anke)
    for nonsense in ("x", "-1", "0", str(2**63), "9" * 10_000, "4\0", "<script>"):
        form = token | {"mail": nonsense, "stand": nonsense}
        assert anke.post(DISCARD, data=form, follow_redirects=True).status_code == 200
    assert fates(kept) == {Fate.HELD: 60}


def test_only_verwaltung_discards(
    spam: list[int], cast: Cast, client_of: ClientOf, anonymous: Browser, kept: KeptMails
) -> None:
    lena = client_of(cast.lena)
    assert lena.get(PAGE).status_code == 403
    assert lena.post(DISCARD, data=token_of(lena) | {"mail": spam}).status_code == 403
    assert anonymous.post(DISCARD, data={"mail": spam}).status_code in (302, 400)
    assert fates(kept) == {Fate.HELD: 60}
