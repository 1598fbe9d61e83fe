"""What second looks prove: by hand, from quantiles of the gamma distribution, which Jeffreys' interval is near to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from review.tolerance.evidence import ErrorEstimate, Looked, Relied, interval, proof

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def looked(wrong: int = 0, *, rate: float = 1.0, way: str = "office", kind: str = "hand", values: int = 10) -> Looked:
    return Looked(NOW, way, rate, tuple(Relied(kind, 0.999, at < wrong) for at in range(values)))


@pytest.mark.parametrize(
    ("wrong", "total", "low", "high"),
    [
        (0, 1000, 0.0, 1.921e-3),  # half of chi squared with 1 degree of freedom at 95 %: 3.841
        (2, 1000, 0.573e-3, 5.535e-3),  # with 5 degrees: 1.145 at 5 %, 11.070 at 95 %
        (10, 10_000, 0.580e-3, 1.634e-3),  # with 21 degrees: 11.591 and 32.671
    ],
)
def test_the_interval_is_that_of_the_tables(wrong: int, total: int, low: float, high: float) -> None:
    assert interval(wrong, total) == pytest.approx((low, high), rel=0.01)


def test_nothing_looked_at_proves_nothing() -> None:
    assert proof([]) == proof([looked(kind="print")], "hand/office") == ErrorEstimate(0, 0, 0, 0.0, 0.0, 1.0)


def test_single_errors_count_as_if_the_values_had_been_drawn_one_by_one() -> None:
    found = proof([looked(1), looked(1), *[looked() for _ in range(98)]])
    assert (found.values, found.wrong, found.share) == (1000, 2, 0.002)
    assert (found.low, found.high) == pytest.approx(interval(2, 1000), rel=0.03)


def test_errors_in_one_heap_prove_less_than_the_same_number_one_by_one() -> None:
    """Three wrong values of one document are one event: the interval is that of one among a third of the values."""
    found = proof([looked(3), *[looked() for _ in range(299)]])
    assert (found.wrong, found.documents_wrong, found.share) == (3, 1, 0.001)
    assert (found.low, found.high) == pytest.approx(interval(1, 1000), rel=0.03)


def test_a_document_counts_for_all_of_which_it_was_drawn() -> None:
    found = proof([looked(1, rate=1.0), looked(rate=0.1)])
    assert found.share == pytest.approx(1 / 110)
    assert proof([looked(1, rate=0.1), looked(rate=1.0)]).share == pytest.approx(10 / 110)


def test_rates_that_differ_leave_fewer_values_than_were_looked_at() -> None:
    """Weights 1 and 9 over ten values each: (10 + 90)² / (10 + 810) = 12.2 of the 20."""
    assert proof([looked(rate=0.9), looked(rate=0.1)]).high == pytest.approx(interval(0, 12.195)[1], rel=1e-3)


def test_a_stratum_is_one_kind_by_one_way() -> None:
    looks = [looked(1), looked(way="sent"), looked(1, kind="print")]
    assert [(one.values, one.wrong) for one in (proof(looks, "hand/office"), proof(looks, "hand/sent"))] == [
        (10, 1),
        (10, 0),
    ]
    assert proof(looks).wrong == 2
