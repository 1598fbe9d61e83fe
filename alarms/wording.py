"""An alarm in a sentence, the same at the desk, in `ebok status`, in the report, in the workflow engine and by mail."""

from __future__ import annotations

from typing import Any

from alarms.kinds import WORDS, AlarmKind
from alarms.tables import Alarm
from environment import clock


def heading(alarm: Alarm) -> str:
    """What is wrong, in a few words."""
    name = WORDS[AlarmKind(alarm.kind)].name
    return f"{name}: {alarm.subject}" if alarm.subject else name


def line(alarm: Alarm) -> str:
    """What is wrong, since when, what waits, why, and what to do."""
    words = WORDS[AlarmKind(alarm.kind)]
    parts = [f"{heading(alarm)}, od {clock.local_time(alarm.since)}."]
    if alarm.waits and words.waits:
        parts.append(f"Czeka ({words.waits}): {alarm.waits}.")
    parts += [part for part in (alarm.detail, words.advice) if part]
    return " ".join(parts)


def end(alarm: Alarm) -> str:
    """That it is over, and how long it lasted."""
    assert alarm.closed_at is not None
    since, until = clock.local_time(alarm.since), clock.local_time(alarm.closed_at)
    return f"Skończyło się: {heading(alarm)}. Trwało od {since} do {until}."


def told(alarm: Alarm) -> dict[str, Any]:
    """As JSON values: kind, subject, name, since, waits, detail, advice, line (all of it in a sentence)."""
    return {
        "kind": alarm.kind,
        "subject": alarm.subject,
        "name": WORDS[AlarmKind(alarm.kind)].name,
        "since": alarm.since.isoformat(timespec="seconds"),
        "waits": alarm.waits,
        "detail": alarm.detail,
        "advice": WORDS[AlarmKind(alarm.kind)].advice,
        "line": line(alarm),
    }
