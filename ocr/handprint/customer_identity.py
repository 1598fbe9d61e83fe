"""Whose form a handwritten page is: the one customer of the register whose data fit the writing as a whole.

Customer numbers follow each other, so a number with one digit misread is another customer's. Therefore a customer is
accepted only when his number fits the cells, and so does one more factor (name, PESEL or NIP, the whole address), and
he fits clearly better than everybody else who comes into question. Where something written speaks against him, nothing
is stretched to fit him: only what can be read as his without him counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from forms.form import Field
from ocr.handprint.decoding import Candidate
from ocr.handprint.likelihood import Cost, Fit, fit
from ocr.handprint.writings import writings
from ocr.knowledge import Knowledge, Row

NUMBERS: Final = ("customer_no", "pesel", "nip")
ADDRESS: Final = ("street", "house", "flat", "postcode", "town")
_SOUGHT: Final = (*NUMBERS, "phone")
"""Columns of the register in which the candidates of a field are looked up."""

_SLACK: Final = {
    "customer_no": 5.0, "pesel": 6.0, "nip": 6.0, "name": 7.0, "street": 7.0, "house": 5.0, "flat": 5.0,
    "postcode": 6.0, "town": 7.0, "phone": 5.0,
}  # fmt: skip
"""How far (``Fit.distance``) the register's value may be from the likeliest reading and still be what was written:
about as much as another value, close to it and yet different, is rarer on a form than the register's own."""
_UNSTRETCHED: Final = 1.5
"""The same where something else on the page speaks against the customer."""
_LEAST_LEAD: Final = 3.0
_MOST: Final = 12.0
"""No field speaks more against a customer than this."""
_COMPARED: Final = 6
"""Customers who are held against the whole page."""

Combs = Mapping[str, Sequence[Cost]]


@dataclass(frozen=True, slots=True)
class Identity:
    """A customer and how the page fits him.

    ``row`` is what the register says of him. ``fits`` holds the fields, the telephone too, in which that is what was
    written, ``against`` those identifying ones in which it is not. ``lead`` is how much better he fits than the next
    one, in natural logarithms.
    """

    row: Row
    fits: Mapping[str, Fit]
    against: frozenset[str]
    lead: float


def identify_customer(
    fields: Mapping[str, Field],
    combs: Combs,
    decoded: Mapping[str, Sequence[Candidate]],
    knowledge: Knowledge,
) -> Identity | None:
    """The customer whom the page fits; None when there is none or it is not clear who.

    ``fields`` are those written on the page, ``combs`` what their cells may say, ``decoded`` their likeliest values.
    """
    if "customer_no" not in fields:
        return None
    rows = _sought(decoded, knowledge)
    if not rows:
        return None
    found = [_fits(fields, combs, row, NUMBERS) for row in rows]
    order = sorted(range(len(rows)), key=lambda at: -_total(found[at]))[:_COMPARED]
    order = [at for at in order if _total(found[at]) > _total(found[order[0]]) - _MOST]
    whole = {at: found[at] | _fits(fields, combs, rows[at], ("name", *ADDRESS)) for at in order}
    best, *others = sorted(order, key=lambda at: -_total(whole[at]))
    lead = min([_MOST, *(_total(whole[best]) - _total(whole[at]) for at in others)])
    if lead < _LEAST_LEAD:
        return None
    return _identity(whole[best], _fits(fields, combs, rows[best], ("phone",)), fields, rows[best], lead)


def _sought(decoded: Mapping[str, Sequence[Candidate]], knowledge: Knowledge) -> Sequence[Row]:
    wanted = {name: {candidate.value for candidate in decoded.get(name, ())} for name in _SOUGHT}
    return knowledge.customers({name: values for name, values in wanted.items() if values})


def _fits(fields: Mapping[str, Field], combs: Combs, row: Row, names: Sequence[str]) -> dict[str, Fit]:
    """How the fields of these names fit the row; fields that are not written, or not known, are left out."""
    found = {}
    for name in names:
        if name in fields and (ways := writings(fields[name], row)):
            fitted = [fit(combs[name], fields[name].kind.to_comb(way), way) for way in ways]
            found[name] = max(fitted, key=lambda one: one.distance)
    return found


def _total(fits: Mapping[str, Fit]) -> float:
    return sum(max(one.distance, -_MOST) for one in fits.values())


def _identity(
    fits: Mapping[str, Fit], contacts: Mapping[str, Fit], fields: Mapping[str, Field], row: Row, lead: float
) -> Identity | None:
    against = frozenset(name for name, one in fits.items() if one.distance < -_SLACK[name])
    slack = dict.fromkeys(_SLACK, _UNSTRETCHED) if against else _SLACK
    good = {name: one for name, one in {**fits, **contacts}.items() if one.distance >= -slack.get(name, _UNSTRETCHED)}
    if "customer_no" not in good or not _second_factor(good, fields, row):
        return None
    return Identity(row, good, against, lead)


def _second_factor(good: Mapping[str, Fit], fields: Mapping[str, Field], row: Row) -> bool:
    """Whether name, PESEL, NIP or the whole address fits beside the number."""
    if any(name in good for name in ("name", "pesel", "nip")):
        return True
    known = [name for name in ADDRESS if row.get(name)]
    return (
        "house" in good
        and all(name in good for name in known)
        and all(name in known for name in ADDRESS if name in fields)
    )
