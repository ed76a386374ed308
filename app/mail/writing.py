"""A mail's words from its templates: subject, plain text, HTML with its styles at the elements."""

from __future__ import annotations

import re
from typing import Any

import css_inline
from flask import current_app, render_template
from flask_babel import force_locale

from app.mail.headers import one_line

_SUBJECT_LIMIT = 998

# Rules for dark screens and narrow ones cannot stand at an element; they stay in the head.
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, minify_css=True)
# A mail travels once for each recipient: what only lays out its source stays here. A line break stays one, because
# between two words it is a space; comments other than Outlook's say nothing to anybody.
_LAYOUT = re.compile(r"\n\s*")
_PREFORMATTED = re.compile(r"(<pre[\s>].*?</pre>)", re.DOTALL)
_STYLES = re.compile(r"(<style[^>]*>)(.*?)(</style>)", re.DOTALL)


def written(event: str, context: dict[str, Any]) -> tuple[str, str, str]:
    """Return subject, plain text and HTML of the mail of `templates/mail/<event>/`."""
    # In a request of its own, so that the links point to BASE_URL, whatever host the browser asked for or none did,
    # and the text is German, whatever language the sender reads the portal in.
    with current_app.test_request_context(base_url=current_app.config["BASE_URL"]), force_locale("de"):
        subject = one_line(render_template(f"mail/{event}/subject.txt", **context))[:_SUBJECT_LIMIT]
        context = {"subject": subject} | context
        text = render_template(f"mail/{event}/body.txt", **context)
        html = render_template(f"mail/{event}/body.html", **context)
    return subject, f"{text.strip()}\n".replace("\0", ""), _inlined(html).replace("\0", "")


def _inlined(html: str) -> str:
    """Return the page with its styles at the elements and without what only lays out its source."""
    pieces = _PREFORMATTED.split(_inliner.inline(html))
    tight = "".join(piece if number % 2 else _LAYOUT.sub("\n", piece) for number, piece in enumerate(pieces))
    return _STYLES.sub(lambda found: found[1] + _tight_css(found[2]) + found[3], tight)


def _tight_css(css: str) -> str:
    return re.sub(r"\s*([{};,!])\s*", r"\1", re.sub(r":\s+", ":", css)).replace(";}", "}").strip()
