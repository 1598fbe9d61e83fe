"""What makes strokes on paper writing: their contrast, breadth, sharpness, length, and that they stand in a row."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import pytest

from ocr.files.page import GrayImage
from ocr.segmentation.traces import bears_writing

_HIGH, _WIDE = 1300, 920
"""An overview of an A4 page."""
_MIDDLE: Final = (300, 600)


def _paper() -> GrayImage:
    return np.full((_HIGH, _WIDE), 255, np.uint8)


def _letters(
    count: int,
    *,
    at: tuple[int, int] = _MIDDLE,
    size: int = 14,
    pitch: int = 17,
    gray: int = 60,
    breadth: int = 2,
    down: int = 0,
    soft: float = 0.0,
) -> GrayImage:
    """Letters of three strokes each beside each other, so that no mark is a word by itself."""
    page = _paper()
    for number in range(count):
        x, y = at[0] + pitch * number, at[1] + down * number
        right, middle = x + size // 2 + 1, y - size // 2
        for start, end in (((x, y), (x, y - size)), ((right, y), (right, y - size)), ((x, middle), (right, middle))):
            cv2.line(page, start, end, gray, breadth, cv2.LINE_AA)
    return cv2.GaussianBlur(page, (0, 0), soft).astype(np.uint8) if soft else page


def _upright(page: GrayImage) -> GrayImage:
    return np.ascontiguousarray(np.rot90(page))


def test_letters_in_a_row_are_writing_whether_the_row_is_level_or_upright() -> None:
    assert bears_writing(_letters(6))
    assert bears_writing(_upright(_letters(6)))


def test_paper_of_one_tone_and_a_picture_of_nothing_bear_none() -> None:
    assert not bears_writing(_paper())
    assert not bears_writing(np.full((_HIGH, _WIDE), 128, np.uint8))
    for shape in ((1, 1), (2, 900), (29, 29)):
        assert not bears_writing(np.full(shape, 200, np.uint8))


def test_two_marks_are_too_few_for_a_word_and_three_long_ones_are_enough() -> None:
    assert not bears_writing(_letters(2))
    assert bears_writing(_letters(3))


def test_short_marks_are_a_word_where_there_are_many_of_them() -> None:
    """Three specks meet by chance, five in a row do not."""
    assert not bears_writing(_letters(3, size=5, pitch=8))
    assert bears_writing(_letters(6, size=5, pitch=8))


def test_marks_that_are_strewn_are_no_row() -> None:
    assert not bears_writing(_letters(6, pitch=60))
    assert not bears_writing(_letters(6, pitch=12, down=40))
    assert not bears_writing(_letters(8, size=6, pitch=19))


@pytest.mark.parametrize(("gray", "seen"), [(246, False), (205, True), (0, True)])
def test_strokes_are_ink_if_they_are_darker_than_their_surroundings(gray: int, seen: bool) -> None:
    assert bears_writing(_letters(6, gray=gray)) is seen


@pytest.mark.parametrize("tone", [255, 200, 150])
def test_writing_is_known_on_paper_of_any_tone(tone: int) -> None:
    page = np.minimum(_letters(6), tone).astype(np.uint8)
    assert bears_writing(page)


def test_strokes_that_do_not_stand_out_from_the_noise_are_none() -> None:
    noise = np.random.default_rng(3).normal(0, 18, (_HIGH, _WIDE))

    def noisy(page: GrayImage) -> GrayImage:
        return np.clip(page * 0.8 + noise, 0, 255).astype(np.uint8)

    assert not bears_writing(noisy(_paper()))
    assert not bears_writing(noisy(_letters(6, gray=215)))
    assert bears_writing(noisy(_letters(6, gray=0)))


@pytest.mark.parametrize(("soft", "gray", "seen"), [(0.0, 170, True), (3.0, 130, False)])
def test_what_shows_through_from_the_other_side_is_soft_and_pale(soft: float, gray: int, seen: bool) -> None:
    assert bears_writing(_letters(6, soft=soft, gray=gray, breadth=3)) is seen


def test_what_is_broader_than_a_pen_is_a_stain_or_a_shade() -> None:
    assert bears_writing(_letters(6, size=26, pitch=34, breadth=3))
    blots = _paper()
    for number in range(8):
        cv2.circle(blots, (200 + 26 * number, 600), 11, 40, -1, cv2.LINE_AA)
    assert not bears_writing(blots)


def _acute(count: int, breadth: int) -> GrayImage:
    """Letters whose strokes meet at a sharp angle, as in A, M and W, where the ink is broader than the pen."""
    page = _paper()
    for x in range(300, 300 + 26 * count, 26):
        cv2.polylines(page, [np.array([(x, 600), (x + 10, 580), (x + 20, 600)])], False, 60, breadth, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("breadth", [2, 3, 4])
def test_a_word_in_a_broad_pen_whose_strokes_meet_at_sharp_angles_is_writing(breadth: int) -> None:
    """Each of its letters was taken for a blot, and the page for an empty one."""
    assert bears_writing(_acute(4, breadth))


def test_lines_as_long_as_a_fold_are_no_strokes_and_crosses_between_them_are() -> None:
    folds = _paper()
    for number in range(6):
        cv2.line(folds, (120, 500 + 9 * number), (720, 503 + 9 * number), 60, 2, cv2.LINE_AA)
    assert not bears_writing(folds)
    assert bears_writing(np.minimum(folds, _letters(6, at=(300, 900))).astype(np.uint8))


def _wave(waves: int, height: int, pitch: int, breadth: int = 2) -> GrayImage:
    page = _paper()
    across = np.arange(0, waves * pitch)
    down = 600 + height / 2 * np.sin(across * 2 * np.pi / pitch)
    points = np.column_stack((300 + across, down)).round().astype(np.int32)
    cv2.polylines(page, [points], False, 60, breadth, cv2.LINE_AA)
    return page


def test_one_line_is_a_word_if_it_winds_and_a_hair_if_it_does_not() -> None:
    assert bears_writing(_wave(6, 20, 16))
    assert bears_writing(_wave(5, 14, 12, breadth=1))
    assert not bears_writing(_wave(1, 30, 150))
    straight = _paper()
    cv2.line(straight, (300, 600), (460, 640), 60, 2, cv2.LINE_AA)
    assert not bears_writing(straight)


def test_a_row_as_flat_as_a_scratch_is_no_writing() -> None:
    dashes = _paper()
    for number in range(8):
        x = 300 + 12 * number
        cv2.line(dashes, (x, 600), (x + 8, 600), 60, 1)
    assert not bears_writing(dashes)


@pytest.mark.parametrize("at", [(300, 30), (300, _HIGH - 12)])
def test_what_stands_on_the_very_edge_is_the_lid_of_the_scanner(at: tuple[int, int]) -> None:
    assert not bears_writing(_letters(8, at=at, size=12))


@pytest.mark.parametrize("at", [(300, 75), (300, _HIGH - 55), (45, 600), (_WIDE - 180, 600)])
def test_writing_near_an_edge_is_writing(at: tuple[int, int]) -> None:
    assert bears_writing(_letters(8, at=at, size=12))
