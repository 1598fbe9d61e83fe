"""A box that has lost all of its own lines while others show theirs is covered; one line that is left shows it."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest

from forms.blank import draw_blank
from forms.catalogue import form_by_code
from forms.layout import layout
from ocr.alignment.sheet import READING_DPI
from ocr.fields.visibility import hidden_fields
from specimens.paper import Picture
from tests.ocr.sheets import drawn, sheet_of

_FORM: Final = form_by_code("ebok_signup")
_FIELDS: Final = layout(_FORM)
_UNIT: Final = READING_DPI / 72
_BLANK: Final = drawn(draw_blank(_FORM))


def _covered(
    name: str, at: int, *, tone: int = 255, kept: str | None = None, room: float = 5.0, fading: float = 0.0
) -> Picture:
    """With a patch over one box; ``kept`` is the side that it leaves, ``fading`` the share of contrast under it."""
    x0, top, x1, bottom = _FIELDS[name].boxes[at]
    edges = {"left": x0 - room, "top": top - room, "right": x1 + room, "lower": bottom + room}
    if kept is not None:
        edges[kept] = {"left": x0 + 3, "right": x1 - 3, "lower": bottom - 3}[kept]
    left, upper, right, lower = (round(edges[side] * _UNIT) for side in ("left", "top", "right", "lower"))
    page = _BLANK.copy()
    under = page[upper:lower, left:right].astype(np.float32)
    page[upper:lower, left:right] = np.clip(tone - (255 - under) * fading, 0, 255).astype(np.uint8)
    return page


def _hidden(page: Picture) -> frozenset[str]:
    return hidden_fields(sheet_of(page, _FORM))


@pytest.mark.parametrize("tone", [255, 120, 0])
@pytest.mark.parametrize(("name", "at"), [("pesel", 4), ("email", 30), ("notify_sms", 0), ("house", 0), ("house", 4)])
def test_a_field_of_which_one_box_is_covered_is_hidden_and_no_other(name: str, at: int, tone: int) -> None:
    assert _hidden(_covered(name, at, tone=tone)) == {name}


@pytest.mark.parametrize("kept", ["left", "right", "lower"])
@pytest.mark.parametrize("at", [0, 4])
def test_a_box_that_shows_one_of_its_lines_is_not_hidden(kept: str, at: int) -> None:
    assert _hidden(_covered("house", at, kept=kept)) == frozenset()


def test_a_page_as_it_is_hides_nothing() -> None:
    assert _hidden(_BLANK) == frozenset()


@pytest.mark.parametrize(("fading", "hidden"), [(0.2, {"pesel"}), (0.5, set())])
def test_lines_that_shine_through_show_a_box(fading: float, hidden: set[str]) -> None:
    assert _hidden(_covered("pesel", 4, fading=fading)) == hidden


@pytest.mark.parametrize(("contrast", "hidden"), [(0.5, {"pesel"}), (0.04, set())])
def test_where_a_scan_has_lost_the_lines_a_box_without_them_tells_nothing(contrast: float, hidden: set[str]) -> None:
    page = 255 - ((255 - _covered("pesel", 4).astype(np.float32)) * contrast)
    assert _hidden(page.astype(np.uint8)) == hidden


def test_ink_over_a_line_does_not_hide_its_box() -> None:
    x0, top, x1, bottom = (round(edge * _UNIT) for edge in _FIELDS["pesel"].boxes[4])
    page = _BLANK.copy()
    page[top + 8 : bottom - 8, x0 + 8 : x1 - 8] = 0
    page[top + 20 : bottom - 20, x0 - 20 : x1 + 20] = 0
    assert _hidden(page) == frozenset()
