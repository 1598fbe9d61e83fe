"""Files within a PDF: attachments, portfolio files, files pinned to a page. None of them is visible on a page."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, Final

import pikepdf

_MOST_NODES: Final = 2_000
"""So many nodes of the tree of names and notes of a page are looked at: more are no file of an honest sender."""


def count_attachments(pdf: pikepdf.Pdf) -> int:
    """How many different files it carries, wherever they are named; one named in several places counts once."""
    found: set[Any] = set()
    for specification in _specifications(pdf):
        embedded = _dictionary(_dictionary(specification).get("/EF"))
        file = next((embedded[key] for key in ("/UF", "/F", "/Unix", "/Mac", "/DOS") if key in embedded), None)
        if isinstance(file, pikepdf.Stream):
            found.add(file.objgen)
    return len(found)


def _specifications(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """All that may describe a file: in the document, and in the pages and their notes."""
    yield from _in_names(pdf)
    yield from _listed(pdf.Root.get("/AF"))
    for page in pdf.pages:
        yield from _listed(page.obj.get("/AF"))
        for note in _listed(page.obj.get("/Annots"))[:_MOST_NODES]:
            yield _dictionary(note).get("/FS")
            yield from _listed(_dictionary(note).get("/AF"))


def _in_names(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """The tree of names level by level, so that a branch that leads back to its root hides none beside it."""
    nodes, looked = deque([_dictionary(pdf.Root.get("/Names")).get("/EmbeddedFiles")]), 0
    while nodes and looked < _MOST_NODES:
        node, looked = _dictionary(nodes.popleft()), looked + 1
        nodes.extend(_listed(node.get("/Kids"))[:_MOST_NODES])
        yield from _listed(node.get("/Names"))[1 : 2 * _MOST_NODES : 2]


def _listed(value: Any) -> list[Any]:
    """The items of an array; what stands alone where one may stand is one item."""
    if isinstance(value, pikepdf.Array):
        return list(value)
    return [value] if isinstance(value, pikepdf.Dictionary) else []


def _dictionary(value: Any) -> Any:
    """A dictionary, an empty one for whatever else stands there."""
    return value if isinstance(value, pikepdf.Dictionary) else pikepdf.Dictionary()
