"""A phone number as people write it, and what a phone dials for it."""

from __future__ import annotations

import pytest

from app.templating import dial


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("0999 123 45", "099912345"),
        ("(0999) 123-45", "099912345"),
        ("0999/123 45", "099912345"),
        ("+49 999 123 45", "+4999912345"),
        ("+49 (0) 999 123 45", "+4999912345"),
        ("0049 (0)999 12345", "004999912345"),
        ("(0) 999 12345", "099912345"),
        ("0999 123 45 oder 0999 67", "099912345"),
        ("0999 123 45, mobil 0999 67", "099912345"),
        ("Zentrale: 0999 123 App. 45", "0999123"),
        ("0999 / 123 45", "099912345"),
        ("0999 12345 / 0998 55", "099912345"),
        ("0999 12345 - 0998 55", "099912345"),
        ("0999 12345 | +49 998 55", "099912345"),
        ("0999 12345 · 0998 55", "099912345"),
        ("2. Stock, 0999 12345", "099912345"),
        ("110", "110"),
        ("siehe Web", ""),
        ("", ""),
    ],
)
def test_a_link_dials_the_first_number(written: str, dialled: str) -> None:
    assert dial(written) == dialled
