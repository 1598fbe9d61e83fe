"""A file that is read at once, and settings under which there is one reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from forms.kinds import Value
from specimens.files import write

FORM = form_by_code("einvoice_withdrawal")
VALUES: Mapping[str, Value] = {"customer_no": "10000001", "name": "ANNA KOWALSKA"}


@pytest.fixture
def filled(home: Path, tmp_path: Path) -> Path:
    return write(tmp_path / "one.pdf", draw_fillable(FORM, VALUES))


@pytest.fixture
def one_reader(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EBOK_READERS", "1")
    monkeypatch.setenv("EBOK_PAGE_SECONDS", "2")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()
