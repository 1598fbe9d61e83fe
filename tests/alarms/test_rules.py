"""What is a trouble and what only follows from one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alarms.kinds import HIDES, WORDS, AlarmKind
from alarms.rules import Failing, Observed, Waiting, evaluate

AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
LONG = AT - timedelta(minutes=20)
JUST = AT - timedelta(minutes=2)
ONE = Waiting(1, LONG)


def _failing(refused: int = 2, since: datetime = LONG, *, closed: bool = True) -> Failing:
    return Failing(AlarmKind.EMAIL, since, refused, 11, closed, "Serwer poczty nie odpowiada.")


@pytest.mark.parametrize(
    ("seen", "kinds"),
    [
        ({}, []),
        ({"sweep": LONG}, [AlarmKind.SWEEP]),
        ({"sweep": JUST}, []),
        ({"engine": LONG, "sweep": LONG, "backlog": ONE}, [AlarmKind.ENGINE]),
        ({"engine": JUST, "sweep": JUST}, []),
        ({"register": LONG}, [AlarmKind.DATABASE]),
        ({"folder": (LONG, "Podłącz udział."), "files": ONE}, [AlarmKind.FOLDER]),
        ({"folder": (JUST, "Podłącz udział.")}, []),
        ({"files": ONE}, [AlarmKind.FILES]),
        ({"store": (JUST, "Sprawdź serwer S3.")}, []),
        ({"store": (LONG, "Sprawdź serwer S3."), "backlog": ONE, "queue": ONE}, [AlarmKind.STORE, AlarmKind.QUEUE]),
        ({"disks": (("EBOK_HOME", "Wolne: 0.5 GB."),)}, [AlarmKind.DISK]),
        ({"runs": (("Raport dnia", LONG),)}, [AlarmKind.RUN]),
        ({"queue": ONE, "stuck": ONE, "quarantined": ONE}, [AlarmKind.QUEUE, AlarmKind.STUCK, AlarmKind.QUARANTINE]),
        ({"undecided": ONE, "bounced": ONE}, [AlarmKind.MESSAGES, AlarmKind.BOUNCES]),
        ({"mailbox": (LONG, "Zły login.")}, [AlarmKind.MAILBOX]),
        ({"differences": ONE}, [AlarmKind.DIFFERENCES]),
        ({"failing": (_failing(),)}, [AlarmKind.EMAIL]),
        ({"failing": (_failing(since=JUST),)}, []),
        ({"failing": (_failing(refused=3, closed=False),), "late": Waiting(3, LONG)}, [AlarmKind.EMAIL]),
        ({"failing": (_failing(refused=1, closed=False),), "late": ONE}, [AlarmKind.MESSAGES]),
    ],
)
def test_each_cause_is_one_trouble_and_what_follows_from_it_is_none(
    seen: dict[str, Any], kinds: list[AlarmKind]
) -> None:
    assert [one.kind for one in evaluate(Observed(AT, **seen)).troubles] == kinds


def test_of_what_a_trouble_hides_nothing_is_known_to_be_over() -> None:
    away = evaluate(Observed(AT, register=JUST, runs=()))
    assert away.troubles == ()
    assert {AlarmKind.EMAIL, AlarmKind.QUARANTINE, AlarmKind.SWEEP} <= away.unknown
    assert AlarmKind.RUN in evaluate(Observed(AT)).unknown, "nobody asked the engine"
    assert evaluate(Observed(AT, runs=())).unknown == frozenset()


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        ({"sweep": JUST}, AlarmKind.SWEEP),
        ({"engine": JUST}, AlarmKind.ENGINE),
        ({"folder": (JUST, "Podłącz udział.")}, AlarmKind.FOLDER),
        ({"store": (JUST, "Sprawdź serwer S3.")}, AlarmKind.STORE),
        ({"mailbox": (JUST, "Zły login.")}, AlarmKind.MAILBOX),
        ({"failing": (_failing(since=JUST),)}, AlarmKind.EMAIL),
        ({"near": frozenset({AlarmKind.DISK})}, AlarmKind.DISK),
        ({"failing": (_failing(refused=2, closed=False),)}, AlarmKind.EMAIL),
        ({"failing": (_failing(since=JUST),), "late": ONE}, AlarmKind.MESSAGES),
    ],
)
def test_what_is_wrong_again_already_is_not_told_to_be_over(seen: dict[str, Any], kind: AlarmKind) -> None:
    found = evaluate(Observed(AT, runs=(), **seen))
    assert found.troubles == ()
    assert kind in found.unknown
    assert kind not in evaluate(Observed(AT, runs=())).unknown


def test_what_is_two_together_counts_together_and_lasts_since_the_longer() -> None:
    (one,) = evaluate(Observed(AT, undecided=Waiting(2, JUST), late=Waiting(3, LONG))).troubles
    assert (one.waits, one.since) == (5, LONG)


def test_each_kind_has_its_words() -> None:
    assert set(WORDS) == set(AlarmKind)
    assert all(hidden <= set(AlarmKind) for hidden in HIDES.values())
