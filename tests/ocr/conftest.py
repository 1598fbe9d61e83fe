"""Specimens that the tests of reading share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from forms.catalogue import current_forms, form_by_code
from forms.form import Form
from forms.kinds import Value
from specimens.people import invented_customers, values_for

TODAY = date(2025, 6, 30)
FORMS = [form.code for form in current_forms()]
LETTERS = [form.code for form in current_forms() if form.asking is not None]
"""Forms that are asked for in letters, too."""


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """Settings of the test, not of the machine."""


@pytest.fixture
def form() -> Form:
    return form_by_code("ebok_signup")


@pytest.fixture
def values() -> Callable[[Form], dict[str, Value]]:
    """Values of an invented customer for a form."""
    customer = invented_customers(1, 11)[0]
    return lambda form: {**values_for(form, customer, 11, TODAY), "signature": True}
