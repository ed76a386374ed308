"""The form a participant list is uploaded with."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField

from app.forms import PortalForm


class ImportForm(PortalForm):
    """A file, and whether it is the whole list."""

    file = FileField(_l("CSV-Datei"), validators=[FileRequired(_l("Bitte wählen Sie die Datei mit der Liste."))])
    removes = BooleanField(_l("Wer nicht in der Liste steht, wird entfernt"))
