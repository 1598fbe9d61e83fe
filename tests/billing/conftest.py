"""What tests of an import share: a database of either kind with the customers of a small delivery."""

from __future__ import annotations

from pathlib import Path

import pytest

from customers.customer_list import read_customers
from customers.importing import load_customers
from tests.billing.delivered import told
from tests.billing.deliveries import delivery
from tests.confirmations.conftest import mailbox, set_settings  # noqa: F401  fixtures


@pytest.fixture
def folder(tmp_path: Path, home: Path) -> Path:
    """A delivery of two months of three customers, without pictures."""
    return delivery(tmp_path / "delivery")


@pytest.fixture
def register(folder: Path, database: str) -> Path:
    """The same, its customers in the register."""
    load_customers(read_customers(folder / "customers.csv"))
    return folder


@pytest.fixture
def october(tmp_path: Path, database: str) -> Path:
    """The invoices of October of three customers, in the register."""
    return told(tmp_path / "delivery")


@pytest.fixture
def october_here(tmp_path: Path, sqlite_database: str) -> Path:
    """The same, where the kind of database does not matter."""
    return told(tmp_path / "delivery")
