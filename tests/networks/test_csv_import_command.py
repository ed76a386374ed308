"""`netz participants import`: the same import as on the page."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.database import db
from app.networks.models import Participant
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver
from tests.mailserver import MailServer

HEAD = "E-Mail;Name;Organisation;Aufgabe;Telefon\r\n"
INA = "ina.imhof@example.org;Ina Imhof;Jugendhilfe e. V.;Übergang;0999 88\r\n"


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    """The exit code, and what it prints."""
    result = app.test_cli_runner().invoke(args=["participants", "import", *arguments])
    return result.exit_code, result.output


def a_file(folder: Path, text: str) -> str:
    file = folder / "liste.csv"
    file.write_bytes(text.encode("cp1252"))
    return str(file)


def people(app: Flask, cast: Cast) -> int:
    with app.app_context():
        return len(db.session.execute(Participant.listed_in(cast.ost.id)).all())


def test_a_dry_run_shows_what_would_change_and_changes_nothing(app: Flask, cast: Cast, tmp_path: Path) -> None:
    text = HEAD + INA + f"{cast.bob.email};Bob Bergmann;Berufskolleg am Kanal;;0999 1\r\nkaputt;X;Y;;\r\n"
    code, said = run(app, "ost", a_file(tmp_path, text), "--dry-run")
    assert code == 0
    assert "+ Ina Imhof, Jugendhilfe e. V. <ina.imhof@example.org>" in said
    assert "~ Bob Bergmann: Telefon „0999 123 45“ wird „0999 1“" in said
    assert "! Zeile 4: „kaputt“ ist keine E-Mail-Adresse." in said
    assert "nichts geändert" in said
    assert people(app, cast) == 4


def test_without_it_the_same_is_done(
    app: Flask, cast: Cast, tmp_path: Path, deliver: Deliver, smtp: MailServer
) -> None:
    code, said = run(app, "ost", a_file(tmp_path, HEAD + INA + "kaputt;X;Y;;\r\n"))
    assert code == 0
    assert "1 dazu, 0 geändert, 0 entfernt, 0 unverändert. 1 Zeile ausgelassen." in said
    assert people(app, cast) == 5
    deliver()
    (welcome,) = smtp.messages
    assert welcome.to == "ina.imhof@example.org"
    assert "Die Verwaltung" in welcome.text
    assert "Guten Tag Ina Imhof," in welcome.text
    assert "None" not in welcome.text
    assert "Wie Sie uns erreichen, steht hier: " + app.config["BASE_URL"] + "/hilfe" in welcome.text
    assert welcome.message["From"].addresses[0].username == "noreply"
    assert welcome.message["Reply-To"] is None
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry)).one()
        assert entry.summary == "Liste in „Jugendliche in Ausbildung“ eingelesen: 1 dazu, 0 geändert, 0 entfernt."
    assert run(app, "ost", a_file(tmp_path, HEAD + INA))[1].endswith("0 dazu, 0 geändert, 0 entfernt, 1 unverändert.\n")


def test_an_answer_to_the_welcome_goes_to_the_office(
    app: Flask, cast: Cast, tmp_path: Path, deliver: Deliver, smtp: MailServer, client_of: ClientOf
) -> None:
    client_of(cast.anke).submit("/verwaltung/stadt", {"email": "netz@stadt.example.org"})
    run(app, "ost", a_file(tmp_path, HEAD + INA))
    deliver()
    (welcome,) = smtp.messages
    assert welcome.message["Reply-To"] == "netz@stadt.example.org"
    assert "antworten Sie einfach auf diese Mail: sie geht an die Verwaltung." in welcome.text


def test_removing_has_to_be_asked_for(app: Flask, cast: Cast, tmp_path: Path) -> None:
    run(app, "ost", a_file(tmp_path, HEAD + INA))
    assert people(app, cast) == 5
    code, said = run(app, "ost", a_file(tmp_path, HEAD + INA), "--remove")
    assert code == 0
    assert "4 entfernt" in said
    assert people(app, cast) == 1


def test_a_long_list_shows_its_progress(app: Flask, cast: Cast, tmp_path: Path) -> None:
    lines = "".join(f"p{n}@example.org;P {n};O {n % 9};;\r\n" for n in range(600))
    code, said = run(app, "ost", a_file(tmp_path, HEAD + lines))
    assert code == 0
    assert "Übernehmen" in said
    assert people(app, cast) == 604


def test_what_cannot_be_read_or_found_is_said(app: Flask, cast: Cast, tmp_path: Path) -> None:
    code, said = run(app, "nirgends", a_file(tmp_path, HEAD + INA))
    assert code == 1
    assert "Es gibt kein Netz mit dem Kurznamen nirgends." in said
    code, said = run(app, "ost", a_file(tmp_path, "nichts"))
    assert code == 1
    assert "keine Überschriften" in said
    assert run(app, "ost", str(tmp_path / "fehlt.csv"))[0] == 2


def test_an_import_from_the_command_line_can_be_taken_back_on_the_page(
    app: Flask, cast: Cast, client_of: ClientOf, tmp_path: Path
) -> None:
    run(app, "ost", a_file(tmp_path, HEAD + INA))
    anke = client_of(cast.anke)
    recent = [link for link in anke.see(cast.ost.path("teilnehmende", "import")).links if "/import/" in link]
    anke.submit(recent[0], button="Import zurücknehmen")
    assert people(app, cast) == 4
