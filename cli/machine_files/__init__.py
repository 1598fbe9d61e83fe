"""What `ebok admin install` puts on a machine: texts with ``@NAME@`` for what each machine has otherwise.

Each bears in its head a digest of itself: a later installation puts a newer text in place of one that nobody touched,
and leaves what an administrator has changed.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

_HEAD: Final = "# Zapisane przez: ebok admin install ({digest}). Pliku zmienionego ręcznie polecenie nie zastąpi.\n"
_HEAD_PATTERN: Final = re.compile(r"^# Zapisane przez: ebok admin install \((\w+)\)\..*\n", re.MULTILINE)
_FIRST_OF_A_SCRIPT: Final = re.compile(r"#!.*\n")


def filled(name: str, **values: str) -> str:
    """The text of that name with those values, without its head."""
    text = Path(__file__).with_name(name).read_text()
    return re.sub(r"@([A-Z_]+)@", lambda found: values[found[1].lower()], text)


def signed(text: str) -> str:
    """A text with its head, which comes after the line that makes a script one."""
    script = _FIRST_OF_A_SCRIPT.match(text)
    at = script.end() if script else 0
    return text[:at] + _HEAD.format(digest=_digest(text)) + text[at:]


def is_untouched(text: str) -> bool:
    """Whether it is a text of ours, of whichever edition, as it was written."""
    found = _HEAD_PATTERN.search(text)
    return found is not None and _digest(text[: found.start()] + text[found.end() :]) == found[1]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
