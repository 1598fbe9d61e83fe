"""The check of the night, without the seconds that it gives to what may just be under way."""

from __future__ import annotations

from functools import partial

import pytest

from integrity import nightly
from integrity.checking import check


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What differs is looked at once more at once."""
    monkeypatch.setattr(nightly, "check", partial(check, wait=lambda _: None))
