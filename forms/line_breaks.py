"""Where a Polish line must not end: on web pages, in messages and in print alike."""

from __future__ import annotations

import re
from typing import Final

_TOGETHER: Final = re.compile(
    r"(?<![^\s(„])(?P<letter>[aiouwzAIOUWZ§]) (?=\S)|(?<=\d) (?=\d)|(?<=\bSp\.) (?=z\b)|(?<=\bz) (?=o\.o\.)"
)
"""After a word of one letter, within a number written in groups, and within 'Sp. z o.o.'."""
_HYPHEN: Final = re.compile(r"(?<![\w.@/-])(?P<letter>[eE])-(?=[^\W\d_]+(?![\w@]|[.-]\w))")
"""In 'e-mail' and 'e-faktura', but in no address of a mailbox or a page."""


def unbroken(text: str) -> str:
    """The text with no-break spaces and hyphens where a line must not end."""
    spaced = _TOGETHER.sub(lambda found: (found["letter"] or "") + "\N{NO-BREAK SPACE}", text)
    return _HYPHEN.sub("\\g<letter>\N{NON-BREAKING HYPHEN}", spaced)
