"""Where the form lies on the picture: a rough place by marks or printed features, always refined on landmarks.

The result maps form points to pixels of the picture; so every box of the layout can be cut out upright and undistorted,
whichever way the page was turned, skewed, photographed or crumpled. Pixels are counted by their middles: the first one
is at 0, so that it begins at -0.5, and a picture drawn at a scale has its pixel i at the point (i + 0.5) / scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from forms.layout import PAGE_HEIGHT, PAGE_WIDTH
from forms.submission import Box
from ocr.alignment.bending import Bend, Points, bent
from ocr.alignment.blanks import BLANK_SCALE, FEATURE_SCALE, MARKS, Blank, Matrix, features, features_of, resized
from ocr.files.page import GrayImage

_OVERVIEW_SIDE: Final = 1300
"""Longest side of the picture used for finding things, in pixels (A4 at 111 dpi)."""
_POINT_MM: Final = 25.4 / 72
_REACH: Final = 5.0
"""How far from its place a landmark is looked for, in points."""
_FAR_REACH: Final = 11.0
"""The same on paper that does not lie flat."""
_BENDING: Final = ((_FAR_REACH, 6.0), (_FAR_REACH, 4.0), (_FAR_REACH, 3.0), (_REACH, 2.0))
"""Rounds of finding a correction: the reach, and how far a landmark may lie from where the others foretell it."""
_SUPPORT: Final = 50.0
"""Points within which a place on a bent sheet must have a landmark that was found in place."""
_KNOT: Final = 8
"""Pixels of a cut-out between the places whose way through a correction is reckoned; between them it is straight."""
_LIKENESS: Final = 0.55
_IN_PLACE: Final = 0.9
"""Points: a landmark that lies further from where it should be is out of place."""
_MOST_OUT_OF_PLACE: Final = 0.06
"""Share of the landmarks found; more, and the sheet is not flat."""
_MAY_BE_BENT: Final = 0.3
"""Share of the landmarks that must at least be seen."""
_MOST_ERROR_MM: Final = 0.3
_NOWHERE_MM: Final = 99.0
_FEWEST_LANDMARKS: Final = 8
_FEWEST_FEATURES: Final = 14
_WHITE: Final = (255, 255, 255)


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """A page's picture made small and evenly lit, for finding things; ``scale`` is its pixels per picture pixel."""

    picture: GrayImage
    scale: float


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """How a blank lies on a picture.

    ``to_picture`` maps form points to picture pixels (3 x 3, homogeneous), ``bend`` corrects form points before that
    where the sheet does not lie flat. ``matched`` is the share of landmarks found in place, ``astray`` the share found
    out of it, ``error_mm`` the root mean square distance of the former from where the others foretell them.
    """

    blank: Blank
    to_picture: Matrix
    matched: float
    error_mm: float
    astray: float = 0.0
    bend: Bend | None = None

    @property
    def sound(self) -> bool:
        """Whether the page is this blank beyond doubt and in place to well under half a millimetre."""
        return self.matched >= 0.5 and self.error_mm <= _MOST_ERROR_MM and self.flat

    @property
    def flat(self) -> bool:
        """Whether no part of the page lies elsewhere than the rest of it says."""
        return self.astray <= _MOST_OUT_OF_PLACE * (self.matched + self.astray)

    @property
    def lost(self) -> bool:
        """Whether too little of the blank is seen for the page to be that blank at all."""
        return self.matched + self.astray < _MAY_BE_BENT

    def cut(self, picture: GrayImage, box: Box, dpi: float) -> GrayImage:
        """The part of the picture under a box of the form, upright, at that resolution."""
        return cut(picture, self.to_picture, box, dpi, self.bend)

    def to_form(self, points: Points) -> Points:
        """Picture pixels (N x 2) as form points."""
        flat = transformed(np.linalg.inv(self.to_picture).astype(np.float64), points)
        if self.bend is None:
            return flat
        place = flat
        for _ in range(3):  # the correction is small and smooth, so its inverse converges at once
            place = flat - self.bend.at(place)
        return place


def thumbnail(picture: GrayImage) -> Thumbnail:
    """Make the small, evenly lit picture."""
    scale = min(1.0, _OVERVIEW_SIDE / max(picture.shape))
    return Thumbnail(evenly_lit(_made_small(picture, scale)), scale)


def _made_small(picture: GrayImage, scale: float) -> GrayImage:
    """Halved as often as that goes, then between pixels: a fifth of the time of exact means over areas."""
    while scale <= 0.5 and min(picture.shape) > 1:
        even = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
        picture = cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        scale *= 2
    if scale == 1:
        return picture
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def evenly_lit(picture: GrayImage, reach: int = 9) -> GrayImage:
    """Divide by the brightness of the paper around each place; paper becomes 255."""
    coarse = cv2.resize(picture, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    if min(coarse.shape) < 8:
        return picture
    paper = cv2.medianBlur(cv2.dilate(coarse, np.ones((reach, reach), np.uint8)), reach | 1)
    full = cv2.resize(np.maximum(paper, 40), (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(picture, full, scale=255).astype(np.uint8)


def cut(picture: GrayImage, to_picture: Matrix, box: Box, dpi: float, bend: Bend | None = None) -> GrayImage:
    """Warp the box (form points) out of the picture (gray or colour), upright, paper white outside of it."""
    x0, top, x1, bottom = box
    scale = dpi / 72
    from_cut = np.array([[1 / scale, 0, x0 + 0.5 / scale], [0, 1 / scale, top + 0.5 / scale], [0, 0, 1]])
    size = max(1, round((x1 - x0) * scale)), max(1, round((bottom - top) * scale))
    if bend is None:
        return cv2.warpPerspective(
            picture,
            to_picture @ from_cut,
            size,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=_WHITE,
        ).astype(np.uint8)
    y, x = np.mgrid[0 : size[1] + _KNOT : _KNOT, 0 : size[0] + _KNOT : _KNOT]
    points = transformed(from_cut, np.column_stack([x.ravel(), y.ravel()]).astype(np.float64))
    knots = transformed(to_picture, points + bend.at(points)).reshape(*x.shape, 2).astype(np.float32)
    finer = np.array([[1 / _KNOT, 0, 0], [0, 1 / _KNOT, 0]])
    where = cv2.warpAffine(knots, finer, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP).astype(np.float32)
    return cv2.remap(
        picture, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=_WHITE
    ).astype(np.uint8)


def transformed(matrix: Matrix, points: Points) -> Points:
    """Points (N x 2) through a homography."""
    moved = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    result: Points = moved[:, :2] / moved[:, 2:]
    return result


def by_features(seen: Thumbnail, candidates: tuple[Blank, ...]) -> Iterator[tuple[Blank, Matrix]]:
    """Blanks whose printed features are found, the best first, with homographies (form points to overview pixels)."""
    factor = FEATURE_SCALE * min(1.0, 1169 / max(seen.picture.shape))
    points, descriptors = features(resized(seen.picture, factor))
    if len(points) < _FEWEST_FEATURES:
        return
    matcher = cv2.BFMatcher(cv2.NORM_HAMMING)
    found: list[tuple[int, Blank, Matrix]] = []
    for blank in candidates:
        its_points, its_descriptors = features_of(blank.form, blank.page)
        pairs = matcher.knnMatch(its_descriptors, descriptors, k=2)
        good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < 0.8 * pair[1].distance]
        if len(good) < _FEWEST_FEATURES:
            continue
        source = its_points[[match.queryIdx for match in good]]
        target = points[[match.trainIdx for match in good]] / factor
        matrix, inliers = cv2.findHomography(source, target, cv2.RANSAC, 4.0)
        if matrix is not None and int(inliers.sum()) >= _FEWEST_FEATURES:
            found.append((int(inliers.sum()), blank, matrix.astype(np.float64)))
    for _, blank, matrix in sorted(found, key=lambda item: -item[0]):
        yield blank, matrix


def refined(seen: Thumbnail, blank: Blank, rough: Matrix, rounds: int = 2) -> Alignment:
    """Move the rough homography until the printed landmarks lie on those of the blank, and measure how well they do."""
    matrix, found = rough, Alignment(blank, rough, 0.0, _NOWHERE_MM)
    for _ in range(rounds):
        better = _flat(seen.picture, blank, matrix)
        if better is None:
            break
        matrix, found = better.to_picture, better
        if found.error_mm < 0.08 and found.matched > 0.8:
            break
    return replace(found, to_picture=from_overview(seen.scale) @ found.to_picture)


def flattened(seen: Thumbnail, found: Alignment) -> Alignment:
    """The same alignment if it is sound, or if it is lost; otherwise the sheet is taken for bent and laid flat."""
    if found.sound or found.lost:
        return found
    matrix = np.linalg.inv(from_overview(seen.scale)) @ found.to_picture
    laid = _bent(seen.picture, found.blank, matrix)
    return found if laid is None else replace(laid, to_picture=found.to_picture)


def from_overview(scale: float) -> Matrix:
    """Pixels of the overview as pixels of the picture."""
    shift = 0.5 / scale - 0.5
    return np.array([[1 / scale, 0, shift], [0, 1 / scale, shift], [0, 0, 1]])


def _flat(picture: GrayImage, blank: Blank, matrix: Matrix) -> Alignment | None:
    """The homography that most landmarks agree on, from one that is nearly right; in pixels of that picture."""
    wanted, found, numbers = _landmarks(picture, blank, blank.landmarks, matrix, bend=None, reach=_REACH)
    if len(wanted) < _FEWEST_LANDMARKS:
        return None
    move, inliers = cv2.findHomography(wanted, found, cv2.RANSAC, _IN_PLACE)
    if move is None or int(inliers.sum()) < _FEWEST_LANDMARKS:
        return None
    inside = inliers.ravel() > 0
    off = np.linalg.norm(transformed(move.astype(np.float64), wanted[inside]) - found[inside], axis=1)
    return _measured(blank, matrix @ move, off, int((~inside & (numbers >= MARKS)).sum()), len(blank.landmarks))


def _bent(picture: GrayImage, blank: Blank, matrix: Matrix) -> Alignment | None:
    """The same with a smooth correction, looking further around at first."""
    boxes = blank.fine_landmarks
    bend, result = None, None
    for reach, slack in _BENDING:
        wanted, found, numbers = _landmarks(picture, blank, boxes, matrix, bend=bend, reach=reach)
        moves = found - wanted if bend is None else found + bend.at(found) - wanted
        corrected = bent(wanted, moves, slack)
        if corrected is None:
            return None
        bend, foretold, kept = corrected
        off = np.linalg.norm(foretold - moves, axis=1)
        near = kept & (off <= _IN_PLACE)
        if not near.any():
            return None
        unsure = _far_from(boxes, numbers[near])
        result = _measured(blank, matrix, off[near], int((~near).sum()) + unsure, len(boxes))
        result = replace(result, bend=bend)
    return result


def _far_from(boxes: Sequence[Box], sure: npt.NDArray[np.int_]) -> int:
    """How many landmarks have none near them that is in place: nothing tells how the sheet bends there."""
    middles = np.array([((x0 + x1) / 2, (top + bottom) / 2) for x0, top, x1, bottom in boxes])
    apart = np.linalg.norm(middles[:, None] - middles[sure][None], axis=2).min(axis=1)
    return int((apart > _SUPPORT).sum())


def _measured(blank: Blank, to_picture: Matrix, off: Points, astray: int, count: int) -> Alignment:
    """An alignment by how far (points) landmarks lie from their places, and how many of ``count`` are out of place."""
    error = float(np.sqrt((off**2).mean())) * _POINT_MM if len(off) else _NOWHERE_MM
    return Alignment(blank, to_picture, len(off) / count, error, astray / count)


def _landmarks(
    picture: GrayImage, blank: Blank, boxes: Sequence[Box], matrix: Matrix, *, bend: Bend | None, reach: float
) -> tuple[Points, Points, npt.NDArray[np.int_]]:
    """Where landmarks should be and where they are found, in form points as ``matrix`` and ``bend`` have them.

    The third array has the number of each of those found.
    """
    page = cut(picture, matrix, (0, 0, PAGE_WIDTH, PAGE_HEIGHT), BLANK_SCALE * 72, bend)
    around = round(reach * BLANK_SCALE)
    wanted, found, numbers = [], [], []
    for number, box in enumerate(boxes):
        detail = blank.landmark_picture(box)
        left, top = round(box[0] * BLANK_SCALE), round(box[1] * BLANK_SCALE)
        y0, x0 = max(0, top - around), max(0, left - around)
        window = page[y0 : top + detail.shape[0] + around, x0 : left + detail.shape[1] + around]
        if window.shape[0] < detail.shape[0] or window.shape[1] < detail.shape[1] or int(window.min()) > 200:
            continue
        likeness = cv2.matchTemplate(window, detail, cv2.TM_CCOEFF_NORMED).astype(np.float32)
        _, best, _, (at_x, at_y) = cv2.minMaxLoc(likeness)
        if best < _LIKENESS:
            continue
        # by the middle of the detail: that is where a move holds that was found for all of it
        across, down = (detail.shape[1] - 1) / 2, (detail.shape[0] - 1) / 2
        numbers.append(number)
        wanted.append((left + across, top + down))
        found.append((x0 + _peak(likeness[at_y], at_x) + across, y0 + _peak(likeness[:, at_x], at_y) + down))
    places = np.array([wanted, found], np.float64).reshape(2, -1, 2)
    return (places[0] + 0.5) / BLANK_SCALE, (places[1] + 0.5) / BLANK_SCALE, np.array(numbers, int)


def _peak(values: npt.NDArray[np.float32], at: int) -> float:
    """The place of a maximum between pixels, by the parabola through it and its neighbours."""
    if not 0 < at < len(values) - 1:
        return float(at)
    before, here, after = (float(value) for value in values[at - 1 : at + 2])
    bend = before - 2 * here + after
    return at + (0.5 * (before - after) / bend if bend < 0 else 0.0)
