"""A mail server for the report."""

from tests.confirmations.conftest import mailbox, set_settings

__all__ = ["mailbox", "set_settings"]
