"""Three machines share the work, one of them dies: the others finish what it held, each form once."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.installation import await_that
from benchmarks.machines import machines
from tests.postgres import Cluster
from tests.s3 import S3

FORMS = 18


@pytest.mark.timeout(600)
def test_what_a_machine_held_that_dies_is_finished_by_the_others_once(
    home: Path, tmp_path: Path, postgres: Cluster, s3: S3
) -> None:
    with machines(tmp_path, postgres.create("machines"), s3, FORMS, {"EBOK_READERS": "1"}) as together:
        together.start()
        together.join(2)
        handed = together.hand_in(FORMS)
        held = together.kill_at_work(together.joined[1])
        assert held
        assert not together.confirmed(handed)
        await_that(lambda: together.confirmed(handed))
        assert [str(one) for one in together.findings()] == []
        assert len(set(together.at_work.values())) > 1
        assert together.stop() == [0]
        assert together.left_running() == 0
