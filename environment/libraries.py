"""What libraries are told through the environment.

Each looks once, when it is loaded. So the rooms that load them tell them first, and the command line for all it starts.
"""

from __future__ import annotations

import os
from typing import Final

_TOLD: Final = {
    # Several documents are read side by side: threads inside of Tesseract, numpy and OpenCV only slow all of them down,
    # and cost a fifth of the reading of one page. OpenCV would have one for each core, and on a machine of many cores
    # their stacks and heaps alone are more memory than a reader may take.
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENCV_FOR_THREADS_NUM": "1",
    # onnxruntime reports what it runs to its maker, and keeps what it could not send in the user's cache.
    "ORT_DISABLE_TELEMETRY": "1",
    # Pydantic would look through all that is installed for plugins of its own, at each start of a process.
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
}


def tell_libraries() -> None:
    """Put it into the environment of this process and of those that it starts; what stands there already is kept."""
    for name, value in _TOLD.items():
        os.environ.setdefault(name, value)
