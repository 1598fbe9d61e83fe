"""Digital files in which the data and the page say two things: what a person sees there, or nothing, is trusted."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import pikepdf
import pytest

from cli.listed import Listed
from forms.catalogue import form_by_code
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, layout
from forms.submission import Source, Submission
from ocr.fields.visibility import DOUBT_COVERED
from ocr.page_reading import DOUBT_INK, DOUBT_OTHER, DOUBT_SECOND_FORM, DOUBT_UNSEEN
from ocr.reading import read_file
from ocr.results import DocumentReading
from specimens.digital import digital_form, saved
from specimens.mischief import mischievous
from specimens.paper import PrintStyle, inked, print_form
from tests.people_of_cases import CASES, CUSTOMER_LIST, DREWTECH, LACZNY, PAZDZIOCH, ROZANSKI, SCIBOR, WEGRZYN, ZUK

_DIGITAL: Final = CASES / "digital"
_FORM: Final = form_by_code("einvoice_acceptance")


@cache
def _documents(name: str) -> tuple[DocumentReading, ...]:
    """What is read of a case, once for all that is asked of it."""
    reading = read_file(_DIGITAL / name)
    assert reading.ignored_pages == ()
    return reading.documents


def _submissions(name: str) -> list[Submission]:
    """What is read with the list of customers, by which the register may lend its trust."""
    listed = Listed.of(CUSTOMER_LIST)
    return [listed.corroborate(one.submission) for one in _documents(name) if one.submission is not None]


def _all_trusted(found: Submission, seen: dict[str, Value], **others: Value) -> None:
    expected = {**seen, **others}
    assert {name: found.value(name) for name in expected} == expected
    assert [name for name in expected if not found.fields[name].trusted] == []


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("af-utf8-nobom.pdf", SCIBOR),
        ("af-v-stream.pdf", SCIBOR),
        ("cb-crop-0-0-0-20.pdf", SCIBOR),
        ("flat-gs.pdf", SCIBOR),
        ("flat-gs-outlines.pdf", SCIBOR),
        ("gsprt-0.pdf", ZUK),
        ("ig-as-only.pdf", ZUK),
        ("ig-cropbox-r30-acc.pdf", SCIBOR),
        ("ig-null-annot.pdf", WEGRZYN),
        ("ig-v-string-off.pdf", {**ROZANSKI, "accept_terms": False}),
        ("tx-mojibake.pdf", LACZNY),
    ],
)
def test_what_a_person_sees_is_read_and_trusted_without_a_list_whatever_the_data_say(
    name: str, seen: dict[str, Value]
) -> None:
    (document,) = _documents(name)
    assert document.submission is not None
    _all_trusted(document.submission, seen)
    assert not document.submission.paper


@pytest.mark.parametrize(
    ("name", "seen"),
    [("ig-merge-qpdf.pdf", (ZUK, ROZANSKI)), ("ig-merge-pikepdf.pdf", (PAZDZIOCH, DREWTECH))],
)
def test_of_two_merged_forms_both_are_read_alike_and_owe_no_signature(
    name: str, seen: tuple[dict[str, Value], ...]
) -> None:
    for found, expected in zip(_submissions(name), seen, strict=True):
        _all_trusted(found, expected)
        assert {found.fields[each].source for each in ("name", "email", "accept_terms")} == {Source.ACROFORM}
        assert not found.paper


def test_a_flattened_form_comes_to_the_same_with_fonts_and_as_outlines() -> None:
    fonts, outlines = (_submissions(name)[0] for name in ("flat-gs.pdf", "flat-gs-outlines.pdf"))
    assert fonts.values == outlines.values
    assert fonts.paper == outlines.paper
    assert {name: one.trusted for name, one in fonts.fields.items()} == {
        name: one.trusted for name, one in outlines.fields.items()
    }


def test_an_address_that_was_struck_out_is_not_trusted_though_the_register_knows_it() -> None:
    (found,) = _submissions("ig-strike-new-fill.pdf")
    email = found.fields["email"]
    assert (email.trusted, email.by_eye, email.doubt) == (False, True, DOUBT_OTHER)
    rest = {name: value for name, value in ROZANSKI.items() if name != "email"}
    _all_trusted(found, rest)


def test_an_address_that_was_covered_is_not_trusted_though_the_register_knows_it() -> None:
    (found,) = _submissions("ig-white-email-text.pdf")
    assert (found.fields["email"].trusted, found.fields["email"].doubt) == (False, DOUBT_UNSEEN)
    _all_trusted(found, {name: value for name, value in WEGRZYN.items() if name != "email"})


def test_text_that_was_typed_over_an_empty_form_is_proposed_from_the_picture_and_never_trusted() -> None:
    (found,) = _submissions("an-freetext-all.pdf")
    assert not found.paper
    assert {found.value(name) for name in ("customer_no", "pesel", "email")} == {
        *("53946464", "05321934735", "dominik_scibor@example.org")
    }
    filled = [name for name, value in SCIBOR.items() if value is not None]
    assert [name for name in filled if found.fields[name].trusted] == []
    assert found.fields["customer_no"].doubt == DOUBT_INK


@pytest.mark.parametrize("seed", [3, 4])
def test_a_photograph_on_part_of_a_page_is_read_from_the_picture_and_owes_a_signature(
    tmp_path: Path, seed: int, values: Any
) -> None:
    form = form_by_code("einvoice_acceptance")
    made = mischievous(form, values(form), "photograph", seed)
    path = tmp_path / "half.pdf"
    path.write_bytes(made.data)
    (document,) = read_file(path).documents
    assert document.submission is not None
    assert document.submission.paper
    wrong = {
        name: (one.value, made.seen[0][name])
        for name, one in document.submission.fields.items()
        if one.trusted and one.value != made.seen[0][name]
    }
    assert wrong == {}
    assert Source.TEXT not in {one.source for one in document.submission.fields.values()}


def test_letters_that_a_program_draws_twice_to_make_them_bold_are_read_once(tmp_path: Path, values: Any) -> None:
    form = form_by_code("einvoice_acceptance")
    filled = {**values(form), "signature": True}
    style = PrintStyle(spread="run")
    twice = print_form(form, filled, style)
    for offset in (0.25, 0.5):
        again = print_form(form, filled, replace(style, offset=(offset, 0.0)))
        with pikepdf.open(io.BytesIO(again)) as source:
            twice = inked(twice, _ink_of(source))
    path = tmp_path / "bold.pdf"
    path.write_bytes(twice)
    (document,) = read_file(path).documents
    assert document.submission is not None
    assert document.submission.fields["name"].source is Source.TEXT
    assert document.submission.value("name") == filled["name"]


def _ink_of(pdf: pikepdf.Pdf) -> bytes:
    """Only what was laid over the blank."""
    page = pdf.pages[0]
    layer = page.resources.XObject[list(page.resources.XObject)[-1]]
    out = io.BytesIO()
    with pikepdf.new() as alone:
        alone.add_blank_page(page_size=(PAGE_WIDTH, PAGE_HEIGHT))
        name = alone.pages[0].add_resource(alone.copy_foreign(layer), pikepdf.Name.XObject)
        alone.pages[0].contents_add(f"{name} Do".encode())
        alone.save(out)
    return out.getvalue()


def _with_email(values: dict[str, Value], change: Any) -> bytes:
    with pikepdf.open(io.BytesIO(digital_form(_FORM, values, "fields", 1).data)) as pdf:
        change(next(each for each in pdf.pages[0].obj.Annots if each.T == "email"))
        return saved(pdf)


@pytest.mark.parametrize("what", ["full width", "choice"])
def test_data_that_say_the_same_in_other_signs_are_no_contradiction(tmp_path: Path, values: Any, what: str) -> None:
    filled = values(_FORM)

    def change(widget: pikepdf.Object) -> None:
        if what == "full width":
            widget.V = pikepdf.String("".join(chr(ord(sign) + 0xFEE0) for sign in filled["email"]))
        else:
            widget.FT, widget.V, widget.Ff = pikepdf.Name.Ch, pikepdf.String("choice-1"), 1 << 17
            widget.Opt = pikepdf.Array([pikepdf.Array([pikepdf.String("choice-1"), pikepdf.String(filled["email"])])])

    (tmp_path / "form.pdf").write_bytes(_with_email(filled, change))
    (document,) = read_file(tmp_path / "form.pdf").documents
    assert document.submission is not None
    assert document.submission.fields["email"].trusted
    assert document.submission.value("email") == filled["email"]


@pytest.mark.parametrize(("second", "doubted"), [("whole", True), ("parts", True), ("empty", False)])
def test_a_form_that_is_there_a_second_time_for_some_programs_is_for_an_eye(
    tmp_path: Path, values: Any, second: str, doubted: bool
) -> None:
    with pikepdf.open(io.BytesIO(digital_form(_FORM, values(_FORM), "fields", 1).data)) as pdf:
        data = pdf.make_stream(b"<data><email>other@example.com</email></data>")
        parts = pikepdf.Array([] if second == "empty" else [pikepdf.String("datasets"), data])
        pdf.Root.AcroForm.XFA = data if second == "whole" else parts
        (tmp_path / "form.pdf").write_bytes(saved(pdf))
    (document,) = read_file(tmp_path / "form.pdf").documents
    assert document.submission is not None
    filled = [one for one in document.submission.fields.values() if one.value]
    assert {(one.trusted, one.doubt == DOUBT_SECOND_FORM) for one in filled} == {(not doubted, doubted)}


def test_a_full_stop_under_the_tail_of_a_j_is_seen_though_the_data_lack_it(tmp_path: Path, values: Any) -> None:
    filled = {**values(_FORM), "email": "a.jaworski@example.com"}

    def change(widget: pikepdf.Object) -> None:
        widget.V = pikepdf.String("ajaworski@example.com")

    (tmp_path / "form.pdf").write_bytes(_with_email(filled, change))
    (document,) = read_file(tmp_path / "form.pdf").documents
    assert document.submission is not None
    email = document.submission.fields["email"]
    assert (email.value, email.trusted, email.doubt) == ("a.jaworski@example.com", False, DOUBT_OTHER)


def test_of_fields_beyond_the_edge_of_what_is_shown_nothing_is_known_not_that_they_are_empty(
    tmp_path: Path, values: Any
) -> None:
    with pikepdf.open(io.BytesIO(digital_form(_FORM, values(_FORM), "typed", 1).data)) as pdf:
        tick = layout(_FORM)["accept_terms"]
        pdf.pages[0].obj.CropBox = pikepdf.Array([0, PAGE_HEIGHT - tick.bounds[1] + 3, PAGE_WIDTH, PAGE_HEIGHT])
        (tmp_path / "form.pdf").write_bytes(saved(pdf))
    (document,) = read_file(tmp_path / "form.pdf").documents
    assert document.submission is not None
    doubted = {name: one.doubt for name, one in document.submission.fields.items() if not one.trusted}
    seen_none = dict.fromkeys(("accept_terms", "signature"), DOUBT_COVERED)
    assert doubted == {**seen_none, "date_signed": DOUBT_UNSEEN}


@pytest.mark.parametrize("seed", range(4))
def test_a_remark_in_a_field_is_no_part_of_its_value(tmp_path: Path, values: Any, seed: int) -> None:
    made = mischievous(_FORM, values(_FORM), "remark", seed)
    (tmp_path / "form.pdf").write_bytes(made.data)
    (document,) = read_file(tmp_path / "form.pdf").documents
    assert document.submission is not None
    wrong = [
        name for name, one in document.submission.fields.items() if one.trusted and one.value != made.seen[0][name]
    ]
    assert wrong == []


def test_a_font_whose_polish_letters_have_lost_their_names_is_read_from_the_picture(
    tmp_path: Path, values: Any
) -> None:
    filled = {**values(_FORM), "name": "Michał Wałęsa", "town": "Słońsk"}
    with pikepdf.open(io.BytesIO(print_form(_FORM, filled, PrintStyle(spread="run")))) as pdf:
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Dictionary) and "/ToUnicode" in thing:
                known = thing.ToUnicode.read_bytes()
                thing.ToUnicode = pdf.make_stream(known.replace(b"<0142>", b"<0025>"))
        (tmp_path / "form.pdf").write_bytes(saved(pdf))
    (document,) = read_file(tmp_path / "form.pdf").documents
    assert document.submission is not None
    name = document.submission.fields["name"]
    assert (name.value.upper(), name.trusted, name.source) == ("MICHAŁ WAŁĘSA", True, Source.PRINT)


def test_the_remark_in_the_place_of_a_signature_is_none_on_a_drawn_page() -> None:
    (document,) = _documents("flat-gs-outlines.pdf")
    assert document.submission is not None
    signature = document.submission.fields["signature"]
    assert (signature.value, signature.trusted, signature.doubt) == (False, True, None)
