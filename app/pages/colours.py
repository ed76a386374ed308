"""The city's colour as the style sheet needs it: readable in light and in dark."""

from __future__ import annotations

import re

#: Colours of KERN 2.7 that the accent must stand out from: the page in the light, the cards in the dark.
_LIGHT_PAGE = (0xF3, 0xF4, 0xF7)
_DARK_CARD = (0x1D, 0x20, 0x34)
_WHITE = (255, 255, 255)
_BLACK = (0, 0, 0)

Colour = tuple[int, int, int]  # red, green, blue: 0 to 255 each, sRGB


def is_colour(text: str) -> bool:
    """Whether `text` is a colour like "#2044aa"."""
    return bool(re.fullmatch("#[0-9a-fA-F]{6}", text or ""))


def contrast_on_page(colour: str) -> float:
    """Return the contrast ratio of "#rrggbb" to the page, 1 to 21 (WCAG 2.2, definition); to white it is higher."""
    return _contrast(_parse(colour), _LIGHT_PAGE)


def style_sheet(accent: str) -> str:
    """Return the CSS that gives KERN this accent "#rrggbb": as it is in the light, lightened in the dark."""
    colour = _parse(accent)
    return (
        f":root{{--kern-color-action-default:{accent};--netz-strip:{_css(_mixed(colour, _BLACK, 0.45))}}}"
        "@media (prefers-color-scheme:dark){"
        f":root{{--kern-color-action-default:{_css(_lightened(colour))}}}}}"
    )


def _lightened(colour: Colour) -> Colour:
    """The nearest mix with white that reads well on the dark cards (7:1 leaves room for tinted grounds)."""
    for percent in range(101):
        mixed = _mixed(colour, _WHITE, percent / 100)
        if _contrast(mixed, _DARK_CARD) >= 7:
            return mixed
    return _WHITE


def _mixed(colour: Colour, other: Colour, part: float) -> Colour:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _contrast(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parse(colour: str) -> Colour:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _css(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
