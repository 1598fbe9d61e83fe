"""Ticks of every hand, and marks that may be none."""

from __future__ import annotations

import pytest
from numpy.random import default_rng

from forms.blank import draw_blank
from forms.form import Form
from forms.submission import FieldValue
from ocr.alignment.sheet import READING_DPI
from ocr.fields.ticks import DOUBT_BLOT, DOUBT_FAINT, DOUBT_TAKEN_BACK, DOUBT_TICK, read_tick
from specimens import wear
from specimens.mishaps import PALE, PENCIL, Mishap, mark_up
from specimens.paper import Picture
from specimens.scanner import bitonal
from tests.ocr.sheets import drawn, item_of

BOXES = ("notify_sms", "notify_email", "accept_terms")


def _page(form: Form, *mishaps: Mishap, seed: int = 1) -> Picture:
    return drawn(mark_up(draw_blank(form), form, {box: list(mishaps) for box in BOXES}, seed))


def _read(page: Picture, form: Form) -> list[FieldValue]:
    return [read_tick(page, READING_DPI, item_of(form, box)) for box in BOXES]


@pytest.mark.parametrize("shape", ["cross", "check", "filled", "wide cross", "long check"])
@pytest.mark.parametrize("fax", [False, True])
def test_a_mark_of_a_quick_hand_is_a_tick(form: Form, shape: str, *, fax: bool) -> None:
    page = _page(form, Mishap(shape))
    for value in _read(bitonal(page, default_rng(1)) if fax else page, form):
        assert (value.value, value.trusted, value.doubt) == (True, True, None)
        assert value.confidence > 0.9


def test_an_empty_box_is_not_ticked(form: Form) -> None:
    assert [(value.value, value.trusted) for value in _read(drawn(draw_blank(form)), form)] == [(False, True)] * 3


def test_what_shows_through_an_empty_box_is_no_tick(form: Form) -> None:
    for seed in range(3):
        page = wear.written_through(drawn(draw_blank(form)), default_rng(seed))
        assert [(value.value, value.trusted) for value in _read(page, form)] == [(False, True)] * 3


@pytest.mark.parametrize("colour", [PENCIL, PALE])
@pytest.mark.parametrize("shape", ["cross", "check"])
def test_a_pale_tick_is_for_a_human(form: Form, shape: str, colour: tuple[float, float, float]) -> None:
    for value in _read(_page(form, Mishap(shape, colour=colour)), form):
        assert value.trusted or value.doubt == DOUBT_FAINT
        assert value.value is True


@pytest.mark.parametrize(
    ("sort", "doubt"), [("circled", DOUBT_TAKEN_BACK), ("line through", DOUBT_TAKEN_BACK), ("blotted", DOUBT_BLOT)]
)
def test_a_tick_taken_back_is_for_a_human(form: Form, sort: str, doubt: str) -> None:
    for value in _read(_page(form, Mishap("check"), Mishap(sort)), form):
        assert (value.trusted, value.doubt) == (False, doubt)


def test_a_dot_of_a_resting_pen_is_no_tick_for_sure(form: Form) -> None:
    for value in _read(_page(form, Mishap("dot", width=2.2)), form):
        assert (value.value, value.trusted, value.doubt) == (False, False, DOUBT_TICK)
