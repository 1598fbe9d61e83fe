"""Two hundred hostile files among good ones through a whole installation: each has its end, the good ones theirs."""

from __future__ import annotations

from itertools import islice

import pytest

from benchmarks.hostile import drawn_files, report
from benchmarks.hostile_files import customers_with_email, drawn

SAMPLE = 200
QUICK = {"EBOK_PAGE_SECONDS": "2", "EBOK_DOOR_SECONDS": "10", "EBOK_READ_SECONDS": "15"}


@pytest.mark.timeout(1200)
def test_every_file_of_a_sample_has_its_end_and_every_good_one_is_confirmed() -> None:
    found = drawn_files(SAMPLE, 11, 60, QUICK)
    assert len(found.handed) == SAMPLE
    assert found.faults == [], report(found)
    assert len(found.delays) == SAMPLE // 10


def test_the_files_are_the_same_for_the_same_seed() -> None:
    customers = customers_with_email(5)
    one, same = (list(islice(drawn(50, 11, customers), 40)) for _ in range(2))
    assert one == same
    assert one != list(islice(drawn(50, 12, customers), 40))
    assert {"good", "bytes", "structure", "bomb"} == {each.kind.partition(":")[0] for each in one}
