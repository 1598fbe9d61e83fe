"""Tags for what ReportLab draws: what a screen reader reads of a PDF, in which order, and what is a heading.

ReportLab (5.1) marks nothing. Here each text object of a page is marked as part of a paragraph or heading and all else
as an artifact, in the order in which it was drawn, so whoever draws does it in the order of reading. Structure: ISO
32000-1, 14.7 and 14.8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

import pikepdf
from pikepdf import Array, ContentStreamInlineImage, ContentStreamInstruction, Dictionary, Name, Operator, String

Point = tuple[float, float]
_Instruction = ContentStreamInstruction | ContentStreamInlineImage
_SHOWS: Final = frozenset({"Tj", "TJ", "'", '"'})
_PATH: Final = frozenset({"m", "l", "c", "v", "y", "h", "re"})
_PAINTS: Final = frozenset({"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "n"})
_SHOWN_AT_ONCE: Final = frozenset({"Do", "sh", "INLINE IMAGE"})
_CLIPS: Final = frozenset({"W", "W*"})
_NEAR: Final = 0.05
"""Points between two places that are the same."""
_NEXT_LINE: Final = (0.8, 1.7)
"""Heights of a letter from one line of a paragraph to the next."""
_END: Final = ContentStreamInstruction([], Operator("EMC"))
_ARTIFACT: Final = ContentStreamInstruction([Name.Artifact], Operator("BMC"))


@dataclass(frozen=True, slots=True)
class Headings:
    """The sizes in which headings are set, in bold: the title of the document, and those below it.

    Bold of the size ``decoration`` is not read: signs printed between cells.
    """

    title: float
    section: float
    decoration: float = 0.0


@dataclass
class _Element:
    """A paragraph or heading: its marks on a page, and where its last line begins."""

    role: str
    page: int
    size: float
    start: Point
    end: Point
    marks: list[int] = field(default_factory=list)


def tagged(pdf: bytes, headings: Headings) -> bytes:
    """The document with tags; the same document gives the same bytes."""
    target = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        add_tags(opened, headings)
        opened.save(target, deterministic_id=True)
    return target.getvalue()


def add_tags(pdf: pikepdf.Pdf, headings: Headings, fields: Sequence[tuple[pikepdf.Object, int, Point]] = ()) -> None:
    """Tag an open document. ``fields`` are widgets, each with its page (from 0) and the point where its label begins.

    ValueError where no text begins there.
    """
    elements: list[_Element] = []
    for number, page in enumerate(pdf.pages):
        marking = _Marking(number, _bold_fonts(page), headings, elements)
        page.obj["/Contents"] = pdf.make_stream(pikepdf.unparse_content_stream(list(marking.marked(page))))
        page.obj["/StructParents"] = number
        page.obj["/Tabs"] = Name.S
    _build(pdf, elements, fields)


@dataclass
class _Marking:
    """One page as it is gone through; what was found is added to ``elements``."""

    page: int
    bold: frozenset[str]
    headings: Headings
    elements: list[_Element]
    font: tuple[str, float] = ("", 0.0)
    marks: int = 0

    def marked(self, page: pikepdf.Page) -> Iterator[_Instruction]:
        """Its instructions with the marks."""
        text: list[_Instruction] | None = None
        in_path = False
        for each in pikepdf.parse_content_stream(page):
            name = str(each.operator)
            if name == "Tf":
                self.font = str(each.operands[0]), float(each.operands[1])
            if text is not None:
                text.append(each)
                if name == "ET":
                    yield from self._text(text)
                    text = None
            elif name == "BT":
                text = [each]
            elif name in _SHOWN_AT_ONCE:
                yield from (_ARTIFACT, each, _END)
            elif name in _PATH | _CLIPS | _PAINTS:
                if not in_path:
                    yield _ARTIFACT
                in_path = name not in _PAINTS
                yield each
                if not in_path:
                    yield _END
            else:
                yield each

    def _text(self, block: list[_Instruction]) -> Iterator[_Instruction]:
        if not any(str(each.operator) in _SHOWS for each in block):
            yield from block  # a font is set, and nothing written
            return
        if self._is_bold(self.headings.decoration):
            yield from (_ARTIFACT, *block, _END)
            return
        mark, self.marks = self.marks, self.marks + 1
        role, at = self._role(), _place(block)
        last = self.elements[-1] if self.elements else None
        if last is None or not self._goes_on(last, role, at):
            last = _Element(role, self.page, self.font[1], at, at)
            self.elements.append(last)
        last.marks.append(mark)
        last.end = at
        yield ContentStreamInstruction([Name(f"/{last.role}"), Dictionary(MCID=mark)], Operator("BDC"))
        yield from block
        yield _END

    def _role(self) -> str:
        if self._is_bold(self.headings.title):
            return "H1"
        return "H2" if self._is_bold(self.headings.section) else "P"

    def _is_bold(self, size: float) -> bool:
        return self.font[0] in self.bold and abs(self.font[1] - size) < _NEAR

    def _goes_on(self, last: _Element, role: str, at: Point) -> bool:
        """Whether a text is the next line of the paragraph before it."""
        if (last.role, last.page, last.size) != (role, self.page, self.font[1]) or abs(last.end[0] - at[0]) > _NEAR:
            return False
        least, most = _NEXT_LINE
        return least * last.size < last.end[1] - at[1] < most * last.size


def _place(block: Sequence[Any]) -> Point:
    """Where a text object begins, as ReportLab writes it."""
    for each in block:
        if str(each.operator) == "Tm":
            return float(each.operands[4]), float(each.operands[5])
    return 0.0, 0.0


def _bold_fonts(page: pikepdf.Page) -> frozenset[str]:
    fonts = page.resources.get("/Font", Dictionary())
    return frozenset(name for name, font in fonts.items() if "Bold" in str(font.get("/BaseFont", "")))


def _build(pdf: pikepdf.Pdf, elements: Sequence[_Element], fields: Sequence[tuple[pikepdf.Object, int, Point]]) -> None:
    """The tree of the structure, and from each mark and widget back to its element."""
    pages = [page.obj for page in pdf.pages]
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    whole = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root))
    of_pages: list[list[pikepdf.Object]] = [[] for _ in pages]
    of_fields: list[pikepdf.Object] = []
    kids = Array()

    def add(role: str, page: int, content: pikepdf.Object | Array) -> pikepdf.Object:
        made = Dictionary(Type=Name.StructElem, S=Name(f"/{role}"), P=whole, Pg=pages[page], K=content)
        kids.append(pdf.make_indirect(made))
        return kids[-1]

    waiting = list(fields)
    for element in elements:
        one = add(element.role, element.page, Array(element.marks))
        of_pages[element.page] += [one] * len(element.marks)
        for labelled in [each for each in waiting if each[1] == element.page and _same(each[2], element.start)]:
            waiting.remove(labelled)
            widget, page, _ = labelled
            widget["/StructParent"] = len(pages) + len(of_fields)
            of_fields.append(add("Form", page, Dictionary(Type=Name.OBJR, Obj=widget, Pg=pages[page])))
    if waiting:
        raise ValueError(f"{len(waiting)} fields have no label on their page")
    whole["/K"] = kids
    numbered = [*map(Array, of_pages), *of_fields]
    tree = [part for number, each in enumerate(numbered) for part in (number, pdf.make_indirect(each))]
    root["/K"], root["/ParentTree"] = whole, pdf.make_indirect(Dictionary(Nums=Array(tree)))
    root["/ParentTreeNextKey"] = len(numbered)
    pdf.Root["/StructTreeRoot"] = root
    pdf.Root["/MarkInfo"] = Dictionary(Marked=True)
    if "/Lang" not in pdf.Root:
        pdf.Root["/Lang"] = String("pl")


def _same(one: Point, other: Point) -> bool:
    return abs(one[0] - other[0]) < _NEAR and abs(one[1] - other[1]) < _NEAR
