"""What the garbage collector is told in a process that loads much and then lives long."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Have libraries loaded: nothing is looked through for what could go meanwhile, and what is there by then never.

    It stays as long as the process. Looking through it again and again was a quarter of what loading took.
    """
    gc.disable()
    yield
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    gc.enable()
