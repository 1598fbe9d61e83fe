"""How much one sender may send: forms and files in an hour and a day, and bytes of files in a day.

Counted for the address that asks (``api.security.client_key``), before anything is looked at, and kept over restarts.
"""

from __future__ import annotations

from typing import Final

import structlog
from fastapi import Request

from access import tries
from api.problems import ApiProblem, no_room
from api.security import client_key
from database.engine import Session
from documents.originals import has_room
from environment.settings import get_settings

log = structlog.get_logger("api")
_HOUR: Final = 60
_DAY: Final = 24 * 60
_TITLE: Final = "Za dużo naraz z jednego miejsca"


def count_submission(session: Session, request: Request, *, size: int = 0) -> None:
    """Count a form or a file of ``size`` bytes of whoever asks; ApiProblem 429 when it is one too many."""
    settings, client = get_settings(), client_key(request)
    sent, volume = f"sent {client}", f"bytes {client}"
    if not tries.allowed(session, sent, most=settings.submissions_per_day, minutes=_DAY):
        raise _too_much(f"przyszło w ciągu doby {settings.submissions_per_day} formularzy i plików", "jutro", _DAY)
    if not tries.allowed(session, sent, most=settings.submissions_per_hour, minutes=_HOUR):
        cause = f"przyszło w ciągu godziny {settings.submissions_per_hour} formularzy i plików"
        raise _too_much(cause, "za godzinę", _HOUR)
    tries.note_wrong(session, sent)
    if size:
        if not tries.allowed(session, volume, most=settings.upload_bytes_per_day, minutes=_DAY, wanted=size):
            megabytes = settings.upload_bytes_per_day // 1024 // 1024
            cause = f"można w ciągu doby przysłać {megabytes} MB plików, a ten się już nie mieści"
            raise _too_much(cause, "jutro", _DAY)
        tries.note_amount(session, volume, amount=size)


def require_room(request: Request) -> None:
    """ApiProblem 507 before anything of a file is kept, where the disk is nearly full."""
    declared = request.headers.get("content-length", "")
    if not has_room(int(declared) if declared.isdigit() else get_settings().max_upload_bytes):
        log.error("disk_nearly_full")
        raise no_room()


def _too_much(cause: str, when: str, minutes: int) -> ApiProblem:
    phones = " lub ".join(get_settings().company_phones)
    remedy = f"Wyślij to jeszcze raz {when} albo zadzwoń, jeśli wysyłasz w imieniu wielu osób: {phones}."
    advice = f"Z tego łącza {cause}. {remedy}"
    return ApiProblem(429, advice, title=_TITLE, headers={"Retry-After": str(minutes * 60)})
