"""The house as a simulation: documents arrive over working days, machines and people work on them, each in a queue.

Times are seconds; a day begins at midnight. What a document is (kind, arrival, whether a clerk sees it) is drawn before
the house is known, so that two houses are compared on the very same documents.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np
import simpy

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
OPENS: Final = 8 * HOUR
MAIL: Final = 9 * HOUR
"""When the morning's mail lies in the scan folder, all at once."""
CLOSES: Final = 16 * HOUR
_WEB_HOURS: Final = np.array([0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 5, 3, 1], float)
"""How forms sent from home spread over the hours of a day."""
_BUNDLES: Final = 150
"""Of a kind, at most; three times as many of what comes alone."""
_DESK_MINUTES: Final = 30
_TURN: Final = 60.0
Costs = Mapping[str, float]
"""Measured costs, assumptions and settings by their names in ``growth_costs.csv``."""
Steps = Generator[simpy.Event, Any, None]


class ArrivalKind(StrEnum):
    """What comes in."""

    PRINTED = "printed"
    PEN = "pen"
    LETTER = "letter"
    UPLOAD = "upload"
    WEB = "web"


ALONE: Final = frozenset({ArrivalKind.UPLOAD, ArrivalKind.WEB})
"""What comes one by one, from people who wait for it."""


@dataclass(frozen=True)
class Bundle:
    """Some documents of one kind that arrive together; a simulated day of a million is not a million events."""

    at: float
    kind: ArrivalKind
    size: int
    seen: int
    """Of them by a clerk."""


@dataclass(frozen=True)
class House:
    """What is run: one machine, further machines that read, a database, and people."""

    cores: int = 2
    workers: int = 0
    worker_cores: int = 2
    postgresql: bool = False
    database_cores: int = 0
    """Of a machine of its own; 0 where it shares the first one."""
    engines: int = 1
    """Servers of Prefect."""
    webs: int = 1
    """Processes of the web application."""
    clerks: int = 1
    mails: float = 2.0
    """Messages that the mail server takes in a second."""

    @property
    def all_cores(self) -> int:
        """Of all machines."""
        return self.cores + self.workers * self.worker_cores + self.database_cores


def cost(costs: Costs, name: str, house: House) -> float:
    """A cost as it is with the database of the house."""
    with_database = f"{name}_{'postgresql' if house.postgresql else 'sqlite'}"
    return costs[with_database if with_database in costs else name]


def demand(costs: Costs, house: House) -> Mapping[str, float]:
    """Seconds of work that a document brings to each part on average: what is busy first follows from it alone."""
    of = {kind: costs[f"share_{kind}"] for kind in ArrivalKind}
    seen = {kind: of[kind] * costs[f"review_{kind}"] for kind in ArrivalKind}
    paper = 1 - of[ArrivalKind.WEB] - of[ArrivalKind.UPLOAD]
    rounds = 1 + sum(seen.values())
    one = {name: cost(costs, name, house) for name in ("door", "sweep", "register", "engine", "desk_round")}
    return {
        "readers": sum(of[kind] * costs[f"read_{kind}"] for kind in ArrivalKind if kind is not ArrivalKind.WEB),
        "sweeps": paper * one["door"] + rounds * one["sweep"],
        "engine": one["engine"],
        "register": rounds * one["register"],
        "web": of[ArrivalKind.WEB] * costs["web_form"]
        + of[ArrivalKind.UPLOAD] * one["door"]
        + (rounds - 1) * (one["desk_round"] + costs["picture"]),
        "mail": 1 / house.mails,
        "desk": sum(seen[kind] * costs[f"desk_{kind}"] for kind in ArrivalKind),
    }


class Station:
    """Servers of one sort with one queue before them, on a machine whose cores they share with others.

    Its two accounts are kept apart: how long each work was here, and how many were here at which time.
    """

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        servers: int,
        machine: simpy.PriorityResource | None = None,
        turn: float = math.inf,
    ) -> None:
        self.env, self.name, self.servers, self._machine = env, name, servers, machine
        self._queue, self._turn = simpy.PriorityResource(env, servers), turn
        self.busy = np.zeros(24 * 30)
        """Seconds of work done, by hour since the beginning."""
        self.works, self.sojourn, self.presence = 0, 0.0, 0.0
        self._here, self._since = 0, 0.0

    def work(self, seconds: float, priority: int = 0) -> Steps:
        """Wait for a server and a core, then work; after each turn who comes first by right may pass."""
        arrived = self.env.now
        right: Any = (priority, arrived)
        self._count(+1)
        while seconds > 0:
            turn = min(seconds, self._turn)
            seconds -= turn
            with self._queue.request(right) as place:
                yield place
                if self._machine is None:
                    yield from self._work(turn)
                else:
                    with self._machine.request(right) as core:
                        yield core
                        yield from self._work(turn)
        self._count(-1)
        self.works += 1
        self.sojourn += self.env.now - arrived

    def _work(self, seconds: float) -> Steps:
        begun = self.env.now
        yield self.env.timeout(seconds)
        first, last = int(begun // HOUR), int(self.env.now // HOUR)
        for hour in range(first, min(last, len(self.busy) - 1) + 1):
            self.busy[hour] += min(self.env.now, (hour + 1) * HOUR) - max(begun, hour * HOUR)

    def _count(self, change: int) -> None:
        self.presence += self._here * (self.env.now - self._since)
        self._here, self._since = self._here + change, self.env.now

    def closed_until(self, opens: float, seconds: float) -> Steps:
        """Keep one server from working but for so many seconds of each day; whoever is at work finishes first."""
        while True:
            before_all: Any = (-1, 0.0)
            with self._queue.request(before_all) as place:
                yield place
                yield self.env.timeout((opens - self.env.now) % DAY)
            yield self.env.timeout(seconds)


@dataclass
class Outcome:
    """How the documents fared: seconds from arrival to the end, with how many documents, by way."""

    stations: Mapping[str, Station]
    ended: float = 0.0
    waited: dict[str, list[tuple[float, float, int]]] = field(default_factory=dict)
    """By way: arrival, seconds, documents."""

    def note(self, way: str, arrived: float, now: float, size: int) -> None:
        """One bundle came to its end."""
        self.waited.setdefault(way, []).append((arrived, now - arrived, size))
        self.ended = max(self.ended, now)

    def percentile(self, way: str, share: float) -> float:
        """Seconds within which that share of the documents that came this way was done; 0 where none came."""
        found = self.waited.get(way, [])
        if not found:
            return 0.0
        seconds = np.repeat([one[1] for one in found], [one[2] for one in found])
        return float(np.quantile(seconds, share))


def documents(costs: Costs, per_day: int, days: Sequence[float], seed: int) -> list[Bundle]:
    """What arrives on working days of which each has that share of ``per_day`` (two at the end of a month)."""
    rng = np.random.default_rng(seed)
    shares = {kind: costs[f"share_{kind}"] for kind in ArrivalKind}
    review = {kind: costs[f"review_{kind}"] for kind in ArrivalKind}
    found = []
    for day, factor in enumerate(days):
        for kind, share in shares.items():
            most = _BUNDLES * (3 if kind in ALONE else 1)
            grain = max(1, round(per_day * sum(days) * share / most))
            left = int(rng.binomial(round(per_day * factor), share))
            while left > 0:
                size = min(grain, left)
                left -= size
                seen = int(rng.binomial(size, review[kind]))
                found.append(Bundle(day * DAY + _arrival(kind, costs, rng), kind, size, seen))
    return sorted(found, key=lambda one: one.at)


def _arrival(kind: ArrivalKind, costs: Costs, rng: np.random.Generator) -> float:
    if kind in ALONE:
        return float((rng.choice(24, p=_WEB_HOURS / _WEB_HOURS.sum()) + rng.random()) * HOUR)
    if rng.random() < costs["share_in_the_morning"]:
        return MAIL
    return float(rng.uniform(OPENS, CLOSES))


def run(house: House, costs: Costs, arriving: Sequence[Bundle]) -> Outcome:
    """Let the house work until all that arrives is done."""
    env = simpy.Environment()
    machine = simpy.PriorityResource(env, house.cores)
    reading = simpy.PriorityResource(env, house.workers * house.worker_cores) if house.workers else machine
    database = simpy.PriorityResource(env, house.database_cores) if house.database_cores else machine
    writers = (house.database_cores or house.cores) if house.postgresql else 1
    stations = [
        Station(env, "readers", house.workers * house.worker_cores or house.cores, reading, _TURN),
        Station(env, "sweeps", max(1, house.workers), reading, _TURN),
        Station(env, "engine", house.engines, machine),
        # On SQLite the writer's work is part of the sweep's; what counts is that there is one at a time.
        Station(env, "register", writers, database if house.postgresql else None, _TURN),
        Station(env, "web", house.webs, machine, _TURN),
        Station(env, "mail", 1),
        Station(env, "desk", house.clerks),
    ]
    outcome = Outcome({station.name: station for station in stations})
    way = _Way(env, costs, house, outcome)
    for _ in range(house.clerks):
        env.process(outcome.stations["desk"].closed_until(OPENS, costs["desk_hours"] * HOUR))
    env.run(env.process(way.arrive(arriving)))
    return outcome


@dataclass(frozen=True)
class _Way:
    """The way of a document through one house."""

    env: simpy.Environment
    costs: Costs
    house: House
    outcome: Outcome

    def arrive(self, arriving: Sequence[Bundle]) -> Steps:
        """Begin each bundle when it comes; ends with the last of them."""
        under_way = []
        for bundle in arriving:
            yield self.env.timeout(bundle.at - self.env.now)
            under_way.append(self.env.process(self._bundle(bundle)))
        yield self.env.all_of(under_way)

    def _cost(self, name: str) -> float:
        return cost(self.costs, name, self.house)

    def _at(self, station: str, seconds: float, priority: int = 0) -> Steps:
        return self.outcome.stations[station].work(seconds, priority)

    def _bundle(self, bundle: Bundle) -> Steps:
        kind, size = bundle.kind, bundle.size
        alone = kind in ALONE
        behind = 0 if alone else 1  # who came alone does not wait behind a batch
        if alone:
            yield from self._at("web", size * self._cost("web_form" if kind is ArrivalKind.WEB else "door"))
        else:
            yield self.env.timeout(self._cost("look"))
            yield from self._at("sweeps", size * self._cost("door"), behind)
        if kind is not ArrivalKind.WEB:
            yield from self._at("readers", size * self._cost(f"read_{kind}"), behind)
        yield from self._at("sweeps", size * self._cost("sweep"), behind)
        yield from self._at("register", size * self._cost("register"), behind)
        beside = [self.env.process(self._at("engine", size * self._cost("engine")))]
        if bundle.seen:
            beside.append(self.env.process(self._seen(bundle)))
        if unseen := size - bundle.seen:
            # Who comes alone waits for none of those that share his bundle: in truth they come one after the other.
            began = bundle.at + (self._work_on(bundle) * (1 - 1 / size) if alone else 0.0)
            self.outcome.note("alone" if alone else "paper", began, self.env.now, unseen)
            beside.append(self.env.process(self._told(bundle, unseen)))
        yield self.env.all_of(beside)

    def _work_on(self, bundle: Bundle) -> float:
        """Seconds of a bundle that comes alone, were nobody else there."""
        reading = (
            self._cost("web_form") if bundle.kind is ArrivalKind.WEB else self._cost("door") + self._cost("read_upload")
        )
        return bundle.size * (reading + self._cost("sweep") + self._cost("register"))

    def _told(self, bundle: Bundle, size: int) -> Steps:
        done = self.env.now
        yield from self._at("mail", size / self.house.mails)
        self.outcome.note("mail", done, self.env.now, size)

    def _seen(self, bundle: Bundle) -> Steps:
        """Those that a clerk sees, some minutes' work at a time."""
        seconds, left = self._cost(f"desk_{bundle.kind}"), bundle.seen
        while left:
            size = min(left, max(1, int(_DESK_MINUTES * 60 / seconds)))
            left -= size
            yield from self._at("desk", size * seconds)
            yield from self._at("web", size * (self._cost("desk_round") + self._cost("picture")))
            yield from self._at("sweeps", size * self._cost("sweep"))
            yield from self._at("register", size * self._cost("register"))
            self.outcome.note("desk", bundle.at, self.env.now, size)
            yield from self._told(bundle, size)
