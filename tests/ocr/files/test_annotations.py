"""What the data of form fields say, which are shown, and which notes lie over a page: from the entries of the file."""

from __future__ import annotations

import zlib
from typing import Any, Final

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from forms.submission import Box
from ocr.files.annotations import notes_on, remarks_on, signatures_on, widgets_on
from ocr.files.page import Widget

_PLACE: Final = (10.0, 20.0, 110.0, 40.0)


def _as_it_is(box: Box) -> Box:
    return box


@pytest.fixture
def pdf() -> pikepdf.Pdf:
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    return document


def _on(pdf: pikepdf.Pdf, *annotations: Any) -> pikepdf.Page:
    pdf.pages[0].obj.Annots = Array(annotations)
    return pdf.pages[0]


def _annotation(subtype: str, **entries: Any) -> Dictionary:
    """Entries are named without their slash; one of None is left out."""
    told = {"Subtype": Name(f"/{subtype}"), "Rect": Array(_PLACE), **entries}
    return Dictionary({f"/{name}": value for name, value in told.items() if value is not None})


def _field(**entries: Any) -> Dictionary:
    return _annotation("Widget", **{"FT": Name.Tx, **entries})


def _widgets(pdf: pikepdf.Pdf, *annotations: Any) -> tuple[Widget, ...]:
    return widgets_on(_on(pdf, *annotations), _as_it_is)


def _said(pdf: pikepdf.Pdf, **entries: Any) -> str | bool | None:
    (widget,) = _widgets(pdf, _field(**entries))
    return widget.value


def _notes(pdf: pikepdf.Pdf, *annotations: Any) -> tuple[Box, ...]:
    return notes_on(_on(pdf, *annotations), _as_it_is)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (String("Łódź"), "Łódź"),
        (Name.Nowak, "/Nowak"),
        (17, "17"),
        (Array([String("ul."), Array([String("Leśna"), 3])]), "ul. Leśna 3"),
        (Array([String(""), String("Leśna")]), "Leśna"),
        (String(""), None),
        (Dictionary(), None),
        (None, None),
    ],
)
def test_a_value_is_a_text_in_whatever_form_it_was_written(pdf: pikepdf.Pdf, value: Any, said: str | None) -> None:
    assert _said(pdf, V=value) == said


def test_a_value_nested_beyond_all_sense_says_nothing_and_one_a_few_levels_deep_is_read(pdf: pikepdf.Pdf) -> None:
    def nested(levels: int) -> Any:
        value: Any = String("Leśna")
        for _ in range(levels):
            value = Array([value])
        return value

    assert _said(pdf, V=nested(8)) == "Leśna"
    assert _said(pdf, V=nested(9)) is None


@pytest.mark.parametrize(
    ("data", "filters", "said"),
    [
        (b"Lesna", None, "Lesna"),
        (zlib.compress(b"Lesna"), Name.FlateDecode, "Lesna"),
        (zlib.compress(b"Lesna"), Array([Name.FlateDecode]), "Lesna"),
        (b"4C65736E61>", Name.ASCIIHexDecode, None),
        (zlib.compress(b"4C65736E61>"), Array([Name.FlateDecode, Name.ASCIIHexDecode]), None),
        (b"no such packing", Name.FlateDecode, None),
    ],
)
def test_a_value_in_a_stream_is_unpacked_where_texts_are_packed_so(
    pdf: pikepdf.Pdf, data: bytes, filters: Any, said: str | None
) -> None:
    stream = pdf.make_stream(data)
    if filters is not None:
        stream.Filter = filters
    assert _said(pdf, V=stream) == said


@pytest.mark.parametrize("packed", [False, True])
def test_of_a_stream_only_as_much_is_looked_at_as_a_field_holds(pdf: pikepdf.Pdf, packed: bool) -> None:
    stream = pdf.make_stream(b"")
    text = b"a" * 9000
    stream.write(zlib.compress(text) if packed else text, filter=Name.FlateDecode if packed else None)
    assert _said(pdf, V=stream) == "a" * 4096


@pytest.mark.parametrize("kind", ["Tx", "Ch", "Btn"])
def test_texts_lists_and_boxes_are_fields_wherever_their_kind_and_value_are_written(
    pdf: pikepdf.Pdf, kind: str
) -> None:
    value = Name.Yes if kind == "Btn" else String("Leśna")
    family = pdf.make_indirect(Dictionary(FT=Name(f"/{kind}"), V=value))
    child = pdf.make_indirect(Dictionary(Parent=family))
    (widget,) = _widgets(pdf, _field(FT=None, Parent=child))
    assert widget == Widget(_PLACE, True if kind == "Btn" else "Leśna")


def test_what_a_field_says_itself_goes_before_what_its_family_says(pdf: pikepdf.Pdf) -> None:
    family = Dictionary(FT=Name.Tx, V=String("Polna"))
    assert _said(pdf, Parent=family, V=String("Leśna")) == "Leśna"


def test_a_field_that_is_its_own_parent_has_no_kind_and_is_a_note(pdf: pikepdf.Pdf) -> None:
    loop = pdf.make_indirect(_field(FT=None))
    loop.Parent = loop
    assert _widgets(pdf, loop) == ()
    assert _notes(pdf, loop) == (_PLACE,)


_OF_TICK: Final = Dictionary(N=Dictionary(Tak=Dictionary(), Off=Dictionary()))


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"AS": Name.Tak, "V": Name.Tak, "AP": _OF_TICK}, True),
        ({"AS": Name.Tak, "AP": _OF_TICK}, True),
        ({"V": Name.Tak, "AP": _OF_TICK}, True),
        ({"V": String("Tak"), "AP": _OF_TICK}, True),
        ({"AS": Name.Off, "V": Name.Off, "AP": _OF_TICK}, False),
        ({"AP": _OF_TICK}, False),
        ({"AS": Name.Nie, "AP": _OF_TICK}, False),
        ({"AS": Name.Tak, "V": Name.Off, "AP": _OF_TICK}, None),
        ({"AS": Name.Off, "V": Name.Tak, "AP": _OF_TICK}, None),
        ({"V": Name.Yes}, True),
        ({"V": Name.Off}, False),
        ({"V": Name.Yes, "AP": Dictionary()}, True),
        ({"V": Name.Yes, "AP": Name.Broken}, True),
    ],
)
def test_a_box_is_ticked_by_a_state_that_it_has_and_undecided_where_two_contradict(
    pdf: pikepdf.Pdf, entries: dict[str, Any], said: bool | None
) -> None:
    assert _said(pdf, FT=Name.Btn, **entries) is said


@pytest.mark.parametrize(
    ("flags", "shown"), [(None, True), (0, True), (4, True), (2, False), (32, False), (6, False), (String("2"), True)]
)
def test_fields_and_notes_that_viewers_hide_are_told_from_those_they_show(
    pdf: pikepdf.Pdf, flags: Any, shown: bool
) -> None:
    (widget,) = _widgets(pdf, _field(F=flags))
    assert widget.shown is shown
    assert bool(_notes(pdf, _annotation("Square", F=flags))) is shown


@pytest.mark.parametrize(
    ("subtype", "entries", "noted"),
    [
        ("Square", {}, True),
        ("FreeText", {}, True),
        ("Stamp", {}, True),
        ("Popup", {}, False),
        ("Widget", {"FT": Name.Tx}, False),
        ("Widget", {"FT": Name.Sig}, True),
        ("Widget", {}, True),
        ("Link", {}, True),
        ("Link", {"Border": Array([0, 0, 0])}, False),
        ("Link", {"Border": Array([3, 3, 0])}, False),
        ("Link", {"Border": Array([0, 0, 0.5])}, True),
        ("Link", {"Border": Array([0, 0])}, True),
        ("Link", {"Border": Array([0, 0, String("thin")])}, True),
        ("Link", {"BS": Dictionary(W=0)}, False),
        ("Link", {"BS": Dictionary(W=2), "Border": Array([0, 0, 0])}, True),
        ("Link", {"BS": Dictionary(), "Border": Array([0, 0, 0])}, True),
        ("Link", {"BS": Dictionary(W=Name.Thin)}, True),
        ("Link", {"Border": Array([0, 0, 0]), "AP": Dictionary()}, True),
    ],
)
def test_a_note_is_whatever_draws_something_and_is_no_field(
    pdf: pikepdf.Pdf, subtype: str, entries: dict[str, Any], noted: bool
) -> None:
    assert _notes(pdf, _annotation(subtype, **entries)) == ((_PLACE,) if noted else ())


@pytest.mark.parametrize(
    ("entries", "place"),
    [
        ({"Rect": Array([110, 40, 10, 20])}, _PLACE),
        ({"L": Array([5, 30, 60, 90])}, (5, 20, 110, 90)),
        ({"CL": Array([200, 25, 60, 30])}, (10, 20, 200, 40)),
        ({"Vertices": Array([50, 1, 60, 30])}, (10, 1, 110, 40)),
        ({"QuadPoints": Array([1, 25, 120, 25, 1, 35, 120, 35])}, (1, 20, 120, 40)),
        ({"InkList": Array([Array([30, 30, 40, 300]), Array([50, 30])])}, (10, 20, 110, 300)),
        ({"L": Name.Nowhere}, _PLACE),
    ],
)
def test_a_note_reaches_as_far_as_anything_in_it_is_drawn(
    pdf: pikepdf.Pdf, entries: dict[str, Any], place: Box
) -> None:
    assert _notes(pdf, _annotation("Ink", **entries)) == (place,)


@pytest.mark.parametrize(
    ("subtype", "entries", "about_the_page"),
    [
        ("Text", {}, True),
        ("FileAttachment", {}, True),
        ("Text", {"F": 2}, False),
        ("Square", {}, False),
        ("Square", {"Contents": String("UNIEWAZNIONO 3 maja")}, True),
        ("FreeText", {"Contents": String("nowy@example.org")}, False),
        ("Popup", {"Contents": String("nie")}, False),
    ],
)
def test_stickers_and_words_of_remark_are_about_the_page_wherever_they_stand(
    pdf: pikepdf.Pdf, subtype: str, entries: dict[str, Any], about_the_page: bool
) -> None:
    assert remarks_on(_on(pdf, _annotation(subtype, **entries)), _as_it_is) == ((_PLACE,) if about_the_page else ())


@pytest.mark.parametrize("states", [False, True])
def test_a_field_whose_picture_may_be_hidden_by_a_layer_is_noted(pdf: pikepdf.Pdf, states: bool) -> None:
    picture = pdf.make_stream(b"")
    picture.OC = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Warstwa")))
    shown = Dictionary(N=Dictionary(Yes=picture) if states else picture)
    assert _notes(pdf, _field(AP=shown)) == (_PLACE,)


@pytest.mark.parametrize(
    ("entries", "signed"),
    [
        ({"FT": Name.Sig, "V": Dictionary(ByteRange=Array([0, 1, 2, 1]))}, True),
        ({"Parent": Dictionary(FT=Name.Sig, V=Dictionary(ByteRange=Array([0, 1, 2, 1])))}, True),
        ({"FT": Name.Sig, "V": Dictionary()}, False),
        ({"FT": Name.Sig}, False),
        ({"FT": Name.Tx, "V": Dictionary(ByteRange=Array([0, 1, 2, 1]))}, False),
    ],
)
def test_a_field_for_a_signature_is_one_once_it_was_signed(
    pdf: pikepdf.Pdf, entries: dict[str, Any], signed: bool
) -> None:
    assert signatures_on(_on(pdf, _annotation("Widget", **entries)), _as_it_is) == ((_PLACE,) if signed else ())


@pytest.mark.parametrize("rect", [None, Array([]), Name.Nowhere, Array([10])])
def test_what_stands_nowhere_is_neither_field_nor_note(pdf: pikepdf.Pdf, rect: Any) -> None:
    away = Array([1, 2, 3, 4]) if rect is None else None
    assert _widgets(pdf, _field(Rect=rect)) == ()
    assert _notes(pdf, _annotation("Line", Rect=rect, L=away)) == ()


def test_entries_that_are_no_annotations_are_passed_over_and_those_after_them_are_not(pdf: pikepdf.Pdf) -> None:
    entries = (String("no annotation"), 3, _field(V=String("Leśna")), _annotation("Square"))
    assert [widget.value for widget in _widgets(pdf, *entries)] == ["Leśna"]
    assert _notes(pdf, *entries) == (_PLACE,)


@pytest.mark.parametrize("entries", [Name.Broken, Dictionary()])
def test_a_page_whose_list_of_annotations_is_none_has_none(pdf: pikepdf.Pdf, entries: Any) -> None:
    pdf.pages[0].obj.Annots = entries
    assert widgets_on(pdf.pages[0], _as_it_is) == ()
    assert notes_on(pdf.pages[0], _as_it_is) == ()


def test_a_page_with_more_notes_than_are_looked_at_is_noted_all_over(pdf: pikepdf.Pdf) -> None:
    popup = pdf.make_indirect(_annotation("Popup"))
    assert _notes(pdf, *[popup] * 2000) == ()
    ((left, low, right, high),) = _notes(pdf, *[popup] * 2001)
    assert left < 0 and low < 0 and right > 14_400 and high > 14_400, "a page is 14,400 points at most"
    assert _widgets(pdf, *[popup] * 2000, _field()) == ()
