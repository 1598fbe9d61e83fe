"""When thresholds are tightened, how much is looked at again, what a setting would bring: by numbers made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from review.tolerance.evidence import STRATA, Looked, Relied
from review.tolerance.thresholds import (
    LADDER,
    Setting,
    at_steps,
    counting,
    decide,
    drifted,
    foresee,
    overconfidence,
    rates,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
AS_FITTED = Setting(0.001, {}, {})
DAY = timedelta(days=1)


def looked(
    wrong: int = 0, *, sure: float = 0.99, kind: str = "hand", way: str = "office", days: float = 1, values: int = 10
) -> Looked:
    return Looked(NOW - days * DAY, way, 1.0, tuple(Relied(kind, sure, at < wrong) for at in range(values)))


def rows(number: int, **given: object) -> list[Looked]:
    return [looked(**given) for _ in range(number)]  # type: ignore[arg-type]


def test_what_is_proven_to_be_wrong_too_often_is_tightened_and_says_why() -> None:
    """Three wrong of a hundred: 11 of a thousand at the least, far above 1."""
    (one,) = decide([*rows(7), looked(1), looked(1), looked(1)], AS_FITTED, NOW)
    assert (one.stratum, one.before, one.after) == ("hand/office", 0, 2)
    assert (one.proven.wrong, one.proven.values) == (3, 100)


def test_three_errors_of_many_values_prove_nothing() -> None:
    """Three of 1,500: from 0.72 to 4.7 of a thousand."""
    assert decide([*rows(147), looked(1), looked(1), looked(1)], AS_FITTED, NOW) == []


def test_two_documents_prove_nothing_however_much_is_wrong_in_them() -> None:
    assert decide([looked(3), looked(3)], AS_FITTED, NOW) == []


def test_it_goes_no_further_than_to_the_first_step_that_leaves_the_errors_out() -> None:
    assert LADDER["hand"][1:3] == (0.985, 0.9925)
    unsure = [looked(1, sure=0.98) for _ in range(3)]
    (one,) = decide([*rows(8, sure=0.9999), *unsure], AS_FITTED, NOW)
    assert (one.before, one.after) == (0, 1)


def test_it_goes_further_where_what_is_left_must_be_expected_to_be_wrong_too_often_as_well() -> None:
    """Twice what 80 values of 0.995 and 30 of 0.98 say, (1 + 3) / (1 + 0.4 + 0.6): of those left 0.01 would be."""
    unsure = [looked(1, sure=0.98) for _ in range(3)]
    (one,) = decide([*rows(8, sure=0.995), *unsure], AS_FITTED, NOW)
    assert LADDER["hand"][2:4] == (0.9925, 0.996)
    assert (one.before, one.after) == (0, 3)


def test_what_the_threshold_in_force_stops_is_no_evidence_against_it() -> None:
    looks = [*rows(8, sure=0.999), *(looked(1, sure=0.98) for _ in range(3))]
    tightened = Setting(0.001, {"hand/office": 1}, {})
    assert len(counting(looks, tightened, NOW, 28 * DAY)) == 8
    assert decide(looks, tightened, NOW) == []


def test_above_the_last_step_there_is_nothing_to_tighten() -> None:
    last = len(LADDER["hand"]) - 1
    assert decide([looked(1, sure=1.0) for _ in range(3)], Setting(0.001, {"hand/office": last}, {}), NOW) == []


def test_a_sudden_change_is_seen_behind_four_good_weeks() -> None:
    """Three of 300 this week are proven, three of 3,300 in four weeks are not."""
    good = rows(300, days=10)
    bad = [looked(1), looked(1), looked(1), *rows(27)]
    assert [one.stratum for one in decide([*good, *bad], AS_FITTED, NOW)] == ["hand/office"]
    assert decide([*good, *(looked(1, days=10) for _ in range(3)), *rows(27)], AS_FITTED, NOW) == []


def test_too_many_errors_of_all_together_tighten_the_worst_kind_by_one_step() -> None:
    """Two by pen and one in print prove nothing by themselves; three of 2,000 are 0.54 of a thousand at the least."""
    looks = [looked(1), looked(1), *rows(148), looked(1, kind="print"), *rows(49, kind="print")]
    (one,) = decide(looks, Setting(0.00045, {}, {}), NOW)
    assert (one.stratum, one.before, one.after, one.proven.wrong) == ("hand/office", 0, 1, 3)
    assert decide(looks, Setting(0.0006, {}, {}), NOW) == []


def test_looks_from_before_a_manager_loosened_do_not_count() -> None:
    looks = [*rows(8), looked(1), looked(1), looked(1)]
    assert decide(looks, Setting(0.001, {}, {"hand/office": NOW - DAY / 2}), NOW) == []


def volume_rates(looks: list[Looked], **given: object) -> dict[str, float]:
    kept = {"suspected": (), "drifting": (), "volume": 600.0, "least": 0.05, "budget": 65, **given}
    return rates(looks, AS_FITTED, NOW, **kept)  # type: ignore[arg-type]


def test_so_many_are_looked_at_that_twice_the_tolerated_error_shows_within_a_week() -> None:
    """6.9 errors of 2 in a thousand are in 3,450 values: 49.3 documents of ten values a day, 61.6 of eight."""
    assert volume_rates(rows(100))["print/office"] == pytest.approx(49.29 / 600, rel=1e-3)
    assert volume_rates([])["print/office"] == pytest.approx(61.61 / 600, rel=1e-3)
    assert volume_rates([], budget=36)["print/office"] == pytest.approx(36 / 600)
    assert volume_rates([], volume=12.0)["print/office"] == 1.0
    assert volume_rates([], budget=0)["print/office"] == 0.05
    assert volume_rates([], volume=6000.0)["print/office"] == 0.05


def test_what_is_suspected_and_other_papers_raise_the_share_to_twice_what_a_day_may_have() -> None:
    found = volume_rates([], suspected=["hand/office"])
    assert (found["hand/office"], found["print/office"]) == (130 / 600, pytest.approx(61.61 / 600, rel=1e-3))
    assert volume_rates([], drifting=["sent"])["mark/sent"] == 130 / 600
    assert volume_rates([], suspected=["hand/office"], volume=6000.0)["hand/office"] == 0.1, "twice the least"


def test_who_wants_no_second_looks_gets_none() -> None:
    assert set(volume_rates([], least=0.0).values()) == {0.0}


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        ((200, 100), (800, 520), True),  # 50 % after 65 %: 3.9 standard errors
        ((200, 115), (800, 520), False),  # 57.5 %: 2.0
        ((200, 160), (800, 520), False),  # better
        ((20, 0), (800, 520), False),  # too few to tell
        ((200, 200), (800, 800), False),
    ],
)
def test_papers_have_changed_when_clearly_fewer_are_read_without_a_doubt(
    now: tuple[int, int], before: tuple[int, int], told: bool
) -> None:
    assert drifted([now, before]) is told


def test_overconfidence_is_what_was_wrong_against_what_was_expected() -> None:
    """100 values of 0.99 should have one wrong: four wrong are (1 + 4) / (1 + 1)."""
    assert overconfidence([looked(4), *rows(9)], "hand/office") == pytest.approx(2.5)
    assert overconfidence([], "hand/office") == 1.0
    assert overconfidence(rows(10, kind="print"), "print/office") == pytest.approx(0.025)


EVEN = dict.fromkeys(STRATA, 1.0)
DOCUMENTS = [
    ("office", (Relied("hand", 0.98), Relied("hand", 1.0))),
    ("office", (Relied("hand", 0.999), Relied("hand", 1.0))),
    ("office", (Relied("hand", 0.9999), Relied("hand", 1.0))),
    ("office", None),
]


def test_a_looser_setting_lets_more_through_at_a_higher_error() -> None:
    """Expected wrong: 0.02, 0.001 and 0.0001 of two values each."""
    loose, middle, strict = (foresee(DOCUMENTS, EVEN, one) for one in (0.004, 0.001, 0.0002))
    assert (loose.through, middle.through, strict.through) == (0.75, 0.5, 0.25)
    assert loose.error == pytest.approx(0.0211 / 6)
    assert middle.error == pytest.approx(0.0011 / 4)
    assert middle.steps["hand/office"] == 1
    assert strict.error == pytest.approx(0.0001 / 2)


def test_a_reader_that_is_too_sure_needs_stricter_thresholds_for_the_same_tolerance() -> None:
    assert foresee(DOCUMENTS, {**EVEN, "hand/office": 10.0}, 0.004).through == 0.5


def test_what_is_in_force_is_foreseen_alike() -> None:
    assert at_steps(DOCUMENTS, EVEN, Setting(0.001, {"hand/office": 1}, {})).through == 0.5
