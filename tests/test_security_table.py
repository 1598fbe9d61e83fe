"""The table of security requirements: none is missing, none is empty, and all that it names is there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from environment.settings import Settings

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text()
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}
NOT_MET = {"no", "n/a"}


class Row(NamedTuple):
    """A requirement and what is said of it."""

    number: str
    asks: str
    answer: str
    where: str
    proof: str


def rows() -> list[Row]:
    """The rows of the table, in their order."""
    found = [line.strip().strip("|").split("|") for line in PAGE.splitlines() if re.match(r"\| *\d", line)]
    return [Row(*(cell.strip() for cell in cells)) for cells in found if len(cells) == len(Row._fields)]


def quoted(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


@cache
def functions_of(path: Path) -> set[str]:
    """The functions of a module."""
    return {
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_requirement_of_level_2_has_its_row_once_and_in_its_order() -> None:
    listed = (ROOT / "tests" / "asvs_4_0_3_level_2.txt").read_text().splitlines()
    wanted = [line for line in listed if not line.startswith("#")]
    assert len(wanted) == 259
    assert [row.number for row in rows()] == wanted
    assert len(rows()) == sum(bool(re.match(r"\| *\d+\.\d", line)) for line in PAGE.splitlines())


def test_no_cell_is_empty_and_every_answer_is_one_of_four_and_counted() -> None:
    assert [row.number for row in rows() if not all(row)] == []
    told = dict(re.findall(r"^\| (yes|partly|no|n/a) \| .* \| (\d+) \|$", PAGE, re.MULTILINE))
    assert {answer: int(number) for answer, number in told.items()} == Counter(row.answer for row in rows())


def test_what_is_met_names_its_proof_and_what_is_not_its_reason() -> None:
    unproven = [row.number for row in rows() if row.answer not in NOT_MET and not quoted(row.proof)]
    unreasoned = [
        row.number for row in rows() if row.answer in NOT_MET and (row.proof != "nothing" or " " not in row.where)
    ]
    assert unproven == []
    assert unreasoned == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.number)
def test_every_test_file_and_setting_that_it_names_exists(row: Row) -> None:
    for name in quoted(row.proof):
        path, _, test = name.partition("::")
        assert (ROOT / path).exists(), name
        assert not test or test in functions_of(ROOT / path), name
        assert bool(test) == path.startswith("tests/"), f"{name}: a test is named with its module"
    for name in quoted(row.where):
        if "/" in name and name.partition("/")[0] in FOLDERS:
            assert (ROOT / name).exists(), name
        if setting := re.match(r"EBOK_([A-Z_]+)", name):
            assert setting[1].lower() in Settings.model_fields, name
