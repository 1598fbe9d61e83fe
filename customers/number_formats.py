"""What a number looks like in a cell of a spreadsheet, by the format of the cell.

Of 5123 a person sees '05-123' where the cell has Excel's format of post codes, and nothing where it has ';;;'. Only
what is shown with certainty is told: whole numbers, by formats of digits and fixed signs.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final

_SIGN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[\$(?P<currency>[^]-]*)[^]]*\]|\[[^]]*\]|(?P<digit>[0#?])|'
    r"(?P<plain>[-+() :])"
)
"""In turn: fixed text, room as wide as a sign, filling, a currency, colours and conditions, digits, signs.

A bare stroke is none of them: it makes a fraction of the digits on both sides.
"""
_FIXED: Final = ("quoted", "escaped", "currency", "plain")
_SECTIONS: Final = re.compile(r'(?:"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|[^;])*')
_CONDITION: Final = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[0-9]+(?:\.[0-9]+)?)\]")
_HOLDS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_AS_IT_IS: Final = re.compile(r"(?:_.|\*.|\[[^\]]*\]| )*@(?:_.|\*.| )*")
_OF_TEXT: Final = 3
"""The section of texts, of a format that has one."""
_USUAL: Final = re.compile(r"General|Standard|[0#]?|#,##0", re.IGNORECASE)


def shown(number: float, code: str) -> str | None:
    """A number as a cell with that format shows it; None where its digits are shown, or where it is not certain how."""
    if not float(number).is_integer() or _USUAL.fullmatch(code):
        return None
    section = _section(number, sections(code))
    return None if section is None else _written(str(abs(int(number))), section)


def hides_numbers(code: str) -> bool:
    """Whether a number is not shown at all."""
    parts = sections(code)
    return len(parts) > 1 and not parts[0].strip()


def changes_text(code: str) -> bool:
    """Whether a text is not shown, or another one in its place."""
    parts = sections(code)
    if len(parts) <= _OF_TEXT and "@" not in parts[-1]:
        return False
    return not _AS_IT_IS.fullmatch(parts[-1] if len(parts) <= _OF_TEXT else parts[_OF_TEXT])


def sections(code: str) -> list[str]:
    """The parts of a format: for numbers above zero, below zero, zero, and texts."""
    found, at = [], 0
    while at <= len(code):
        match = _SECTIONS.match(code, at)
        assert match is not None, "the pattern takes the empty text as well"
        found.append(match[0])
        at = match.end() + 1
    return found


def _section(number: float, parts: list[str]) -> str | None:
    """The part that counts for a number; None for one that is written with its sign."""
    conditions = [_CONDITION.search(part) for part in parts[:_OF_TEXT]]
    if any(conditions):
        met = (at for at, one in enumerate(conditions) if one is None or _HOLDS[one[1]](number, float(one[2])))
        at = next(met, None)
        return None if at is None or number < 0 else parts[at]
    if number < 0:
        return parts[1] if len(parts) > 1 else None
    return parts[2] if number == 0 and len(parts) > _OF_TEXT - 1 else parts[0]


def _written(digits: str, section: str) -> str | None:
    """Digits in the places of a format, from the right; what is too many stands at the first of them."""
    signs, at = list[tuple[str, bool]](), 0
    while at < len(section):
        match = _SIGN.match(section, at)
        if match is None:
            return None
        fixed = next((match[name] for name in _FIXED if match[name] is not None), "")
        signs.append((match["digit"], True) if match["digit"] else (fixed, False))
        at = match.end()
    places = sum(digit for _, digit in signs)
    rest, text = digits.lstrip("0"), ""
    for sign, digit in reversed(signs):
        if not digit:
            text = sign + text
            continue
        places -= 1
        taken, rest = (rest, "") if not places else (rest[-1:], rest[:-1])
        text = (taken or {"0": "0", "?": " "}.get(sign, "")) + text
    return text.strip() or None
