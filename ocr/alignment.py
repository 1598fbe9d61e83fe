"""Where the form lies on the picture: corner marks first, printed features otherwise, always refined on landmarks.

The result maps form points to pixels of the picture; so every box of the layout can be cut out upright and undistorted,
whichever way the page was turned, skewed or photographed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, corner_marks
from forms.submission import Box
from ocr.blanks import BLANK_SCALE, FEATURE_SCALE, Blank, Matrix, features, resized
from ocr.pages import GrayImage

_OVERVIEW_SIDE: Final = 1300
"""Longest side of the picture used for finding things, in pixels (A4 at 111 dpi)."""
_POINT_MM: Final = 25.4 / 72
_REACH: Final = 5.0
"""How far from its place a landmark is looked for, in points."""
_LIKENESS: Final = 0.55
_FEWEST_LANDMARKS: Final = 8
_FEWEST_FEATURES: Final = 14


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """A page's picture made small and evenly lit, for finding things; ``scale`` is its pixels per picture pixel."""

    picture: GrayImage
    scale: float


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """How a blank lies on a picture.

    ``to_picture`` maps form points to picture pixels (3 x 3, homogeneous). ``matched`` is the share of landmarks found
    in place, ``error_mm`` their root mean square distance from it.
    """

    blank: Blank
    to_picture: Matrix
    matched: float
    error_mm: float

    @property
    def sound(self) -> bool:
        """Whether the page is this blank beyond doubt and in place to well under half a millimetre."""
        return self.matched >= 0.5 and self.error_mm <= 0.4

    def cut(self, picture: GrayImage, box: Box, dpi: float) -> GrayImage:
        """The part of the picture under a box of the form, upright, at that resolution."""
        return cut(picture, self.to_picture, box, dpi)

    def to_form(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Picture pixels (N x 2) as form points."""
        return transformed(np.linalg.inv(self.to_picture).astype(np.float64), points)


def overview(picture: GrayImage) -> Overview:
    """Make the small, evenly lit picture."""
    scale = min(1.0, _OVERVIEW_SIDE / max(picture.shape))
    return Overview(evenly_lit(picture if scale == 1 else resized(picture, scale)), scale)


def evenly_lit(picture: GrayImage, reach: int = 9) -> GrayImage:
    """Divide by the brightness of the paper around each place; paper becomes 255."""
    coarse = cv2.resize(picture, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    if min(coarse.shape) < 8:
        return picture
    paper = cv2.medianBlur(cv2.dilate(coarse, np.ones((reach, reach), np.uint8)), reach | 1)
    full = cv2.resize(np.maximum(paper, 40), (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(picture, full, scale=255).astype(np.uint8)


def cut(picture: GrayImage, to_picture: Matrix, box: Box, dpi: float) -> GrayImage:
    """Warp the box (form points) out of the picture, upright, paper white outside of it."""
    x0, top, x1, bottom = box
    scale = dpi / 72
    from_cut = np.array([[1 / scale, 0, x0], [0, 1 / scale, top], [0, 0, 1]])
    size = max(1, round((x1 - x0) * scale)), max(1, round((bottom - top) * scale))
    matrix = to_picture @ from_cut
    return cv2.warpPerspective(
        picture,
        matrix,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255,),
    ).astype(np.uint8)


def transformed(matrix: Matrix, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Points (N x 2) through a homography."""
    moved = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    result: npt.NDArray[np.float64] = moved[:, :2] / moved[:, 2:]
    return result


def by_corner_marks(seen: Overview) -> list[Matrix]:
    """Homographies (form points to overview pixels) that put the four marks on marks: the possible turns of the page.

    Empty when fewer than three marks are found.
    """
    middles = np.array([((x0 + x1) / 2, (top + bottom) / 2) for x0, top, x1, bottom in corner_marks()])
    ring = middles[[0, 1, 3, 2]]  # clockwise
    quad = _mark_ring(_mark_candidates(seen.picture))
    if quad is None:
        return []
    wide = np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])
    tall = np.linalg.norm(quad[2] - quad[1]) + np.linalg.norm(quad[3] - quad[0])
    turns = (0, 2) if tall > wide else (1, 3)
    return [
        cv2.getPerspectiveTransform(ring.astype(np.float32), np.roll(quad, -turn, axis=0).astype(np.float32)).astype(
            np.float64
        )
        for turn in turns
    ]


def by_features(seen: Overview, candidates: tuple[Blank, ...]) -> Iterator[tuple[Blank, Matrix]]:
    """Blanks whose printed features are found, the best first, with homographies (form points to overview pixels)."""
    factor = FEATURE_SCALE * min(1.0, 1169 / max(seen.picture.shape))
    points, descriptors = features(resized(seen.picture, factor))
    if len(points) < _FEWEST_FEATURES:
        return
    matcher = cv2.BFMatcher(cv2.NORM_HAMMING)
    found: list[tuple[int, Blank, Matrix]] = []
    for blank in candidates:
        pairs = matcher.knnMatch(blank.feature_descriptors, descriptors, k=2)
        good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < 0.8 * pair[1].distance]
        if len(good) < _FEWEST_FEATURES:
            continue
        source = blank.feature_points[[match.queryIdx for match in good]]
        target = points[[match.trainIdx for match in good]] / factor
        matrix, inliers = cv2.findHomography(source, target, cv2.RANSAC, 4.0)
        if matrix is not None and int(inliers.sum()) >= _FEWEST_FEATURES:
            found.append((int(inliers.sum()), blank, matrix.astype(np.float64)))
    for _, blank, matrix in sorted(found, key=lambda item: -item[0]):
        yield blank, matrix


def refined(seen: Overview, blank: Blank, rough: Matrix, rounds: int = 2) -> Alignment:
    """Move the rough homography until the printed landmarks lie on those of the blank, and measure how well they do."""
    matrix, matched, error = rough, 0.0, 99.0
    for _ in range(rounds):
        better, matched, error = _refine_once(seen.picture, blank, matrix)
        if better is None:
            break
        matrix = better
        if error < 0.08 and matched > 0.8:
            break
    to_picture = np.diag([1 / seen.scale, 1 / seen.scale, 1.0]) @ matrix
    return Alignment(blank, to_picture, matched, error)


def _refine_once(picture: GrayImage, blank: Blank, matrix: Matrix) -> tuple[Matrix | None, float, float]:
    page = cut(picture, matrix, (0, 0, PAGE_WIDTH, PAGE_HEIGHT), BLANK_SCALE * 72)
    reach = round(_REACH * BLANK_SCALE)
    wanted, found = [], []
    for box in blank.landmarks:
        detail = blank.landmark_picture(box)
        left, top = round(box[0] * BLANK_SCALE), round(box[1] * BLANK_SCALE)
        y0, x0 = max(0, top - reach), max(0, left - reach)
        window = page[y0 : top + detail.shape[0] + reach, x0 : left + detail.shape[1] + reach]
        if window.shape[0] < detail.shape[0] or window.shape[1] < detail.shape[1] or int(window.min()) > 200:
            continue
        likeness = cv2.matchTemplate(window, detail, cv2.TM_CCOEFF_NORMED).astype(np.float32)
        _, best, _, (at_x, at_y) = cv2.minMaxLoc(likeness)
        if best < _LIKENESS:
            continue
        dx, dy = _peak(likeness[at_y], at_x), _peak(likeness[:, at_x], at_y)
        wanted.append((left, top))
        found.append((x0 + dx, y0 + dy))
    if len(wanted) < _FEWEST_LANDMARKS:
        return None, len(wanted) / len(blank.landmarks), 99.0
    target = np.array(wanted, np.float64) / BLANK_SCALE
    place = np.array(found, np.float64) / BLANK_SCALE
    move, inliers = cv2.findHomography(target, place, cv2.RANSAC, 1.0)
    if move is None or int(inliers.sum()) < _FEWEST_LANDMARKS:
        return None, 0.0, 99.0
    inside = inliers.ravel() > 0
    rest = transformed(move.astype(np.float64), target[inside]) - place[inside]
    error = float(np.sqrt((rest**2).sum(axis=1).mean())) * _POINT_MM
    return matrix @ move, int(inside.sum()) / len(blank.landmarks), error


def _peak(values: npt.NDArray[np.float32], at: int) -> float:
    """The place of a maximum between pixels, by the parabola through it and its neighbours."""
    if not 0 < at < len(values) - 1:
        return float(at)
    before, here, after = (float(value) for value in values[at - 1 : at + 2])
    bend = before - 2 * here + after
    return at + (0.5 * (before - after) / bend if bend < 0 else 0.0)


def _mark_candidates(picture: GrayImage) -> npt.NDArray[np.float64]:
    """Solid dark squares of about the right size: rows of x, y, side; the most square first."""
    usual = 17.0 / PAGE_HEIGHT * max(picture.shape)
    dark = (picture < 120).astype(np.uint8)
    core = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((max(3, round(usual / 3)),) * 2, np.uint8))
    count, _, facts, middles = cv2.connectedComponentsWithStats(core)
    found = []
    for at in range(1, count):
        _, _, width, height, area = (int(value) for value in facts[at])
        side = (width + height) / 2
        if not 0.4 * usual < side < 1.5 * usual or not 0.7 < width / height < 1.43 or area < 0.72 * width * height:
            continue
        found.append((area / (width * height), middles[at][0], middles[at][1], side))
    found.sort(reverse=True)
    return np.array([item[1:] for item in found[:12]], np.float64).reshape(-1, 3)


def _mark_ring(candidates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
    """The four marks clockwise from the top left of the picture, or None; one missing mark is completed."""
    best: tuple[float, npt.NDArray[np.float64]] | None = None
    for chosen in combinations(range(len(candidates)), 4):
        rows = candidates[list(chosen)]
        if rows[:, 2].max() > 1.5 * rows[:, 2].min():
            continue
        ring = _clockwise(rows[:, :2])
        misfit = _misfit(ring)
        if misfit < 0.16:
            area = cv2.contourArea(ring.astype(np.float32))
            if best is None or area * (1 - misfit) > best[0]:
                best = (area * (1 - misfit), ring)
    if best is not None:
        return best[1]
    for three in combinations(range(len(candidates)), 3):
        rows = candidates[list(three)]
        for corner in range(3):
            at, one, other = rows[corner, :2], rows[corner - 1, :2], rows[corner - 2, :2]
            ring = _clockwise(np.array([at, one, other, one + other - at]))
            misfit = _misfit(ring)
            cosine = abs((one - at) @ (other - at)) / (np.linalg.norm(one - at) * np.linalg.norm(other - at))
            if misfit < 0.04 and cosine < 0.05 and rows[:, 2].max() < 1.3 * rows[:, 2].min():
                area = cv2.contourArea(ring.astype(np.float32))
                if best is None or area > best[0]:
                    best = (area, ring)
    return None if best is None else best[1]


def _clockwise(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    middle = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0])
    return points[np.argsort(angles)]


def _misfit(ring: npt.NDArray[np.float64]) -> float:
    """How far a quadrilateral is from the marks' rectangle, seen with some perspective: 0 is exact."""
    sides = np.linalg.norm(ring - np.roll(ring, -1, axis=0), axis=1)
    if sides.min() < 1:
        return 9.0
    marks = corner_marks()
    shape = (marks[2][1] - marks[0][1]) / (marks[1][0] - marks[0][0])
    across, down = sorted([(sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2])
    uneven = max(abs(sides[0] - sides[2]) / max(sides[0], sides[2]), abs(sides[1] - sides[3]) / max(sides[1], sides[3]))
    return float(max(abs(down / across / shape - 1), 0.5 * uneven))
