"""Imported by the process that readers are forked from, so that each begins with its libraries loaded.

What is loaded lives as long as the process, so the garbage collector need not look at it, neither while it grows nor
after.
"""

from __future__ import annotations

import gc
from importlib import import_module

gc.disable()
for _name in ("files.joining", "pictures", "reading", "unfilled"):
    import_module(f"ocr.{_name}")
# Imported otherwise at their first use, or by each reader when it begins.
for _name in ("numpy.ma", "pebble.pool.process", "readers.work", "email_validator", "phonenumbers"):
    import_module(_name)
gc.freeze()
gc.enable()
