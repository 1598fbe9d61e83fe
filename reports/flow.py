"""What came in a span, how it ended, how long that took, and how it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

import pandas as pd

from documents.states import State
from reports.counting import (
    by_step,
    crossed,
    judged,
    middle,
    most,
    named,
    present,
    ranked,
    settled,
    share_untouched,
    within,
)
from reports.facts import Facts
from reports.model import Cell, Plot, ReportSection, ReportTable, Series, Share, totalled
from reports.wording import ENDINGS, WRITTEN, name_of, step_name, titles, why, why_refused, written
from review.wording import CHANNELS, STATES


def arrivals(found: Facts) -> ReportSection:
    """What came, by form and way in, and what has become of it by now."""
    rows, names = within(found.arrived, found.span), titles()
    ways = {code: name for code, name in CHANNELS.items() if (rows["channel"] == code).any()}
    outcomes = {**{state: name for state, name in STATES.items() if state not in ENDINGS}, **ENDINGS}
    outcomes = {state: name for state, name in outcomes.items() if (rows["state"] == state).any()}
    return ReportSection(
        "przyszlo",
        "Co przyszło",
        (
            ReportTable(
                "Formularze i drogi, którymi przyszły",
                ("Formularz", *ways.values(), "razem"),
                totalled(crossed(rows, "form", "channel", names, ways)),
            ),
            ReportTable(
                "Co się z tym stało do teraz",
                ("Formularz", *outcomes.values(), "razem"),
                totalled(crossed(rows, "form", "state", names, outcomes)),
            ),
        ),
        note="Każdy formularz liczy się osobno, także gdy kilka było w jednym pliku.",
    )


def endings(found: Facts) -> ReportSection:
    """What ended in the span, whenever it came, and why documents were rejected."""
    rows = within(found.ended, found.span)
    refused = rows[rows["state"] == State.REJECTED.value]
    put_away = rows[rows["state"] == State.QUARANTINED.value]
    return ReportSection(
        "zakonczone",
        "Co się zakończyło",
        (
            ReportTable(
                "Zakończone w tych dniach, kiedykolwiek przyszły",
                ("Formularz", *ENDINGS.values(), "razem"),
                totalled(crossed(rows, "form", "state", titles(), ENDINGS)),
                note="Sprawa otwarta ponownie liczy się dopiero wtedy, gdy znowu się zakończy.",
            ),
            _reasons("Dlaczego odrzucono", refused, why_refused),
            _reasons("Dlaczego trafiły do kwarantanny", put_away, why),
        ),
    )


def untouched(found: Facts) -> ReportSection:
    """How much went straight through, by form and by how it was filled in."""
    rows = judged(within(found.arrived, found.span))
    by_form = rows.assign(group=named(rows["form"], titles()))
    how = [written(way, by_hand=bool(pen)) for way, pen in zip(rows["channel"], rows["by_hand"], strict=True)]
    by_pen = rows.assign(group=how)
    return ReportSection(
        "bez-czlowieka",
        "Bez udziału człowieka",
        (
            ReportTable(
                "Według formularza",
                ("Formularz", "bez udziału człowieka"),
                _shares(by_form, present(rows["form"], titles())),
            ),
            ReportTable(
                "Według tego, jak je wypełniono",
                ("Jak wypełniono", "bez udziału człowieka"),
                _shares(by_pen, [name for name in WRITTEN.values() if name in how]),
            ),
        ),
        note="Z tego, co przyszło w tych dniach i zostało już ocenione, ile program załatwił albo odrzucił sam. "
        "Powtórzeń i plików w kwarantannie tu nie ma.",
    )


def times(found: Facts) -> ReportSection:
    """How long customers waited, from arrival until their case was settled."""
    rows = settled(within(found.ended, found.span))
    names = titles()
    forms = named(rows["form"], names)
    lines = [_time_line(name, rows[forms == name]) for name in present(rows["form"], names)]
    if len(lines) > 1:
        lines.append(_time_line("Razem", rows))
    return ReportSection(
        "czas",
        "Jak długo to trwało",
        (
            ReportTable(
                "Od wpływu do załatwienia albo odrzucenia",
                ("Formularz", "spraw", "połowa w ciągu", "95 na 100 w ciągu", "najdłużej"),
                tuple(lines),
                note="Sprawy zakończone w tych dniach, kiedykolwiek przyszły. Liczą się też noce i dni wolne.",
            ),
        ),
    )


def trend(found: Facts) -> ReportSection:
    """Volume, waiting and what went straight through, step by step."""
    span = found.span.drawn
    came, decided = by_step(found.arrived, span), by_step(judged(found.arrived), span)
    ended = by_step(settled(found.ended), span)
    names = tuple(step_name(step, span) for step in span.steps)
    lines: list[tuple[Cell, ...]] = []
    for step, name in zip(span.steps, names, strict=True):
        took = ended(step)["took"]
        share = share_untouched(decided(step))
        lines.append((name, len(came(step)), len(took), middle(took), most(took), share))
    _, *columns = (tuple(_number(cell) for cell in column) for column in zip(*lines, strict=True))
    heads = ("przyszło", "załatwiono lub odrzucono", "połowa w ciągu", "95 na 100 w ciągu", "bez udziału człowieka")
    arrived, settled_then, half, most_of_them, untouched_then = map(Series, heads, columns)
    return ReportSection(
        "dzien-po-dniu",
        f"Jak to się zmienia: {name_of(span)}",
        (ReportTable("Liczby po kolei", ("Od kiedy", *heads), tuple(lines)),),
        (
            Plot("Ile przyszło i ile załatwiono lub odrzucono", "spraw", names, (arrived, settled_then), bars=True),
            Plot("Jak długo to trwało", "godzin", names, (half, most_of_them)),
            Plot("Ile poszło bez udziału człowieka", "%", names, (untouched_then,), top=100.0),
        ),
    )


def _shares(rows: pd.DataFrame, names: Iterable[str]) -> tuple[tuple[Cell, ...], ...]:
    lines: list[tuple[Cell, ...]] = [(name, share_untouched(rows[rows["group"] == name])) for name in names]
    return (*lines, ("Razem", share_untouched(rows))) if len(lines) > 1 else tuple(lines)


def _time_line(name: str, rows: pd.DataFrame) -> tuple[Cell, ...]:
    took = rows["took"]
    return name, len(rows), middle(took), most(took), took.max().to_pytimedelta()


def _reasons(caption: str, rows: pd.DataFrame, words: Callable[[object], str]) -> ReportTable:
    found = ranked(map(words, rows["reason_code"]), [1] * len(rows))
    return ReportTable(caption, ("Powód", "spraw"), totalled(found))


def _number(cell: Cell) -> float | None:
    """A cell as it is drawn: times in hours, shares in per cent."""
    match cell:
        case timedelta():
            return cell / timedelta(hours=1)
        case Share():
            return None if cell.value is None else cell.value * 100
        case int():
            return float(cell)
        case _:
            return None
