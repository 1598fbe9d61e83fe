"""The ways out: SMTP, .eml files, an SMS gateway, SMS files, printed letters."""

from __future__ import annotations

from confirmations.channels.interface import Channel
from confirmations.tables import Medium


def channel_for(medium: Medium) -> Channel:
    """The way out that the settings choose for a medium."""
    raise NotImplementedError(medium)
