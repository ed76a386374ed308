"""HTML and XML: what a browser would take for a page, and drawings and documents that carry scripts."""

from __future__ import annotations

import re
from typing import BinaryIO
from xml.parsers import expat

from app.files.refusal import ACTIVE_DRAWING, BROKEN, WEB_PAGE, Refused

# The tags by which browsers recognise a page (MIME Sniffing Standard, 7.1), and a few more.
_PAGE_STARTS = re.compile(
    r"<(?:!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|meta|base|form|img)[\s>/]",
    re.IGNORECASE,
)
_XML_STARTS = re.compile(r"<(?:!doctype\s|[a-z_][\w.-]*(?::[\w.-]+)?[\s>/])", re.IGNORECASE)
_ACTIVE = re.compile(rb"<\s*(?:!doctype\s+html|html|script|iframe|body|svg)[\s>/]|<\?php", re.IGNORECASE)
_XHTML = "http://www.w3.org/1999/xhtml"
_ACTING_ELEMENTS = frozenset({"script", "foreignobject", "iframe", "object", "embed", "handler", "listener", "set"})
_LINKS = frozenset({"href", "src", "action", "from", "to", "values", "data"})
_SEARCHED = 1024  # octets or characters
_SKIPPED = 8192  # characters


def looks_active(octets: bytes) -> bool:
    """Whether a tag that a browser acts upon stands anywhere in these octets."""
    return bool(_ACTIVE.search(octets))


def is_web_page(text: str) -> bool:
    """Whether a browser would show this text as a page, or a page begins within its first lines."""
    start = _without_prolog(text)
    if _PAGE_STARTS.match(start):
        return True
    # A drawing is judged as XML, element by element.
    return not _XML_STARTS.match(start) and looks_active(text[:_SEARCHED].encode("utf-8", "replace"))


def is_xml(text: str) -> bool:
    """Whether this text begins as XML does."""
    return bool(_XML_STARTS.match(_without_prolog(text)))


def inspect_xml(file: BinaryIO) -> str:
    """Return the media type of what begins as XML; raises `Refused` if a browser would act on anything in it."""
    reader = _Reader()
    try:
        file.seek(0)
        reader.parser.ParseFile(file)
    except expat.ExpatError as error:
        file.seek(0)
        # Browsers forgive a drawing more than we do; so what we cannot read to its end we do not take.
        if reader.root == "svg" or looks_active(file.read(_SEARCHED)):
            raise Refused(BROKEN) from error
        return "text/plain"
    finally:
        file.seek(0)
    return "image/svg+xml" if reader.root == "svg" else "text/xml"


def _without_prolog(text: str) -> str:
    """Return the text from its first tag on: white space, comments and processing instructions are skipped."""
    rest = text[:_SKIPPED].lstrip()
    while rest.startswith(("<!--", "<?")):
        closing = "-->" if rest.startswith("<!--") else "?>"
        _, found, after = rest.partition(closing)
        if not found:
            break
        rest = after.lstrip()
    return rest


class _Reader:
    """Reads XML as it streams by and refuses what acts: scripts, handlers, foreign pages, entities, style sheets."""

    def __init__(self) -> None:
        self.root = ""
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._element
        self.parser.EntityDeclHandler = self._refuse_drawing
        self.parser.ProcessingInstructionHandler = self._instruction

    def _element(self, full_name: str, attributes: dict[str, str]) -> None:
        namespace, _, name = full_name.rpartition(" ")
        name = name.lower()
        if namespace == _XHTML or (not self.root and name == "html"):
            raise Refused(WEB_PAGE)
        self.root = self.root or name
        if self.root == "svg" and (name in _ACTING_ELEMENTS or any(map(_acts, attributes, attributes.values()))):
            raise Refused(ACTIVE_DRAWING)

    def _instruction(self, target: str, data: str) -> None:
        if target.lower() == "xml-stylesheet":
            raise Refused(WEB_PAGE)

    def _refuse_drawing(self, *declaration: object) -> None:
        raise Refused(ACTIVE_DRAWING)


def _acts(full_name: str, value: str) -> bool:
    name = full_name.rpartition(" ")[2].lower()
    # Browsers ignore white space and controls inside "java script:".
    target = re.sub(r"[\s\x00-\x1f]", "", value).lower()
    if name.startswith("on"):
        return True
    is_picture = target.startswith(("data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp"))
    leads_out = name == "href" and not target.startswith(("#", "http:", "https:", "mailto:")) and target != ""
    return (leads_out and not is_picture) or (name in _LINKS and "javascript:" in target)
