"""Anything may be typed into any field: the answer is a page that says what is wrong, never a 500, never markup.

The forms are found by walking over all pages, so a new form is tried without anybody naming it here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from selectolax.lexbor import LexborNode
from werkzeug.test import TestResponse

from app.extensions import limiter
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.page import Form, Page, option_value, text_of
from tests.walking import kind_of, walk
from tests.world import furnish

MARKUP = "<script>alert('netz')</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}"
BAD = {
    "ten thousand characters": "Ä" * 10_000,
    "one endless word with line ends": ("x" * 998 + "\r\n") * 12,
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 \U0001f9ff" * 20,
    "right to left": "\u202eעברית العربية\u202c\u200f",
    "markup": MARKUP,
    "NUL and control characters": "a\x00b\x07\x1b[31mc\x7f\x85",
    "line ends in a line": "Betreff\r\nBcc: all@example.org\r\n\r\nText",
    "private use and lone surrogates": "\ue000\uf8ff\ufffd\U0010fffe",
    "only white space": " \t\u00a0\u2003\u200b \r\n",
    "a number that no float holds": "9" * 400,
    "a formula": '=HYPERLINK("http://example.org";"x")',
    "a date that is none": "2026-02-31T25:61",
}
#: What a field is sent alone, too, if others kept it from going further: as much as fits in none, and all that is
#: dangerous where it is short enough.
WORST = {
    "ten thousand characters": BAD["ten thousand characters"],
    "markup, NUL and line ends": f"{MARKUP}\x00\x07\r\nBcc: all@example.org\r\n\r\n\ue000\uf8ff",
}

#: On PostgreSQL only what SQLite bears and it does not: what does not fit in a field never reaches either.
BAD_FOR_POSTGRESQL = {title: BAD[title] for title in ("NUL and control characters", "a number that no float holds")}
WORST_FOR_POSTGRESQL = {title: BAD[title] for title in ("NUL and control characters",)}

#: What can be typed into a field of this kind so that the rest of the form is right.
_PLAUSIBLE = {
    "email": "neu@example.org",
    "url": "https://www.example.org/",
    "date": "2031-03-14",
    "time": "14:00",
    "number": "3",
    "tel": "0999 123 45",
    "color": "#123456",
    "password": "ein langes Passwort",
}

#: A form that takes nothing typed but ends the session or the world the walk stands on.
_NOT_SENT = ("abmelden", "schliessen")


@dataclass
class Found:
    """A form, and a page on which it stands."""

    page: str
    form: Form


@pytest.mark.parametrize(("role", "below"), [("anke", "/"), ("lena", "/profil")])
def test_every_form_bears_every_input(
    app: Flask, cast: Cast, client_of: ClientOf, database_kind: str, role: str, below: str
) -> None:
    """Anke finds nearly all forms; what a participant has of their own stands below their profile."""
    furnish(cast, client_of)
    app.config["PROPAGATE_EXCEPTIONS"] = False  # a 500 is to be seen as a person would see it
    browser = client_of(getattr(cast, role))
    pages = walk(app, browser, below, within=below).pages.values()
    forms = [form for form in _forms_of(app, pages) if form.form.action.startswith(below)]
    assert len(forms) >= 3
    assert [fault for form in forms for fault in _try(app, browser, form, database_kind)] == []


def test_the_forms_of_strangers_bear_every_input(
    app: Flask, cast: Cast, anonymous: Browser, database_kind: str
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    forms = _forms_of(app, walk(app, anonymous, "/anmelden").pages.values())
    assert any(found.form.action == "/anmelden" for found in forms)
    assert [fault for found in forms for fault in _try(app, anonymous, found, database_kind)] == []


def test_no_address_of_the_portal_fails_on_strange_arguments(
    app: Flask, cast: Cast, client_of: ClientOf, database_kind: str
) -> None:
    """A page of each kind is asked for four times with all bad inputs, each time in other arguments."""
    furnish(cast, client_of)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = client_of(cast.anke)
    names = ("seite", "sort", "q", "suche", "art", "an", "jahr", "weiter", "entwurf", "token", "zielgruppe", "ort")
    values = [value[:1500] for value in BAD.values()]
    attempts = [dict(zip(names, values[shift:] + values[:shift], strict=True)) for shift in range(0, len(values), 3)]
    if database_kind == "postgresql":
        attempts = [dict.fromkeys(names, value) for value in BAD_FOR_POSTGRESQL.values()]
    for url in {kind_of(app, url)[0]: url.partition("?")[0] for url in walk(app, browser).pages}.values():
        for arguments in attempts:
            answer = browser.get(url, query_string=arguments)
            assert answer.status_code < 500, (url, arguments)
            assert MARKUP not in answer.text, url


def _forms_of(app: Flask, pages: Iterable[Page]) -> list[Found]:
    """Each form once: pages of one kind have the same forms with other numbers in their addresses."""
    found: dict[tuple[str, frozenset[str]], Found] = {}
    addresses = app.url_map.bind("localhost")
    for page in pages:
        for form in page.forms:
            is_harmless = form.method == "post" and not any(word in form.action for word in _NOT_SENT)
            if is_harmless and any(True for _ in form.visible_fields()):
                endpoint, _ = addresses.match(urlsplit(form.action).path, method="POST")
                found.setdefault((str(endpoint), frozenset(form.names)), Found(page.path, form))
    return list(found.values())


def _try(app: Flask, browser: Browser, found: Found, database_kind: str) -> list[str]:
    """Send every bad input in all fields at once, and the worst in each field alone while the others are right.

    A field that says itself what is wrong with it is not sent alone: it would say the same again.
    """
    typed = [str(control.attrs["name"]) for control in found.form.visible_fields() if not _is_file(control)]
    everywhere, alone = (
        (BAD_FOR_POSTGRESQL, WORST_FOR_POSTGRESQL) if database_kind == "postgresql" else (BAD | WORST, WORST)
    )
    faults: list[str] = []
    for title, value in everywhere.items():
        is_taken = _attempt(app, browser, found, f"{title} everywhere", dict.fromkeys(typed, value), faults)
        if title in alone and not is_taken:
            silent = [name for name in typed if not browser.page.query(f"[name='{name}'][aria-invalid]")]
            for name in silent:
                _attempt(app, browser, found, f"{title} in {name}", {name: value}, faults)
    return faults


def _attempt(app: Flask, browser: Browser, found: Found, title: str, values: dict[str, str], faults: list[str]) -> bool:
    """Note what is wrong with the answer; return whether all was taken, and so went as far as it can."""
    where = f"{found.form.action} on {found.page}"
    try:
        answer = _send(app, browser, found, values)
    except AssertionError as fault:  # the answer is a page with faults of its own
        faults.append(f"{where}, {title}: {fault}")
        return False
    if answer.status_code >= 500:
        faults.append(f"{where}: {answer.status} for {title}")
    if MARKUP in answer.text or "<img src=x" in answer.text:
        faults.append(f"{where}: shows {title} as it is")
    return bool(answer.history) and answer.status_code == 200


def _send(app: Flask, browser: Browser, found: Found, values: dict[str, str]) -> TestResponse:
    """Fill in the form with plausible values and then with `values`; choices are not checked."""
    with app.app_context():
        limiter.reset()
    body: dict[str, Any] = {name: list(sent) for name, sent in found.form.values().items()}
    for control in found.form.visible_fields():
        if not _is_file(control) and not any(body.get(str(control.attrs["name"]), [])):
            body[str(control.attrs["name"])] = _plausible(control)
    # A submission's id is used up once it has made something.
    body.pop("submission", None)
    body |= values
    return browser.post(
        found.form.action,
        data=body,
        content_type="multipart/form-data" if found.form.multipart else None,
        follow_redirects=True,
    )


def _plausible(control: LexborNode) -> str:
    if control.tag == "select":
        return option_value(control.css("option")[-1])
    kind = str(control.attrs.get("type") or "text")
    if kind in ("checkbox", "radio"):
        return str(control.attrs.get("value") or "on")
    return _PLAUSIBLE.get(kind, "Ein Wort")


def _is_file(control: LexborNode) -> bool:
    return bool(control.attrs.get("type") == "file")


def test_the_markup_of_this_file_would_be_found(anonymous: Browser) -> None:
    """The check looks for what a template without escaping would show."""
    assert text_of(Page(f"<!doctype html><p>{MARKUP}</p>", "/").query("p")[0]) != MARKUP
