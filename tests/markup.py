"""Whether HTML says itself what a browser makes of it.

No parser at hand names everything that is wrong with a page: what is not closed, stands where it must not or is closed
twice is quietly put right, each time as HTML's rules for broken pages have it. So the elements as they are written,
each closed where it ends, are compared with the tree that these rules give. Where both are equal nothing was put right.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import zip_longest

from selectolax.lexbor import LexborNode

#: Elements that hold nothing and have no end tag (HTML, "Void elements").
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

#: How deep an element lies, and its name.
Place = tuple[int, str]


def faults_of(html: str, root: LexborNode | None) -> Iterator[str]:
    """Yield what is wrong with `html`, of which a browser would make the tree below `root`."""
    written = _Written()
    written.feed(html)
    written.close()
    if "\0" in html:
        yield "it holds a NUL"
    yield from written.faults
    for said, made in zip_longest(written.places, _tree(root) if root else ()):
        if said != made:
            yield f"{_shown(said)} is written where a browser makes {_shown(made)}"
            return  # whatever follows lies elsewhere, too


class _Written(HTMLParser):
    """The elements as they are written, and what can be wrong with single tags."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[Place] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self._has_doctype = False

    def handle_decl(self, decl: str) -> None:
        self._has_doctype = decl.lower() == "doctype html" and not self.places

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._written(tag, attrs)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._written(tag, attrs)
        if tag not in _VOID and "svg" not in self._open:
            self.faults.append(f"<{tag}/> closes nothing")

    def _written(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.places.append((len(self._open), tag))
        names = [name for name, _value in attrs]
        self.faults += [f"{tag} has {name} twice" for name in sorted(set(names)) if names.count(name) > 1]

    def handle_endtag(self, tag: str) -> None:
        if self._open[-1:] == [tag]:
            self._open.pop()
        else:
            self.faults.append(f"</{tag}> closes {self._open[-1] if self._open else 'nothing'}")

    def close(self) -> None:
        super().close()
        self.faults += [f"{tag} is not closed" for tag in self._open]
        if not self._has_doctype:
            self.faults.append("no doctype")


def _tree(node: LexborNode, depth: int = 0) -> Iterator[Place]:
    yield depth, str(node.tag)
    for child in node.iter():
        yield from _tree(child, depth + 1)


def _shown(place: Place | None) -> str:
    return f"<{place[1]}> at depth {place[0]}" if place else "nothing"
