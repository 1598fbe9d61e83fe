"""Whether a reading can be right, judged at once and said in words; none is refused for it.

What speaks against a reading is told to its customer, who corrects it or says that it is so; then a clerk looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from billing.metering.history import Shown, periods_of
from billing.metering.tables import Doubt
from billing.metering.usual import usual
from forms.wording import counted

_TIMES: Final = 2.5
_ALWAYS: Final = 5.0
"""Cubic metres beyond so many times what is usual."""
_UNKNOWN: Final = (100.0, 3.0)
"""Where nothing is usual yet: cubic metres, and cubic metres a day, that no household uses."""
_RED: Final = 3
"""Digits of a meter after the point."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What speaks against a reading, in Polish; ``meant`` is the value that would fit, where one does."""

    doubt: Doubt
    told: str
    meant: int | None = None


@dataclass(frozen=True, slots=True)
class _Room:
    """What may have been used since the last reading: ``expected`` None where nothing is usual yet."""

    last: Shown
    days: int
    expected: float | None

    def used(self, value: int) -> float:
        return float(value - self.last.value)

    def fits(self, value: int) -> bool:
        """A whole number may be the one before: meters are read to the litre by others."""
        used = self.used(value)
        if used <= -1:
            return False
        if self.expected is None:
            most, a_day = _UNKNOWN
            return used <= max(most, a_day * self.days)
        return used <= _ALWAYS + _TIMES * self.expected


def judge(shown: Sequence[Shown], value: int, day: date, his_since: date) -> Judged | None:
    """What speaks against that value on that day, after what the meter showed before; None where nothing does.

    What is usual is told by what it showed since ``his_since``, when it became this customer's.
    """
    before = [one for one in shown if one.day < day or (one.day == day and one.number is None)]
    if not before:
        return None
    last = before[-1]
    history = periods_of(before, his_since)
    known = usual(history, last.day, day) if day > last.day else None
    days = (day - last.day).days
    room = _Room(last, days, None if known is None else known.rate * days)
    if room.fits(value):
        return None
    near = _nearest(room, value)
    if near is not None:
        kind, meant = near
        return Judged(kind, f"{_trouble(room, value)} {_GUESSES[kind].format(meant)}", meant)
    return Judged(Doubt.LOWER if room.used(value) < 0 else Doubt.FAR_ABOVE, _trouble(room, value))


_GUESSES: Final = {
    Doubt.RED_DIGITS: "Czy nie są to też czerwone cyfry? Bez nich byłoby {} m³.",
    Doubt.SWAPPED: "Czy nie zamieniły się miejscami dwie cyfry? Zwykłe byłoby {} m³.",
}


def told_second(before: int, day: date) -> Judged:
    """For that day another value is with billing already."""
    return Judged(
        Doubt.SECOND_VALUE,
        f"Na {day:%d.%m.%Y} mamy już od Ciebie odczyt {before} m³ i przekazaliśmy go do rozliczeń.",
    )


def _trouble(room: _Room, value: int) -> str:
    last, used = room.last, room.used(value)
    shown = f"{int(last.value)} m³"
    if used < 0:
        how = " (to był szacunek)" if last.estimated else ""
        return f"To mniej niż ostatnio: {last.day:%d.%m.%Y} było {shown}{how}, a wodomierz się nie cofa."
    since = f"{room.days} {counted(room.days, 'dzień', 'dni', 'dni')}"
    if room.expected is None:
        return f"To byłoby {used:.0f} m³ w {since}: ostatnio, {last.day:%d.%m.%Y}, było {shown}."
    return f"To byłoby {used:.0f} m³ w {since}, a zwykle w tym czasie zużywasz około {max(room.expected, 1):.0f} m³."


def _nearest(room: _Room, value: int) -> tuple[Doubt, int] | None:
    """The value that may have been meant: the one nearest to what is expected."""
    expected = float(room.last.value) + (room.expected or 0)
    fitting = [one for one in _meant(value, room.last.value) if room.fits(one[1]) and room.used(one[1]) >= 0]
    return min(fitting, key=lambda one: abs(one[1] - expected), default=None)


def _meant(value: int, last: Decimal) -> Iterator[tuple[Doubt, int]]:
    """Values that become this one by a usual slip."""
    if value > last:
        for digits in range(1, _RED + 1):
            yield Doubt.RED_DIGITS, value // 10**digits
    text = str(value)
    for at in range(len(text) - 1):
        if text[at] != text[at + 1]:
            swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
            if not swapped.startswith("0"):
                yield Doubt.SWAPPED, int(swapped)
