"""Where the command `ebok` begins. Each process that reads files imports this module anew, so it is light to import."""

from __future__ import annotations

import gc
from typing import Final

_NEW_OBJECTS: Final = 20_000
"""A short command mostly imports, and what is imported stays: a look for garbage at each 700 new objects is in vain."""


def main() -> None:
    """Run the command of this process."""
    gc.set_threshold(_NEW_OBJECTS)
    from cli.main import main as run  # noqa: PLC0415

    try:
        run()
    finally:
        gc.freeze()  # all ends with the process: nothing need be looked through once more for what could be freed
