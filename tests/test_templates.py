"""Rules for templates: each is used and compiles, nothing is inline, every sentence can be translated."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import meta, nodes

import config

pytestmark = pytest.mark.once

TEMPLATES = config.ROOT / "templates"
NAMES = sorted(
    path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.suffix in (".html", ".txt")
)
PAGES = [name for name in NAMES if name.endswith(".html") and not name.startswith("mail/")]
MAILS = sorted({Path(name).parent.name for name in NAMES if re.fullmatch(r"mail/[^/_]+/[^/]+", name)})

#: Words a person reads in attributes.
_READ = ("alt", "aria-label", "aria-description", "placeholder", "title", "summary", "label")
_ATTRIBUTE = re.compile(rf"\b({'|'.join(_READ)})=\"([^\"]*)\"")
_TRANSLATED = re.compile(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", re.DOTALL)
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
#: Text that is the same in every language.
_NEUTRAL = re.compile(r"\B/[\w/-]+|English|Deutsch|&\w+;|&#x?[0-9a-fA-F]+;|\b(CSV|PDF|E-Mail|ICS|vCard)\b")


@pytest.mark.parametrize("name", NAMES)
def test_every_template_compiles(portal: Flask, name: str) -> None:
    portal.jinja_env.get_template(name)


def test_every_template_is_used(portal: Flask) -> None:
    named = _named_in_code()
    for name in NAMES:
        tree = _tree(portal, name)
        named |= {found for found in meta.find_referenced_templates(tree) if found}
        # `parts("forum/_message.html", ...)` names a template like `include` does.
        calls = (call for call in tree.find_all(nodes.Call) if getattr(call.node, "name", "") == "parts")
        named |= {str(call.args[0].as_const()) for call in calls}
    unused = {name for name in NAMES if name not in named and not _is_found_by_its_name(name)}
    assert unused == set()


def _is_found_by_its_name(name: str) -> bool:
    """Error pages are chosen by their number, a mail's parts by the name of its event, a box in mails by its form."""
    is_box = re.fullmatch(r".+/_mail_\w+\.(html|txt)", name) and name[: name.index(".") + 1] in _named_in_code()
    event = re.fullmatch(r"mail/([^/_]+)/(subject\.txt|body\.txt|body\.html)", name)
    is_part = event is not None and event[1] in _named_in_code()
    return bool(re.fullmatch(r"errors/\d{3}\.html", name) or is_box or is_part)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_stands_in_the_common_frame(portal: Flask, name: str) -> None:
    is_part = Path(name).name.startswith("_") or name.startswith("macros/") or name == "base.html"
    extends = any(True for _ in _tree(portal, name).find_all(nodes.Extends))
    assert extends or is_part, "a page extends base.html; the name of a part begins with an underscore"


@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith("macros/mail")])
def test_nothing_is_inline(name: str) -> None:
    """The Content-Security-Policy forbids it."""
    source = (TEMPLATES / name).read_text()
    assert not re.search(r"<[^>]*\s(style|on\w+)\s*=", source)
    assert not re.search(r"<style\b|<script(?![^>]*\ssrc=)", source)
    assert "javascript:" not in source
    assert "|safe" not in source.replace(" ", ""), "what is HTML is Markup where it is made"


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_is_marked_for_translation(name: str) -> None:
    source = _JINJA.sub(" ", _TRANSLATED.sub(" ", (TEMPLATES / name).read_text()))
    bare = [value for _, value in _ATTRIBUTE.findall(source) if _has_words(value)]
    between_tags = (
        re.split(r"<!--.*?-->|<style>.*?</style>|<[^>]*>", source, flags=re.DOTALL)
        if name.endswith(".html")
        else [source]
    )
    bare += [" ".join(text.split()) for text in between_tags if _has_words(text)]
    assert bare == []


def _has_words(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2,}", _NEUTRAL.sub("", text)))


@pytest.mark.parametrize("event", MAILS)
def test_every_mail_has_three_parts_and_an_expected_text(event: str) -> None:
    parts = {path.name for path in (TEMPLATES / "mail" / event).iterdir() if not path.name.startswith("_")}
    assert parts == {"subject.txt", "body.txt", "body.html"}
    assert list((config.ROOT / "tests" / "mails").glob(f"{event}*")), f"tests/mails/{event}.txt is missing"


def test_every_expected_text_belongs_to_a_mail() -> None:
    expected = {path.name.partition(".")[0] for path in (config.ROOT / "tests" / "mails").glob("*.*")}
    assert {name for name in expected if not any(name.startswith(event) for event in MAILS)} == set()


@cache
def _named_in_code() -> frozenset[str]:
    """Every string that stands in the portal's code: names of templates and of mails among them."""
    return frozenset(
        node.value
        for path in (config.ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _tree(portal: Flask, name: str) -> nodes.Template:
    environment = portal.jinja_env
    return environment.parse((TEMPLATES / name).read_text(), name)
