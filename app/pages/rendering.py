"""The text of a public page: what Verwaltung wrote, or the default; and its Markdown, which may have headings."""

from __future__ import annotations

import nh3
from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from markdown_it import MarkdownIt
from markupsafe import Markup
from sqlalchemy import select

from app.database import db
from app.marks import keep_stars_in_words
from app.pages.city import present_city
from app.pages.models import Page
from app.templating import choose_locale

_markdown = keep_stars_in_words(MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True}))
_markdown.enable("linkify").disable(["image", "html_block", "html_inline"])
_TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "a", "hr", "h2", "h3", "h4"}
#: The title is the page's one h1; so "# Wer" is an h2, "## Wann" an h3, and deeper ones stay at h4.
_LOWERED = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}


def page_of(slug: str, language: str | None = None) -> Page:
    """Return the page as Verwaltung wrote it, else one with the default text that is not in the session.

    What Verwaltung wrote is German and there for everyone; the default is in `language`, or else in the reader's.
    """
    written = db.session.scalar(select(Page).where(Page.slug == slug))
    return written or _default_page(slug, language or choose_locale())


def title_of(slug: str) -> str:
    """Return what a page is called."""
    titles: dict[str, str] = {
        "impressum": _("Impressum"),
        "datenschutz": _("Datenschutz"),
        "barrierefreiheit": _("Barrierefreiheit"),
        "hilfe": _("Hilfe und Kontakt"),
        "leichte-sprache": _("Leichte Sprache"),
    }
    return titles[slug]


def language_of(page: Page) -> str:
    """Return the language in which the reader gets this page's text: Verwaltung writes German."""
    return _language_of_default(page.slug, choose_locale()) if page.id is None else "de"


def _default_page(slug: str, language: str) -> Page:
    template = f"pages/default/{slug}.{_language_of_default(slug, language)}.md"
    with force_locale(language):
        title = title_of(slug)
    return Page(slug=slug, title=title, body=render_template(template, city=present_city()).strip() + "\n")


def _language_of_default(slug: str, language: str) -> str:
    return language if slug != "leichte-sprache" else "de"


def page_markdown(source: str) -> Markup:
    """Return a page's text as safe HTML; as in messages, without images and HTML, but with headings."""
    tokens = _markdown.parse(source)
    for token in tokens:
        token.tag = _LOWERED.get(token.tag, token.tag)
    html: str = _markdown.renderer.render(tokens, _markdown.options, {})
    return Markup(  # noqa: S704  # nh3 has cleaned it
        nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"})
    )
