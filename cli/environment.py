"""Settings for child processes, which run in other folders: every path made absolute."""

from __future__ import annotations

import re
from pathlib import Path

from environment.settings import get_settings


def absolute_environment() -> dict[str, str]:
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
