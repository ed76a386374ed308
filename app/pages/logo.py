"""The city's logo: one small picture among the stored files."""

from __future__ import annotations

from flask import Response, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.database import db
from app.errors import DomainError
from app.files import keeping
from app.files.models import StoredFile
from app.pages.models import City

MEDIA_TYPES = ("image/png", "image/jpeg", "image/webp")
LIMIT = 200 * 1024  # octets; it is part of every page


def stored() -> StoredFile | None:
    """Return the logo, if there is one."""
    return db.session.scalars(StoredFile.owned_by(City.LOGO_OWNER).order_by(StoredFile.id.desc())).first()


def keep(upload: FileStorage) -> None:
    """Make this picture the logo. Raises `DomainError` for anything but a small PNG, JPEG or WebP."""
    drop()
    picture = keeping.keep(upload, City.LOGO_OWNER)
    if picture.media_type not in MEDIA_TYPES:
        raise DomainError(_("Das Logo braucht eine Datei der Art PNG, JPEG oder WebP."))
    if picture.size > LIMIT:
        raise DomainError(_("Das Logo darf höchstens 200 KB groß sein, weil jede Seite es lädt."))


def drop() -> None:
    """Remove the logo."""
    for picture in db.session.scalars(select(StoredFile).where(StoredFile.owner == City.LOGO_OWNER)):
        keeping.drop(picture)


def response() -> Response | None:
    """Return the picture as an answer, or None where there is none. Its address changes with it."""
    picture = stored()
    if picture is None:
        return None
    with keeping.open_file(picture) as stream:
        return Response(
            stream.read(LIMIT), mimetype=picture.media_type, headers={"Cache-Control": "public, max-age=31536000"}
        )


def style_sheet() -> str:
    """Return the CSS that shows the logo in the page's head, or nothing."""
    picture = stored()
    if picture is None:
        return ""
    address = url_for("pages.city_logo", v=picture.blob.sha256[:12])
    return f'.city-logo{{display:inline-block;background-image:url("{address}")}}'
