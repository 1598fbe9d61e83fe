"""What child processes, which run in other folders, are told: every path made absolute."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from environment.settings import get_settings


def child_environment() -> dict[str, str]:
    """The environment of child processes, with a folder of this home for their temporary files, made empty."""
    scratch = (get_settings().home / "tmp").absolute()
    shutil.rmtree(scratch, ignore_errors=True)  # what a crash left behind
    scratch.mkdir(parents=True)
    environment = {**os.environ, **_absolute_environment()}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', os.defpath)}"
    environment["PYTHONUNBUFFERED"] = "1"
    # The worker dies when somebody else left his `runner_storage` in the system's folder; uploads pass here, too.
    environment["TMPDIR"] = str(scratch)
    return environment


def _absolute_environment() -> dict[str, str]:
    """``EBOK_*`` variables for the settings of this process that name files."""
    settings = get_settings()
    environment = {"EBOK_HOME": str(settings.home.absolute())}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, Path):
            environment[f"EBOK_{name.upper()}"] = str(value.absolute())
    url = settings.database_url
    if url is not None and re.match(r"sqlite(\+\w+)?:///[^/:]", url):
        head, _, path = url.partition(":///")
        environment["EBOK_DATABASE_URL"] = f"{head}:///{Path(path).absolute()}"
    return environment
