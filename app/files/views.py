"""Downloads. Whatever somebody uploaded is handed out as a file to save, never as a page of ours."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import bindparam, select
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import http_date, quote_etag
from werkzeug.wsgi import wrap_file

from app import registry
from app.database import read
from app.files import storage
from app.files.models import Blob, StoredFile
from app.unchanged import until_commit

bp = Blueprint("files", __name__)

#: What a browser may show itself when asked to (`?ansehen`); all else is saved.
SHOWABLE = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"})

# With none of them (RFC 9110, 13.1 and 14.2) a request is for the whole file; nearly all are.
_CONDITIONS = {
    "HTTP_RANGE",
    "HTTP_IF_RANGE",
    "HTTP_IF_MATCH",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_UNMODIFIED_SINCE",
}


class Handout(NamedTuple):
    """What handing out a file needs to know of it; `size` in octets."""

    id: int
    owner: str
    name: str
    media_type: str
    created_at: datetime
    sha256: str
    size: int


# Built once and read as plain columns: a download is mostly this query and the one that asks for the rights.
_handouts = (
    select(
        StoredFile.id,
        StoredFile.owner,
        StoredFile.name,
        StoredFile.media_type,
        StoredFile.created_at,
        Blob.sha256,
        Blob.size,
    )
    .join(StoredFile.blob)
    .where(StoredFile.id == bindparam("id"))
)


@bp.get("/dateien/<int:id>/<path:name>")
def download(id: int, name: str) -> ResponseReturnValue:
    """The file itself, for whoever may read what it belongs to."""
    file = find(id)
    if file is None or not may_read(file):
        abort(404)
    if name != file.name:
        return redirect(url_for(".download", id=id, name=file.name, ansehen=request.args.get("ansehen")))
    return send(file, inline="ansehen" in request.args)


@until_commit
def find(id: int) -> Handout | None:
    """Return what is known of the stored file with this id, whoever asks."""
    row = read(_handouts, {"id": id}).one_or_none() if id < 2**63 else None
    return Handout(*row) if row else None


def may_read(file: Handout) -> bool:
    """Whether the signed-in person may read this file; its owner's feature decides."""
    kind, _, owner_id = file.owner.partition(":")
    decide = registry.readable_by.get(kind)
    return decide is not None and decide(owner_id, current_user)


def send(file: Handout, inline: bool = False) -> Response:
    """Return the file as a response that streams it, answers ranges, and says "unchanged" to who has it already."""
    content = storage.current().open(file.sha256)
    may_show = inline and file.media_type in SHOWABLE
    headers = [
        # Texts go out without a charset: it is not known, and no page of ours shall render them.
        ("Content-Type", file.media_type),
        ("Content-Length", str(file.size)),
        ("Content-Disposition", disposition("inline" if may_show else "attachment", file.name)),
        ("ETag", quote_etag(file.sha256)),
        ("Last-Modified", http_date(file.created_at)),
        ("Accept-Ranges", "bytes"),
        # Kept by the reader's own browser only, and asked for again each time: rights may have changed.
        ("Cache-Control", "private, no-cache"),
        ("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    response = Response(wrap_file(request.environ, content), headers=headers, direct_passthrough=True)
    if _CONDITIONS.isdisjoint(request.environ):
        return response
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=file.size)
    except RequestedRangeNotSatisfiable:
        response.close()
        return Response(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    return response


def disposition(kind: str, name: str) -> str:
    """Return a Content-Disposition (RFC 6266): a plain name for old programs and the true one for all others."""
    plain = "".join(character if " " <= character <= "~" and character not in '"\\%' else "_" for character in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
