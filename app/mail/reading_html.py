"""HTML of a mail into text a person reads: paragraphs, lists, tables, links, and quotes with their sign.

What known mail programs put around the mail that is answered becomes lines with the quote sign, so that `quoting.py`
sees in an HTML mail what it sees in any other. The tree is walked with a stack of our own: a mail may nest as deep
as it likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import lxml.html
from lxml import etree

_BLOCK_NAMES = (
    "address article aside body center dd details dialog div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody td tfoot th thead "
    "tr ul blockquote"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_SPACED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre"])
_SILENT = frozenset(["head", "script", "style", "title", "template", "noscript", "object", "svg", "math", "select"])
_QUOTED = re.compile(
    r"\b(?:gmail_quote|yahoo_quoted|moz-cite|protonmail_quote|tutanota_quote|zmail_extra|"
    r"wiseman|WordSection-quote|mail_quote|cite|quote)\b"
)
_SPACE = re.compile(r"[ \t\n\r\f]+")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_XML = re.compile(r"<\?xml[^<>]*>|<!\[if[^<>]*>|<!\[endif\]>", re.IGNORECASE)
_SMALL_MARK = re.compile(r"[^\w]{1,4}")
_LONGEST = 1_500_000  # characters; beyond it a mail is a bomb, and its tags are only struck out
# What a browser shows nothing of, from its opening to its end, or to the end of all where it has none. libxml2 looks
# for each end anew, which takes time by the square of their number.
_UNSEEN = re.compile(r"<(!--|(?:script|style|title)\b)", re.IGNORECASE)
_ENDS = {name: re.compile(f"</{name}[^<>]*>", re.IGNORECASE) for name in ("script", "style", "title")}
_ENDS["!--"] = re.compile("-->")
_PICTURE = re.compile(r"data:[a-z0-9/+.-]{1,60};base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)


def text_of_html(html: str) -> str:
    """Return the text of an HTML document or of a piece of one. Takes time linear in its length."""
    html = _PICTURE.sub("", _XML.sub("", _seen(html.replace("\0", ""))))
    if not html.strip():
        return ""
    if len(html) > _LONGEST:
        return re.sub(r"<[^<>]*>", " ", html)
    parser = lxml.html.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return ""
    writer = _Writer()
    for event, element in _walked(root):
        if event == "start":
            writer.open(element)
        else:
            writer.close(element)
    return writer.text()


def _seen(html: str) -> str:
    kept, position = [], 0
    while found := _UNSEEN.search(html, position):
        kept.append(html[position : found.start()])
        closed = _ENDS[found[1].lower()].search(html, found.end())
        if closed is None:
            return "".join(kept)
        position = closed.end()
    return "".join([*kept, html[position:]])


def _walked(root: Any) -> Iterator[tuple[str, Any]]:
    stack = [(root, False)]
    while stack:
        element, seen = stack.pop()
        if seen:
            yield "end", element
            continue
        yield "start", element
        stack.append((element, True))
        if not _is_silent(element):
            stack.extend((child, False) for child in element.iterchildren(reversed=True))


def _is_silent(element: Any) -> bool:
    return (
        not isinstance(element.tag, str) or element.tag in _SILENT or bool(_HIDDEN.search(element.get("style") or ""))
    )


class _Writer:
    """Writes text line by line; knows how deep it stands in quotes and lists."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quotes = 0
        self.lists: list[int] = []  # the number of the next item; -1 in a list without numbers
        self.preformatted = 0
        self.links: list[int] = []
        self.rows: list[int] = []  # before which line each row of a table began
        self.fresh = False  # nothing stands in this cell yet

    def text(self) -> str:
        """Return what was written."""
        self._break()
        return "\n".join(self.lines).strip("\n")

    def open(self, element: Any) -> None:
        """Begin an element: the breaks before it, its mark, its first text."""
        tag = element.tag if isinstance(element.tag, str) else ""
        if _is_silent(element):
            return
        if tag in _BLOCKS and not self.fresh:
            self._break()
        if _is_spaced(element, self.lists) and not self.fresh:
            self._blank()
        self._begin(tag, element)
        self._write(element.text)

    def close(self, element: Any) -> None:
        """End an element: the breaks after it, and the text that follows it."""
        tag = element.tag if isinstance(element.tag, str) else ""
        if not _is_silent(element):
            self._end(tag, element)
        self._write(element.tail)

    def _begin(self, tag: str, element: Any) -> None:
        if _is_quote(element):
            self.quotes += 1
        if tag == "br":
            self._break(always=True)
        elif tag == "hr":
            self.lines.append(self._prefix() + "_" * 32)
        elif tag == "a":
            self.links.append(len(self.line))
        elif tag == "img" and _SMALL_MARK.fullmatch(element.get("alt") or ""):
            self.line.append(element.get("alt"))
        else:
            self._begin_inner(tag, element)

    def _begin_inner(self, tag: str, element: Any) -> None:
        if tag in ("ul", "ol"):
            self.lists.append(_first_number(element) if tag == "ol" else -1)
        elif tag == "li":
            self.line.append(self._item())
        elif tag == "pre":
            self.preformatted += 1
        elif tag == "tr":
            self.rows.append(len(self.lines))
        elif tag in ("td", "th"):
            self._cell()

    def _end(self, tag: str, element: Any) -> None:
        if tag == "a" and self.links:
            self._link(self.links.pop(), element.get("href") or "")
        if tag in _BLOCKS:
            self._break()
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        if tag == "pre":
            self.preformatted -= 1
        if tag == "tr" and self.rows:
            self.rows.pop()
        if _is_spaced(element, self.lists):
            self._blank()
        if _is_quote(element):
            self.quotes -= 1

    def _cell(self) -> None:
        """Put a cell behind the one before it, if that is a single line."""
        if not self.rows:
            return
        row = self.lines[self.rows[-1] :] if len(self.lines) - self.rows[-1] <= 3 else []
        written = [line for line in row if line.strip("> ")]
        if len(written) == 1:
            del self.lines[self.rows[-1] :]
            self.line = [written[0].removeprefix(self._prefix()), " | "]
            self.fresh = True

    def _item(self) -> str:
        indent = "  " * (len(self.lists) - 1)
        if not self.lists or self.lists[-1] < 0:
            return f"{indent}- "
        self.lists[-1] += 1
        return f"{indent}{self.lists[-1] - 1}. "

    def _link(self, start: int, target: str) -> None:
        shown = "".join(self.line[start:]).strip()
        if target.startswith(("http://", "https://", "mailto:", "tel:")) and shown and _bare(target) != _bare(shown):
            self.line.append(f" ({target.removeprefix('mailto:').removeprefix('tel:')})")

    def _write(self, text: str | None) -> None:
        if not text:
            return
        self.fresh = self.fresh and not text.strip()
        if self.preformatted:
            first, *rest = text.split("\n")
            self.line.append(first)
            for line in rest:
                self._break(always=True)
                self.line.append(line)
            return
        text = _SPACE.sub(" ", text)
        if text.startswith(" ") and (not self.line or self.line[-1].endswith(" ")):
            text = text[1:]
        if text:
            self.line.append(text)

    def _break(self, always: bool = False) -> None:
        line = "".join(self.line).replace("\u00a0", " ").rstrip().removesuffix(" |")
        self.fresh = False
        if self.line or always:
            self.lines.append((self._prefix() + line).rstrip())
        self.line = []
        self.links = [0] * len(self.links)

    def _blank(self) -> None:
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(self._prefix().rstrip())

    def _prefix(self) -> str:
        return ">" * self.quotes + " " if self.quotes else ""


def _is_spaced(element: Any, lists: list[int]) -> bool:
    if element.tag in ("ul", "ol"):
        return len(lists) < 1
    return element.tag in _SPACED and "MsoNormal" not in (element.get("class") or "")


def _is_quote(element: Any) -> bool:
    """Whether a mail program put this around what is answered. A plain <blockquote> is also how people indent."""
    if element.tag == "blockquote":
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        return element.get("type") == "cite" or element.get("cite") is not None or bool(_QUOTED.search(name))
    return element.tag == "div" and "yahoo_quoted" in (element.get("class") or "")


def _first_number(element: Any) -> int:
    start = element.get("start") or "1"
    return int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1


def _bare(address: str) -> str:
    address = address.strip().lower().removeprefix("mailto:").removeprefix("tel:")
    return re.sub(r"^https?://(?:www\.)?|^www\.", "", address).rstrip("/").replace("%20", " ")
