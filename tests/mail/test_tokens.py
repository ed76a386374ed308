"""Tokens in links and return paths: what we signed is read, nothing else."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given as generated
from hypothesis import strategies as st

from app.mail import envelope
from app.mail.envelope import Token, open_token, seal

KEY = b"k" * 32
ACTIONS = ("pause", "resume", "file", "ruecklauf")
numbers = st.integers(0, (1 << 63) - 1)


@generated(st.sampled_from(ACTIONS), numbers, numbers)
def test_a_token_says_what_was_sealed(action: str, delivery_id: int, argument: int) -> None:
    token = seal(KEY, action, delivery_id, argument)
    assert token == token.lower()
    assert len(token) <= envelope.LONGEST_TOKEN
    assert open_token(KEY, token, ACTIONS) == Token(action, delivery_id, argument)
    assert open_token(KEY, token.upper(), ACTIONS) == Token(action, delivery_id, argument)


@generated(st.sampled_from(ACTIONS), numbers, numbers, st.integers(0, (1 << 56) - 1))
def test_a_link_says_whose_it_is(action: str, delivery_id: int, argument: int, deputy: int) -> None:
    token = seal(KEY, action, delivery_id, argument, deputy)
    assert len(token) <= envelope.LONGEST_TOKEN
    assert open_token(KEY, token, ACTIONS) == Token(action, delivery_id, argument, deputy)
    assert token != seal(KEY, action, delivery_id, argument)


def test_a_token_fits_into_a_local_part() -> None:
    token = seal(KEY, "ruecklauf", 999_999_999, 999_999_999)
    assert len(f"netz+ruecklauf+{token}") <= 64


def test_another_key_or_action_opens_nothing() -> None:
    token = seal(KEY, "pause", 7, 3)
    assert open_token(b"x" * 32, token, ACTIONS) is None
    assert open_token(KEY, token, ("resume", "file")) is None
    assert open_token(KEY, token, ()) is None


def test_no_changed_character_goes_unnoticed() -> None:
    token = seal(KEY, "pause", 7, 3)
    for position in range(len(token)):
        for character in "abcdefghijklmnopqrstuvwxyz234567018=":
            changed = token[:position] + character + token[position + 1 :]
            assert changed == token or open_token(KEY, changed, ACTIONS) is None
    assert open_token(KEY, token[:-1], ACTIONS) is None
    assert open_token(KEY, token + "a", ACTIONS) is None


@generated(st.text(max_size=200))
def test_nonsense_is_no_token(text: str) -> None:
    assert open_token(KEY, text, ACTIONS) is None


@pytest.mark.parametrize("action", ["Pause", "a b", "", "a:1"])
def test_a_placeholder_is_for_an_action_and_a_number(action: str) -> None:
    with pytest.raises(ValueError, match="not an action"):
        envelope.personal_link(action)


def test_addresses_follow_the_pattern(app: Flask) -> None:
    app.config["MAIL_ADDRESS_PATTERN"] = "netz+{local}@stadt.example"
    with app.app_context():
        assert envelope.address_of("ost") == "netz+ost@stadt.example"
        headers = envelope.list_headers("ost", "Übergang")
        assert headers["List-Id"] == "=?utf-8?q?=C3=9Cbergang?= <ost.stadt.example>"
        assert "List-Post" not in headers
        assert envelope.list_headers("ost", "Ost", is_read=True)["List-Post"] == "<mailto:netz+ost@stadt.example>"
        one, other = envelope.new_message_id(), envelope.new_message_id()
        assert one != other
        assert one.endswith("@stadt.example")
