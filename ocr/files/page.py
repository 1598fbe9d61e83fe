"""One page as every format gives it: a picture, and what the file says of it in so many words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from forms.submission import Box

GrayImage = npt.NDArray[np.uint8]
"""Height x width, 0 is black, 255 is paper."""
ColourImage = npt.NDArray[np.uint8]
"""Height x width x 3: blue, green, red, as OpenCV has them."""
LARGEST_DPI: Final = 300
"""Finer pages are scaled down: reading gains nothing from more."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One visible character of a text layer; ``box`` in pixels of the page's picture."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Widget:
    """A form field of a PDF: where it stands, in pixels of the page's picture, and what its data say.

    ``value`` is a text, whether a box is ticked, or None where the data say nothing or contradict themselves. ``shown``
    tells whether viewers show the field at all.
    """

    box: Box
    value: str | bool | None
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its picture upright as the file shows it, and what the file says in so many words.

    The picture is the judge of what stands there, all else are witnesses. ``digital`` is True when most of what is seen
    was drawn and is no photograph of paper. ``glyphs`` are given of a digital page whose text is all meant to be seen.
    ``notes`` are the places of what was laid over the page as comments, or cannot be drawn, ``remarks`` of those that
    are about all of it, ``signed`` of electronic signatures (they are notes as well). All places are in pixels of the
    picture.
    ``bare`` is the picture without its photographs, None where it has none or is nothing else. ``lettering`` is the
    picture with nothing on it but its text and its form fields, where a digital page has either: what differs was drawn
    over them, under them, or is the form itself. ``otherwise`` is how the page looks with those layers that are not
    shown everywhere, and without them; none where it has no such layers. ``scale`` is pixels of the picture per PDF
    point, where the file has points. ``turned`` is a number of quarter turns clockwise by which all of this differs
    from what the file shows. ``rivalled`` is True where the file holds its form once more, in a way that some programs
    show instead of all this (XFA).
    """

    number: int
    picture: GrayImage
    scale: float | None = None
    digital: bool = False
    glyphs: tuple[Glyph, ...] = ()
    widgets: tuple[Widget, ...] = ()
    notes: tuple[Box, ...] = ()
    bare: GrayImage | None = None
    lettering: GrayImage | None = None
    otherwise: tuple[GrayImage, ...] = ()
    turned: int = 0
    remarks: tuple[Box, ...] = ()
    signed: tuple[Box, ...] = ()
    rivalled: bool = False

    def turned_by(self, quarters: int) -> Page:
        """The same page turned clockwise, as somebody who sees it says that it should be."""
        if quarters % 4 == 0:
            return self
        shape = self.picture.shape

        def turn(box: Box) -> Box:
            for step in range(quarters % 4):
                box = (shape[step % 2] - box[3], box[0], shape[step % 2] - box[1], box[2])
            return box

        def turn_picture(picture: GrayImage) -> GrayImage:
            return np.ascontiguousarray(np.rot90(picture, -quarters))

        return replace(
            self,
            picture=turn_picture(self.picture),
            glyphs=tuple(replace(each, box=turn(each.box)) for each in self.glyphs),
            widgets=tuple(replace(each, box=turn(each.box)) for each in self.widgets),
            notes=tuple(map(turn, self.notes)),
            remarks=tuple(map(turn, self.remarks)),
            signed=tuple(map(turn, self.signed)),
            bare=None if self.bare is None else turn_picture(self.bare),
            lettering=None if self.lettering is None else turn_picture(self.lettering),
            otherwise=tuple(map(turn_picture, self.otherwise)),
            turned=(self.turned + quarters) % 4,
        )
