"""SMS through SMSAPI.pl: its HTTP API by a token (OAuth 2), with a key of ours against doubles and reports of delivery.

The key (``idx`` with ``check_idx``) is known there for a day only, so an attempt that broke off is not repeated by
itself; who sends again within that day learns that the SMS was taken the first time.
"""

from __future__ import annotations

from typing import Any, Final

import httpx

from confirmations.channels.interface import (
    Accepted,
    ClosedChannelError,
    DeliveryError,
    Envelope,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UncertainDeliveryError,
)
from confirmations.channels.sms import number_of, posted, text_of
from confirmations.sms_ends import NO_SUCH_NUMBER
from confirmations.sms_text import size_of
from environment.settings import get_settings

REPORTS: Final = "sms/raport"
"""Path at which it tells what became of an SMS."""
_TAKEN_BEFORE: Final = 53
_NUMBER: Final = frozenset({13, 33, 57, 59, 112})
"""No valid number, none of the country, blocked, its owner wants no SMS, a country that is closed to the account."""
_TEXT: Final = frozenset({11, 12, 94})
"""Too long or in letters that were ruled out, more parts than allowed, a link that the account may not send."""
_LOGIN: Final = frozenset({101, 102, 105, 110, 401, 997})
_ACCOUNT: Final = {
    14: "nie zna nazwy nadawcy. Sprawdź EBOK_SMSAPI_FROM",
    98: "pozwala pisać tylko na numer właściciela konta: dokończ jego rejestrację",
    103: "nie ma już punktów. Doładuj konto",
}
_BUSY: Final = frozenset({201, 202, 203, 999})
_LATER: Final = frozenset({52, 74, 200})
"""Too often to one number, outside the hours of the account, not sent for a reason of the moment."""


class SmsApi:
    """SMSAPI.pl; where the public address is https it is asked to tell what became of each SMS."""

    name: Final = "smsapi"
    repeatable: Final = False

    def send(self, envelope: Envelope) -> Accepted:
        """Post the message; the reference is SMSAPI's number of it."""
        settings = get_settings()
        assert settings.smsapi_token is not None
        headers = {"Authorization": f"Bearer {settings.smsapi_token.get_secret_value()}"}
        response = posted(settings.smsapi_url, "EBOK_SMSAPI_URL", headers=headers, data=_fields(envelope))
        answer = _read(response)
        if (code := answer.get("error")) is not None:
            if code == _TAKEN_BEFORE:
                return Accepted(envelope.digest, "SMSAPI: przyjęty już wcześniej")
            raise _fault(code)
        _check(response.status_code)
        taken = answer.get("list")
        if not (isinstance(taken, list) and taken and isinstance(taken[0], dict) and taken[0].get("id")):
            raise UncertainDeliveryError("answer_unreadable", "Nie wiadomo, co odpowiedziało SMSAPI. SMS mógł dojść.")
        return Accepted(str(taken[0]["id"])[:100], f"SMSAPI: części {size_of(text_of(envelope)).parts}")


def _fields(envelope: Envelope) -> dict[str, str]:
    settings, text = get_settings(), text_of(envelope)
    fields = {"to": number_of(envelope).removeprefix("+"), "message": text, "format": "json", "encoding": "utf-8"}
    fields |= {"idx": envelope.digest, "check_idx": "1"}
    if settings.smsapi_from:
        fields["from"] = settings.smsapi_from
    if size_of(text).gsm:
        fields["nounicode"] = "1"  # should we ever count otherwise than it does, it refuses rather than cut in three
    if settings.served_by_https and envelope.return_token:
        fields["notify_url"] = f"{settings.public_url.rstrip('/')}/{REPORTS}/{envelope.return_token}"
    return fields


def _read(response: httpx.Response) -> dict[str, Any]:
    """The answer; nothing where it is none of SMSAPI's."""
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _fault(code: object) -> DeliveryError:
    return _of_account(code) or _of_message(code)


def _of_account(code: object) -> DeliveryError | None:
    """What would meet every other SMS as well."""
    if code in _LOGIN:
        told = f"SMSAPI odrzuciło klucz albo adres serwera (kod {code}). Sprawdź EBOK_SMSAPI_TOKEN i konto w SMSAPI."
        return ClosedChannelError("login_refused", told)
    if isinstance(code, int) and code in _ACCOUNT:
        return ClosedChannelError("account_refused", f"SMSAPI {_ACCOUNT[code]} (kod {code}).")
    if code in _BUSY:
        return ClosedChannelError("gateway_busy", f"SMSAPI chwilowo nie działa (kod {code}).")
    return None


def _of_message(code: object) -> DeliveryError:
    if code in _NUMBER:
        told = f"SMSAPI nie wysyła na ten numer (kod {code}). Sprawdź numer telefonu."
        return PermanentDeliveryError(NO_SUCH_NUMBER, told)
    if code in _LATER:
        return TemporaryDeliveryError("gateway_deferred", f"SMSAPI odłożyło wysyłkę (kod {code}). Spróbujemy ponownie.")
    if code in _TEXT:
        return PermanentDeliveryError("content_refused", f"SMSAPI odrzuciło treść SMS-a (kod {code}).")
    return PermanentDeliveryError("recipient_refused", f"SMSAPI odrzuciło SMS-a (kod {str(code)[:8]}).")


def _check(status: int) -> None:
    if 200 <= status < 300:
        return
    if status in (401, 403):
        raise ClosedChannelError("login_refused", f"SMSAPI odrzuciło klucz ({status}). Sprawdź EBOK_SMSAPI_TOKEN.")
    if status in (408, 429) or status >= 500:
        raise ClosedChannelError("gateway_busy", f"SMSAPI chwilowo nie działa ({status}).")
    raise PermanentDeliveryError("recipient_refused", f"SMSAPI odrzuciło SMS-a ({status}).")
