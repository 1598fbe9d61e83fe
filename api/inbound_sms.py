"""An SMS that came in, as the gateway hands it over: a reading of a meter, answered by an SMS.

Gateways differ in names alone; they prove themselves by a secret (``Authorization``: Bearer, or the password of Basic;
the parameter ``token`` where a gateway can send nothing else) and, where it is set, by the address they call from.
"""

from __future__ import annotations

import base64
import hmac
from binascii import Error as BadBase64Error
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse
from starlette.responses import Response

from api.bodies import json_object
from api.problems import ApiProblem
from billing.metering.sms import answer
from database.engine import transaction
from environment import clock
from environment.settings import get_settings
from notices.people import numbers_proven_for

router = APIRouter(include_in_schema=False)

_FROM: Final = ("from", "sms_from", "sender", "sender_id", "originator", "msisdn")
_TEXT: Final = ("text", "sms_text", "message", "body")
_ID: Final = ("id", "MsgId", "messageId", "message_id", "sms_id")
_LONGEST: Final = 1000
_MOST_FIELDS: Final = 40


@router.post("/api/v1/inbound-sms")
async def take(request: Request) -> Response:
    """Take one SMS; the same again, by the gateway's number of it, changes nothing."""
    _require_gateway(request)
    sent = await _fields(request)
    sender, text = _first(sent, _FROM), _first(sent, _TEXT)
    if not sender:
        raise ApiProblem(422, f"Brak nadawcy SMS-a: pole {_FROM[0]}.")
    plus = sender if sender.startswith(("+", "0")) or len(sender) <= 9 else f"+{sender}"
    reference = _first(sent, _ID) or f"{text} {clock.now():%Y-%m-%d %H}"
    await run_in_threadpool(_answered, plus, text, reference)
    return PlainTextResponse("OK")


def _answered(sender: str, text: str, reference: str) -> None:
    with transaction() as session:
        answer(session, sender, text, reference, numbers_proven_for)


def _require_gateway(request: Request) -> None:
    """ApiProblem for whoever is not the gateway; without the setting nobody is."""
    settings = get_settings()
    if settings.sms_inbound_token is None:
        raise ApiProblem(404)
    if settings.sms_inbound_from and not _calls_from(request, settings.sms_inbound_from):
        raise ApiProblem(403, "Ten adres nie jest na liście EBOK_SMS_INBOUND_FROM.")
    secret = settings.sms_inbound_token.get_secret_value()
    if not hmac.compare_digest(_secret_of(request).encode(), secret.encode()):
        raise ApiProblem(401, "Bramka musi podać sekret z EBOK_SMS_INBOUND_TOKEN.")


def _secret_of(request: Request) -> str:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(given, validate=True).decode().partition(":")[2]
        except (BadBase64Error, UnicodeDecodeError):
            return ""
    return request.query_params.get("token", "")


def _calls_from(request: Request, allowed: str) -> bool:
    host = "" if request.client is None else request.client.host
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in ip_network(one.strip(), strict=False) for one in allowed.split(",") if one.strip())


async def _fields(request: Request) -> Mapping[str, Any]:
    if request.headers.get("content-type", "").lower().startswith("application/json"):
        return (await json_object(request))[0]
    return await request.form(max_files=0, max_fields=_MOST_FIELDS)


def _first(sent: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first of these fields that was sent."""
    for name in names:
        value = sent.get(name)
        if isinstance(value, str | int) and str(value).strip():
            return str(value).strip()[:_LONGEST]
    return ""
