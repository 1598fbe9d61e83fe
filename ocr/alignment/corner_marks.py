"""The four black squares in the corners of a page: found and put in order; a missing one is computed."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
import numpy.typing as npt

from forms.layout import PAGE_HEIGHT, corner_marks
from ocr.alignment.blanks import Matrix
from ocr.files.page import GrayImage


def by_corner_marks(picture: GrayImage) -> list[Matrix]:
    """Homographies (form points to pixels) that put the four marks on marks: the possible turns of the page.

    Empty when fewer than three marks are found.
    """
    middles = np.array([((x0 + x1) / 2, (top + bottom) / 2) for x0, top, x1, bottom in corner_marks()])
    ring = middles[[0, 1, 3, 2]]  # clockwise
    quad = _mark_ring(_mark_candidates(picture))
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


def _mark_candidates(picture: GrayImage) -> npt.NDArray[np.float64]:
    """Solid dark squares of about the right size: rows of x, y, side; the most square first."""
    usual = 17.0 / PAGE_HEIGHT * max(picture.shape)
    dark = (picture < 120).astype(np.uint8)
    core = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((max(3, round(usual / 3)),) * 2, np.uint8))
    outlines, inside = cv2.findContours(core, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline, (_, _, _, hole_of) in zip(outlines, () if inside is None else inside[0].tolist(), strict=True):
        x, y, width, height = cv2.boundingRect(outline)
        side = (width + height) / 2
        if hole_of >= 0 or not 0.4 * usual < side < 1.5 * usual or not 0.7 < width / height < 1.43:
            continue
        mark = cv2.moments(core[y : y + height, x : x + width], binaryImage=True)
        area = mark["m00"]
        if area >= 0.72 * width * height:
            found.append((area / (width * height), x + mark["m10"] / area, y + mark["m01"] / area, side))
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
