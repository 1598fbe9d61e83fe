"""A folder in which an installation keeps forms, effects and kinds of its own, for as long as a test runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from customers.effects import all_effects
from environment.settings import get_settings
from forms.catalogue import all_forms


@pytest.fixture
def further(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder ``EBOK_FORMS_DIR``, empty, with its folders ``effects`` and ``kinds``."""
    folder = tmp_path / "further"
    for name in ("effects", "kinds"):
        (folder / name).mkdir(parents=True)
    monkeypatch.setenv("EBOK_FORMS_DIR", str(folder))
    read_again()
    yield folder
    monkeypatch.delenv("EBOK_FORMS_DIR")
    read_again()
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(str(folder)):
            del sys.modules[name]
    all_effects()


def read_again() -> None:
    """What was found in the folder is looked for once more."""
    for remembered in (get_settings, all_forms, all_effects):
        remembered.cache_clear()
