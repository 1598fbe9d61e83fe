from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from forms.blank import draw_blank
from forms.catalogue import form_by_code
from forms.kinds import DIGITS, EMAIL_ALPHABET, POLISH_CAPITALS, Value
from forms.layout import FieldLayout, layout
from ocr.files.page import GrayImage
from ocr.handprint.alphabet import CLASSES, EMPTY, NUMBER, PARTS, STRUCK, Part, part_for, within
from ocr.handprint.cells import PIXELS_HIGH, PIXELS_WIDE, cut_cells
from ocr.handprint.page import HandReader
from ocr.handprint.recogniser import (
    MODELS,
    CellScores,
    Floats,
    digit_odds,
    plainly_empty,
    probabilities,
    score_cells,
    within_alphabet,
)
from ocr.installation import Installation
from specimens.paper import handwrite_form, rasterise
from specimens.people import invented_customers, values_for

DPI = 200
FORM = form_by_code("ebok_signup")
COMBS = [item for item in layout(FORM).fields if item.field.kind.widget == "comb"]


def written(seed: int, *, bitonal: bool) -> tuple[GrayImage, dict[str, Value]]:
    """A form filled in by the drawn hand of the specimens, which the network never saw, and what it says."""
    values = values_for(FORM, invented_customers(1, seed=seed)[0], seed, date(2026, 1, 12))
    page = rasterise(handwrite_form(FORM, values, seed), DPI)[0]
    return np.where(page < 170, 0, 255).astype(np.uint8) if bitonal else page, values


def characters(item: FieldLayout, values: dict[str, Value]) -> str:
    text = item.field.kind.to_comb(values.get(item.field.name)).upper()
    return text.ljust(len(item.boxes))[: len(item.boxes)]


def scored(page: GrayImage, item: FieldLayout) -> list[CellScores]:
    kind = item.field.kind
    return score_cells(cut_cells(page, DPI, item), kind.alphabet, digit_odds(kind))


@pytest.mark.parametrize("bitonal", [False, True])
def test_drawn_digits_and_letters_are_read_and_empty_cells_are_empty(bitonal: bool) -> None:
    right: dict[str, list[bool]] = defaultdict(list)
    for seed in range(4):
        page, values = written(seed, bitonal=bitonal)
        for item in COMBS:
            for character, read in zip(characters(item, values), scored(page, item), strict=True):
                sort = "empty" if character == " " else "digit" if item.field.kind.alphabet == DIGITS else "letter"
                right[sort].append(read.characters[0].upper() == character.strip())
    shares = {sort: float(np.mean(hits)) for sort, hits in right.items()}
    assert shares["digit"] > 0.97, shares
    assert shares["letter"] > 0.85, shares
    assert shares["empty"] > 0.99, shares


def test_a_blank_form_has_empty_cells_only() -> None:
    page = rasterise(draw_blank(FORM), DPI)[0]
    readings = [read for item in COMBS for read in scored(page, item)]
    assert {read.characters[0] for read in readings} == {EMPTY}
    assert min(read.probabilities[0] for read in readings) > 0.9


def test_probabilities_are_of_the_alphabet_and_make_one() -> None:
    page, _ = written(1, bitonal=False)
    cells = cut_cells(page, DPI, COMBS[0])
    for part in PARTS:
        assert np.allclose(probabilities(cells, part).sum(axis=1), 1)
    for scores in score_cells(cells, DIGITS):
        assert set(scores.characters) == {EMPTY, STRUCK, *DIGITS}
        assert float(scores.probabilities.sum()) == pytest.approx(1)
        assert list(scores.probabilities) == sorted(scores.probabilities, reverse=True)
        assert scores.probability("A") == 0


def test_letters_of_the_other_case_count_for_the_one_that_a_field_has() -> None:
    assert within("g", POLISH_CAPITALS) == "G"
    assert within("Ż", POLISH_CAPITALS) == "Ż"
    assert within("G", EMAIL_ALPHABET) == "g"
    assert within("7", POLISH_CAPITALS) is None
    assert within(STRUCK, DIGITS) == STRUCK


def test_what_is_rare_in_a_field_of_capitals_needs_more_to_be_read() -> None:
    posteriors = np.zeros((3, len(CLASSES)))
    for cell, (likelier, rarer) in enumerate([("O", "Ó"), ("O", "c"), ("Ó", "Ó")]):
        posteriors[cell, NUMBER[likelier]] = 0.4
        posteriors[cell, NUMBER[rarer]] = 0.6
    assert [scores.characters[0] for scores in within_alphabet(posteriors, POLISH_CAPITALS)] == ["O", "O", "Ó"]
    assert within_alphabet(posteriors[1:2], EMAIL_ALPHABET)[0].characters[0] == "c"


def test_cells_at_the_edge_of_the_picture_have_the_same_size() -> None:
    item = COMBS[0]
    low = max(box[3] for box in item.boxes)
    page = np.full((round(low * DPI / 72), 1654), 255, np.uint8)
    assert {cell.shape for cell in cut_cells(page, DPI, item)} == {(PIXELS_HIGH, PIXELS_WIDE)}


def test_no_cells_no_readings() -> None:
    assert score_cells([], DIGITS) == []


def test_fields_of_digits_have_a_network_of_their_own() -> None:
    assert part_for(DIGITS) == "digits"
    assert part_for(DIGITS + "/") == part_for(POLISH_CAPITALS) == "all"
    page, _ = written(1, bitonal=False)
    others = [number for number, character in enumerate(CLASSES) if character not in PARTS["digits"]]
    assert not probabilities(cut_cells(page, DPI, COMBS[0]), "digits")[:, others].any()


def test_paper_within_the_lines_is_empty_without_a_look_and_a_dot_or_pale_stroke_is_not() -> None:
    cells = np.full((4, PIXELS_HIGH, PIXELS_WIDE), 252, np.uint8)
    cells[:, :, [6, 29]] = cells[:, [7, 40]] = 160  # the lines
    cells[1, 36:38, 17:19] = 120
    cells[2, 12:37, 18] = 215
    cells[3, 12:37, 2] = 40  # what the neighbour wrote
    assert plainly_empty(cells).tolist() == [True, False, False, True]
    assert [scores.characters[0] for scores in score_cells([cells[0]], DIGITS)] == [EMPTY]


def test_the_models_are_small() -> None:
    assert sum(path.stat().st_size for path in MODELS.values()) < 3_000_000
    assert len(set(CLASSES)) == len(CLASSES)


def test_it_reads_without_torch_and_without_the_training_code() -> None:
    code = (
        "import sys; import numpy as np; from ocr.handprint.recogniser import probabilities;"
        f"probabilities([np.full(({PIXELS_HIGH}, {PIXELS_WIDE}), 255, np.uint8)]);"
        "sys.exit(any(name == 'torch' or name.startswith('ocr.handprint.training') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_page_is_read_by_the_network_that_is_given() -> None:
    page, _ = written(1, bitonal=False)
    asked: set[Part] = set()

    def sevens(cells: Sequence[GrayImage], part: Part) -> Floats:
        asked.add(part)
        posteriors = np.full((len(cells), len(CLASSES)), 1e-6)
        posteriors[:, NUMBER["7"]] = 1.0
        return posteriors

    items = [item for item in COMBS if item.field.name in ("customer_no", "house")]
    found = HandReader(Installation(), sevens, date(2026, 3, 2)).read(page, DPI, items, bitonal=False)
    assert asked == {"digits", "all"}
    assert {item.field.name: "7" * len(item.boxes) for item in items} == {
        name: value.raw for name, value in found.items()
    }
