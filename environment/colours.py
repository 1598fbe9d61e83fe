"""Colours of screens: how well one is read on another, and mixtures of two."""

from __future__ import annotations

import re
from typing import Final

WHITE: Final = "#ffffff"
BLACK: Final = "#000000"
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """Whether this is a colour as we write them: ``#rrggbb``."""
    return _HEX.fullmatch(text) is not None


def mixed(one: str, other: str, share: float) -> str:
    """A colour with this share (0 to 1) of another in it."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(ours + (theirs - ours) * share):02x}" for ours, theirs in pairs)


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21, as WCAG 2.1 defines it by relative luminance; 4.5 is what its level AA asks of text."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
