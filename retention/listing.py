"""The table of what is kept, as people read it: with the periods in force."""

from __future__ import annotations

from typing import Final

from retention.table import KINDS, DataCategory

_HEADS: Final = ("Co", "Po co", "Podstawa", "Jak długo (ustawienie)", "Co potem")


def periods() -> list[tuple[DataCategory, str]]:
    """Each kind with its period in force, in Polish."""
    return [(kind, _period(kind)) for kind in KINDS]


def markdown() -> str:
    """The table with the periods in force, for the register of processing."""
    lines = [_HEADS, ("---",) * len(_HEADS)]
    for kind, period in periods():
        named = f" (`EBOK_{kind.setting.upper()}`)" if kind.setting else ""
        lines.append((kind.name, kind.purpose, kind.basis, period + named, kind.then))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _period(kind: DataCategory) -> str:
    if kind.setting is None:
        return kind.period
    return f"{kind.days} dni {kind.counted}" if kind.days else "bezterminowo"
