"""Which layers of a PDF are not shown everywhere, by all that may be said of them, and the file without them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any, Final

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from ocr.files.layers import switched, uncertain_layers

_COUNT: Final = 3
Told = Callable[[pikepdf.Pdf, list[pikepdf.Object]], Any]


@pytest.fixture
def pdf() -> Iterator[pikepdf.Pdf]:
    with pikepdf.new() as made:
        made.add_blank_page()
        layers = [made.make_indirect(Dictionary(Type=Name.OCG, Name=String(f"Warstwa {at}"))) for at in range(_COUNT)]
        made.Root.OCProperties = Dictionary(OCGs=Array(layers), D=Dictionary(Order=Array(layers)))
        yield made


def _layers(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    return list(pdf.Root.OCProperties.OCGs)


def _uncertain(pdf: pikepdf.Pdf) -> set[str]:
    found = uncertain_layers(pdf)
    assert len({layer.objgen for layer in found}) == len(found), "each once"
    return {str(layer.Name)[-1] for layer in found}


def _usage(**told: Any) -> Told:
    def tell(pdf: pikepdf.Pdf, layers: list[pikepdf.Object]) -> None:
        layers[1].Usage = Dictionary({f"/{name}": value for name, value in told.items()})

    return tell


def _intent(intent: Any) -> Told:
    return lambda pdf, layers: setattr(layers[1], "Intent", intent)


def _members(**told: Any) -> Told:
    def tell(pdf: pikepdf.Pdf, layers: list[pikepdf.Object]) -> None:
        pdf.make_indirect(Dictionary({"/Type": Name.OCMD, "/OCGs": layers[1], **{f"/{k}": v for k, v in told.items()}}))

    return tell


def _all_but(pdf: pikepdf.Pdf, layers: list[pikepdf.Object]) -> None:
    pdf.Root.OCProperties.D.BaseState = Name.OFF
    pdf.Root.OCProperties.D.ON = Array([layers[0], layers[2]])


def _off_by_default(pdf: pikepdf.Pdf, layers: list[pikepdf.Object]) -> None:
    pdf.Root.OCProperties.D.OFF = Array([layers[1]])


def _off_in_the_second_of_others(pdf: pikepdf.Pdf, layers: list[pikepdf.Object]) -> None:
    pdf.Root.OCProperties.Configs = Array([Dictionary(), Dictionary(OFF=Array([layers[1]]))])


def _off_without_a_default(pdf: pikepdf.Pdf, layers: list[pikepdf.Object]) -> None:
    del pdf.Root.OCProperties.D
    _off_in_the_second_of_others(pdf, layers)


def _off_and_of_no_type(pdf: pikepdf.Pdf, layers: list[pikepdf.Object]) -> None:
    del layers[1]["/Type"]
    _off_by_default(pdf, layers)


def _by_expression(pdf: pikepdf.Pdf, layers: list[pikepdf.Object]) -> None:
    expression = Array([Name.And, Array([Name.Not, layers[1]]), Array([Name.Or, Array([layers[1]])])])
    pdf.make_indirect(Dictionary(Type=Name.OCMD, VE=expression))


@pytest.mark.parametrize(
    "tell",
    [
        _off_by_default,
        _all_but,
        _off_in_the_second_of_others,
        _off_without_a_default,
        _off_and_of_no_type,
        _by_expression,
        _intent(Name.Design),
        _intent(Array([Name.Design])),
        *(_usage(**{each: Dictionary({f"/{each}State": Name.OFF})}) for each in ("View", "Print", "Export")),
        *(_usage(**{each: Dictionary()}) for each in ("Zoom", "Language", "User")),
        _members(P=Name.AllOff),
        _members(P=Name.AnyOff),
        _members(VE=Array([Name.Not])),
    ],
)
def test_a_layer_is_uncertain_that_is_hidden_anywhere_and_no_other(pdf: pikepdf.Pdf, tell: Told) -> None:
    tell(pdf, _layers(pdf))
    assert _uncertain(pdf) == {"1"}


@pytest.mark.parametrize(
    "tell",
    [
        lambda pdf, layers: None,
        lambda pdf, layers: setattr(pdf.Root.OCProperties.D, "BaseState", Name.ON),
        _intent(Name.View),
        _intent(Name.All),
        _intent(Array([Name.Design, Name.View])),
        _usage(View=Dictionary(ViewState=Name.ON), Print=Dictionary(PrintState=Name.ON)),
        _usage(View=Dictionary(PrintState=Name.OFF)),
        _usage(View=Name.OFF, PageElement=Dictionary(Subtype=Name.BG)),
        _members(P=Name.AnyOn),
        _members(P=Name.AllOn),
        _members(),
        lambda pdf, layers: pdf.Root.__delitem__("/OCProperties"),
    ],
)
def test_a_layer_that_is_shown_everywhere_is_certain(pdf: pikepdf.Pdf, tell: Told) -> None:
    tell(pdf, _layers(pdf))
    assert _uncertain(pdf) == set()


def test_where_a_base_is_neither_all_nor_none_only_those_switched_on_are_certain(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OCProperties.D.BaseState = Name.Unchanged
    pdf.Root.OCProperties.D.ON = Array([_layers(pdf)[0]])
    assert _uncertain(pdf) == {"1", "2"}


def test_all_members_of_a_set_that_shows_when_they_are_off_are_uncertain(pdf: pikepdf.Pdf) -> None:
    layers = _layers(pdf)
    pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=Array(layers[:2]), P=Name.AllOff))
    assert _uncertain(pdf) == {"0", "1"}


@pytest.mark.parametrize(("depth", "found"), [(6, {"2"}), (60, set())])
def test_an_expression_is_followed_as_deep_as_anybody_writes_one(pdf: pikepdf.Pdf, depth: int, found: set[str]) -> None:
    expression: Any = _layers(pdf)[2]
    for _ in range(depth):
        expression = Array([Name.Not, expression])
    pdf.make_indirect(Dictionary(Type=Name.OCMD, VE=expression))
    assert _uncertain(pdf) == found


@pytest.mark.parametrize("nonsense", [Name.OFF, Array([Name.OFF, 7]), 7])
def test_what_is_no_list_of_layers_hides_none(pdf: pikepdf.Pdf, nonsense: Any) -> None:
    pdf.Root.OCProperties.D.OFF = nonsense
    pdf.Root.OCProperties.Configs = nonsense
    assert _uncertain(pdf) == set()


def _written(data: bytes) -> tuple[list[str], list[bool], set[str]]:
    """The layers that are off, which of all have a usage of their own, and what is told of them."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        properties = pdf.Root.OCProperties
        off = [str(each.Name) for each in properties.D.OFF]
        return off, ["/Usage" in each for each in properties.OCGs], set(properties.keys())


@pytest.mark.parametrize(("shown", "off"), [(True, []), (False, ["Warstwa 1", "Warstwa 2"])])
def test_layers_are_switched_whatever_the_file_says_of_them(pdf: pikepdf.Pdf, shown: bool, off: list[str]) -> None:
    layers = _layers(pdf)
    for layer in layers[:2]:
        layer.Usage = Dictionary(Zoom=Dictionary(min=2))
    pdf.Root.OCProperties.D.OFF = Array([layers[0]])
    pdf.Root.OCProperties.Configs = Array([Dictionary(OFF=Array([layers[1]]))])
    told = _written(switched(pdf, layers[1:], shown=shown))
    assert told == (off, [True, False, False], {"/OCGs", "/D"})
    assert [str(each.Name) for each in pdf.Root.OCProperties.D.OFF] == ["Warstwa 0"]
    assert len(pdf.Root.OCProperties.Configs) == 1
    assert ["/Usage" in each for each in layers] == [True, True, False]
    assert layers[1].Usage.Zoom.min == 2


def test_a_file_without_a_default_has_none_after_its_layers_were_switched(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OCProperties.D
    assert _written(switched(pdf, _layers(pdf), shown=False))[0] == [f"Warstwa {at}" for at in range(_COUNT)]
    assert set(pdf.Root.OCProperties.keys()) == {"/OCGs"}
