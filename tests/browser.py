"""A Flask test client that behaves like a person with a browser: it reads forms, fills them in and sends them.

Every HTML page it gets is checked (tests/page.py). Do not hold an application context open around its calls:
Flask-Login keeps the signed-in person on `g`, which lives as long as the context does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.page import Form, Page, check, option_value

#: A file a person chooses: its name and its bytes.
Upload = tuple[str, bytes]


class Browser(FlaskClient):
    """One person's browser. `page` is the last HTML page it showed."""

    page: Page

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        # Read to its end and closed at once, so that no download keeps a file open.
        kwargs.setdefault("buffered", True)
        response: TestResponse = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400 and response.text:
            self.page = Page(response.text, response.request.path)
            check(self.page)
        return response

    def see(self, url: str) -> Page:
        """Open a page, redirects included; it must answer 200."""
        response = self.get(url, follow_redirects=True)
        assert response.status_code == 200, f"{url} answered {response.status}"
        return self.page

    def submit(
        self,
        url: str,
        data: Mapping[str, Any] | None = None,
        files: Mapping[str, Upload | Sequence[Upload]] | None = None,
        *,
        form: str = "",
        button: str = "",
        follow: bool = True,
    ) -> TestResponse:
        """Open `url`, fill in a form there and send it; return the answer, redirects followed.

        The form is the first whose action contains `form`, which has a button labelled `button`, and which has every
        field of `data` and `files`; those of the page's frame come last. What is not in `data` is sent as the page
        has it, hidden fields included. A checkbox takes True or False; a select, radio or several checkboxes take
        values that the page offers. A field or a choice the page does not have fails, as it would for a person.
        """
        self.see(url)
        return self.send(data, files, form=form, button=button, follow=follow)

    def send(
        self,
        data: Mapping[str, Any] | None = None,
        files: Mapping[str, Upload | Sequence[Upload]] | None = None,
        *,
        form: str = "",
        button: str = "",
        follow: bool = True,
    ) -> TestResponse:
        """Like `submit`, for a form of the page that is open already."""
        data, files = data or {}, files or {}
        chosen = self._choose(form, button, {*data, *files})
        body: dict[str, Any] = dict(chosen.values())
        for name, value in data.items():
            body[name] = _filled(chosen, name, value)
        body.update(_pressed(chosen, button))
        for name, uploads in files.items():
            assert chosen.multipart, f"the form to {chosen.action} does not send files"
            several = [uploads] if isinstance(uploads, tuple) else uploads
            body[name] = [(BytesIO(content), filename) for filename, content in several]
        target = urlsplit(urljoin(self.page.path, chosen.action))
        return self.post(
            f"{target.path}?{target.query}" if target.query else target.path,
            data=body,
            content_type="multipart/form-data" if chosen.multipart else None,
            follow_redirects=follow,
        )

    def _choose(self, action: str, button: str, names: set[str]) -> Form:
        candidates = [form for form in self.page.forms if form.method == "post"]
        for form in candidates:
            has_button = not button or any(button in label for label in form.labels)
            # Nobody means to sign out, or to change the language, without saying so.
            is_meant = form.in_main or action or button
            if action in form.action and has_button and names <= form.names and is_meant:
                return form
        offered = [f"{form.action} {sorted(form.names)} {form.labels}" for form in candidates]
        raise AssertionError(
            f"{self.page.path} has no form to {action!r} with {sorted(names)} and {button!r}; it has {offered}"
        )


def _filled(form: Form, name: str, value: Any) -> list[str]:
    controls = [control for control in form.controls if control.attrs.get("name") == name]
    kinds = {control.attrs.get("type") for control in controls}
    if isinstance(value, bool):
        assert "checkbox" in kinds, f"{name} is no checkbox"
        return [str(controls[0].attrs.get("value") or "on")] if value else []
    values = [str(item) for item in value] if isinstance(value, list | tuple | set) else [str(value)]
    if controls[0].tag == "select":
        offered = [option_value(option) for control in controls for option in control.css("option")]
    elif kinds & {"radio", "checkbox"}:
        offered = [str(control.attrs.get("value") or "on") for control in controls]
    else:
        return values
    assert set(values) <= set(offered), f"{name} offers {offered}, not {values}"
    return values


def _pressed(form: Form, label: str) -> dict[str, str]:
    """What the pressed button itself sends; without a label it is the first one, as with the Enter key."""
    for button, words in zip(form.buttons, form.labels, strict=True):
        if label in words:
            name = button.attrs.get("name")
            return {str(name): str(button.attrs.get("value") or "")} if name else {}
    return {}
