"""Why a file is not taken: one sentence for a person for each reason."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

PROGRAM = _l("Programme und Skripte nimmt das Netz nicht an.")
TEST_VIRUS = _l("Die Datei enthält ein Schadprogramm.")
WEB_PAGE = _l("Der Inhalt ist eine Webseite. Bitte speichern Sie sie als PDF.")
ACTIVE_DRAWING = _l("Die Grafik enthält Skripte oder fremde Inhalte. Bitte speichern Sie sie als PNG oder PDF.")
TWO_THINGS = _l("In der Datei steckt noch etwas anderes, als sie vorgibt zu sein.")
BROKEN_PDF = _l("Vor dem PDF steht noch etwas anderes. Bitte speichern Sie das PDF neu.")
MACROS = _l("Das Dokument enthält Makros. Bitte speichern Sie es ohne Makros, zum Beispiel als .docx, .xlsx oder PDF.")
BOMB = _l("Ausgepackt würde der Inhalt viel zu groß.")
TOO_DEEP = _l("Darin stecken zu viele Archive ineinander.")
OUTSIDE = _l("Das Archiv würde beim Auspacken Dateien an fremden Stellen ablegen.")
SEALED = _l(
    "Archive dieser Art können wir nicht prüfen. Bitte packen Sie die Dateien als ZIP oder laden Sie sie einzeln hoch."
)
LOCKED = _l(
    "Das Archiv hat ein Passwort, deshalb können wir den Inhalt nicht prüfen. Bitte packen Sie es ohne Passwort."
)
BROKEN = _l("Die Datei ist beschädigt.")


class Refused(Exception):
    """A file is not taken. `reason` is one or two German sentences."""

    def __init__(self, reason: object) -> None:
        super().__init__()
        self._reason = reason

    @property
    def reason(self) -> str:
        """The sentence in the language of whoever is asking."""
        return str(self._reason)
