"""Fits how sure handwritten values are, and from where on they are trusted: ``ocr/handprint/trust.json``.

    python -m benchmarks.trust

draws handwritten pages by the writers and seeds that may be tuned on, reads each with the list of 8,000 customers and
without, and fits a logistic model for each sort of field. It must be run after every new network; with
``--cells FOLDER`` what was drawn is kept there and taken from there the next time, for it does not depend on the model.
"""

from __future__ import annotations

import argparse
import json
import pickle
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from rich import print as show

from benchmarks.drawing import TODAY
from benchmarks.eight_thousand import customers
from benchmarks.handwritten import DATA, Writers, WritingDesk
from benchmarks.sharing import shared_out
from benchmarks.straight_through import directory_of
from customers.knowledge import ListKnowledge
from forms.catalogue import form_by_code
from forms.kinds import Value
from forms.layout import layout
from ocr.alignment.identification import identify
from ocr.alignment.sheet import READING_DPI, Sheet
from ocr.files.opening import open_pages
from ocr.files.page import GrayImage
from ocr.handprint.cells import cut_cells
from ocr.handprint.page import HandReading, read_posteriors
from ocr.handprint.recogniser import comb_probabilities
from ocr.handprint.trust import FIGURES, MODELS
from ocr.installation import Installation

SEED: Final = 500
CONDITIONS: Final = (
    "gray200", "jpeg", "bitonal200", "photo", "gray300", "noise", "gray150", "fax", "skew", "colour200", "bitonal300",
)  # fmt: skip
FOLDS: Final = 5
"""Writers are shared out among so many; none judges values that its own helped to weigh."""
_WRONG: Final = 0.001
"""At most this share of the trusted values may be wrong on the pages that are fitted to.

A fifth of what is aimed at: with other writers it was up to three times what it was here.
"""
_WRONG_OF_A_FAMILY: Final = 0.005
"""The same within one family of sorts, of which there are fewer."""
NEVER: Final = 2.0
_SHRINK: Final = 1.0
"""How strongly weights are held near 0, so that few pages do not make bold ones."""

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A page as the network gets it: the cells of each field that was written in, and what stands there."""

    form: str
    bitonal: bool
    cells: dict[str, list[GrayImage]]
    written: dict[str, Value]
    writer: str


@dataclass(frozen=True, slots=True)
class Case:
    """One value: its sort, its figures, whether it is right, and whether a rule forbids trust whatever they say."""

    writer: str
    name: str
    sort: str
    figures: tuple[float, ...]
    right: bool
    barred: bool
    listed: bool


@dataclass(frozen=True)
class PageTask:
    """The cases of pages by their number; ``keep`` is where drawn cells are kept."""

    data: Path
    keep: Path | None

    def __call__(self, number: int) -> list[Case]:
        """Of one page, read without the list and with it."""
        page = self._cells(number)
        if page is None:
            return []
        form = form_by_code(page.form)
        items = {item.field.name: item for item in layout(form).fields if item.field.name in page.cells}
        posteriors = comb_probabilities(page.cells, {name: item.field.kind for name, item in items.items()})
        cases = []
        for listed in (False, True):
            knowledge = _listed() if listed else _alone()
            for name, one in read_posteriors(items, posteriors, knowledge, bitonal=page.bitonal, today=TODAY).items():
                cases += _cases(page.writer, name, one, page.written[name], listed=listed)
        return cases

    def _cells(self, number: int) -> Cells | None:
        kept = None if self.keep is None else self.keep / f"{number:04}.pickle"
        if kept is not None and kept.exists():
            stored = pickle.loads(kept.read_bytes())
            return None if stored is None else Cells(*stored)
        with tempfile.TemporaryDirectory(prefix="trust-") as scratch:
            page = _drawn(number, self.data, Path(scratch))
        if kept is not None:
            kept.write_bytes(pickle.dumps(page and (page.form, page.bitonal, page.cells, page.written, page.writer)))
        return page


def _drawn(number: int, data: Path, folder: Path) -> Cells | None:
    """Draw a page and cut its cells; None when it could not be aligned."""
    specimen = WritingDesk(_writers(data), SEED, CONDITIONS, folder, customers()).page(number)
    with open_pages(specimen.path) as pages:
        picture = pages.page(1).picture
    found = identify(picture, (specimen.form,))
    if found.alignment is None:
        return None
    sheet = Sheet(picture, found.alignment)
    combs = [item for item in sheet.fields if item.field.kind.widget == "comb" and specimen.expected[item.field.name]]
    cells = {item.field.name: cut_cells(sheet.picture, READING_DPI, item) for item in combs}
    written = {name: specimen.expected[name] for name in cells}
    return Cells(specimen.form.code, sheet.bitonal, cells, written, specimen.manner.split(",")[0])


def _cases(writer: str, name: str, read: HandReading, written: Value, *, listed: bool) -> list[Case]:
    if read.evidence is None:
        return [Case(writer, name, "none", (), False, True, listed)]
    found = read.evidence
    return [Case(writer, name, found.sort, found.figures, read.value == written, read.doubt is not None, listed)]


@cache
def _writers(data: Path) -> Writers:
    return Writers.of("fit", data)


@cache
def _alone() -> Installation:
    return Installation()


@cache
def _listed() -> Installation:
    return Installation(ListKnowledge(directory_of(customers()).records))


def fitted(figures: Floats, right: Floats) -> tuple[Floats, Floats, Floats, float]:
    """Means and scales of the figures, weights and bias of a logistic model, by Newton's method."""
    means, scales = figures.mean(axis=0), figures.std(axis=0) + 1e-3
    rows = np.column_stack([(figures - means) / scales, np.ones(len(figures))])
    weights = np.zeros(rows.shape[1])
    hold = np.full(rows.shape[1], _SHRINK)
    hold[-1] = 1e-3
    for _ in range(30):
        sure = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (right - sure) - hold * weights
        curve = (rows * (sure * (1 - sure))[:, None]).T @ rows + np.diag(hold)
        step = np.linalg.solve(curve, slope)
        weights += step
        if np.abs(step).max() < 1e-6:
            break
    return means, scales, weights[:-1], float(weights[-1])


def held_out(figures: Floats, right: Floats, writers: Sequence[str]) -> Floats:
    """The confidence of each case by a model that was fitted without its writer, as it will be with every new one."""
    sure = np.zeros(len(right))
    _, numbers = np.unique(writers, return_inverse=True)
    for fold in range(FOLDS):
        out = numbers % FOLDS == fold
        means, scales, weights, bias = fitted(figures[~out], right[~out])
        sure[out] = 1 / (1 + np.exp(-np.clip((figures[out] - means) / scales @ weights + bias, -30, 30)))
    return sure


def threshold(sure: Floats, right: Floats, most: float) -> float:
    """The least confidence from which on at most that share is wrong, counting half a wrong one more; 2 for never."""
    order = np.argsort(-sure, kind="stable")
    wrong = np.cumsum(1 - right[order])
    share = (wrong + 0.5) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(share <= most)
    return float(sure[order[good[-1]]]) if len(good) else NEVER


def models_of(cases: Sequence[Case]) -> dict[str, dict[str, Any]]:
    """A model for each sort of field, as ``trust.json`` holds it; what they do is shown.

    One threshold for all sorts gives most trust for the errors allowed; a family of sorts whose own errors are many
    gets a higher one.
    """
    sorts = {sort: [case for case in cases if case.sort == sort] for sort in sorted({case.sort for case in cases})}
    sorts.pop("none", None)
    told = {sort: _Told.of(chosen) for sort, chosen in sorts.items()}
    common = _threshold(told.values(), _WRONG)
    families = {
        family: max(common, _threshold([told[sort] for sort in told if _family(sort) == family], _WRONG_OF_A_FAMILY))
        for family in {_family(sort) for sort in told}
    }
    return {sort: one.model(sort, families[_family(sort)]) for sort, one in told.items()}


def _family(sort: str) -> str:
    """Whatever the register agrees with is alike, but for addresses."""
    return "register" if sort.startswith("register") and not sort.endswith("email") else sort


def _threshold(told: Iterable[_Told], most: float) -> float:
    chosen = list(told)
    sure = np.concatenate([one.sure[one.free] for one in chosen])
    return threshold(sure, np.concatenate([one.right[one.free] for one in chosen]), most)


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """The cases of one sort: ``sure`` is each one's confidence held out, ``free`` that no rule forbids trust."""

    figures: Floats
    right: Floats
    free: npt.NDArray[np.bool_]
    sure: Floats

    @classmethod
    def of(cls, chosen: Sequence[Case]) -> _Told:
        """Of these cases."""
        figures = np.array([case.figures for case in chosen])
        right = np.array([case.right for case in chosen], np.float64)
        sure = held_out(figures, right, [case.writer for case in chosen])
        return cls(figures, right, np.array([not case.barred for case in chosen]), sure)

    def model(self, sort: str, least: float) -> dict[str, Any]:
        """As ``trust.json`` holds it, with that threshold."""
        means, scales, weights, bias = fitted(self.figures, self.right)
        trusted = self.free & (self.sure >= least)
        show(
            f"{sort:16} {len(self.right):5} values, {self.right.mean():6.1%} right; trusted {trusted.mean():6.1%}, "
            f"wrong {int((1 - self.right[trusted]).sum())} of {int(trusted.sum())}; barred {1 - self.free.mean():.1%}"
        )
        names = FIGURES[sort.split(maxsplit=1)[0]]
        rows = [[float(one) for one in row] for row in zip(means, scales, weights, strict=True)]
        return {"figures": dict(zip(names, rows, strict=True)), "bias": bias, "threshold": least}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the handwriting data")
    parser.add_argument("--cells", type=Path, help="folder in which drawn cells are kept")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    if options.cells is not None:
        options.cells.mkdir(parents=True, exist_ok=True)
    work = PageTask(options.data, options.cells)
    cases = [case for page in shared_out(work, range(options.pages), options.jobs, "reading") for case in page]
    for listed in (False, True):
        unread = Counter(case.name for case in cases if case.sort == "none" and case.listed is listed)
        show(f"{'with' if listed else 'without'} the list, nothing read: {dict(unread)}")
    stored = {"pages": options.pages, "seed": SEED, "models": models_of(cases)}
    MODELS.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
