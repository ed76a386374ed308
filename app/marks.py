"""The cautious Markdown of what people write to one another: no word of theirs is lost, and no star in a word."""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, emphasis, linkify
from markupsafe import Markup

# Markdown turns "&#xE000;" into a character that app/forms.py would not have let in: mails keep placeholders there.
PRIVATE = re.compile("[\ue000-\uf8ff]")

_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_TAGS = {"p", "br", "em", "strong", "s", "ul", "ol", "li", "blockquote", "code", "pre", "a", "hr"}
_ADDRESS = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
#: What nobody means who writes to colleagues. A reference ("[TOP 1]: Einleitung") would be read and not be shown.
_UNWANTED = ["image", "heading", "lheading", "html_block", "html_inline", "reference"]
# Looking for addresses takes time by the square of a word's length; an address this long is none people type.
_LONGEST_WORD = 1000
# Characters that are looked at before "://": more than a scheme that becomes a link has.
_LONGEST_SCHEME = 10


class _AsTyped(MarkdownIt):
    """Shows an address as it was typed: decoded, one with "%20" would end at the space wherever it is copied from."""

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802  # markdown-it's name
        return link

    def validateLink(self, url: str) -> bool:  # noqa: N802  # markdown-it's name
        """Let only whole addresses be links: "Helfer[innen](m/w/d)" leads nowhere and stays as it is written."""
        return _ADDRESS.match(url) is not None


def keep_stars_in_words(parser: MarkdownIt) -> MarkdownIt:
    """Let "Schüler*innen und Kolleg*innen" keep their stars, which Markdown would take for the ends of an emphasis."""
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.inline.ruler.at("linkify", _linkify)
    return parser


def _emphasis(state: StateInline, silent: bool) -> bool:
    around = state.src[max(0, state.pos - 1) : state.pos + 2]
    if not silent and len(around) == 3 and around[1] == "*" and around[0].isalnum() and around[2].isalnum():
        state.pending += "*"
        state.pos += 1
        return True
    return emphasis.tokenize(state, silent)


def _linkify(state: StateInline, silent: bool) -> bool:
    """Look for the scheme of an address in the last characters only; in all before, many "://" would take minutes."""
    if state.src[state.pos] == ":" and len(state.pending) > _LONGEST_SCHEME:
        before, state.pending = state.pending[:-_LONGEST_SCHEME], state.pending[-_LONGEST_SCHEME:]
        last, state.pending = state.pending, before
        state.pushPending()
        state.pending = last
    return linkify(state, silent)


_markdown = keep_stars_in_words(_AsTyped("commonmark", {"html": False, "linkify": True, "breaks": True}))
_markdown.enable(["linkify", "strikethrough"]).disable(_UNWANTED)
_unlinked = keep_stars_in_words(_AsTyped("commonmark", {"html": False, "breaks": True}))
_unlinked.enable("strikethrough").disable(_UNWANTED)


@lru_cache(maxsize=200)
def markdown(source: str) -> Markup:
    """Return a message's text as safe HTML: paragraphs, emphasis, lists, quotes, links. No images, no HTML."""
    html = PRIVATE.sub("", parser_of(source).render(source))
    return Markup(nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"}))  # noqa: S704  # nh3 has cleaned it


def parser_of(source: str) -> MarkdownIt:
    """Return what reads the Markdown of this text."""
    longest = max(map(len, source.split()), default=0)
    return _markdown if longest <= _LONGEST_WORD else _unlinked
