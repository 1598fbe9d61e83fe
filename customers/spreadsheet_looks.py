"""What a person sees of a sheet otherwise than it is stored: hidden, struck out, without colour, shown as another text.

A list is read as it is seen where that is certain: a number with the zeros that its format shows. All else is read as
it is stored, and told with its rows. Notes at cells are told, too: nobody reads them in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from zipfile import ZipFile

from lxml import etree

from customers.number_formats import changes_text, hides_numbers, shown
from customers.spreadsheet_parts import cells, elements, holds, opened, part_of, related, rows

_STYLES, _TEXTS = "xl/styles.xml", "xl/sharedStrings.xml"
_HIDDEN: Final = re.compile(
    rb"""<(?:\w+:)?(?:row|col)\s[^<>]*\b(?:hidden=["'](?:1|true)["']|(?:ht|width)=["']0(?:\.[0-9]*)?["'])"""
)
_STRUCK_TEXT: Final = re.compile(rb"<(?:\w+:)?strike\b")
_NONE: Final = ("0", "false")
_BUILT_IN: Final = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00"}
_WHITE, _BLACK = "FFFFFF", "000000"
_OF_THEME: Final = {"0": _WHITE, "1": _BLACK}
_INDEXED: Final = {"0": _BLACK, "8": _BLACK, "64": _BLACK, "1": _WHITE, "9": _WHITE, "65": _WHITE}
_LIKE: Final = 24
"""Tones by which letters must differ from their ground in some colour to be seen."""
_SMALLEST: Final = 3.0
"""Points: smaller letters nobody reads."""
_PROBES: Final = (1.0, 0.0, -1.0, 1e9)
"""Numbers of which at least one is changed by a format that changes any."""
_MOST_TOLD: Final = 10

_ROWS: Final = "Arkusz ma ukryte wiersze (na przykład filtr): wczytano je razem z widocznymi."
_COLUMNS: Final = "Arkusz ma ukryte kolumny: wczytano je razem z widocznymi."
_STRUCK: Final = "W arkuszu są przekreślone komórki: wczytano je jak pozostałe. Usuń wiersze, których ma nie być."
_UNSEEN: Final = (
    "W arkuszu są komórki, których treści nie widać albo widać inną (litery w kolorze tła, bardzo małe albo format, "
    "który je zmienia): wczytano to, co jest w nich zapisane."
)
_COVERED: Final = (
    "Na arkuszu leżą obrazki, wykresy albo kształty, które mogą zasłaniać komórki: wczytano to, co jest pod nimi."
)
_NOTED: Final = "W arkuszu są komentarze do komórek: nie są wczytywane. Jeśli coś zmieniają, popraw same komórki."


@dataclass(frozen=True, slots=True)
class Looks:
    """What the sheet shows by row and column (from 1) where that is another text than is stored, and what is told."""

    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Style:
    """How cells of a style look."""

    code: str
    struck: bool
    unseen: bool

    @property
    def ordinary(self) -> bool:
        """Whether what is stored is what is seen."""
        return (
            not self.struck
            and not self.unseen
            and not any(shown(each, self.code) for each in _PROBES)
            and not self._hides
        )

    @property
    def _hides(self) -> bool:
        return hides_numbers(self.code) or changes_text(self.code)

    def hides(self, kind: str) -> bool:
        """Whether nothing is seen of a cell of that kind."""
        return self.unseen or (changes_text if kind in ("s", "str", "inlineStr") else hides_numbers)(self.code)


def looks_of(content: bytes, sheet: str) -> Looks:
    """How that sheet looks; ValueError for a broken book."""
    with opened(content) as book:
        part, styles, struck = part_of(book, sheet), _styles(book), _struck_texts(book)
        lines: dict[str, set[int]] = {_ROWS: set(), _COLUMNS: set(), _STRUCK: set(), _UNSEEN: set()}
        texts: dict[tuple[int, int], str] = {}
        with book.open(part) as file:
            hidden = holds(file, _HIDDEN)
        if hidden:
            with book.open(part) as file:
                lines[_COLUMNS] = {1 for one in elements(file, "col") if _is_hidden(one, "width")}
            with book.open(part) as file:
                lines[_ROWS] = {line for line, row in rows(file) if _is_hidden(row, "ht")}
        with book.open(part) as file:
            odd = bool(struck) or holds(file, _pattern(styles))
        if odd:
            with book.open(part) as file:
                for line, column, cell in cells(file):
                    style = styles.get(cell.get("s", "0"))
                    kind, value = cell.get("t", "n"), _stored(cell)
                    if value is None:
                        continue
                    if (style and style.struck) or _is_struck(cell, kind, value, struck):
                        lines[_STRUCK].add(line)
                    if style is None:
                        continue
                    if style.hides(kind):
                        lines[_UNSEEN].add(line)
                    elif kind == "n" and (text := shown(float(value), style.code)) is not None:
                        texts[line, column] = text
        lines[_NOTED] = set(_noted(book, part))
        lines[_COVERED] = set(_covered(book, part))
    told = [one if one is _COLUMNS else f"{one} {_where(found)}" for one, found in lines.items() if found]
    return Looks(texts, told)


def _where(lines: set[int]) -> str:
    first = sorted(lines)[:_MOST_TOLD]
    more = f" i {len(lines) - len(first)} dalszych" if len(lines) > len(first) else ""
    return f"Wiersze: {', '.join(map(str, first))}{more}."


def _is_hidden(element: Any, size: str) -> bool:
    return element.get("hidden", "0") not in _NONE or float(element.get(size) or 1) < 1


def _pattern(styles: dict[str, _Style]) -> re.Pattern[bytes]:
    """What only a cell of such a style, or a text that is struck in part, has in a sheet."""
    numbers = "|".join(map(re.escape, styles))
    plain = rf"""<(?:\w+:)?c\s[^<>]*\bs=["'](?:{numbers})["']|""" if numbers else ""
    unnamed = r"<(?:\w+:)?c(?![^<>]*\ss=)|" if "0" in styles else ""
    return re.compile(f"{plain}{unnamed}<(?:\\w+:)?strike\\b".encode())


def _stored(cell: Any) -> str | None:
    """What is stored in a cell; None where nothing is."""
    for part in cell:
        name = etree.QName(part).localname
        if name == "v" and part.text:
            return str(part.text)
        if name == "is":
            return "".join(part.itertext())
    return None


def _is_struck(cell: Any, kind: str, value: str, struck: set[int]) -> bool:
    """Whether a part of a cell's text is struck out."""
    if kind == "s":
        return value.isdecimal() and int(value) in struck
    return any(one.get("val", "1") not in _NONE for one in cell.iterfind("{*}is/{*}r/{*}rPr/{*}strike"))


def _struck_texts(book: ZipFile) -> set[int]:
    """The numbers of shared texts of which a part is struck out."""
    if _TEXTS not in book.namelist():
        return set()
    with book.open(_TEXTS) as file:
        if not holds(file, _STRUCK_TEXT):
            return set()
    found = set()
    with book.open(_TEXTS) as file:
        for at, text in enumerate(elements(file, "si")):
            if any(one.get("val", "1") not in _NONE for one in text.iterfind("{*}r/{*}rPr/{*}strike")):
                found.add(at)
            text.clear()
    return found


def _noted(book: ZipFile, part: str) -> Iterator[int]:
    """The rows of the cells at which there are notes."""
    for _, kind, path in related(book, part):
        if kind.endswith("/comments") and path in book.namelist():
            with book.open(path) as file:
                for note in elements(file, "comment"):
                    yield int(re.sub(r"\D", "", note.get("ref", "")) or 1)


def _covered(book: ZipFile, part: str) -> Iterator[int]:
    """The rows at which something begins that lies over the cells."""
    for _, kind, path in related(book, part):
        if kind.endswith("/drawing") and path in book.namelist():
            with book.open(path) as file:
                for begin in elements(file, "from"):
                    yield int(begin.findtext("{*}row") or 0) + 1


def _styles(book: ZipFile) -> dict[str, _Style]:
    """The styles of cells by number, but for those of which what is stored is what is seen."""
    if _STYLES not in book.namelist():
        return {}
    with book.open(_STYLES) as file:
        tree = etree.parse(file, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    codes = {one.get("numFmtId"): one.get("formatCode", "") for one in tree.iterfind("{*}numFmts/{*}numFmt")}
    fonts, fills = list(tree.iterfind("{*}fonts/{*}font")), list(tree.iterfind("{*}fills/{*}fill"))
    found = {}
    for at, style in enumerate(tree.iterfind("{*}cellXfs/{*}xf")):
        number = style.get("numFmtId", "0")
        code = codes.get(number) or _BUILT_IN.get(int(number), "General")
        font, fill = _at(fonts, style.get("fontId", "0")), _at(fills, style.get("fillId", "0"))
        unseen = _alike(_colour(font, _BLACK), _ground(fill)) or _size(font) < _SMALLEST
        one = _Style(code, _strikes(font), unseen)
        if not one.ordinary:
            found[str(at)] = one
    return found


def _at(all_of_them: list[Any], number: str) -> Any:
    return all_of_them[int(number)] if int(number) < len(all_of_them) else None


def _size(font: Any) -> float:
    size = None if font is None else font.find("{*}sz")
    return _SMALLEST if size is None else float(size.get("val", _SMALLEST))


def _strikes(font: Any) -> bool:
    strike = None if font is None else font.find("{*}strike")
    return strike is not None and strike.get("val", "1") not in _NONE


def _ground(fill: Any) -> str:
    """The colour of a cell; white where it has none."""
    pattern = None if fill is None else fill.find("{*}patternFill")
    if pattern is None or pattern.get("patternType", "none") != "solid":
        return _WHITE
    return _colour(pattern, _WHITE, "fgColor")


def _colour(holder: Any, usual: str, tag: str = "color") -> str:
    """A colour as six hexadecimal digits, or as what it is called where only the program knows it."""
    told = None if holder is None else holder.find(f"{{*}}{tag}")
    if told is None:
        return usual
    if told.get("rgb"):
        return str(told.get("rgb"))[-6:].upper()
    tint = float(told.get("tint") or 0)
    known = _OF_THEME.get(told.get("theme")) or _INDEXED.get(told.get("indexed"))
    if known and not tint:
        return known
    return usual if told.get("auto") else f"{told.get('theme')} {told.get('indexed')} {tint}"


def _alike(one: str, other: str) -> bool:
    """Whether letters of one colour are not seen on the other."""
    if not all(re.fullmatch("[0-9A-F]{6}", each) for each in (one, other)):
        return one == other
    return all(abs(a - b) < _LIKE for a, b in zip(bytes.fromhex(one), bytes.fromhex(other), strict=True))
