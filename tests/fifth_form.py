"""A fifth form, one file in ``further_forms``: for a process through ``EBOK_FORMS_DIR``, for a test by the fixture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from environment.settings import get_settings
from forms.catalogue import all_forms, form_by_code
from forms.form import Form

FURTHER_FORMS = Path(__file__).parent / "further_forms"


@pytest.fixture
def fifth_form(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Form]:
    """The form ``meter_request`` as part of the catalogue, as long as the test runs."""
    monkeypatch.setenv("EBOK_FORMS_DIR", str(FURTHER_FORMS))
    get_settings.cache_clear()
    all_forms.cache_clear()
    yield form_by_code("meter_request")
    monkeypatch.delenv("EBOK_FORMS_DIR")
    get_settings.cache_clear()
    all_forms.cache_clear()
