"""SMS: through an HTTP gateway, or as files when none is set."""

from __future__ import annotations

import json
from typing import Any, Final

import httpx

from confirmations.channels.files import write_whole
from confirmations.channels.interface import (
    Accepted,
    ClosedChannelError,
    Envelope,
    PermanentDeliveryError,
    UncertainDeliveryError,
)
from confirmations.sms_text import as_sms
from environment.settings import get_settings

_TIMEOUT: Final = 20.0
_LONGEST_REFERENCE: Final = 100


def text_of(envelope: Envelope) -> str:
    """The text in the letters that the setting chooses: without Polish ones an SMS carries 160 instead of 70."""
    return as_sms(envelope.content.plain)


def number_of(envelope: Envelope) -> str:
    """The recipient with the country's prefix, as gateways want it."""
    return envelope.recipient if envelope.recipient.startswith("+") else f"+48{envelope.recipient}"


class SmsGateway:
    """An HTTP gateway that takes ``{"to", "text", "reference"}`` as JSON and may answer with ``{"id"}``.

    The key of the message goes along as ``Idempotency-Key``; since no gateway owes us to honour it, an attempt that
    broke off is not repeated by itself.
    """

    name: Final = "sms-gateway"
    repeatable: Final = False

    def send(self, envelope: Envelope) -> Accepted:
        """Post the message; the reference is the gateway's number, else our own."""
        settings = get_settings()
        assert settings.sms_gateway_url is not None
        headers = {"Idempotency-Key": envelope.digest}
        if settings.sms_gateway_token is not None:
            headers["Authorization"] = f"Bearer {settings.sms_gateway_token.get_secret_value()}"
        body = {"to": number_of(envelope), "text": text_of(envelope), "reference": envelope.digest}
        response = posted(settings.sms_gateway_url, "EBOK_SMS_GATEWAY_URL", headers=headers, json=body)
        _check(response.status_code)
        return Accepted(_reference(response) or envelope.digest)


def posted(url: str, setting: str, **what: Any) -> httpx.Response:
    """What a gateway answers; ``setting`` names its address. DeliveryError where it answers nothing."""
    try:
        return httpx.post(url, timeout=_TIMEOUT, **what)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise ClosedChannelError("gateway_unreachable", f"Bramka SMS nie odpowiada. Sprawdź {setting}.") from error
    except httpx.HTTPError as error:
        raise UncertainDeliveryError(
            "connection_lost", "Połączenie z bramką SMS zerwało się w trakcie wysyłania. SMS mógł dojść."
        ) from error


class SmsFiles:
    """Writes one JSON file an SMS, named by its key, into ``sms`` in the folder of outgoing messages."""

    name: Final = "sms-file"
    repeatable: Final = True

    def send(self, envelope: Envelope) -> Accepted:
        """Write the file; its name is the reference."""
        body = {"to": number_of(envelope), "text": text_of(envelope), "at": envelope.at.isoformat()}
        file = f"sms/{envelope.name}.json"
        write_whole(get_settings().outgoing / file, json.dumps(body, ensure_ascii=False, indent=2).encode())
        return Accepted(file)


def _check(status: int) -> None:
    if 200 <= status < 300:
        return
    if status in (401, 403):
        raise ClosedChannelError(
            "login_refused", f"Bramka SMS odrzuciła klucz (kod {status}). Sprawdź EBOK_SMS_GATEWAY_TOKEN."
        )
    if status in (408, 429) or status >= 500:
        raise ClosedChannelError("gateway_busy", f"Bramka SMS chwilowo nie działa (kod {status}).")
    raise PermanentDeliveryError(
        "recipient_refused", f"Bramka SMS odrzuciła wiadomość (kod {status}). Sprawdź numer telefonu."
    )


def _reference(response: httpx.Response) -> str | None:
    try:
        body = response.json()
    except ValueError:
        return None
    found = body.get("id") if isinstance(body, dict) else None
    return str(found)[:_LONGEST_REFERENCE] if found else None
