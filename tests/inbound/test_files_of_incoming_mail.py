"""Files of a mail are looked into while nobody waits for the database, and leave nothing behind when it fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from sqlalchemy import select

from app.database import db, utc_now
from app.files import scan
from app.files.models import StoredFile
from app.files.storage import Arrival
from app.inbound import taking
from app.mail.incoming import Fate, IncomingMail
from app.mail.reading import ReceivedMail, read
from app.networks.models import Network
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.inbound.conftest import Arrives, Kept, letter
from tests.inbound.test_answering_by_mail import button_of
from tests.mailserver import MailServer

Address = Callable[[str, Person, int], str]
Messages = Callable[[], list[tuple[str, str, str]]]
KeptMails = Callable[[], list[Kept]]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each look into a file whether a unit of work was open meanwhile."""
    seen: list[bool] = []
    inspect = scan.inspect

    def looked(file: BinaryIO | Arrival, name: str) -> str:
        seen.append(db.session().in_transaction())
        return inspect(file, name)

    monkeypatch.setattr(scan, "inspect", looked)
    return seen


def left_in(uploads: Path) -> list[Path]:
    return [path for path in uploads.rglob("*") if path.is_file()]


def test_nobody_waits_while_the_files_of_an_answer_are_looked_into(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, looks: list[bool], messages: Messages, given: Given
) -> None:
    files = {f"Liste {number}.txt": b"eins" for number in range(3)}
    arrives(letter(cast.lena.email, "x@y.example", files=files), address("antwort", cast.lena, thread_id))
    assert looks == [False] * 3
    assert len(messages()) == 2
    with given():
        assert sorted(file.name for file in db.session.scalars(select(StoredFile))) == sorted(files)


def test_nobody_waits_when_its_author_presses_the_button(
    cast: Cast,
    arrives: Arrives,
    looks: list[bool],
    smtp: MailServer,
    deliver: Deliver,
    anonymous: Browser,
    messages: Messages,
) -> None:
    arrives(letter(cast.bob.email, "ost@netz.example.org", files={"Liste.txt": b"eins"}), "ost@netz.example.org")
    assert looks == []
    deliver()
    anonymous.submit(button_of(smtp.messages[-1]), button="Ja, senden")
    assert looks == [False]
    assert [text for _subject, _author, text in messages()] == ["Ich komme gern."]


def test_nobody_waits_when_verwaltung_releases_it(
    cast: Cast, arrives: Arrives, looks: list[bool], client_of: ClientOf, messages: Messages, given: Given
) -> None:
    arrives(letter(cast.bob.email, "ost@netz.example.org", files={"Liste.txt": b"eins"}), "ost@netz.example.org")
    with given():
        id = db.session.scalars(select(IncomingMail.id)).one()
    client_of(cast.anke).submit(f"/verwaltung/eingang/{id}", button="Freigeben")
    assert looks == [False]
    assert len(messages()) == 1


def test_what_is_refused_leaves_no_octet_behind(
    thread_id: int, cast: Cast, address: Address, arrives: Arrives, kept: KeptMails, uploads: Path, given: Given
) -> None:
    with given():
        db.session.get_one(Network, cast.ost.id).closed_at = utc_now()
        db.session.commit()
    octets = letter(cast.lena.email, "x@y.example", files={"Liste.txt": b"eins", "Programm.exe": b"MZ" + bytes(100)})
    assert arrives(octets, address("antwort", cast.lena, thread_id)).is_kept
    assert kept()[0].fate is Fate.ANSWERED
    assert left_in(uploads) == []


def test_what_is_never_committed_leaves_no_octet_behind(
    thread_id: int,
    cast: Cast,
    address: Address,
    arrives: Arrives,
    kept: KeptMails,
    uploads: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    octets = letter(cast.lena.email, "x@y.example", files={"Liste.txt": b"eins"})
    token = address("antwort", cast.lena, thread_id)

    def lost() -> None:
        raise OSError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(db.session, "commit", lost)
        assert arrives(octets, token).is_later
    assert (kept(), left_in(uploads)) == ([], [])
    assert arrives(octets, token).is_kept
    assert len(left_in(uploads)) == 1


def test_a_file_our_code_cannot_handle_waits_for_verwaltung(
    thread_id: int,
    cast: Cast,
    address: Address,
    arrives: Arrives,
    kept: KeptMails,
    uploads: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*arguments: object) -> str:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(scan, "inspect", broken)
    octets = letter(cast.lena.email, "x@y.example", files={"Liste.txt": b"eins"})
    assert arrives(octets, address("antwort", cast.lena, thread_id)).is_kept
    [mail] = kept()
    assert (mail.fate, "nicht verarbeiten" in mail.reason) == (Fate.HELD, True)
    assert left_in(uploads) == []


def test_a_mail_to_several_of_our_addresses_is_read_once(
    cast: Cast, arrives: Arrives, app: object, monkeypatch: pytest.MonkeyPatch, given: Given
) -> None:
    times: list[int] = []

    def counted(octets: bytes) -> ReceivedMail:
        times.append(1)
        return read(octets)

    monkeypatch.setattr(taking, "read", counted)
    with given():
        verdicts = taking.take_for_each(
            letter(cast.bob.email, "Undisclosed:;"), ["ost@netz.example.org", "OST@netz.example.org", "nie@x.example"]
        )
    assert [verdict.is_kept for verdict in verdicts] == [True, True, False]
    assert times == [1]
