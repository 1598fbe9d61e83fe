"""What is a trouble and what only follows from one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alarms.kinds import HIDES, WORDS, Kind
from alarms.rules import Failing, Observed, Waiting, judge

AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
LONG = AT - timedelta(minutes=20)
JUST = AT - timedelta(minutes=2)
ONE = Waiting(1, LONG)


def _failing(refused: int = 2, since: datetime = LONG, *, closed: bool = True) -> Failing:
    return Failing(Kind.EMAIL, since, refused, 11, closed, "Serwer poczty nie odpowiada.")


@pytest.mark.parametrize(
    ("seen", "kinds"),
    [
        ({}, []),
        ({"sweep": LONG}, [Kind.SWEEP]),
        ({"sweep": JUST}, []),
        ({"engine": LONG, "sweep": LONG, "backlog": ONE}, [Kind.ENGINE]),
        ({"engine": JUST, "sweep": JUST}, []),
        ({"register": LONG}, [Kind.DATABASE]),
        ({"folder": (LONG, "Podłącz udział."), "files": ONE}, [Kind.FOLDER]),
        ({"folder": (JUST, "Podłącz udział.")}, []),
        ({"files": ONE}, [Kind.FILES]),
        ({"store": (JUST, "Sprawdź serwer S3.")}, []),
        ({"store": (LONG, "Sprawdź serwer S3."), "backlog": ONE, "queue": ONE}, [Kind.STORE, Kind.QUEUE]),
        ({"disks": (("EBOK_HOME", "Wolne: 0.5 GB."),)}, [Kind.DISK]),
        ({"runs": (("Raport dnia", LONG),)}, [Kind.RUN]),
        ({"queue": ONE, "stuck": ONE, "quarantined": ONE}, [Kind.QUEUE, Kind.STUCK, Kind.QUARANTINE]),
        ({"undecided": ONE, "bounced": ONE}, [Kind.MESSAGES, Kind.BOUNCES]),
        ({"mailbox": (LONG, "Zły login.")}, [Kind.MAILBOX]),
        ({"differences": ONE}, [Kind.DIFFERENCES]),
        ({"failing": (_failing(),)}, [Kind.EMAIL]),
        ({"failing": (_failing(since=JUST),)}, []),
        ({"failing": (_failing(refused=3, closed=False),), "late": Waiting(3, LONG)}, [Kind.EMAIL]),
        ({"failing": (_failing(refused=1, closed=False),), "late": ONE}, [Kind.MESSAGES]),
    ],
)
def test_each_cause_is_one_trouble_and_what_follows_from_it_is_none(seen: dict[str, Any], kinds: list[Kind]) -> None:
    assert [one.kind for one in judge(Observed(AT, **seen)).troubles] == kinds


def test_of_what_a_trouble_hides_nothing_is_known_to_be_over() -> None:
    away = judge(Observed(AT, register=JUST, runs=()))
    assert away.troubles == ()
    assert {Kind.EMAIL, Kind.QUARANTINE, Kind.SWEEP} <= away.unknown
    assert Kind.RUN in judge(Observed(AT)).unknown, "nobody asked the engine"
    assert judge(Observed(AT, runs=())).unknown == frozenset()


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        ({"sweep": JUST}, Kind.SWEEP),
        ({"engine": JUST}, Kind.ENGINE),
        ({"folder": (JUST, "Podłącz udział.")}, Kind.FOLDER),
        ({"store": (JUST, "Sprawdź serwer S3.")}, Kind.STORE),
        ({"mailbox": (JUST, "Zły login.")}, Kind.MAILBOX),
        ({"failing": (_failing(since=JUST),)}, Kind.EMAIL),
        ({"near": frozenset({Kind.DISK})}, Kind.DISK),
        ({"failing": (_failing(refused=2, closed=False),)}, Kind.EMAIL),
        ({"failing": (_failing(since=JUST),), "late": ONE}, Kind.MESSAGES),
    ],
)
def test_what_is_wrong_again_already_is_not_told_to_be_over(seen: dict[str, Any], kind: Kind) -> None:
    found = judge(Observed(AT, runs=(), **seen))
    assert found.troubles == ()
    assert kind in found.unknown
    assert kind not in judge(Observed(AT, runs=())).unknown


def test_what_is_two_together_counts_together_and_lasts_since_the_longer() -> None:
    (one,) = judge(Observed(AT, undecided=Waiting(2, JUST), late=Waiting(3, LONG))).troubles
    assert (one.waits, one.since) == (5, LONG)


def test_each_kind_has_its_words() -> None:
    assert set(WORDS) == set(Kind)
    assert all(hidden <= set(Kind) for hidden in HIDES.values())
