"""What the tests of forms share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fifth_form import fifth_form

__all__ = ["fifth_form"]


@pytest.fixture(autouse=True)
def _default_settings(home: Path) -> None:
    """Settings of this machine do not reach these tests."""
