"""Minutes that were written in the portal, as a PDF that people can keep and pass on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flask import current_app
from markdown_it import MarkdownIt
from markdown_it.token import Token

if TYPE_CHECKING:
    from fpdf import FPDF

_BLUE, _INK = (32, 68, 170), (19, 21, 37)
_MARGIN, _INDENT, _LINE = 22, 7, 6  # millimetres
_DEEPEST = 6  # what is set in further stays readable

# What takes no room: a line of it never ends, and the library measures it anew at each sign.
_NO_ROOM = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff]+|(?<=[\u0300-\u036f]{4})[\u0300-\u036f]+")

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(["image", "heading", "lheading"])


class Block(NamedTuple):
    """A paragraph: its text, what stands before its first line (a number, a bullet), how deep it is set in."""

    text: str
    mark: str
    depth: int
    is_bold: bool


def pdf(title: str, facts: Sequence[tuple[str, str]], text: str) -> bytes:
    """Return an A4 document with a title, facts as label and value, and Markdown as typed."""
    from fpdf import FPDF  # it takes long to load, and few processes ever need it

    page = FPDF(format="A4")
    page.set_title(title)
    page.set_lang("de")
    page.set_margin(_MARGIN)
    family = _font(page, " ".join([title, text, *(value for _label, value in facts)]))
    page.add_page()
    page.set_text_color(*_BLUE)
    page.set_font(family, "B", 18)
    _write(page, title, height=9)
    page.ln(3)
    page.set_text_color(*_INK)
    for label, value in facts:
        if value:
            page.set_font(family, "B", 11)
            _write(page, label)
            page.set_font(family, "", 11)
            _write(page, value)
            page.ln(1.5)
    page.ln(3)
    for block in blocks(text):
        page.set_font(family, "B" if block.is_bold else "", 11)
        left = _MARGIN + _INDENT * min(block.depth, _DEEPEST)
        if block.mark:
            page.set_x(left - _INDENT)
            page.cell(_INDENT, _LINE, _shown(page, block.mark))
        page.set_x(left)
        _write(page, block.text)
        page.ln(1 if block.mark else 2)
    return bytes(page.output())


def blocks(text: str) -> Iterator[Block]:
    """Yield the paragraphs of a text in Markdown, without its marks."""
    lists: list[int | None] = []  # the next number of each list that is open, None where it has bullets
    depth, mark = 0, ""
    for token in _markdown.parse(text):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            number = lists[-1]
            mark = "•" if number is None else f"{number}."
            lists[-1] = None if number is None else number + 1
        elif token.type in ("blockquote_open", "blockquote_close"):
            depth += token.nesting
        elif token.type == "inline":
            yield Block(_plain(token), mark, depth + len(lists), _is_bold(token))
            mark = ""
        elif token.type in ("code_block", "fence"):
            yield Block(token.content.rstrip(), mark, depth + len(lists), False)
            mark = ""


def _plain(token: Token) -> str:
    return "".join("\n" if each.type in ("softbreak", "hardbreak") else each.content for each in token.children or [])


def _is_bold(token: Token) -> bool:
    """Whether all of it is bold, as a heading would be."""
    kinds = [each.type for each in token.children or [] if each.type != "text" or each.content]
    return kinds[:1] == ["strong_open"] and kinds[-1:] == ["strong_close"] and kinds.count("strong_open") == 1


def _write(page: FPDF, text: str, height: int = _LINE) -> None:
    page.multi_cell(0, height, _shown(page, text), align="L", new_x="LMARGIN", new_y="NEXT")


def _font(page: FPDF, shown: str) -> str:
    """Choose the font that every reader brings along, if it has all the letters; else our own, which takes a second."""
    page.core_fonts_encoding = "cp1252"
    fonts = Path(current_app.static_folder or "") / "vendor" / "kern" / "fonts"
    if _is_western(shown) or not (fonts / "FiraSans-Regular.woff2").exists():
        return "Helvetica"
    for style, name in (("", "Regular"), ("B", "SemiBold")):
        page.add_font("Fira", style, fonts / f"FiraSans-{name}.woff2")
    return "Fira"


def _shown(page: FPDF, text: str) -> str:
    text = _NO_ROOM.sub("", text)
    return text if page.is_ttf_font else text.encode("cp1252", errors="replace").decode("cp1252")


def _is_western(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
