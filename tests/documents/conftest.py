"""Fixtures of the scan folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from environment.settings import get_settings
from tests.documents.scanning import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(home: Path) -> Path:
    folder = get_settings().inbox
    folder.mkdir(parents=True)
    return folder
