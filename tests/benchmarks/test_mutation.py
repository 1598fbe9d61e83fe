import json
from pathlib import Path

import pytest

from benchmarks import mutation
from benchmarks.mutation import Mutant, Scope, Tried, mutants_of

MADE = """
def x_limit__mutmut_orig(value):
    if value > 3:
        return Fault("too_long", "Wpisz krócej.")

def x_limit__mutmut_1(value):
    if value >= 3:
        return Fault("too_long", "Wpisz krócej.")

def x_limit__mutmut_2(value):
    if value > 3:
        return Fault("too_long", "XXWpisz krócej.XX")

def x_limit__mutmut_3(value):
    if value > 3:
        return Fault("TOO_LONG", "Wpisz krócej.")
"""


def test_a_mutant_is_told_by_its_change_and_one_of_a_message_is_of_wording(tmp_path):
    (tmp_path / "sizes.py").write_text(MADE)
    meta = tmp_path / "sizes.py.meta"
    meta.write_text(json.dumps({"exit_code_by_key": {f"sizes.x_limit__mutmut_{n}": None for n in (1, 2, 3)}}))
    first, second, third = mutants_of(meta)
    assert (first.name, first.wording) == ("sizes.x_limit__mutmut_1", False)
    assert first.change.splitlines() == ["-if value > 3:", "+if value >= 3:"]
    assert second.wording
    assert not third.wording


def test_a_share_has_its_interval():
    survivor = Mutant("sizes.x_limit__mutmut_1", "", wording=False)
    tried = Tried("sizes", 30, 10, 20, ((survivor, "survived"),))
    assert tried.row == ("`sizes`", "30", "10", "20", "19", "95.0% (76.4%–99.1%)")


def test_the_copies_of_another_tree_are_not_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree, place = tmp_path / "tree", tmp_path / "place"
    for name in ("package", "tests"):
        (tree / name).mkdir(parents=True)
    (tree / "package" / "__init__.py").touch()
    (tree / "pyproject.toml").touch()
    monkeypatch.setattr(mutation, "ROOT", tree)

    def laid_out() -> bool:
        """Whether what mutmut made before is there still."""
        mutation._lay_out(place, Scope(("package/*",), ("tests",)))
        kept = (place / "mutants" / "copy.txt").exists()
        (place / "mutants").mkdir(exist_ok=True)
        (place / "mutants" / "copy.txt").touch()
        return kept

    assert [laid_out(), laid_out()] == [False, True]
    template = tree / "package" / "message.txt"
    template.touch()
    assert [laid_out(), laid_out()] == [False, True]
    template.unlink()
    assert not laid_out()
    assert (place / "package" / "__init__.py").exists()
