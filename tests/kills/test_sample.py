"""Places at which a process is killed, some of each scene, on both databases: nothing is lost, nothing is doubled."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

from benchmarks.engine import kind_of_place
from benchmarks.kills.plan import DATABASES
from benchmarks.kills.rounds import Round, noted_in
from benchmarks.kills.scenes import SCENES

KILLS = 25


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Round]:
    """All of them, played by the program that measures, with the same seed each time."""
    out = tmp_path_factory.mktemp("kills")
    asked = ("steps", "--alternating", "--sample", str(KILLS), "--out", str(out))
    done = subprocess.run(
        (sys.executable, "-m", "benchmarks.engine", *asked), check=False, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stderr
    return noted_in(out)


def test_each_round_had_its_kill(rounds: Sequence[Round]) -> None:
    assert [one for one in rounds if one.kills != 1] == []
    assert len(rounds) == KILLS
    assert {one.scene for one in rounds} == {scene.name for scene in SCENES}
    assert {one.database for one in rounds} == {*DATABASES}
    assert {kind_of_place(one) for one in rounds} >= {"a change of files", "a commit", "a word to a mail server"}


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("scene", [scene.name for scene in SCENES])
def test_a_process_killed_there_leaves_nothing_lost_doubled_or_wrong(
    rounds: Sequence[Round], scene: str, database: str
) -> None:
    played = [one for one in rounds if (one.scene, one.database) == (scene, database)]
    assert [f"killed {', '.join(one.killed)}: {'; '.join(one.findings)}" for one in played if one.findings] == []
