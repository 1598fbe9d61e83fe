"""What was drawn before, to be learnt again: what went badly more often, each time lying a little differently.

Most cells are easy after a while and teach nothing more; those that still cost much are rehearsed with higher odds, as
in prioritised replay (Schaul, Quan, Antonoglou, Silver, ICLR 2016), up to a bound, for some are mislabelled or past
reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import affine_grid, grid_sample

from ocr.handprint.cells import PIXELS_HIGH, PIXELS_WIDE

_FROM: Final = 4
"""Of how many cells taken by chance one is rehearsed."""
_FLOOR: Final = 0.08
_MOST: Final = 1.5
"""A cell's odds are this floor and its last loss, which counts up to the bound."""
_TURN: Final = 0.035
_SCALE: Final = 0.03
_SHIFT: Final = 0.5
_TONE: Final = 0.08
"""How a rehearsed cell differs: radians, share, pixels, share of the ink's tone (one standard deviation each)."""

Bytes = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


@dataclass(slots=True, eq=False)
class Rehearsal:
    """Room for ``size`` cells; ``count`` of them are there."""

    cells: Bytes
    labels: Labels
    losses: npt.NDArray[np.float32]
    count: int = 0

    @classmethod
    def of_size(cls, size: int) -> Rehearsal:
        """Empty, with room for so many cells."""
        cells = np.empty((size, PIXELS_HIGH, PIXELS_WIDE), np.uint8)
        return cls(cells, np.empty(size, np.int64), np.empty(size, np.float32))

    def add(self, cells: Bytes, labels: Labels) -> npt.NDArray[np.int64]:
        """Keep fresh cells; gives their places, for ``told``."""
        places = np.arange(self.count, self.count + len(labels))
        self.cells[places], self.labels[places] = cells, labels
        self.count += len(labels)
        return places

    def told(self, places: npt.NDArray[np.int64], losses: torch.Tensor) -> None:
        """What cells cost when they were last learnt."""
        self.losses[places] = losses.numpy()

    def chosen(self, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Places of cells to learn again."""
        among = rng.integers(0, self.count, _FROM * count)
        odds = _FLOOR + np.minimum(self.losses[among], _MOST)
        taken = rng.choice(len(among), count, replace=False, p=odds / odds.sum())
        return np.asarray(among[taken])


def jostled(ink: torch.Tensor) -> torch.Tensor:
    """Cells (N x 1 x height x width, ink 1, paper 0) turned, moved and scaled a little, their ink paler or darker."""
    count = len(ink)
    turn, lean = torch.randn(2, count) * _TURN
    across, down = 1 + torch.randn(2, count) * _SCALE
    right, below = torch.randn(2, count) * _SHIFT * 2
    first = torch.stack([across, turn * PIXELS_HIGH / PIXELS_WIDE, right / PIXELS_WIDE], dim=1)
    second = torch.stack([-lean * PIXELS_WIDE / PIXELS_HIGH, down, below / PIXELS_HIGH], dim=1)
    grid = affine_grid(torch.stack([first, second], dim=1), list(ink.shape), align_corners=False)
    moved: Any = grid_sample(ink, grid, padding_mode="border", align_corners=False)
    return (moved * (1 + torch.randn(count, 1, 1, 1) * _TONE)).clamp(0, 1)
