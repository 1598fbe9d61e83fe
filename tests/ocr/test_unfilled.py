"""A form on which nothing was written is told from one on which little was."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw

from forms.blank import draw_blank
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from forms.form import Form
from forms.kinds import Value
from forms.layout import layout
from forms.submission import BLANK_FORM
from ocr.reading import read_file
from ocr.unfilled import holds_only_blanks
from specimens import files
from specimens.mishaps import Mishap, mark_up
from specimens.paper import print_form
from specimens.scanner import Scan, scan
from tests.ocr.conftest import FORMS

_CASE = Path(__file__).parent.parent / "cases" / "office" / "unfilled-fillable.pdf"


def _problems(path: Path) -> list[str]:
    return [problem.code for document in read_file(path).documents for problem in document.problems]


@pytest.mark.parametrize("code", FORMS)
def test_a_blank_of_each_form_is_known_as_such(tmp_path: Path, code: str) -> None:
    form = form_by_code(code)
    for data in (draw_blank(form), draw_fillable(form, {})):
        assert holds_only_blanks(files.write(tmp_path / "form.pdf", data))
    assert _problems(tmp_path / "form.pdf") == [BLANK_FORM]


@pytest.mark.parametrize("condition", ["photo", "turned270", "gray150"])
def test_a_blank_that_was_scanned_or_photographed_is_known_as_such(tmp_path: Path, form: Form, condition: str) -> None:
    page = scan(draw_blank(form), condition, 5)[0]
    path = files.write(tmp_path / "scan", files.image_pdf([page]))
    assert holds_only_blanks(path)
    assert BLANK_FORM in _problems(path)


def test_the_fillable_that_was_sent_back_unfilled_is_known_as_such() -> None:
    assert holds_only_blanks(_CASE)
    assert _problems(_CASE) == [BLANK_FORM]


@pytest.mark.parametrize("text", [" ", "\u00a0\u00a0", "\u200b", ".....", "___"])
def test_a_form_field_that_holds_blanks_or_dots_alone_is_no_entry(tmp_path: Path, form: Form, text: str) -> None:
    with pikepdf.open(io.BytesIO(draw_fillable(form, {}))) as pdf:
        for widget in pdf.pages[0].Annots:  # type: ignore[attr-defined]
            if widget.get("/T") in ("flat", "name"):
                widget.V = pikepdf.String(text)
        pdf.save(tmp_path / "form.pdf")
    assert holds_only_blanks(tmp_path / "form.pdf")


def test_a_blank_is_known_in_a_small_picture_too(tmp_path: Path, form: Form) -> None:
    picture = Image.fromarray(scan(draw_blank(form), "gray200", 5)[0].image).convert("L")
    for share in (0.5, 0.6):
        small = picture.resize((round(picture.width * share), round(picture.height * share)))
        small.save(tmp_path / "scan.jpg", quality=60)
        assert holds_only_blanks(tmp_path / "scan.jpg")
    assert _problems(tmp_path / "scan.jpg") == [BLANK_FORM]


def test_blanks_with_empty_backs_are_blanks_and_beside_a_letter_they_are_not_all(tmp_path: Path, form: Form) -> None:
    assert holds_only_blanks(files.write(tmp_path / "a.pdf", files.joined(draw_blank(form), files.blank_page())))
    assert not holds_only_blanks(files.write(tmp_path / "b.pdf", files.joined(draw_blank(form), files.letter(1))))
    assert not holds_only_blanks(files.write(tmp_path / "c.pdf", files.blank_page()))


def _little(form: Form, values: dict[str, Value]) -> dict[str, bytes]:
    def drawn(write: Callable[[ImageDraw.ImageDraw], None]) -> bytes:
        picture = Image.fromarray(scan(draw_blank(form), "gray200", 5)[0].image).convert("L")
        write(ImageDraw.Draw(picture))
        return files.image_pdf([Scan(np.asarray(picture), (200, 200))])

    empty = dict.fromkeys(values)
    number = layout(form)["customer_no"].boxes[0]
    x0, top, _, bottom = (edge * 200 / 72 for edge in number)
    return {
        "one sign": drawn(lambda draw: draw.line((x0 + 12, top + 8, x0 + 12, bottom - 8), fill=30, width=4)),
        "signature": print_form(form, {**empty, "signature": True}),
        "tick": print_form(form, {**empty, "accept_terms": True}),
        "typed number": draw_fillable(form, {"customer_no": "10000001"}),
        "note beside a field": mark_up(draw_blank(form), form, {"name": Mishap("run", "PROSZE DZWONIC")}, 1),
    }


@pytest.mark.parametrize("name", ["one sign", "signature", "tick", "typed number", "note beside a field"])
def test_a_form_with_as_little_as_one_mark_is_no_blank(
    tmp_path: Path, form: Form, values: Callable[[Form], dict[str, Value]], name: str
) -> None:
    path = files.write(tmp_path / "form.pdf", _little(form, values(form))[name])
    assert not holds_only_blanks(path)
    assert BLANK_FORM not in _problems(path)
