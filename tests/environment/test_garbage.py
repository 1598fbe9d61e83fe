"""What is loaded is not looked through for garbage; what comes afterwards is."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import gc
from environment.garbage import loading
with loading():
    print(gc.isenabled())
    import json.decoder
print(gc.isenabled(), gc.get_freeze_count() > 1_000)
one = []
one.append(one)
del one
print(gc.collect() > 0)
"""


def test_nothing_is_collected_while_libraries_load_and_what_comes_afterwards_is() -> None:
    told = subprocess.run((sys.executable, "-c", _PROGRAM), capture_output=True, text=True, check=True).stdout.split()
    assert told == ["False", "True", "True", "True"]
