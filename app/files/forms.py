"""The field for uploads. What is wrong with a file is said at the field, by the file's name; the others are kept."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import StopValidation

from app.errors import DomainError
from app.files import keeping

MOST_FILES = 10


class UploadsField(MultipleFileField):  # type: ignore[misc]  # flask-wtf has no type hints
    """Up to ten files, each within `UPLOAD_LIMIT` and of a kind we take. `data` is a list, empty without files."""

    data: list[FileStorage]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, default=list, **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = self.data or []

    def pre_validate(self, form: Any) -> None:
        faults = [fault for upload in self.data if (fault := _fault(upload))]
        if len(self.data) > MOST_FILES:
            faults.insert(0, _("Bitte wählen Sie höchstens %(count)s Dateien auf einmal aus.", count=MOST_FILES))
        if faults:
            raise StopValidation(" ".join(faults))

    @property
    def sound(self) -> list[FileStorage]:
        """The files nothing is wrong with, at most ten: a draft keeps them while the person mends the rest."""
        return [upload for upload in self.data if not _fault(upload)][:MOST_FILES]

    @property
    def marks(self) -> list[tuple[str | None, int, str]]:
        """What tells these files from others, also from such of the same name: name, octets and hash of each."""
        arrivals = [(upload.filename, keeping.arrived(upload)) for upload in self.data]
        return [(name, arrival.size, arrival.sha256) for name, arrival in arrivals]

    @property
    def limits(self) -> dict[str, int]:
        """What a page may check before it uploads: the most files, and the most octets of one."""
        return {"files": MOST_FILES, "octets": current_app.config["UPLOAD_LIMIT"]}


def _fault(upload: FileStorage) -> str | None:
    try:
        keeping.inspect(upload)
    except DomainError as error:
        return str(error)
    return None
