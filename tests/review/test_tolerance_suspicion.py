"""What is suspected and therefore held for a clerk, long before it is proven; and what is left unlooked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from review.tolerance.considering import Considered, consider
from review.tolerance.evidence import Looked, Relied
from review.tolerance.suspicion import EXCESS, HOLD, HOLD_UNSHOWN, Suspicion, held, hold_from, suspicions
from review.tolerance.thresholds import Setting

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
AS_FITTED = Setting(0.001, {}, {})


def looked(
    wrong: int = 0, *, days: float = 0.5, way: str = "office", kind: str = "hand", sure: float = 0.9998
) -> Looked:
    return Looked(NOW - days * DAY, way, 1.0, tuple(Relied(kind, sure, at < wrong) for at in range(8)))


def weeks(documents: int = 20, **given: object) -> list[Looked]:
    """Four quiet weeks with so many documents a day."""
    return [looked(days=day + 0.5, **given) for day in range(28) for _ in range(documents)]  # type: ignore[arg-type]


def considered(looks: list[Looked], setting: Setting = AS_FITTED, **given: object) -> Considered:
    kept = {
        "stopped": [],
        "doubted": [],
        "overdue": {},
        "drifting": (),
        "volume": 60.0,
        "least": 0.05,
        "budget": 45,
        **given,
    }
    return consider(looks, kept.pop("stopped"), setting, NOW, **kept)  # type: ignore[arg-type]


def test_an_office_in_which_nothing_is_wrong_holds_nothing() -> None:
    for looks in ([], weeks(), weeks(2), [*weeks(), looked(1, days=20)]):
        assert considered(looks).held == {}


def test_two_errors_where_the_reader_was_sure_hold_their_kind_before_anything_is_proven() -> None:
    found = considered([*weeks(), looked(1), looked(1)])
    assert (dict(found.held), found.tightened) == ({"hand/office": "suspected"}, [])
    assert found.rates["hand/office"] == 1.0, "90 of 60"


def test_an_error_that_the_confidence_foretold_is_less_suspicious() -> None:
    sure, unsure = (
        suspicions([*weeks(), looked(1, sure=one)], AS_FITTED, NOW)["hand/office"] for one in (0.9999, 0.97)
    )
    assert unsure.excess < sure.excess / 3
    assert sure.excess < sure.tolerated


def test_errors_of_one_kind_by_both_ways_make_each_other_likelier() -> None:
    """So a small office learns from all that it has."""
    quiet = [*weeks(2), *weeks(2, way="sent")]
    alone = suspicions([*quiet, looked(1)], AS_FITTED, NOW)["hand/office"].excess
    assert suspicions([*quiet, looked(1), looked(1, way="sent")], AS_FITTED, NOW)["hand/office"].excess > 2 * alone


def test_what_is_held_is_let_go_when_hardly_anything_speaks_for_it_any_more() -> None:
    between = {"hand/office": Suspicion(1.0, 0.75 * HOLD), "print/office": Suspicion(1.0, 0.25 * HOLD)}
    assert held(between, AS_FITTED, HOLD) == []
    assert held(between, replace(AS_FITTED, held={"hand/office": "overdue"}), HOLD) == []
    assert held(between, replace(AS_FITTED, held=dict.fromkeys(between, "suspected")), HOLD) == ["hand/office"]
    bad = [looked(1, days=12.5), looked(1, days=12.5)]
    kept = replace(AS_FITTED, held={"hand/office": "suspected"})
    assert considered([*weeks(), *bad], kept).held == {}, "twelve days without an error since"
    assert considered([*weeks(), looked(1), looked(1)], kept).held == {"hand/office": "suspected"}


def test_where_one_kind_is_held_the_others_of_its_way_follow_sooner() -> None:
    little, sure = Suspicion(1.0, 0.75 * HOLD), Suspicion(1.0, 2 * HOLD)
    suspected = {"hand/office": sure, "print/office": little, "print/sent": little}
    assert held(suspected, AS_FITTED, HOLD) == ["hand/office", "print/office"]


def test_where_a_week_of_looks_may_show_nothing_more_is_needed_to_hold() -> None:
    """Twice the tolerated error of 160 values a day is two or three wrong ones a week, of 320 a day four or five."""
    assert hold_from(weeks(20), AS_FITTED, NOW) == HOLD_UNSHOWN
    assert hold_from(weeks(40), AS_FITTED, NOW) == HOLD
    assert hold_from(weeks(20), replace(AS_FITTED, tolerated=0.002), NOW) == HOLD
    assert hold_from([], AS_FITTED, NOW) == HOLD_UNSHOWN


def test_what_clerks_settled_of_the_documents_held_lets_them_go() -> None:
    bad, kept = [looked(1, days=2.5), looked(1, days=2.5)], replace(AS_FITTED, held={"hand/office": "suspected"})
    quiet = [one for one in weeks() if one.at < NOW - 2 * DAY]
    settled = [looked(days=day) for day in (0.5, 1.5) for _ in range(150)]
    assert considered([*quiet, *bad], kept).held == {"hand/office": "suspected"}
    assert considered([*quiet, *bad], kept, stopped=settled).held == {}


def doubts(wrong: int, right: int) -> list[Looked]:
    """Values by pen of 95 % in other documents, settled by clerks within the last two days."""
    return [Looked(NOW - DAY, "office", 1.0, (Relied("hand", 0.95, at < wrong),)) for at in range(wrong + right)]


def test_doubted_values_that_are_wrong_too_often_hold_the_sure_ones_before_any_of_those_was_wrong() -> None:
    few, foretold = weeks(5), doubts(1, 12)
    assert considered(few, doubted=foretold).held == {}
    assert considered(few, doubted=doubts(8, 5)).held["hand/office"] == "suspected"
    assert considered(few, doubted=doubts(8, 5)).tightened == [], "no look at a sure value proves it"


def test_where_sure_values_are_found_right_doubted_ones_that_are_wrong_let_them_go() -> None:
    """Hard pages tell nothing of those that are read without a doubt."""
    looks = [*weeks(5), *(looked(days=day + 0.5) for day in range(14) for _ in range(60))]
    old = [replace(one, at=NOW - 14 * DAY) for one in doubts(8, 5)]
    held_then = replace(AS_FITTED, held={"hand/office": "suspected"})
    assert considered(weeks(5), held_then, doubted=doubts(8, 5)).held != {}
    assert considered(looks, held_then, doubted=old).held == {}


def test_doubted_values_that_are_right_do_not_outweigh_errors_where_the_reader_was_sure() -> None:
    bad = [*weeks(), looked(1), looked(1), looked(1)]
    assert considered(bad, doubted=doubts(0, 60)).held["hand/office"] == "suspected"


def test_a_threshold_that_stops_everything_wrong_leaves_nothing_to_suspect() -> None:
    never = Setting(0.001, {"hand/office": 7}, {})
    assert suspicions([*weeks(), looked(3)], never, NOW)["hand/office"] == Suspicion(0.0, 0.0)


def test_errors_from_before_a_manager_loosened_are_no_reason_to_suspect() -> None:
    looks = [*weeks(), looked(1), looked(1)]
    for way, there in (("office", {}), ("sent", {"hand/office": "suspected"})):
        assert considered(looks, replace(AS_FITTED, since={f"print/{way}": NOW - DAY / 4})).held == there


def test_a_proof_by_chance_raises_no_threshold_where_hardly_anything_speaks_for_a_change() -> None:
    """Three wrong of 1,600 values by pen of 98 %, of which 32 had to be wrong: too many, but as foretold."""
    looks = [looked(days=day + 0.5, sure=0.9996) for day in range(7) for _ in range(60)]
    foretold = [looked(1, days=day, sure=0.97) for day in (0.5, 2.5, 4.5)]
    assert considered([*looks, *foretold]).tightened == []


def test_a_way_in_whose_second_looks_nobody_does_is_held_until_they_are_done() -> None:
    found = considered(weeks(), overdue={"office": 5})
    assert dict(found.held) == {"hand/office": "overdue", "print/office": "overdue", "mark/office": "overdue"}
    assert considered(weeks(), overdue={"office": 4}).held == {}
    both = considered([*weeks(), looked(1), looked(1)], overdue={"office": 5})
    assert both.held["hand/office"] == "suspected"
    assert EXCESS < 2
