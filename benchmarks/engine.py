"""Nothing is lost and nothing is done twice, wherever a process of ours is killed: the measurement.

``python -m benchmarks.engine steps`` kills at every commit, change of files and word to a mail server, one place a
round (``benchmarks.kills.points``); ``--sample 50`` at some of them, ``--random 500`` at random times. Rounds go to
the folder ``--out`` as JSON, one a line. Every other word is a scenario of ``benchmarks.kills.fire``: a whole
installation in which processes are killed, or whose database, disk, folder or clock misbehaves, ``--number`` times;
some need root. What was measured stands in ``docs/benchmarks-engine.md``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.kills.fire import SCENARIOS, Fire
from benchmarks.kills.mail import Temper
from benchmarks.kills.plan import DATABASES, Plan
from benchmarks.kills.rounds import Round
from benchmarks.scoring import table


def main() -> None:
    """Play what the command line asks for; ends with 1 where something does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("steps", *SCENARIOS))
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
    holds = _steps(asked) if asked.what == "steps" else all(_burnt(asked, database) for database in asked.databases)
    sys.exit(0 if holds else 1)


def _steps(asked: argparse.Namespace) -> bool:
    plan = Plan(asked.databases, asked.only, asked.sample, asked.random, asked.alternating, asked.seed, asked.jobs)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ebok-kills-") as folder:
        rounds = plan.play(Path(folder), asked.out or Path(folder))
    print(told(rounds))
    print(f"\n{sum(one.kills for one in rounds)} kills in {time.monotonic() - begun:.0f} s")
    broken = [one for one in rounds if one.findings]
    for one in broken:
        print(f"\n{one.database}, {one.scene}, killed {', '.join(one.killed)}:", *one.findings, sep="\n  ")
    return not broken


def _burnt(asked: argparse.Namespace, database: str) -> bool:
    burnt = Fire(asked.what, database, asked.number, asked.every, asked.temper, asked.seed).burn()
    print(burnt.told(), flush=True)
    return burnt.quiet and not burnt.found.findings


def told(rounds: Sequence[Round]) -> str:
    """A table: what became of the rounds of each scene on each database."""
    groups = defaultdict[tuple[str, str], list[Round]](list)
    for one in rounds:
        groups[one.scene, one.database].append(one)
    rows = [
        (
            *group,
            str(sum(one.kills for one in found)),
            *(str(sum(one.count(kind) for one in found)) for kind in ("lost", "doubled", "wrong")),
            str(sum(one.uncertain for one in found)),
        )
        for group, found in sorted(groups.items())
    ]
    return table(("scene", "database", "kills", "lost", "doubled", "else wrong", "uncertain"), rows)


if __name__ == "__main__":
    main()
