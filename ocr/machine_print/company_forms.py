"""Legal forms at the end of company names: there are few, so a near miss can mean only one of them."""

from __future__ import annotations

import re
from typing import Final

_LIMITED: Final = re.compile(r"\b(z)\s?[0o]\.\s?[0o]\.?(?=\s|$)", re.IGNORECASE)
_GENERAL_PARTNERS: Final = re.compile(r"\b(sp)[.:,](\s?)[ijl1]\.?(?=\s|$)", re.IGNORECASE)


def with_company_forms(text: str) -> str:
    """A text whose ``z 0.0.``, ``zo.o.`` and ``sp: l`` are written as what they are: ``z o.o.``, ``sp. j.``."""
    text = _LIMITED.sub(lambda found: "Z O.O." if found[1] == "Z" else "z o.o.", text)
    return _GENERAL_PARTNERS.sub(lambda found: f"{found[1]}.{found[2]}{'J' if found[1].isupper() else 'j'}.", text)
