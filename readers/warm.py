"""Imported by the process that readers are forked from, so that each begins with its libraries loaded.

What is loaded lives as long as the process, so the garbage collector need not look at it while it grows.
"""

from __future__ import annotations

import gc
from importlib import import_module

gc.disable()
for _name in ("files.joining", "pictures", "reading", "unfilled"):
    import_module(f"ocr.{_name}")
# NumPy's own functions import it at their first call; the others a reader imports when it begins.
for _name in ("numpy.ma", "pebble.pool.process", "readers.work"):
    import_module(_name)
gc.enable()
