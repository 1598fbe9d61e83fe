"""Where an original lies on the disk, while the store is a folder."""

from __future__ import annotations

from pathlib import Path

from documents.originals import relative_path
from environment.settings import get_settings


def original_path(sha256: str) -> Path:
    return get_settings().originals / relative_path(sha256)
