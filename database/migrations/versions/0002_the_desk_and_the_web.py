"""The review desk and the customers' pages: staff, wrong tries, drafts, passwords, the queue, the second look."""

from __future__ import annotations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _access()
    _drafts()
    _customer_accounts()
    _desk()
    _pictures()
    _second_look()


def _access() -> None:
    pass


def _drafts() -> None:
    pass


def _customer_accounts() -> None:
    pass


def _desk() -> None:
    pass


def _pictures() -> None:
    pass


def _second_look() -> None:
    pass


def downgrade() -> None:
    """In the other order."""
