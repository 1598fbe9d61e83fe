import json

from benchmarks.mutation import Mutant, Tried, mutants_of

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
