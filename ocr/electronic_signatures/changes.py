"""What was added to a file after signing: further signatures and what preserves them, or anything else.

By the PDF standard a form may be filled in after an ordinary signature; we take no value that nobody signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    XrefStreamRule,
)

_MOST_FIELDS: Final = 500
_LASTING: Final = ModificationLevel.LTA_UPDATES

FURTHER_SIGNATURES_ONLY: Final = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),
        *(
            rule.as_qualified(_LASTING)
            for rule in (DocInfoRule(), XrefStreamRule(), ObjectStreamRule(), DSSCompareRule(), MetadataUpdateRule())
        ),
    ],
    form_rule=FormUpdatingRule(field_rules=[SigFieldCreationRule(), SigFieldModificationRule()]),
)
"""pyHanko's own policy without its rule that lets form fields be filled in."""


def changed_fields(reader: PdfFileReader, signed_revision: int) -> tuple[str, ...]:
    """Names of form fields that say something else than when the file was signed, for people to look at."""
    before = _values(reader.get_historical_root(signed_revision))
    now = _values(reader.root)
    return tuple(sorted(name for name in {*before, *now} if before.get(name) != now.get(name)))


def _values(root: Mapping[str, Any]) -> dict[str, str]:
    form = root.get("/AcroForm")
    fields = () if form is None else form.get("/Fields", ())
    found = [each.get_object() for each in islice(fields, _MOST_FIELDS)]
    return {
        str(each.get("/T")): f"{each.get('/V', '')}\0{each.get('/AS', '')}"
        for each in found
        if each.get("/FT") != "/Sig"
    }
