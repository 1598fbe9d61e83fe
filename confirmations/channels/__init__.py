"""The channels: SMTP, .eml files, SMSAPI.pl, another SMS gateway, SMS files, printed letters."""

from __future__ import annotations

from typing import Final

from confirmations.channels.eml import EmlFiles
from confirmations.channels.interface import MessageChannel
from confirmations.channels.letter import PrintedLetters
from confirmations.channels.sms import SmsFiles, SmsGateway
from confirmations.channels.smsapi import SmsApi
from confirmations.channels.smtp import SmtpServer
from confirmations.tables import Medium
from environment.settings import get_settings

_INTO_FILES: Final = (EmlFiles, SmsFiles, PrintedLetters)


def leaves_here(medium: Medium) -> bool:
    """Whether messages of that medium leave from this machine: what is written to a file may be another one's part."""
    return get_settings().writes_messages or not isinstance(channel_for(medium), _INTO_FILES)


def channel_for(medium: Medium) -> MessageChannel:
    """The way out that the settings choose for a medium."""
    settings = get_settings()
    match medium:
        case Medium.EMAIL:
            return SmtpServer() if settings.smtp_host else EmlFiles()
        case Medium.SMS:
            if settings.smsapi_token is not None:
                return SmsApi()
            return SmsGateway() if settings.sms_gateway_url else SmsFiles()
        case Medium.LETTER:
            return PrintedLetters()
