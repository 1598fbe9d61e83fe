"""Digital forms with and without mischief: what is trusted should be what a person reads on the page.

    python -m benchmarks.digital --count 300 --seed 4001

draws that many forms filled in on a computer as programs leave them, and as many with one mischief each
(``specimens.mischief``), reads all of them alone and with the customer list, and prints the tables.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from random import Random

from benchmarks.drawing import TODAY
from benchmarks.eight_thousand import customers
from benchmarks.scoring import share, table
from benchmarks.sharing import shared_out
from benchmarks.straight_through import directory_of
from customers.matching import corroborate
from customers.records import ListDirectory
from forms.catalogue import current_forms
from forms.kinds import Value
from ocr.reading import read_file
from specimens.changed_sheet import UNCLEAR
from specimens.digital import MAKES, DigitalForm, digital_form, handled
from specimens.mischief import MISCHIEFS, merged, mischievous
from specimens.people import CustomerRow, values_for

CLEAN = "none"
_ALL = (*MISCHIEFS, "merged", "photograph", "remark")


@dataclass(frozen=True)
class Field:
    """One field of one form: what is seen, what was read, with the list and alone."""

    number: int
    mischief: str
    name: str
    seen: Value
    value: Value
    trusted: bool
    listed: Value
    listed_trusted: bool
    doubt: str | None
    seconds: float

    @property
    def wrong(self) -> bool:
        """Trusted, but not what a person would read."""
        return (self.trusted and self.value != self.seen) or (self.listed_trusted and self.listed != self.seen)


def drawn(number: int, mischief: str, seed: int) -> DigitalForm:
    """The form of that number."""
    rng = Random(f"{seed}:{number}:{mischief}")
    form = current_forms()[number % len(current_forms())]

    def filled() -> dict[str, Value]:
        return {**values_for(form, rng.choice(_everyone()), rng.randrange(10**9), TODAY), "signature": True}

    if mischief == CLEAN:
        made = digital_form(form, filled(), MAKES[number // len(current_forms()) % len(MAKES)], rng.randrange(10**9))
        return DigitalForm(form, handled(made.data, rng.randrange(10**9)), made.seen)
    if mischief == "merged":
        makes = rng.choice((("fields", "fields"), ("fields", "flattened"), ("typed", "fields")))
        return merged(*(digital_form(form, filled(), make, rng.randrange(10**9)) for make in makes))
    return mischievous(form, filled(), mischief, rng.randrange(10**9))


def read(task: tuple[int, str], seed: int, keep: Path | None = None) -> list[Field]:
    """Draw and read one form; files with a fault are kept where ``keep`` says."""
    number, mischief = task
    made = drawn(number, mischief, seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "form.pdf"
        path.write_bytes(made.data)
        start = time.process_time()
        found = read_file(path, today=TODAY)
        seconds = (time.process_time() - start) / len(made.seen)
    ours = [one.submission for one in found.documents if one.submission is not None]
    fields: list[Field] = []
    for at, seen in enumerate(made.seen):
        alone = ours[at] if at < len(ours) else None
        listed = None if alone is None else corroborate(alone, _directory())
        for name, right in seen.items():
            if alone is None or listed is None:
                fields.append(Field(number, mischief, name, right, None, False, None, False, "not read", seconds))
                continue
            one, other = alone.fields[name], listed.fields[name]
            fields.append(
                Field(
                    *(number, mischief, name, right, one.value, one.trusted),
                    *(other.value, other.trusted, one.doubt, seconds),
                )
            )
        if alone is not None and alone.paper != (mischief == "photograph"):
            fields.append(
                Field(number, mischief, "paper", mischief == "photograph", alone.paper, True, None, False, None, 0)
            )
    if keep is not None and any(one.wrong for one in fields):
        (keep / f"{number:03}-{mischief}.pdf").write_bytes(made.data)
    return fields


@cache
def _everyone() -> list[CustomerRow]:
    return customers()


@cache
def _directory() -> ListDirectory:
    return directory_of(_everyone())


def report(fields: Sequence[Field]) -> str:
    """The tables: trust and errors by mischief, wrong trusted values, the frequent doubts of forms without mischief."""
    rows = []
    for mischief in dict.fromkeys(one.mischief for one in fields):
        part = [one for one in fields if one.mischief == mischief]
        right = sum(one.value == one.seen for one in part if one.seen != UNCLEAR)
        clear = sum(one.seen != UNCLEAR for one in part)
        rows.append(
            (
                *(mischief.replace("_", " "), str(len({one.number for one in part})), str(len(part))),
                *(share(right, clear), share(sum(one.trusted for one in part), len(part))),
                *(str(sum(one.wrong for one in part)), f"{sum(one.seconds for one in part) / len(part):.2f}"),
            )
        )
    head = ("mischief", "forms", "fields", "right", "trusted", "trusted wrong", "CPU seconds a page")
    wrong = [f"- {one.number} {one.mischief} {one.name}: {one}" for one in fields if one.wrong]
    clean = [one for one in fields if one.mischief == CLEAN and not one.trusted]
    doubts = Counter((one.name, one.doubt) for one in clean).most_common(25)
    return "\n".join([table(head, rows), "", *wrong, "", *(f"- {n} {name}: {doubt}" for (name, doubt), n in doubts)])


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=4001)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", choices=(CLEAN, *_ALL), help="one sort only")
    parser.add_argument("--keep", type=Path, help="a folder for the files in which something was trusted wrong")
    given = parser.parse_args()
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    sorts = [given.only] * given.count if given.only else [_ALL[at % len(_ALL)] for at in range(given.count)]
    tasks = list(enumerate(sorts)) + ([] if given.only else [(at, CLEAN) for at in range(given.count)])
    fields = [
        one
        for found in shared_out(partial(read, seed=given.seed, keep=given.keep), tasks, given.jobs, "forms")
        for one in found
    ]
    print(report(fields))


if __name__ == "__main__":
    main()
