"""Leads and Verwaltung file papers, change them and delete them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.database import db
from app.files.models import StoredFile
from app.meetings.models import Document, Paper
from tests.cast import Cast
from tests.conftest import ClientOf, Given
from tests.meetings.conftest import PDF, MakeMeeting, MakePaper

TEXT = "Ein Protokoll, mit Umlauten: äöü\n".encode()
PROGRAM = b"MZ\x90\x00" + b"\x00" * 200


def filed(given: Given) -> list[dict[str, Any]]:
    with given():
        return [
            {
                "title": document.title,
                "kind": document.kind,
                "meeting": document.meeting_id,
                "dated": document.dated,
                "files": [file.name for file in document.files],
            }
            for document in db.session.scalars(select(Document).order_by(Document.id))
        ]


def test_several_files_become_documents_under_their_names(cast: Cast, client_of: ClientOf, given: Given) -> None:
    lena = client_of(cast.lena)

    lena.submit(
        cast.ost.path("unterlagen", "neu"),
        {"kind": "attachment", "dated": "2025-03-04"},
        {"files": [("Zahlen_2025.pdf", PDF), ("../../Liste äöü.txt", TEXT)]},
    )

    assert [(each["title"], each["files"]) for each in filed(given)] == [
        ("Zahlen 2025", ["Zahlen_2025.pdf"]),
        ("Liste äöü", ["Liste äöü.txt"]),
    ]
    assert {each["dated"] for each in filed(given)} == {date(2025, 3, 4)}
    assert lena.page.path == cast.ost.path("unterlagen")
    assert "„Zahlen 2025“, „Liste äöü“ sind abgelegt." in lena.page.text


def test_with_a_title_the_files_are_one_document(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    meeting = make_meeting(cast.ost, starts_at=datetime(2026, 9, 10, 12, tzinfo=UTC))
    lena = client_of(cast.lena)

    lena.submit(
        cast.ost.path("sitzungen", meeting, "unterlagen", "neu"),
        {"title": "Protokoll der 7. Sitzung"},
        {"files": [("p.pdf", PDF), ("p.txt", TEXT)]},
    )

    (document,) = filed(given)
    assert document == {
        "title": "Protokoll der 7. Sitzung",
        "kind": Paper.MINUTES,
        "meeting": meeting,
        "dated": date(2026, 9, 10),
        "files": ["p.pdf", "p.txt"],
    }
    assert lena.page.path == cast.ost.path("sitzungen", meeting)
    assert client_of(cast.bob).get(next(x for x in lena.page.links if x.endswith("p.txt"))).data == TEXT


def test_a_sample_belongs_to_no_meeting(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    meeting = make_meeting(cast.ost)

    client_of(cast.anke).submit(
        cast.ost.path("sitzungen", meeting, "unterlagen", "neu"),
        {"kind": "template"},
        {"files": ("Zusage.pdf", PDF)},
    )

    assert filed(given)[0]["meeting"] is None


@pytest.mark.parametrize(
    ("data", "files", "sentence"),
    [
        ({}, [], "Bitte wählen Sie mindestens eine Datei aus."),
        ({}, [("leer.txt", b"")], "„leer.txt“ ist leer."),
        ({}, [("lohn.exe", PROGRAM)], "lohn.exe"),
        ({"title": "x" * 10_000}, [("p.pdf", PDF)], "Bitte kürzen Sie auf höchstens 200 Zeichen."),
        ({"dated": "gestern"}, [("p.pdf", PDF)], "Bitte geben Sie ein Datum wie 3.12.2026 an."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_filed(
    data: dict[str, str],
    files: list[tuple[str, bytes]],
    sentence: str,
    cast: Cast,
    client_of: ClientOf,
    given: Given,
) -> None:
    lena = client_of(cast.lena)

    lena.submit(cast.ost.path("unterlagen", "neu"), data, {"files": files})

    assert any(sentence in error for error in lena.page.errors), lena.page.errors
    assert filed(given) == []


def test_what_is_sound_is_filed_and_what_is_not_is_named(cast: Cast, client_of: ClientOf, given: Given) -> None:
    lena = client_of(cast.lena)

    lena.submit(cast.ost.path("unterlagen", "neu"), files={"files": [("gut.pdf", PDF), ("lohn.exe", PROGRAM)]})

    assert [each["title"] for each in filed(given)] == ["gut"]
    assert any("lohn.exe" in error for error in lena.page.errors)
    assert "„gut“ ist abgelegt." in lena.page.text


def test_a_forged_kind_or_meeting_is_refused(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    theirs = make_meeting(cast.west)
    lena = client_of(cast.lena)
    paper = cast.ost.path("unterlagen", "neu")
    form = next(form for form in lena.see(paper).forms if form.multipart)

    for forged in ({"kind": "<script>"}, {"meeting": str(theirs)}, {"meeting": "abc"}):
        lena.post(paper, data=form.values() | forged, content_type="multipart/form-data")

    assert filed(given) == []


def test_a_paper_is_changed_and_moved_to_a_meeting(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, make_paper: MakePaper, given: Given
) -> None:
    meeting, paper = make_meeting(cast.ost), make_paper(cast.ost, "Protokol.pdf")
    lena = client_of(cast.lena)

    lena.submit(cast.ost.path("unterlagen", paper), {"title": "Protokoll", "kind": "agenda", "meeting": str(meeting)})

    (document,) = filed(given)
    assert (document["title"], document["kind"], document["meeting"]) == ("Protokoll", Paper.AGENDA, meeting)
    assert lena.page.path == cast.ost.path("sitzungen", meeting)


def test_a_paper_needs_a_title(cast: Cast, client_of: ClientOf, make_paper: MakePaper) -> None:
    paper = make_paper(cast.ost, "Protokoll.pdf")
    lena = client_of(cast.lena)

    lena.submit(cast.ost.path("unterlagen", paper), {"title": " "})

    assert lena.page.errors == ["Bitte geben Sie der Unterlage einen Titel."]


def test_a_deleted_paper_is_gone_with_its_file(
    cast: Cast, client_of: ClientOf, make_paper: MakePaper, given: Given
) -> None:
    paper = make_paper(cast.ost, "Protokoll.pdf")
    lena = client_of(cast.lena)
    file = next(link for link in lena.see(cast.ost.path("unterlagen")).links if "/dateien/" in link)

    lena.submit(cast.ost.path("unterlagen", paper), form="loeschen")

    assert filed(given) == []
    assert client_of(cast.bob).get(file).status_code == 404
    with given():
        assert db.session.scalars(select(StoredFile)).all() == []


def test_a_participant_files_changes_and_deletes_nothing(
    cast: Cast, client_of: ClientOf, make_paper: MakePaper, given: Given
) -> None:
    paper = make_paper(cast.ost, "Protokoll.pdf")
    bob, wim = client_of(cast.bob), client_of(cast.wim)
    page = bob.see(cast.ost.path("unterlagen"))
    token = {"csrf_token": page.query('input[name="csrf_token"]')[0].attrs["value"]}
    other = {"csrf_token": wim.see(cast.west.path("unterlagen")).query('input[name="csrf_token"]')[0].attrs["value"]}

    assert "Ändern" not in page.text
    for path in (
        cast.ost.path("unterlagen", "neu"),
        cast.ost.path("unterlagen", paper),
        cast.ost.path("unterlagen", paper, "loeschen"),
    ):
        assert bob.post(path, data=token).status_code == 403
        assert wim.post(path, data=other).status_code == 404
    assert len(filed(given)) == 1


def test_a_lead_does_not_touch_the_papers_of_another_network(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, make_paper: MakePaper
) -> None:
    shared = make_meeting(cast.west, cast.ost)
    paper = make_paper(cast.west, "Protokoll.pdf", shared)
    lena = client_of(cast.lena)

    assert "Protokoll" in lena.see(cast.ost.path("unterlagen")).text
    assert lena.get(cast.ost.path("unterlagen", paper)).status_code == 403
    assert lena.get(cast.west.path("unterlagen", paper)).status_code == 404
