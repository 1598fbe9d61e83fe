"""Nothing is lost and nothing is done twice, wherever a process of ours is killed: the measurement.

``python -m benchmarks.engine steps`` kills at every commit, change of files and word to a mail server, one place a
round (``benchmarks.kills.points``); ``--sample 50`` at some of them, ``--random 500`` at random times. Rounds go to
the folder ``--out`` as JSON, one a line; ``sum --out`` tells of those that are there.

Every other word is a scenario of ``benchmarks.kills.fire``: a whole installation in which processes are killed, or
whose database, disk, folder or clock misbehaves, ``--number`` times; some need root. What was measured stands in
``docs/benchmarks-engine.md``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.kills import SCENARIOS
from benchmarks.kills.mail import Temper
from benchmarks.kills.plan import DATABASES, Plan
from benchmarks.kills.rounds import Round, noted_in
from benchmarks.scoring import table


def main() -> None:
    """Play what the command line asks for; ends with 1 where something does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("steps", "sum", *SCENARIOS))
    parser.add_argument("--databases", nargs="+", default=DATABASES, choices=DATABASES)
    parser.add_argument("--only", default="", help="part of the names of the scenes that are played")
    parser.add_argument("--sample", type=int, help="so many points instead of all")
    parser.add_argument("--random", type=int, default=0, help="so many further rounds, killed at random times")
    parser.add_argument("--alternating", action="store_true", help="each scene on one database alone")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, help="folder in which each round is noted")
    parser.add_argument("--number", type=int, default=1, help="blows of a scenario")
    parser.add_argument("--every", type=float, default=3.0, help="seconds after which a form is handed in")
    parser.add_argument("--temper", type=Temper, default=Temper.TAKES, choices=list(Temper), help="of the mail server")
    asked = parser.parse_args()
    match asked.what:
        case "steps":
            holds = _steps(asked)
        case "sum":
            holds = _summed(noted_in(asked.out))
        case _:
            holds = all(_burnt(asked, database) for database in asked.databases)
    sys.exit(0 if holds else 1)


def _steps(asked: argparse.Namespace) -> bool:
    plan = Plan(asked.databases, asked.only, asked.sample, asked.random, asked.alternating, asked.seed, asked.jobs)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ebok-kills-") as folder:
        out = asked.out or Path(folder)
        out.mkdir(parents=True, exist_ok=True)
        rounds = plan.play(Path(folder), out)
    print(f"{time.monotonic() - begun:.0f} s\n")
    return _summed(rounds)


def _summed(rounds: Sequence[Round]) -> bool:
    """Tell what came of them; whether all holds."""
    print(f"{sum(one.kills for one in rounds)} kills in {len(rounds)} rounds\n")
    print(by_place(rounds), by_scene(rounds), sep="\n\n")
    broken = [one for one in rounds if one.findings]
    for one in broken:
        print(f"\n{one.database}, {one.scene}, killed {', '.join(one.killed)}:", *one.findings, sep="\n  ")
    return not broken


def _burnt(asked: argparse.Namespace, database: str) -> bool:
    from benchmarks.kills.fire import Fire  # noqa: PLC0415  it takes seconds, and rounds need nothing of it

    burnt = Fire(asked.what, database, asked.number, asked.every, asked.temper, asked.seed).burn()
    print(burnt.told(), flush=True)
    return burnt.quiet and not burnt.findings


def by_place(rounds: Sequence[Round]) -> str:
    """A table: what became of the rounds that were killed at a place of each kind, on each database."""
    return _counted(rounds, "killed at", kind_of_place)


def by_scene(rounds: Sequence[Round]) -> str:
    """A table: what became of the rounds of each scene, on each database."""
    return _counted(rounds, "scene", lambda one: one.scene)


def kind_of_place(one: Round) -> str:
    """What was killed: a commit, a word to a mail server, a change of files, or whatever was going on."""
    if not one.killed:
        return "nothing, it ended before"
    place = one.killed[0]
    if " in " not in place:
        return "a random time" + ", another process at work beside" * ("beside" in place)
    kinds = {"commit": "a commit", "mail server": "a word to a mail server", "SMS": "a word to an SMS gateway"}
    return next((kind for mark, kind in kinds.items() if mark in place), "a change of files")


def _counted(rounds: Sequence[Round], what: str, kind: Callable[[Round], str]) -> str:
    groups = defaultdict[tuple[str, str], list[Round]](list)
    for one in rounds:
        groups[kind(one), one.database].append(one)
    rows = [
        (
            *group,
            str(sum(one.kills for one in found)),
            *(str(sum(one.count(finding) for one in found)) for finding in ("lost", "doubled", "wrong")),
            str(sum(one.uncertain for one in found)),
        )
        for group, found in sorted(groups.items())
    ]
    return table((what, "database", "kills", "lost", "doubled", "else wrong", "uncertain"), rows)


if __name__ == "__main__":
    main()
