"""Damaged files, as bytes or as PDFs: each mutator takes a file and a source of chance."""

from __future__ import annotations

import io
import re
import struct
import warnings
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from random import Random
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, String

Mutator = Callable[[bytes, Random], bytes]

_EXTREMES: Final = (0, 1, -1, 255, 65_535, 2**31 - 1, 2**32 - 1, 2**63 - 1)
_NUMBER: Final = re.compile(rb"(?<![\w.])\d{1,7}(?![\w.])")
_MOST_OBJECTS: Final = 5_000


def flipped(data: bytes, chance: Random) -> bytes:
    """Some bits are others."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 20, 200))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(data: bytes, chance: Random) -> bytes:
    """Only the beginning came."""
    return data[: chance.randrange(1, len(data))]


def removed(data: bytes, chance: Random) -> bytes:
    """A piece within is missing."""
    at, length = _range(data, chance)
    return data[:at] + data[at + length :]


def inserted(data: bytes, chance: Random) -> bytes:
    """Noise stands between."""
    at, length = _range(data, chance)
    return data[:at] + chance.randbytes(length) + data[at:]


def doubled(data: bytes, chance: Random) -> bytes:
    """A piece stands there twice, or many times."""
    at, length = _range(data, chance)
    return data[:at] + data[at : at + length] * chance.choice((2, 3, 50)) + data[at + length :]


def zeroed(data: bytes, chance: Random) -> bytes:
    """A piece is nothing but zeros."""
    at, length = _range(data, chance)
    return data[:at] + bytes(len(data[at : at + length])) + data[at + length :]


def renumbered(data: bytes, chance: Random) -> bytes:
    """A number is another one: one written in digits, or the four bytes of a binary format."""
    written = list(_NUMBER.finditer(data)) if data.startswith(b"%PDF") else []
    if written:
        found, number = chance.choice(written), str(chance.choice(_EXTREMES)).encode()
        return data[: found.start()] + number + data[found.end() :]
    # The numbers that matter (sizes, counts, offsets) stand at the beginning, or in a directory anywhere.
    at = chance.randrange(min(len(data), 512) if chance.random() < 0.7 else len(data))
    four = struct.pack(chance.choice(("<I", ">I")), chance.choice(_EXTREMES) & 0xFFFFFFFF)
    return data[:at] + four[: len(data) - at] + data[at + 4 :]


BYTES: Final[Mapping[str, Mutator]] = {
    each.__name__: each for each in (flipped, cut, removed, inserted, doubled, zeroed, renumbered)
}
"""Mutators of any file."""


def key_deleted(pdf: pikepdf.Pdf, chance: Random) -> None:
    """Some object lacks something."""
    for place, key in _some_entries(pdf, chance):
        del place[key]


def type_swapped(pdf: pikepdf.Pdf, chance: Random) -> None:
    """Something is of a kind that nobody expects there."""
    for place, key in _some_entries(pdf, chance):
        # Made anew each time: one that held itself directly no library could write.
        others = (True, 7, Decimal("-1.5"), String("x"), Name.X, Array([]), Array([1, Name.Y]), Dictionary(A=1))
        place[key] = chance.choice(others)


def number_extreme(pdf: pikepdf.Pdf, chance: Random) -> None:
    """A number is huge, or less than nothing."""
    numbers = [(place, key) for place, key in _entries(pdf) if isinstance(place[key], int | Decimal)]
    for place, key in chance.sample(numbers, min(len(numbers), chance.choice((1, 5, 40)))):
        place[key] = chance.choice((*_EXTREMES, -(2**31), Decimal("0.000000001"), Decimal(10) ** 30))


def self_reference(pdf: pikepdf.Pdf, chance: Random) -> None:
    """An object holds itself, or one that holds it."""
    indirect = [place for place in _places(pdf) if getattr(place, "is_indirect", False)]
    for place, key in _some_entries(pdf, chance):
        place[key] = chance.choice(indirect)


def page_tree_loop(pdf: pikepdf.Pdf, chance: Random) -> None:
    """Whoever goes through the pages comes back to where he was."""
    pages = pdf.Root.Pages
    pages.Kids.append(chance.choice((pages, pdf.Root, pages.Kids[0])))
    pages[Name.Count] = chance.choice((1, 2, 1000, 2**31 - 1))
    if chance.random() < 0.5:
        pages[Name.Parent] = pages


def resources_missing(pdf: pikepdf.Pdf, chance: Random) -> None:
    """What the pages draw with is not there, or is itself."""
    for page in pdf.pages:
        if chance.random() < 0.5:
            page.obj[Name.Resources] = Dictionary()
        else:
            page.obj[Name.Resources] = page.obj


def many_objects(pdf: pikepdf.Pdf, chance: Random) -> None:
    """Thousands of objects hang on one another."""
    last: Any = Dictionary()
    for number in range(chance.randrange(100, _MOST_OBJECTS)):
        last = pdf.make_indirect(Dictionary(Next=last, Number=number))
    pdf.Root[Name.Outlines] = last


def many_annotations(pdf: pikepdf.Pdf, chance: Random) -> None:
    """The page is covered with remarks, some without a place."""
    kinds = (Name.Text, Name.Stamp, Name.FreeText, Name.Link, Name.Widget, Name.Popup, Name.Ink, Name.Unheard)
    notes = Array()
    for number in range(chance.randrange(100, _MOST_OBJECTS)):
        note = Dictionary(Type=Name.Annot, Subtype=chance.choice(kinds), Contents=String("x" * (number % 50)))
        if chance.random() < 0.9:
            left, low = chance.randrange(600), chance.randrange(850)
            note[Name.Rect] = Array([left, low, left + 20, low + 20])
        notes.append(pdf.make_indirect(note))
    pdf.pages[0].obj[Name.Annots] = notes


def fonts_without_map(pdf: pikepdf.Pdf, chance: Random) -> None:
    """Fonts do not say what their signs mean, or lie about it."""
    for place in _places(pdf):
        if isinstance(place, Array) or place.get("/Type") != Name.Font:
            continue
        for key in (Name.ToUnicode, Name.Encoding, Name.Widths, Name.FontDescriptor, Name.DescendantFonts):
            if key in place and chance.random() < 0.6:
                del place[key]
        if chance.random() < 0.5:
            place[Name.ToUnicode] = pdf.make_stream(b"1 beginbfrange <00> <ffffffff> <0041> endbfrange" * 50)


_STRUCTURE: Final = (
    *(key_deleted, type_swapped, number_extreme, self_reference, page_tree_loop),
    *(resources_missing, many_objects, many_annotations, fonts_without_map),
)


def _on_structure(change: Callable[[pikepdf.Pdf, Random], None]) -> Mutator:
    def mutate(data: bytes, chance: Random) -> bytes:
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(data)) as pdf, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pikepdf sees what is wrong with it
            change(pdf, chance)
            try:
                pdf.save(out, deterministic_id=True)
            except (pikepdf.PdfError, RuntimeError):
                return flipped(data, chance)  # changed so far that no library writes it any more
        return out.getvalue()

    return mutate


STRUCTURE: Final[Mapping[str, Mutator]] = {each.__name__: _on_structure(each) for each in _STRUCTURE}
"""Mutators of a PDF."""


def _range(data: bytes, chance: Random) -> tuple[int, int]:
    return chance.randrange(len(data)), chance.choice((1, 4, 16, 100, 1000, max(1, len(data) // 4)))


def _places(pdf: pikepdf.Pdf) -> list[Any]:
    """All dictionaries, streams and arrays of a PDF, in an order that is always the same."""
    found: list[Any] = []
    for top in pdf.objects:
        found += _within(top, 6)
    return found


def _within(place: Any, depth: int) -> Iterator[Any]:
    if isinstance(place, Dictionary | Array | pikepdf.Stream) and depth:
        yield place
        for _, value in _items(place):
            if not getattr(value, "is_indirect", False):
                yield from _within(value, depth - 1)


def _items(place: Any) -> list[tuple[Any, Any]]:
    return list(enumerate(place)) if isinstance(place, Array) else list(place.items())


def _entries(pdf: pikepdf.Pdf) -> list[tuple[Any, Any]]:
    """Each place with something in it, and under which key or number; not what no library lets be changed."""
    return [(place, key) for place in _places(pdf) for key, _ in _items(place) if key != "/Length"]


def _some_entries(pdf: pikepdf.Pdf, chance: Random) -> Iterator[tuple[Any, Any]]:
    """A few of them, looked up again for each: what was there may be gone with the one before."""
    for _ in range(chance.choice((1, 5, 40))):
        if entries := _entries(pdf):
            yield chance.choice(entries)
