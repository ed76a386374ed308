"""Every German sentence of the portal has its English one, with the same placeholders."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po

import config

TRANSLATIONS = config.ROOT / "app" / "translations"
#: The names pybabel knows by itself, and our name for what is translated when it is shown (Makefile, catalogue).
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None}
_TEMPLATES = (".html", ".txt")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@cache
def sentences() -> dict[str, str]:
    """Every marked sentence of code and templates, and where it stands."""
    code = [(path, "python") for path in (config.ROOT / "app").rglob("*.py")]
    templates = [(path, "jinja2") for path in (config.ROOT / "templates").rglob("*.*") if path.suffix in _TEMPLATES]
    found: dict[str, str] = {}
    for path, method in sorted(code + templates):
        for line, sentence, *_ in extract_from_file(method, path, KEYWORDS, options={"silent": "false"}):
            key = sentence if isinstance(sentence, str) else str(sentence[0])
            found.setdefault(key, f"{path.relative_to(config.ROOT)}:{line}")
    return found


def catalogue(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def test_sentences_are_found() -> None:
    assert "Anmelden" in sentences()
    assert len(sentences()) > 100


def test_every_sentence_has_an_english_one() -> None:
    english = catalogue("en")
    missing = {key: place for key, place in sentences().items() if key and not _is_translated(english.get(key))}
    assert missing == {}


@pytest.mark.parametrize("path", sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")), ids=lambda p: p.parts[-3])
def test_a_catalogue_is_certain_and_keeps_the_placeholders(path: Path) -> None:
    wrong = []
    for message in catalogue(path.parts[-3]):
        if not message.id:
            continue
        given, translated = _texts(message.id), _texts(message.string)
        if message.fuzzy or any(_places(text) - _places(" ".join(given)) for text in translated):
            wrong.append(message.id)
    assert wrong == []


def test_the_catalogue_holds_nothing_that_is_not_said_any_more() -> None:
    assert {_texts(message.id)[0] for message in catalogue("en") if message.id} - set(sentences()) == set()


def _is_translated(message: Message | None) -> bool:
    return message is not None and not message.fuzzy and all(_texts(message.string))


def _texts(text: object) -> list[str]:
    return [str(each) for each in text] if isinstance(text, tuple | list) else [str(text)]


def _places(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))
