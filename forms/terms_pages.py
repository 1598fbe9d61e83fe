"""A standing text to read: as HTML for the page, and as PDF to keep."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from io import BytesIO
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

from environment.settings import get_settings
from forms.line_breaks import unbroken
from forms.page import INK, LINE, QUIET
from forms.tagging import Headings, tagged
from forms.terms import Terms, text_of
from forms.typesetting import BOLD, REGULAR, load_fonts

_WIDTH, _HEIGHT = A4
_MARGIN: Final = 22 * mm
_TOP: Final = 18 * mm
_BOTTOM: Final = 24 * mm
_INDENT: Final = 17.0
_TEXT: Final = ParagraphStyle(
    "text", fontName=REGULAR, fontSize=9.8, leading=14, spaceAfter=4, textColor=INK, alignment=TA_LEFT
)
_HEADING: Final = ParagraphStyle(
    "heading", parent=_TEXT, fontName=BOLD, fontSize=11.5, leading=15, spaceBefore=9, spaceAfter=4, keepWithNext=1
)
_TITLE: Final = ParagraphStyle("title", parent=_TEXT, fontName=BOLD, fontSize=17, leading=22, spaceAfter=3)
_FACTS: Final = ParagraphStyle("facts", parent=_TEXT, textColor=QUIET, spaceAfter=10)
_PLACED: Final = re.compile(r"\[([^\[\]]+)\]\{#([a-z0-9-]+)(?:\s+([0-9]{4}-[0-9]{2}-[0-9]{2}))?\}")
_OPENING: Final = {"strong": f'<font name="{BOLD}">'}
_CLOSING: Final = {"strong": "</font>"}


def terms_html(terms: Terms) -> str:
    """The text as HTML, safe to put into a page: markup in the source shows as it is written."""
    return _PLACED.sub(_place, str(_markdown().render(unbroken(text_of(terms)))))


def _place(found: re.Match[str]) -> str:
    words, place, day = found.groups()
    return f'<time id="{place}" datetime="{day}">{words}</time>' if day else f'<span id="{place}">{words}</span>'


def terms_pdf(terms: Terms) -> bytes:
    """The text as PDF of A4 pages; the same text and settings give the same bytes."""
    load_fonts()
    pages = _draw(terms, 0)[1]
    return tagged(_draw(terms, pages)[0], Headings(_TITLE.fontSize, _HEADING.fontSize))


def _draw(terms: Terms, pages: int) -> tuple[bytes, int]:
    """The PDF and how many pages it has; ``pages`` stands in its footers."""
    target = BytesIO()
    document = BaseDocTemplate(
        target,
        pagesize=A4,
        title=f"{terms.title}, wersja {terms.version}",
        author=get_settings().company_name,
        lang="pl",
        displayDocTitle=True,
        invariant=1,
    )
    frame = Frame(_MARGIN, _BOTTOM, _WIDTH - 2 * _MARGIN, _HEIGHT - _TOP - _BOTTOM, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate("all", frame, onPageEnd=lambda pen, _: _draw_foot(pen, terms, pages)))
    facts = f"{get_settings().company_name}<br/>Wersja {terms.version}, obowiązuje od {terms.in_force_from:%d.%m.%Y} r."
    story: list[Flowable] = [Paragraph(unbroken(escape(terms.title, quote=False)), _TITLE), Paragraph(facts, _FACTS)]
    document.build([*story, *_flowables(_markdown().parse(_PLACED.sub(r"\1", unbroken(text_of(terms)))))])
    return target.getvalue(), document.page


def _draw_foot(pen: Canvas, terms: Terms, pages: int) -> None:
    pen.setStrokeColor(LINE)
    pen.setLineWidth(0.5)
    pen.line(_MARGIN, _BOTTOM - 5 * mm, _WIDTH - _MARGIN, _BOTTOM - 5 * mm)
    pen.setFillColor(QUIET)
    pen.setFont(REGULAR, 7.5)
    pen.drawString(_MARGIN, _BOTTOM - 9.5 * mm, f"{terms.title}  ·  wersja {terms.version}")
    pen.drawRightString(_WIDTH - _MARGIN, _BOTTOM - 9.5 * mm, f"strona {pen.getPageNumber()} z {pages}")


def _flowables(tokens: list[Token]) -> list[Flowable]:
    """Headings, paragraphs and lists; an item's number hangs before its first paragraph."""
    found: list[Flowable] = []
    lists: list[int | None] = []  # the next number of each open list, None where it has bullets
    mark, style = "", _TEXT
    for token in tokens:
        match token.type:
            case "ordered_list_open":
                lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_close" | "bullet_list_close":
                lists.pop()
            case "list_item_open":
                number = lists[-1]
                mark = "•" if number is None else f"{number}."
                lists[-1] = None if number is None else number + 1
            case "heading_open":
                style = _HEADING
            case "inline":
                shown = _HEADING if style is _HEADING else _item_style(len(lists))
                found.append(Paragraph(_markup(token.children or []), shown, bulletText=mark or None))
                mark, style = "", _TEXT
    return found


@cache
def _item_style(depth: int) -> ParagraphStyle:
    """The style of a paragraph within so many lists."""
    return ParagraphStyle(
        f"text {depth}",
        parent=_TEXT,
        leftIndent=depth * _INDENT,
        bulletIndent=max(0, depth - 1) * _INDENT,
        bulletFontName=REGULAR,
        bulletFontSize=_TEXT.fontSize,
    )


def _markup(tokens: list[Token]) -> str:
    """What stands in one paragraph, in reportlab's markup."""
    parts = []
    for token in tokens:
        kind, _, end = token.type.rpartition("_")
        if end == "open":
            parts.append(_OPENING.get(kind, ""))
        elif end == "close":
            parts.append(_CLOSING.get(kind, ""))
        else:
            parts.append(" " if token.type == "softbreak" else escape(token.content, quote=False))
    return "".join(parts)


@cache
def _markdown() -> Any:
    return MarkdownIt("commonmark", {"html": False})
