"""What every page of the portal must be, checked on each page a test gets.

A page that is wrong fails the test that met it, so nobody has to remember to write these checks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.markup import faults_of

#: Mail links carry their own proof and take a POST without a csrf token (HOUSE.md, rule 5).
CSRF_EXEMPT = ("/mail/",)

_UNLABELLED_INPUTS = {"hidden", "submit", "button", "reset", "image"}
_SCRIPT_ADDRESS = re.compile(r"\s*(javascript|data):", re.IGNORECASE)
_SEAM = re.compile(r"%\(\w+\)s|<class '|object at 0x|\bMarkup\(|LazyString")
_REFERENCES = {"for", "aria-describedby", "aria-labelledby", "aria-controls", "aria-errormessage", "list"}
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
#: The words between two tags and the values of attributes, without any character reference or NUL. With others in their
#: place a page is as valid as it was.
_WORDS = re.compile(r'="[^"&\0]*"|(?<=>)\s*+[^<>&\s\0][^<>&\0]*+(?=<)')
_VALID_MARKUP: set[str] = set()


@dataclass
class Form:
    """A form of a page as a browser sees it: where it goes and what it would send untouched."""

    action: str
    method: str
    multipart: bool
    in_main: bool  # the forms of the frame (language, signing out) stand on every page
    controls: list[LexborNode] = field(repr=False)
    buttons: list[LexborNode] = field(repr=False)

    @property
    def names(self) -> set[str]:
        """The names of all fields a person or the page itself can fill."""
        return {str(control.attrs["name"]) for control in self.controls if control.attrs.get("name")}

    @property
    def labels(self) -> list[str]:
        """What stands on its buttons."""
        return [text_of(button) or str(button.attrs.get("value") or "") for button in self.buttons]

    def visible_fields(self) -> Iterator[LexborNode]:
        """The fields a person fills, each name once."""
        seen = set()
        for control in self.controls:
            name = control.attrs.get("name")
            if name and control.attrs.get("type") != "hidden" and name not in seen:
                seen.add(name)
                yield control

    def values(self) -> dict[str, list[str]]:
        """What the form sends when nobody touches it, by name; files not among it."""
        sent: dict[str, list[str]] = {}
        for control in self.controls:
            name = control.attrs.get("name")
            if name and "disabled" not in control.attrs:
                sent.setdefault(str(name), []).extend(_value_of(control))
        return {name: values for name, values in sent.items() if values}


class Page:
    """One HTML page, parsed as a browser would parse it."""

    def __init__(self, html: str, path: str) -> None:
        self.html = html
        self.path = path
        self.document = LexborHTMLParser(html)

    def query(self, selector: str) -> list[LexborNode]:
        """Return the elements that a CSS selector finds, each once, in the order of the page."""
        # Lexbor gives an element anew for each part of "a, .link" that it fits.
        return list({node.mem_id: node for node in self.document.css(selector)}.values())

    def all(self, *names: str) -> list[LexborNode]:
        """Return the elements of these names (without one: all), in the order of the page."""
        return self.document.css(", ".join(names) or "*")

    @property
    def text(self) -> str:
        """What a person reads, in one line."""
        return text_of(self.document.body)

    @property
    def heading(self) -> str:
        """The text of the h1."""
        return text_of(self.all("h1")[0])

    @property
    def links(self) -> list[str]:
        """Where the links of the page lead."""
        return [str(link.attrs["href"]) for link in self.all("a") if link.attrs.get("href")]

    @property
    def errors(self) -> list[str]:
        """The sentences at fields that were filled in wrongly."""
        return [text_of(node) for node in self.query(".kern-error")]

    @property
    def forms(self) -> list[Form]:
        """The forms of the page in their order, those of its frame last."""
        main = {node for frame in self.all("main") for node in below(frame, "form")}
        forms = [self._form(node, node in main) for node in self.all("form")]
        return sorted(forms, key=lambda form: not form.in_main)

    def _form(self, node: LexborNode, in_main: bool) -> Form:
        controls = list(below(node, "input", "select", "textarea"))
        buttons = [*below(node, "button"), *(c for c in controls if c.attrs.get("type") in ("submit", "image"))]
        own = [c for c in controls if c.attrs.get("type") not in ("submit", "button", "reset", "image")]
        return Form(
            action=str(node.attrs.get("action") or self.path),
            method=str(node.attrs.get("method") or "get").lower(),
            multipart=node.attrs.get("enctype") == "multipart/form-data",
            in_main=in_main,
            controls=own,
            buttons=[button for button in buttons if button.attrs.get("type") not in ("button", "reset")],
        )


def check(page: Page) -> None:
    """Raise an AssertionError that lists everything wrong with the page."""
    faults = [fault for rule in _RULES for fault in rule(page)]
    assert not faults, f"{page.path} is not a page we would show:\n  " + "\n  ".join(faults)


def below(node: LexborNode, *names: str) -> Iterator[LexborNode]:
    """Yield the elements inside `node` that have one of these names (without one: all), in the order of the page."""
    return (found for found in node.css(", ".join(names) or "*") if found.mem_id != node.mem_id)


def text_of(node: LexborNode | None) -> str:
    """Return the text of an element in one line."""
    return " ".join(node.text(separator=" ").split()) if node is not None else ""


def _is_valid_html(page: Page) -> Iterator[str]:
    """Yield what a browser would put right, which takes long to find and is asked once for pages of the same markup."""
    markup = _WORDS.sub("·", page.html)
    if markup not in _VALID_MARKUP:
        faults = list(faults_of(page.html, page.document.root))
        yield from (f"invalid HTML: {fault}" for fault in faults)
        if not faults:
            _VALID_MARKUP.add(markup)


def _has_language_and_title(page: Page) -> Iterator[str]:
    if [node.attrs.get("lang") for node in page.all("html")] not in (["de"], ["en"]):
        yield "html has no lang"
    if not any(text_of(node) for node in page.all("title")):
        yield "no title"


def _has_headings_in_order(page: Page) -> Iterator[str]:
    levels = [(int(str(node.tag)[1]), text_of(node)) for node in page.all(*_HEADINGS)]
    if [level for level, _ in levels].count(1) != 1:
        yield f"{[level for level, _ in levels].count(1)} h1 instead of one"
    above = 0
    for level, text in levels:
        if level > above + 1:
            yield f"heading h{level} {text!r} follows h{above}"
        if not text:
            yield f"h{level} without text"
        above = level


def _has_unique_ids(page: Page) -> Iterator[str]:
    counts = Counter(node.attrs["id"] for node in page.all() if "id" in node.attrs)
    yield from (f"id {name!r} stands {count} times" for name, count in counts.items() if count > 1)


def _references_exist(page: Page) -> Iterator[str]:
    ids = {node.attrs["id"] for node in page.all() if "id" in node.attrs}
    for node in page.all():
        for attribute in _REFERENCES & node.attributes.keys():
            for reference in str(node.attrs[attribute] or "").split():
                if reference not in ids:
                    yield f"{attribute}={reference!r} of {node.tag} names no element"
    for link in page.links:
        if link == "#" or (link.startswith("#") and link[1:] not in ids):
            yield f"link {link!r} leads nowhere"


def _labels_every_field(page: Page) -> Iterator[str]:
    labelled = {node.attrs.get("for") for node in page.all("label") if text_of(node)}
    for node in page.all("input", "select", "textarea"):
        if node.attrs.get("type") in _UNLABELLED_INPUTS or _is_named(node):
            continue
        if node.attrs.get("id") not in labelled and not _stands_in_a_label(node):
            yield f"field {node.attrs.get('name')!r} has no label"


def _names_what_can_be_clicked(page: Page) -> Iterator[str]:
    for node in page.all("button", "a"):
        pictures = [image for image in below(node, "img") if image.attrs.get("alt")]
        if not text_of(node) and not _is_named(node) and not pictures:
            yield f"{node.tag} without words: {(node.html or '')[:120]}"
    yield from (f"img without alt: {n.attrs.get('src')}" for n in page.all("img") if n.attrs.get("alt") is None)


def _protects_every_form(page: Page) -> Iterator[str]:
    for node in page.all("form"):
        action = str(node.attrs.get("action") or "")
        if not action:
            yield "form without an action"
        if str(node.attrs.get("method") or "get").lower() != "post" or action.startswith(CSRF_EXEMPT):
            continue
        inputs = list(below(node, "input"))
        if not any(child.attrs.get("name") == "csrf_token" and child.attrs.get("value") for child in inputs):
            yield f"form to {action} has no csrf_token"
        sends_files = any(child.attrs.get("type") == "file" for child in inputs)
        if sends_files and node.attrs.get("enctype") != "multipart/form-data":
            yield f"form to {action} would not send its files"


def _obeys_the_strict_policy(page: Page) -> Iterator[str]:
    """Nothing inline (the Content-Security-Policy forbids it) and nothing from anybody else's server."""
    for node in page.all():
        for name, value in node.attrs.items():
            if name == "style" or name.startswith("on"):
                yield f"{node.tag} has an inline {name}"
            if name in ("href", "src", "action", "formaction") and _SCRIPT_ADDRESS.match(str(value)):
                yield f"{node.tag} {name} is {str(value)[:40]!r}"
    yield from ("style element" for _ in page.all("style"))
    yield from ("script without src" for node in page.all("script") if not node.attrs.get("src"))
    for node in page.all("script", "link", "img", "iframe", "source", "video", "audio"):
        target = str(node.attrs.get("src") or node.attrs.get("href") or "/")
        if not target.startswith("/") or target.startswith("//"):
            yield f"{node.tag} loads from {target}"


def _shows_no_seams(page: Page) -> Iterator[str]:
    for node in page.all("p", "td", "dd", "li", "a", "span", "h1", "h2", "h3", "label", "option"):
        words = text_of(node)
        if words in ("None", "True", "False", "[]", "{}", "undefined"):
            yield f"{node.tag} shows {words}"
        if _SEAM.search(words):
            yield f"{node.tag} shows a template's insides: {words[:80]}"


_RULES = (
    _is_valid_html,
    _has_language_and_title,
    _has_headings_in_order,
    _has_unique_ids,
    _references_exist,
    _labels_every_field,
    _names_what_can_be_clicked,
    _protects_every_form,
    _obeys_the_strict_policy,
    _shows_no_seams,
)


def _is_named(node: LexborNode) -> bool:
    return bool(node.attrs.get("aria-label") or node.attrs.get("aria-labelledby"))


def _stands_in_a_label(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag == "label" and text_of(parent):
            return True
        parent = parent.parent
    return False


def _value_of(control: LexborNode) -> list[str]:
    kind = control.attrs.get("type")
    if control.tag == "select":
        options = list(below(control, "option"))
        chosen = [option for option in options if "selected" in option.attrs]
        if not chosen and options and "multiple" not in control.attrs:
            chosen = options[:1]
        return [option_value(option) for option in chosen]
    if control.tag == "textarea":
        return [control.text()]
    if kind in ("checkbox", "radio"):
        return [str(control.attrs.get("value") or "on")] if "checked" in control.attrs else []
    return [] if kind == "file" else [str(control.attrs.get("value") or "")]


def option_value(option: LexborNode) -> str:
    """What choosing this option of a select sends."""
    value = option.attrs.get("value")
    return text_of(option) if value is None else str(value)
