"""Paper that does not lie flat: a smooth local correction after the homography, from where landmarks were found.

A thin-plate spline with smoothing (Wahba, Spline Models for Observational Data, 1990); how far it can be trusted
between the landmarks is told by leaving each of them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from forms.layout import PAGE_HEIGHT, PAGE_WIDTH

_STEP: Final = 12.0
"""Points between the knots at which the correction is kept."""
_SMOOTHING: Final = 0.003
"""Weight of smoothness against landmarks, which are found to about a tenth of a point."""
_FEWEST: Final = 12

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """Where the paper really lies: form points plus ``moves`` (rows x columns x 2, at every ``_STEP`` points)."""

    moves: Points

    def at(self, points: Points) -> Points:
        """The correction at form points (N x 2)."""
        rows, columns = self.moves.shape[:2]
        x, y = (np.clip(points[:, axis] / _STEP, 0, last - 1.001) for axis, last in ((0, columns), (1, rows)))
        left, top = x.astype(int), y.astype(int)
        right, down = (x - left)[:, None], (y - top)[:, None]
        upper = self.moves[top, left] * (1 - right) + self.moves[top, left + 1] * right
        lower = self.moves[top + 1, left] * (1 - right) + self.moves[top + 1, left + 1] * right
        result: Points = upper * (1 - down) + lower * down
        return result


def bent(places: Points, moves: Points, slack: float) -> tuple[Bend, Points, npt.NDArray[np.bool_]] | None:
    """The smooth correction that takes each place (form points, N x 2) by its move.

    Also the move that the others foretell for each place, and which places the correction rests on: a move further than
    ``slack`` points from what the others foretell is left out, the worst first. None when too few are left.
    """
    kept = np.ones(len(places), bool)
    while kept.sum() >= _FEWEST:
        foretold = np.asarray(moves[kept] - _left_out(places[kept], moves[kept]), np.float64)
        off = np.linalg.norm(foretold - moves[kept], axis=1)
        if off.max() <= slack:
            break
        kept[np.flatnonzero(kept)[off > max(slack, 0.6 * off.max())]] = False
    if kept.sum() < _FEWEST:
        return None
    weights = _solved(places[kept], moves[kept])
    rows, columns = (int(np.ceil(side / _STEP)) + 1 for side in (PAGE_HEIGHT, PAGE_WIDTH))
    y, x = np.mgrid[0:rows, 0:columns] * _STEP
    knots = np.column_stack([x.ravel(), y.ravel()])
    field = _terms(knots, places[kept]) @ weights
    told = _terms(places, places[kept]) @ weights
    told[kept] = foretold
    return Bend(field.reshape(rows, columns, 2)), told, kept


def _system(places: Points) -> Points:
    count = len(places)
    system = np.zeros((count + 3, count + 3))
    system[:count] = _terms(places, places)
    system[:count, :count] += _SMOOTHING * np.eye(count)
    system[count:, :count] = system[:count, count:].T
    return system


def _solved(places: Points, moves: Points) -> Points:
    """Weights of the landmarks and of the plane: (N + 3) x 2."""
    solved = np.linalg.solve(_system(places), np.vstack([moves, np.zeros((3, 2))]))
    return np.asarray(solved, np.float64)


def _left_out(places: Points, moves: Points) -> Points:
    """Each move less what the others foretell there: for a linear smoother its weight over the inverse's diagonal."""
    inverse = np.linalg.inv(_system(places))
    count = len(places)
    result: Points = (inverse[:count, :count] @ moves) / np.diag(inverse)[:count, None]
    return result


def _terms(at: Points, places: Points) -> Points:
    """The spline's terms (in units of 100 points) at each of the points: N x (landmarks + 3)."""
    apart = ((at[:, None] - places[None]) ** 2).sum(axis=2) / 1e4
    kernel = 0.5 * apart * np.log(np.maximum(apart, 1e-12))
    return np.column_stack([kernel, np.ones(len(at)), at / 100])
