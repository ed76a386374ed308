"""How requests come into the house and answers leave it: who asked, static files, and the headers of a page."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from flask import Flask, Response, current_app, session
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

STATIC = Path(__file__).parent / "static"
_COMPRESSED = (".br", ".gz")
_TEN_YEARS = 10 * 365 * 24 * 3600  # seconds

#: Everything comes from this portal, nothing stands in the page itself, nobody frames it. `data:` is KERN's icons.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Portal(Flask):
    """A Flask application without coroutines."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is; Flask would look at each one at each request whether it is a coroutine."""
        return func


def static_url_path() -> str:
    """Return the path under which static files are served: "/static/<hash of all of them>".

    The address of a file changes with what is in it, so browsers may keep it for ever; and a font that a style
    sheet names relatively lies under the same address without anybody rewriting the sheet.
    """
    digest = sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file() and path.suffix not in _COMPRESSED:
            digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"/static/{digest.hexdigest()[:12]}"


def init_app(app: Flask) -> None:
    """Serve static files before Flask is asked, and add the headers to every answer that does not set its own."""
    # We listen on loopback only (app/processes.py), so whoever connects is a proxy on this machine. The last address in
    # X-Forwarded-For is its word; what stands before is the client's own claim and counts for nothing.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]  # as below
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # the way Flask documents for wrapping middleware
        app.wsgi_app,
        root=STATIC,
        prefix=app.static_url_path,
        autorefresh=app.debug,
        max_age=_TEN_YEARS,
        allow_all_origins=False,
        add_headers_function=_protect_file,
    )
    app.after_request(_protect)
    app.jinja_env.globals.update(asset=asset)


def asset(name: str) -> str:
    """Return the address of a file in app/static."""
    return f"{current_app.static_url_path}/{name}"


def _protect(response: Response) -> Response:
    # What a signed-in person saw must not come back from the cache of a shared computer.
    wanted = _HEADERS | {"Cache-Control": "no-store, private" if "_user_id" in session else "no-cache, private"}
    if current_app.config["BASE_URL"].startswith("https://"):
        wanted["Strict-Transport-Security"] = "max-age=31536000"
    own = {name.lower() for name, _ in response.headers}
    response.headers.extend((name, value) for name, value in wanted.items() if name.lower() not in own)
    return response


def _protect_file(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
