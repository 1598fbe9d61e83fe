"""The simulation of the house: laws that every system of queues keeps, and what was really measured."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import simpy

from benchmarks import growth, growth_guide
from benchmarks.growth_model import DAY, HOUR, OPENS, ArrivalKind, Bundle, House, Station, Steps, demand, documents, run

KNOWN = growth.costs()
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def week() -> list[Bundle]:
    """A week of 300 documents a day with the end of a month in it."""
    return documents(KNOWN, 300, growth.week(KNOWN), seed=7)


def crowded(servers: int, arrivals: int, rate: float, service: float) -> tuple[Station, float]:
    """A station to which works come by chance and take as long as chance will; and when the last one ended."""
    rng = np.random.default_rng(3)
    env = simpy.Environment()
    station = Station(env, "any", servers)

    def arrive() -> Steps:
        under_way = []
        for _ in range(arrivals):
            yield env.timeout(rng.exponential(1 / rate))
            under_way.append(env.process(station.work(rng.exponential(service))))
        yield env.all_of(under_way)

    env.run(env.process(arrive()))
    return station, env.now


def test_a_queue_waits_as_erlang_says() -> None:
    servers, rate, service = 3, 0.8, 3.0
    station, _ = crowded(servers, 30_000, rate, service)
    load = rate * service
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    waits = last / (sum(load**k / math.factorial(k) for k in range(servers)) + last)
    expected = waits * service / (servers - load) + service
    assert station.sojourn / station.works == pytest.approx(expected, rel=0.05)


def test_as_many_are_there_on_average_as_come_times_how_long_they_stay() -> None:
    station, end = crowded(2, 2000, 0.5, 3.0)
    rate, stay = station.works / end, station.sojourn / station.works
    assert station.presence / end == pytest.approx(rate * stay)


def test_a_part_is_at_work_for_what_comes_times_what_each_takes(week: list[Bundle]) -> None:
    for house in (House(clerks=2), House(workers=3, postgresql=True, database_cores=2, clerks=2)):
        stations = run(house, KNOWN, week).stations
        count = sum(bundle.size for bundle in week)
        for name, seconds in demand(KNOWN, house).items():
            assert stations[name].busy.sum() == pytest.approx(count * seconds, rel=0.1), name


@pytest.mark.parametrize("part", ["cores", "workers", "clerks"])
def test_more_of_anything_is_never_slower(part: str) -> None:
    few, many = documents(KNOWN, 300, [1.0], seed=1), documents(KNOWN, 30_000, [1.0], seed=1)
    way, arriving = ("desk", few) if part == "clerks" else ("paper", many)
    house = House(postgresql=True, database_cores=2, clerks=3, mails=50)
    outcomes = [run(replace(house, **{part: number}), KNOWN, arriving) for number in (1, 2, 4, 8)]
    waits = [outcome.percentile(way, 0.95) for outcome in outcomes]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] > waits[-1]


def test_the_same_seed_tells_the_same_and_another_one_does_not(week: list[Bundle]) -> None:
    again = documents(KNOWN, 300, growth.week(KNOWN), seed=7)
    assert again == week
    assert run(House(), KNOWN, again).waited == run(House(), KNOWN, week).waited
    assert documents(KNOWN, 300, growth.week(KNOWN), seed=8) != week


def test_nobody_works_at_the_desk_when_the_office_is_closed(week: list[Bundle]) -> None:
    desk = run(House(clerks=1), KNOWN, week).stations["desk"]
    closes = OPENS + KNOWN["desk_hours"] * HOUR + 1800  # what was begun is finished
    closed = [hour for hour in range(len(desk.busy)) if not OPENS <= hour * HOUR % DAY < closes]
    assert desk.busy.sum() > 0
    assert desk.busy[closed].sum() == 0


def test_whoever_comes_alone_does_not_wait_behind_the_morning_s_mail() -> None:
    batch = [Bundle(0.0, ArrivalKind.PRINTED, 1, 0)] * 500
    found = run(House(), KNOWN, [*batch, Bundle(KNOWN["look"] + 5, ArrivalKind.UPLOAD, 1, 0)])
    assert found.percentile("alone", 1) < 10 < found.percentile("paper", 0.5)


def test_a_simulated_day_takes_as_long_as_a_measured_one() -> None:
    told, measured = growth.check(KNOWN)
    assert told == pytest.approx(measured, rel=0.2)


def test_the_smallest_house_carries_a_hundred_documents_and_a_hundred_times_as_many_need_more() -> None:
    small = growth.answer(100, KNOWN)
    assert (small.house.cores, small.house.workers, small.house.postgresql, small.house.clerks) == (2, 0, False, 1)
    assert growth.busy(10_000, small.house, KNOWN)["desk"] > 1


def test_every_cost_says_where_it_comes_from() -> None:
    rows = growth.rows()
    assert len({row.name for row in rows}) == len(rows)
    assert {row.how for row in rows} == {"measured", "assumed", "setting"}
    assert [row.name for row in rows if not row.source or not row.what] == []
    measured = [row for row in rows if row.how == "measured"]
    assert [row.name for row in measured if "2026" not in row.source] == []


def test_the_guide_has_the_costs_of_the_table() -> None:
    assert growth_guide.costs_table() in (ROOT / "docs" / "growth.md").read_text()
