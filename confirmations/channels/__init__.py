"""The channels: SMTP, .eml files, an SMS gateway, SMS files, printed letters."""

from __future__ import annotations

from confirmations.channels.eml import EmlFiles
from confirmations.channels.interface import Channel
from confirmations.channels.letter import PrintedLetters
from confirmations.channels.sms import SmsFiles, SmsGateway
from confirmations.channels.smtp import SmtpServer
from confirmations.tables import Medium
from environment.settings import get_settings


def channel_for(medium: Medium) -> Channel:
    """The way out that the settings choose for a medium."""
    settings = get_settings()
    match medium:
        case Medium.EMAIL:
            return SmtpServer() if settings.smtp_host else EmlFiles()
        case Medium.SMS:
            return SmsGateway() if settings.sms_gateway_url else SmsFiles()
        case Medium.LETTER:
            return PrintedLetters()
