"""PDF layers (optional content) that some programs hide, or that differ between screen and paper.

What such a layer hides or shows is no part of a page on which all agree. So the file is written anew with all of those
layers shown and with none of them: where the pages differ, their look depends on who looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Final

import pikepdf

_PURPOSES: Final = ("/View", "/Print", "/Export")
_CONDITIONS: Final = ("/Zoom", "/Language", "/User")
"""What the visibility of a layer may depend on besides (PDF 32000-1, table 102)."""
_IF_OFF: Final = ("/AllOff", "/AnyOff")
_SWITCHES: Final = ("/ON", "/OFF")
_DEEPEST: Final = 8


def uncertain_layers(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    """The layers that are hidden somewhere: by default, in another configuration, for a purpose or on a condition."""
    properties = pdf.Root.get("/OCProperties")
    if not isinstance(properties, pikepdf.Dictionary):
        return []
    configurations = [properties.get("/D"), *_items(properties.get("/Configs"))]
    listed = {each.objgen for each in _listed(properties, configurations)}
    found: dict[tuple[int, int], pikepdf.Object] = {}
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Dictionary):
            continue
        if item.get("/Type") == "/OCG" or item.objgen in listed:
            if _is_conditional(item) or any(_is_off(item, each) for each in configurations):
                found[item.objgen] = item
        elif item.get("/Type") == "/OCMD" and ("/VE" in item or item.get("/P") in _IF_OFF):
            found |= {each.objgen: each for key in ("/OCGs", "/VE") for each in _layers_in(item.get(key))}
    return list(found.values())


def _listed(properties: pikepdf.Object, configurations: Sequence[Any]) -> Iterator[pikepdf.Object]:
    """What is listed as a layer, which is one for viewers even where it does not say so of itself."""
    lists = [properties.get("/OCGs")]
    lists += [each.get(key) for each in configurations if isinstance(each, pikepdf.Dictionary) for key in _SWITCHES]
    return (one for each in lists for one in _items(each) if isinstance(one, pikepdf.Dictionary) and one.is_indirect)


def switched(pdf: pikepdf.Pdf, layers: Sequence[pikepdf.Object], *, shown: bool) -> bytes:
    """The file with these layers shown or hidden, whatever it says of them; ``pdf`` is left as it was."""
    properties = pdf.Root.OCProperties
    with _without(properties, "/Configs"), _without(properties, "/D"):
        properties.D = pikepdf.Dictionary(OFF=pikepdf.Array([] if shown else layers))
        usages = [(layer, layer.get("/Usage")) for layer in layers]
        try:
            for layer, usage in usages:
                if usage is not None:
                    del layer["/Usage"]
            whole = BytesIO()
            pdf.save(whole)
        finally:
            for layer, usage in usages:
                if usage is not None:
                    layer.Usage = usage
    return whole.getvalue()


@contextmanager
def _without(holder: pikepdf.Object, key: str) -> Iterator[None]:
    kept = holder.get(key)
    if kept is not None:
        del holder[key]
    try:
        yield
    finally:
        if kept is not None:
            holder[key] = kept
        elif key in holder:
            del holder[key]


def _is_off(layer: pikepdf.Object, configuration: Any) -> bool:
    if not isinstance(configuration, pikepdf.Dictionary):
        return False
    if _holds(configuration.get("/OFF"), layer):
        return True
    return configuration.get("/BaseState", "/ON") != "/ON" and not _holds(configuration.get("/ON"), layer)


def _is_conditional(layer: pikepdf.Object) -> bool:
    intent = layer.get("/Intent", "/View")
    if not any(each in {"/View", "/All"} for each in (_items(intent) or [intent])):
        return True
    usage = layer.get("/Usage")
    if not isinstance(usage, pikepdf.Dictionary):
        return False
    states = (_state(usage.get(purpose), purpose) for purpose in _PURPOSES)
    return any(each in usage for each in _CONDITIONS) or any(state == "/OFF" for state in states)


def _state(usage: Any, purpose: str) -> Any:
    return usage.get(f"{purpose}State") if isinstance(usage, pikepdf.Dictionary) else None


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, pikepdf.Array) else []


def _holds(layers: Any, layer: pikepdf.Object) -> bool:
    return any(isinstance(each, pikepdf.Dictionary) and each.objgen == layer.objgen for each in _items(layers))


def _layers_in(value: Any, depth: int = 0) -> Iterator[pikepdf.Object]:
    if isinstance(value, pikepdf.Dictionary) and value.is_indirect:
        yield value
    elif depth <= _DEEPEST:
        for each in _items(value):
            yield from _layers_in(each, depth + 1)
