"""What becomes of an SMS after it left, or when its number is refused, and how staff read it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

NO_SUCH_NUMBER: Final = "number_refused"
"""Code of a fault: the gateway knows no such telephone, or its owner wants no SMS."""


class SmsEnd(StrEnum):
    """What became of an SMS that the gateway had taken."""

    DELIVERED = "sms_delivered"
    EXPIRED = "sms_expired"
    UNDELIVERED = "sms_undelivered"
    REJECTED = "sms_rejected"
    UNWANTED = "sms_unwanted"


SMS_TOLD: Final[Mapping[str, str]] = {
    SmsEnd.EXPIRED: "SMS nie doszedł na czas: telefon był długo wyłączony albo bez zasięgu.",
    SmsEnd.UNDELIVERED: "Sieć nie doręczyła SMS-a. Sprawdź numer telefonu.",
    SmsEnd.REJECTED: "Sieć odrzuciła SMS-a. Sprawdź numer telefonu.",
    SmsEnd.UNWANTED: "Właściciel numeru zastrzegł, że nie chce SMS-ów.",
    NO_SUCH_NUMBER: "Bramka SMS nie wysyła na ten numer. Sprawdź numer telefonu.",
}
"""What did not arrive, and why (Polish)."""
