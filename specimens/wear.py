"""What happens to a sheet before it is scanned: folds, coffee, holes, torn corners, a printed back, worn toner.

All are steps for ``specimens.scanner``; lengths are millimetres of the sheet, which is A4 whatever the picture's size.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from specimens import files
from specimens.chance import dice
from specimens.paper import Picture, rasterise
from specimens.strokes import signature, smoothed

Floats = NDArray[np.floating[Any]]

_SHEET: Final = (210.0, 297.0)
_MARK: Final = 10.06
"""Middle of a corner mark from both edges of the sheet."""
_WHITE: Final = 255


def creased(image: Picture, rng: Generator) -> Picture:
    """Folded for an envelope: across at the thirds, often once more down the middle.

    The sheet rises at a fold, so that lines beside it move by up to 0.3 mm; one side of it lies in shade, and toner
    has flaked off along it.
    """
    height, width = image.shape[:2]
    y, x = _grid(image)
    move_x, move_y, light = np.zeros_like(x), np.zeros_like(x), np.ones_like(x)
    folds = [(True, _SHEET[1] * part + rng.normal(0, 4)) for part in (1 / 3, 2 / 3)]
    if rng.random() < 0.5:
        folds.append((False, _SHEET[0] / 2 + rng.normal(0, 4)))
    lines = []
    for across, at in folds:
        beside = (y if across else x) - at + (x if across else y) * rng.normal(0, 0.006)
        near = np.exp(-np.abs(beside) / rng.uniform(6, 14)) * np.sign(beside)
        shift = near * rng.uniform(0.12, 0.3)
        move_x, move_y = (move_x, move_y + shift) if across else (move_x + shift, move_y)
        side = rng.choice([-1.0, 1.0])
        light *= 1 - rng.uniform(0.06, 0.16) * np.exp(-np.abs(beside) / 5) * (beside * side > 0)
        lines.append(np.abs(beside))
    out = _moved(image, move_x, move_y)
    shade = cv2.resize(light.astype(np.float32), (width, height))
    worn = out.astype(np.float32) * (shade if out.ndim == 2 else shade[..., None])
    for beside in lines:
        distance = cv2.resize(beside.astype(np.float32), (width, height))
        flakes = (distance < 0.35) & (rng.random((height, width), dtype=np.float32) < 0.45)
        worn[flakes] = worn[flakes] * 0.3 + 235 * 0.7
        worn[(distance < 0.12) & ~flakes] *= 0.86
    return _clipped(worn)


def crumpled(image: Picture, rng: Generator, height_mm: float = 1.6) -> Picture:
    """Crushed and smoothed out again: facets of light and shade, and what rises towards the lens moves outwards.

    ``height_mm`` is the root mean square of the relief; a phone 350 mm away moves its corners by half of that.
    """
    height, width = image.shape[:2]
    y, x = _grid(image)
    relief = np.zeros_like(x)
    for _ in range(14):
        angle, reach = rng.uniform(0, np.pi), rng.uniform(40, 200)
        middle = rng.uniform(0, 1, 2) * _SHEET
        right, down = x - middle[0], y - middle[1]
        ridge = np.minimum(np.abs(np.cos(angle) * right + np.sin(angle) * down), 30)
        relief = relief - rng.uniform(0.3, 1.0) * ridge * np.exp(-np.hypot(right, down) / reach)
    relief = _soft(relief, 1.5)
    relief *= height_mm / max(1e-6, float(relief.std()))
    relief -= relief.mean()
    away = relief / 350
    out = _moved(image, (x - _SHEET[0] / 2) * away, (y - _SHEET[1] / 2) * away)
    slope_y, slope_x = np.gradient(relief, _SHEET[1] / relief.shape[0])
    lamp = rng.uniform(0, 2 * np.pi)
    slope = np.clip(np.cos(lamp) * slope_x + np.sin(lamp) * slope_y, -1, 1)
    shade = cv2.resize((1 - 0.55 * slope).astype(np.float32), (width, height))
    return _clipped(out.astype(np.float32) * np.clip(shade if out.ndim == 2 else shade[..., None], 0.4, 1.08))


def coffee(image: Picture, rng: Generator) -> Picture:
    """The ring of a cup and a few drops, brown where the scan knows colour."""
    y, x = _grid(image)
    stain = np.zeros_like(x)
    middle = rng.uniform((50, 60), (160, 240))
    wobble = 1.2 * np.sin(3 * np.arctan2(y - middle[1], x - middle[0]) + rng.uniform(0, 6))
    rim = np.hypot(x - middle[0], y - middle[1]) - rng.uniform(36, 42) + wobble
    stain += 0.34 * np.exp(-((rim / 1.3) ** 2)) + 0.10 * (rim < 0) + 0.12 * np.exp(-((rim / 5) ** 2))
    for _ in range(int(rng.integers(3, 8))):
        at, size = middle + rng.normal(0, 45, 2), rng.uniform(1.5, 7)
        drop = np.hypot(x - at[0], y - at[1]) - size
        stain += 0.22 * np.clip(0.5 - drop, 0, 1) + 0.22 * np.exp(-((drop / 0.6) ** 2))
    full = cv2.resize(np.clip(stain, 0, 0.6).astype(np.float32), (image.shape[1], image.shape[0]))
    if image.ndim == 2:
        return _clipped(image * (1 - 0.75 * full))
    return _clipped(image * (1 - full[..., None] * np.array([0.45, 0.75, 1.15], np.float32)))


def written_through(image: Picture, rng: Generator, strength: float = 0.3) -> Picture:
    """The print and the handwriting of the other side show through, mirrored and soft."""
    height, width = image.shape[:2]
    back = cv2.resize(_back(), (width, height), interpolation=cv2.INTER_AREA)
    shift = np.array([[1, 0, rng.uniform(-0.02, 0.02) * width], [0, 1, rng.uniform(-0.02, 0.02) * height]])
    back = cv2.warpAffine(back, shift, (width, height), borderValue=(255.0,))
    seen = 1 - cv2.GaussianBlur(back, (0, 0), width / 1000).astype(np.float32) / 255
    soft = 1 - strength * rng.uniform(0.7, 1.2) * seen
    return _clipped(image * (soft if image.ndim == 2 else soft[..., None]))


def faint(image: Picture, rng: Generator) -> Picture:
    """Printed with an empty cartridge: all of it pale, paler in stripes down the page."""
    stripes = cv2.resize(rng.uniform(0.30, 0.62, (1, 12)).astype(np.float32), (image.shape[1], image.shape[0]))
    kept = stripes if image.ndim == 2 else stripes[..., None]
    return _clipped(255 - (255 - image.astype(np.float32)) * kept)


def trimmed(image: Picture, rng: Generator, corners: int = 4) -> Picture:
    """That many corner marks are cut off with a slanting cut; behind them is the scanner's white lid."""
    out = image.copy()
    for at in rng.permutation(4)[:corners]:
        reach = rng.uniform(17, 21, 2)
        _cut_off(out, int(at), [(0, 0), (2 * reach[0], 0), (0, 2 * reach[1])], _WHITE)
    return out


def torn(image: Picture, rng: Generator) -> Picture:
    """One corner is torn off along a ragged line, its mark with it."""
    reach = rng.uniform(25, 45, 2)
    steps = np.linspace(0, 1, 12)[1:-1]
    ragged = [((1 - t) * reach[0] + rng.normal(0, 1.2), t * reach[1] + rng.normal(0, 1.2)) for t in steps]
    out = image.copy()
    _cut_off(out, int(rng.integers(4)), [(0, 0), (reach[0], 0), *ragged, (0, reach[1])], _WHITE)
    return out


def punched(image: Picture, rng: Generator) -> Picture:
    """Holes for a file: two at the usual place, and one through a corner mark by a clumsy hand; black shows through."""
    out = image.copy()
    middle, edge = _SHEET[1] / 2 + rng.normal(0, 3), rng.uniform(10, 13)
    corner = int(rng.integers(4))
    clumsy = np.array([_MARK, _MARK]) + rng.normal(0, 1.5, 2)
    holes = [(edge, middle - 40), (edge, middle + 40)]
    holes.append(
        (clumsy[0] if corner % 2 == 0 else _SHEET[0] - clumsy[0], clumsy[1] if corner < 2 else _SHEET[1] - clumsy[1])
    )
    scale = image.shape[1] / _SHEET[0]
    for x, y in holes:
        cv2.circle(out, (round(x * scale), round(y * scale)), round(3.0 * scale), (40,) * 3, -1, cv2.LINE_AA)
        cv2.circle(out, (round(x * scale), round(y * scale)), round(2.7 * scale), (70,) * 3, -1, cv2.LINE_AA)
    return out


def stapled(image: Picture, rng: Generator) -> Picture:
    """A staple through the corner mark at the top left, the corner folded back behind the sheet."""
    out = image.copy()
    fold = rng.uniform(16, 24)
    _cut_off(out, 0, [(0, 0), (fold, 0), (0, fold)], 236)
    scale = image.shape[1] / _SHEET[0]
    start, end = np.array([fold * 0.75, fold * 0.55]) * scale, np.array([fold * 0.75 + 9, fold * 0.55 + 5]) * scale
    for width, tone in ((1.1, 90), (0.5, 190)):
        cv2.line(out, _at(start), _at(end), (tone,) * 3, max(1, round(width * scale)), cv2.LINE_AA)
    return out


def _cut_off(image: Picture, corner: int, outline: list[tuple[float, float]], tone: int) -> None:
    """Fill a polygon given from the top left corner, mirrored into the corner meant (0 to 3, row by row)."""
    scale = image.shape[1] / _SHEET[0]
    points = np.array(outline)
    if corner % 2:
        points[:, 0] = _SHEET[0] - points[:, 0]
    if corner >= 2:
        points[:, 1] = _SHEET[1] - points[:, 1]
    cv2.fillPoly(image, [np.round(points * scale).astype(np.int32)], (tone,) * 3, cv2.LINE_AA)


@cache
def _back() -> Picture:
    """The other side of the sheet, mirrored: a letter at 150 dpi with lines of handwriting under it."""
    page = rasterise(files.letter(3), 150)[0].copy()
    unit, rng = page.shape[1] / _SHEET[0], dice(3)
    for row in range(9):
        for part in range(3):
            box = (20 + part * 58 + rng.uniform(0, 5), 150 + row * 15, 76 + part * 58, 164 + row * 15)
            for stroke in smoothed(signature(box, rng)):
                points = np.round(np.array(stroke) * unit).astype(np.int32)
                cv2.polylines(page, [points], isClosed=False, color=(60,), thickness=3, lineType=cv2.LINE_AA)
    return np.ascontiguousarray(page[:, ::-1])


def _grid(image: Picture) -> tuple[Floats, Floats]:
    """Millimetres from the top and from the left at every eighth pixel or so."""
    rows, columns = max(2, image.shape[0] // 8), max(2, image.shape[1] // 8)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    return (y + 0.5) * np.float32(_SHEET[1] / rows), (x + 0.5) * np.float32(_SHEET[0] / columns)


def _moved(image: Picture, right: Floats, down: Floats) -> Picture:
    """Every place moved by that many millimetres (fields on ``_grid``)."""
    height, width = image.shape[:2]
    scale = width / _SHEET[0]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x -= cv2.resize(right.astype(np.float32), (width, height)) * np.float32(scale)
    y -= cv2.resize(down.astype(np.float32), (width, height)) * np.float32(scale)
    return cv2.remap(image, x, y, cv2.INTER_LINEAR, borderValue=(255, 255, 255)).astype(np.uint8)


def _soft(field: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(field.astype(np.float32), (0, 0), sigma), np.float32)


def _at(point: Floats) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _clipped(image: Floats) -> Picture:
    return np.clip(image, 0, 255).astype(np.uint8)
