"""What tests of the account share: customers with bills of more than a year, told by an import."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing.importing import import_delivery
from billing.sources import FolderSource
from customers.customer_list import read_customers
from customers.importing import load_customers
from tests.billing.deliveries import delivery, rows_of


@pytest.fixture
def told(tmp_path: Path, sqlite_database: str) -> list[str]:
    """Numbers of eight customers, of whom billing told fourteen months up to October 2026."""
    folder = delivery(tmp_path / "delivery", 8, months=14)
    load_customers(read_customers(folder / "customers.csv"))
    import_delivery(FolderSource(folder), "machine")
    return [row["customer_no"] for row in rows_of(folder, "settlements")]
