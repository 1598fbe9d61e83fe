"""``python -m flows server …`` and ``python -m flows worker``: the processes of the workflow engine that live long."""

import sys
from importlib import import_module

from environment.garbage import loading

if __name__ == "__main__":
    with loading():
        module = import_module(f"flows.{sys.argv.pop(1)}")
    module.main()
