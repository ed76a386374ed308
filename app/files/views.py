"""Downloads. Whatever somebody uploaded is handed out as a file to save, never as a page of ours."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from app import registry
from app.database import db
from app.files import keeping
from app.files.models import StoredFile

bp = Blueprint("files", __name__)

#: What a browser may show itself when asked to (`?ansehen`); all else is saved.
SHOWABLE = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"})


@bp.get("/dateien/<int:id>/<path:name>")
def download(id: int, name: str) -> ResponseReturnValue:
    """The file itself, for whoever may read what it belongs to."""
    stored_file = db.session.get(StoredFile, id) if id < 2**63 else None
    if stored_file is None or not may_read(stored_file):
        abort(404)
    if name != stored_file.name:
        return redirect(url_for(".download", id=id, name=stored_file.name, ansehen=request.args.get("ansehen")))
    return send(stored_file, inline="ansehen" in request.args)


def may_read(stored_file: StoredFile) -> bool:
    """Whether the signed-in person may read this file; its owner's feature decides."""
    kind, _, owner_id = stored_file.owner.partition(":")
    decide = registry.readable_by.get(kind)
    return decide is not None and decide(owner_id, current_user)


def send(stored_file: StoredFile, inline: bool = False) -> Response:
    """Return the file as a response that streams it, answers ranges, and says "unchanged" to who has it already."""
    file = keeping.open_file(stored_file)
    # Texts go out without a charset: it is not known, and no page of ours shall render them.
    response = Response(wrap_file(request.environ, file), content_type=stored_file.media_type, direct_passthrough=True)
    response.content_length = stored_file.size
    response.set_etag(stored_file.blob.sha256)
    response.last_modified = stored_file.created_at
    may_show = inline and stored_file.media_type in SHOWABLE
    response.headers["Content-Disposition"] = disposition("inline" if may_show else "attachment", stored_file.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # Kept by the reader's own browser only, and asked for again each time: rights may have changed.
    response.headers["Cache-Control"] = "private, no-cache"
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=stored_file.size)
    except RequestedRangeNotSatisfiable:
        response.close()
        return Response(status=416, headers={"Content-Range": f"bytes */{stored_file.size}"})
    return response


def disposition(kind: str, name: str) -> str:
    """Return a Content-Disposition (RFC 6266): a plain name for old programs and the true one for all others."""
    plain = "".join(character if " " <= character <= "~" and character not in '"\\%' else "_" for character in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
