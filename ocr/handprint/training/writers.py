"""The writers that training never saw, parted in two: those that reading is tuned on, and those that figures are of."""

from __future__ import annotations

import zlib
from typing import Literal

from ocr.handprint.training.glyphs import Hands

Half = Literal["fit", "report"]
"""'fit': temperature, thresholds and weights may be tuned on it. 'report': seen by nothing but published figures."""


def half_of(writer: str) -> Half:
    """The half that a dev writer belongs to, for good."""
    return "report" if zlib.crc32(writer.encode()) % 2 else "fit"


def in_half(hands: Hands, half: Half) -> Hands:
    """Handwriting of one half alone; a label that none of its writers wrote keeps an empty list.

    Scanned digits have no writers' names: each counts for one of its own.
    """
    glyphs = {
        label: [glyph for glyph in found if half_of(glyph.writer) == half] for label, found in hands.glyphs.items()
    }
    scanned = {
        label: [image for at, image in enumerate(images) if half_of(f"mnist-{label}-{at}") == half]
        for label, images in hands.scanned.items()
    }
    return Hands(glyphs, scanned)
