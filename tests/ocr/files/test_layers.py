"""What a layer hides or shows in some programs only, or on screen and not on paper, is trusted nowhere it reaches."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from forms.catalogue import form_by_code
from forms.form import Form
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, layout
from forms.submission import Submission
from ocr.files.layers import switched, uncertain_layers
from ocr.page_reading import DOUBT_LAYERS, DOUBT_NOTE
from ocr.reading import read_file
from specimens import files
from specimens.digital import digital_form, saved
from specimens.paper import print_form
from specimens.scanner import scan

Values = Callable[[Form], dict[str, Value]]
_FORM: Final = form_by_code("einvoice_acceptance")
_X0, _TOP, _X1, _LOW = next(item for item in layout(_FORM).fields if item.field.name == "email").bounds
_COVER: Final = f"1 g {_X0} {PAGE_HEIGHT - _LOW} {_X1 - _X0} {_LOW - _TOP} re f"


def _state(purpose: str, state: str) -> Dictionary:
    return Dictionary({f"/{purpose}": Dictionary({f"/{purpose}State": Name(f"/{state}")})})


def _layer(pdf: pikepdf.Pdf, usage: Dictionary | None = None) -> pikepdf.Object:
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Warstwa")))
    if usage is not None:
        layer.Usage = usage
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(Order=Array([layer])))
    return layer


def _off(pdf: pikepdf.Pdf) -> pikepdf.Object:
    layer = _layer(pdf)
    pdf.Root.OCProperties.D.OFF = Array([layer])
    return layer


def _base_off(pdf: pikepdf.Pdf) -> pikepdf.Object:
    layer = _layer(pdf)
    pdf.Root.OCProperties.D.BaseState = Name.OFF
    return layer


def _off_in_another(pdf: pikepdf.Pdf) -> pikepdf.Object:
    layer = _layer(pdf)
    pdf.Root.OCProperties.Configs = Array([Dictionary(OFF=Array([layer]))])
    return layer


def _printed_only(pdf: pikepdf.Pdf) -> pikepdf.Object:
    layer = _layer(pdf, Dictionary({**dict(_state("View", "OFF").items()), **dict(_state("Print", "ON").items())}))
    pdf.Root.OCProperties.D.AS = Array(
        [
            Dictionary(Event=Name(f"/{each}"), OCGs=Array([layer]), Category=Array([Name.View, Name.Print]))
            for each in ("View", "Print")
        ]
    )
    return layer


def _on_condition(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return _layer(pdf, Dictionary(Zoom=Dictionary(min=2)))


def _of_members(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=Array([_layer(pdf)]), P=Name.AllOff))


def _by_expression(pdf: pikepdf.Pdf) -> pikepdf.Object:
    layer = _layer(pdf)
    return pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=layer, VE=Array([Name.Not, layer])))


def _in_a_layer(data: bytes, make: Callable[[pikepdf.Pdf], pikepdf.Object], content: str = _COVER) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.pages[0].add_resource(make(pdf), Name.Properties, Name.Layer)
        pdf.pages[0].contents_add(f"q /OC /Layer BDC {content} EMC Q".encode())
        return saved(pdf)


def _read(folder: Path, data: bytes) -> Submission:
    path = folder / "form.pdf"
    path.write_bytes(data)
    (document,) = read_file(path).documents
    assert document.submission is not None
    return document.submission


@pytest.mark.parametrize(
    "make", [_off, _base_off, _off_in_another, _printed_only, _on_condition, _of_members, _by_expression]
)
def test_a_field_that_a_layer_covers_somewhere_is_for_an_eye_and_no_other(
    tmp_path: Path, values: Values, make: Callable[[pikepdf.Pdf], pikepdf.Object]
) -> None:
    data = digital_form(_FORM, values(_FORM), "flattened", 1).data
    found = _read(tmp_path, _in_a_layer(data, make))
    assert not found.fields["email"].trusted
    assert found.fields["email"].by_eye
    assert [name for name, one in found.fields.items() if one.doubt == DOUBT_LAYERS and name != "email"] == []


@pytest.mark.parametrize("usage", [None, _state("View", "ON"), Dictionary(PageElement=Dictionary(Subtype=Name.BG))])
def test_a_layer_that_is_shown_everywhere_leaves_a_field_as_it_is(
    tmp_path: Path, values: Values, usage: Dictionary | None
) -> None:
    data = digital_form(_FORM, values(_FORM), "flattened", 1).data
    found = _read(tmp_path, _in_a_layer(data, lambda pdf: _layer(pdf, usage), "1 g 1 1 2 2 re f"))
    assert [name for name, one in found.fields.items() if not one.trusted] == []


def test_a_layer_that_is_hidden_far_from_the_fields_leaves_them_as_they_are(tmp_path: Path, values: Values) -> None:
    data = digital_form(_FORM, values(_FORM), "flattened", 1).data
    found = _read(tmp_path, _in_a_layer(data, _off, "0 g 10 4 60 6 re f"))
    assert [name for name, one in found.fields.items() if not one.trusted] == []


def test_a_scan_in_a_hidden_layer_is_no_empty_page_and_not_trusted(tmp_path: Path, values: Values) -> None:
    scanned = files.image_pdf([scan(print_form(_FORM, values(_FORM)), "gray200", 5)[0]])
    with pikepdf.open(io.BytesIO(scanned)) as pdf:
        (picture,) = pdf.pages[0].resources.XObject.values()
        picture.OC = _off(pdf)
        found = _read(tmp_path, saved(pdf))
    assert found.value("customer_no") == values(_FORM)["customer_no"]
    assert [name for name, one in found.fields.items() if one.trusted] == []


@pytest.mark.parametrize("how", ["layer", "printed only"])
def test_a_note_that_is_shown_in_some_places_only_is_a_note(tmp_path: Path, values: Values, how: str) -> None:
    with pikepdf.open(io.BytesIO(digital_form(_FORM, values(_FORM), "flattened", 1).data)) as pdf:
        note = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Square,
            Rect=Array([_X0, PAGE_HEIGHT - _LOW, _X1, PAGE_HEIGHT - _TOP]),
            F=4 if how == "layer" else 4 | 1 << 5,
        )
        if how == "layer":
            note.OC = _off(pdf)
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])
        found = _read(tmp_path, saved(pdf))
    assert (found.fields["email"].trusted, found.fields["email"].doubt) == (False, DOUBT_NOTE)


def test_to_switch_layers_leaves_the_file_as_it_was(values: Values) -> None:
    data = _in_a_layer(digital_form(_FORM, values(_FORM), "flattened", 1).data, _printed_only)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        before = saved(pdf)
        layers = uncertain_layers(pdf)
        assert len(layers) == 1
        assert switched(pdf, layers, shown=True) != switched(pdf, layers, shown=False)
        assert saved(pdf) == before
