"""Twenty files, hostile ones among good ones, through a whole installation: each has its end, the good ones theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.hostile import drawn_files
from benchmarks.hostile_files import drawn
from benchmarks.hostile_outcome import Outcome, parts_in, report, sum_of

SAMPLE = range(20, 40)
"""Two good ones, one by each way, and mutants and bombs of all sorts."""
QUICK = {"EBOK_PAGE_SECONDS": "2", "EBOK_DOOR_SECONDS": "6", "EBOK_READ_SECONDS": "10"}


@pytest.mark.timeout(1200)
def test_every_file_of_a_sample_has_its_end_and_every_good_one_is_confirmed() -> None:
    found = drawn_files(SAMPLE, 11, 60, QUICK)
    assert found.sent == len(SAMPLE)
    assert found.faults == [], report(found)
    assert len(found.delays) == 2


def test_the_files_are_the_same_for_the_same_seed_whichever_part_they_are_sent_in() -> None:
    whole = list(drawn(range(40), 11))
    assert [*drawn(range(25), 11), *drawn(range(25, 40), 11)] == whole
    assert list(drawn(range(40), 12)) != whole
    assert {"good", "bytes", "structure", "bomb"} == {each.kind.partition(":")[0] for each in whole}


def test_the_parts_of_a_run_are_kept_and_add_up(tmp_path: Path) -> None:
    for first, last, memory, faults in ((0, 30, 900.0, []), (50, 60, 700.0, []), (30, 50, 1200.0, ["one"])):
        part = Outcome(11, [(first, last)], 60.0, memory, {"web": memory}, (1.0, float(last)), delays=[float(first)])
        part.by_way["folder"], part.kinds["good"], part.ends["folder", "confirmed"] = last - first, 1, last - first
        part.faults += faults
        part.keep(tmp_path)
    whole = sum_of(parts_in(tmp_path, 11))
    assert (whole.numbers, whole.sent, whole.seconds) == ([(0, 60)], 60, 180.0)
    assert (whole.memory, whole.memory_by_kind, whole.load) == (1200.0, {"web": 1200.0}, (1.0, 60.0))
    assert (whole.ends, whole.delays, whole.faults) == ({("folder", "confirmed"): 60}, [0.0, 30.0, 50.0], ["one"])
    assert "60 files in 3.0 minutes (seed 11, 0 to 59)" in report(whole)


def test_a_file_that_is_in_two_parts_is_not_counted_twice(tmp_path: Path) -> None:
    for first, last in ((0, 30), (20, 40)):
        Outcome(11, [(first, last)], 1.0, 1.0, {}, (1.0, 1.0)).keep(tmp_path)
    with pytest.raises(ValueError, match="from 20"):
        sum_of(parts_in(tmp_path, 11))


def test_parts_that_are_missing_are_told(tmp_path: Path) -> None:
    for first, last in ((0, 30), (50, 60)):
        Outcome(11, [(first, last)], 1.0, 1.0, {}, (1.0, 1.0)).keep(tmp_path)
    assert sum_of(parts_in(tmp_path, 11)).numbers == [(0, 30), (50, 60)]
